package api

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"footfall/api/access"
	"footfall/api/reports"
)

// Options is what the server is made of.
type Options struct {
	Listen       string   // host:port; port 0 lets the kernel choose
	AllowedHosts []string // further names under which the server is asked
	Registry     Registry
	Addresses    Addresses
	CameraTester CameraTester
	LineTester   LineTester
	Detectors    Detectors
	Statuses     Statuses
	Counts       CountStore
	Places       Places
	Book         Book
	SmallCount   int // counts below it are not shared
	Fleet        Fleet
	Feed         *Feed
	Webhooks     Webhooks
	Tester       WebhookTester
	Summaries    Summaries
	Clips        Clips
	ClipFiles    ClipFiles
	Audit        AuditLog
	Keeping      Keeping
	Evidence     Evidence
	// KeepAlive is how often a reader of /events hears something when nothing happens, Patience how long it may not
	// read before it is cut off; 0 is the usual.
	KeepAlive, Patience time.Duration
	Previews            Previews
	// Entrance knows who sends a request; nil lets nobody in. Desk is where people sign in.
	Entrance Entrance
	Desk     Desk
	Provider Provider // where people may sign in, too; nil: nowhere
	Journal  access.Journal
	// WorkerAddress is what a worker elsewhere takes to reach the link with a token; nil, or empty: none can come.
	WorkerAddress func(token string) string
	Proxies       []netip.Prefix // that are believed when they say for whom they ask
	TLS           *tls.Config    // with a certificate; nil: the server does not encrypt
	Limits        Limits
	// EventsEach and PreviewsEach are how many streams and pictures one person or program may have open; 0 is the
	// usual.
	EventsEach, PreviewsEach int
	ICE                      ICEServers
	PreviewOrigins           []string // pages elsewhere that may show previews
	App                      App      // for people; nil: they get the description
	// Ready reports why the server cannot do its work now; nil if it can.
	Ready   func(ctx context.Context) error
	Metrics prometheus.Gatherer
	Now     func() time.Time
	Log     *slog.Logger
}

// Server is the HTTP server. Make it with New, run it with Run.
type Server struct {
	options  Options
	echo     *echo.Echo
	listener net.Listener
}

// handlers is everything that openapi.yaml describes.
type handlers struct {
	cameras
	trials
	lineTrials
	counts
	places
	totals
	zoneCounts
	events
	summaries
	webhooks
	workers
	protection
	previews
	clipRoom
	sessions
	users
	tokens
}

// New makes the server and takes its address, so that a port in use is known at once.
func New(ctx context.Context, o Options) (*Server, error) {
	router, description, err := readDescription(ctx)
	if err != nil {
		return nil, err
	}
	if o.Entrance == nil {
		o.Entrance = closed{}
	}
	s := &Server{options: o, echo: echo.New()}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = answerProblem(o.Log)
	s.echo.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: panicked}))
	s.serveHealth()
	serveDocs(s.echo)
	s.serveAPI()
	serveApp(s.echo, o.App)
	door, err := newDoor(s.echo.Routes(), description, rulesWith(o.App), o) // last: every route must have its rule
	if err != nil {
		return nil, err
	}
	//nolint:contextcheck // they use the context of each request
	s.echo.Use(door.secureHeaders, ownHosts(o.AllowedHosts), previewOrigins(o.PreviewOrigins), door.admit,
		door.sameSite, inTime, asDescribed(router), door.admitBody)

	var listen net.ListenConfig
	if s.listener, err = listen.Listen(ctx, "tcp", o.Listen); err != nil {
		return nil, notListening(o.Listen, err)
	}
	return s, nil
}

// serveAPI serves what openapi.yaml describes.
func (s *Server) serveAPI() {
	o := s.options
	RegisterHandlersWithBaseURL(s.echo, handlers{
		cameras:    cameras{o.Registry, o.Addresses, o.Detectors, o.Statuses},
		trials:     trials{o.CameraTester, o.Addresses},
		lineTrials: lineTrials{o.LineTester, o.Registry},
		counts:     counts{o.Counts, o.Now},
		places:     places{o.Places},
		totals:     totals{places{o.Places}, o.Book, reports.New(o.Book, o.SmallCount), o.Now},
		zoneCounts: zoneCounts{o.Book, o.Now},
		events: events{
			o.Feed, cmp.Or(o.KeepAlive, keepAliveEvery), cmp.Or(o.Patience, patience), o.Entrance,
			cmp.Or(o.EventsEach, eventsEach),
		},
		summaries:  summaries{o.Summaries},
		webhooks:   webhooks{o.Webhooks, o.Tester, o.Now},
		workers:    workers{o.Fleet},
		protection: protection{o.Keeping, o.SmallCount, o.Registry, o.Desk},
		previews: previews{
			registry: o.Registry, statuses: o.Statuses, shows: o.Previews, ice: o.ICE, now: o.Now,
			entrance: o.Entrance, each: cmp.Or(o.PreviewsEach, previewsEach), owners: &owners{of: map[string]string{}},
		},
		sessions: sessions{o.Desk, o.Provider, o.Proxies, forgedNoted()},
		users:    users{o.Desk},
		tokens:   tokens{o.Desk, o.WorkerAddress},
		clipRoom: clipRoom{
			clips: o.Clips, files: o.ClipFiles, audit: o.Audit, registry: o.Registry, evidence: o.Evidence,
			now: o.Now, looks: newLooks(), newID: newRecordID,
		},
	}, "/api/v1")
}

// notListening says the address once, and what helps when somebody has it.
func notListening(address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen on %s: %w; stop who has it, or choose another with server.listen (--listen)",
			address, syscall.EADDRINUSE)
	}
	return fmt.Errorf("server.listen: %w", err) // net's errors begin with listen tcp and the address
}

// drainFor is how long requests in flight may take when the server stops.
const drainFor = 5 * time.Second

const (
	// bodyPatience is how long a body may take to arrive.
	bodyPatience = 30 * time.Second
	// maxHeader bounds the head of a request, in bytes: cookies and a token are a few hundred.
	maxHeader = 16 << 10
)

// URL is where the server is reached from this machine.
func (s *Server) URL() string {
	address := s.listener.Addr().String()
	if host, port, err := net.SplitHostPort(address); err == nil && net.ParseIP(host).IsUnspecified() {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	if s.options.TLS != nil {
		return "https://" + address
	}
	return "http://" + address
}

// Handler serves requests without a network, for tests.
func (s *Server) Handler() http.Handler { return s.echo }

// Run serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	server := &http.Server{
		Handler: s.echo, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		serve := func() error { return server.Serve(s.listener) }
		if s.options.TLS != nil {
			server.TLSConfig = s.options.TLS.Clone()
			serve = func() error { return server.ServeTLS(s.listener, "", "") }
		}
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", s.listener.Addr(), err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		s.options.Feed.Close()
		if s.options.Previews != nil {
			s.options.Previews.Close()
		}
		draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
		defer cancel()
		if err := server.Shutdown(draining); err != nil {
			return errors.Join(fmt.Errorf("stop serving: %w", err), server.Close())
		}
		return nil
	})
	return group.Wait()
}

// serveHealth serves what machines ask: is it alive, can it do its work, how is it doing.
func (s *Server) serveHealth() {
	s.echo.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	s.echo.GET("/readyz", s.ready)
	metrics := promhttp.HandlerFor(s.options.Metrics, promhttp.HandlerOpts{})
	s.echo.GET("/metrics", echo.WrapHandler(metrics))
}

func (s *Server) ready(c echo.Context) error {
	if err := s.options.Ready(c.Request().Context()); err != nil {
		s.options.Log.Warn("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready: "+err.Error()+"\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

func panicked(_ echo.Context, err error, stack []byte) error {
	return fmt.Errorf("a handler panicked: %w\n%s", err, stack)
}
