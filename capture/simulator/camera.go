package simulator

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/auth"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"golang.org/x/sync/errgroup"
)

// CameraOptions says what a camera plays, to whom and when. Only Clip is needed.
type CameraOptions struct {
	Clip *Clip
	// Path of the stream; empty means "camera".
	Path string
	// User and Password that readers must give. An empty User lets everybody in.
	User, Password string
	// Login is how they are given; empty means whatever the reader likes.
	Login Login
	// Once ends the camera after one loop: readers are told (RTCP BYE), and Run returns when they have left.
	Once bool
	// OnDemand starts the clip when the first reader plays, so that this reader sees every frame from the first.
	// Otherwise it starts with Run.
	OnDemand bool
	// Speed multiplies the pace, time stamps included: 2 is a camera with twice the frame rate before a world in a
	// hurry. 0 is 1.
	Speed float64
	// TLS makes it an rtsps camera with a certificate of its own; see Camera.Certificate.
	TLS bool
	// Listen is the address of the camera; empty means a port chosen by the kernel on 127.0.0.1.
	Listen string
	// OnLoop hears about every loop just before its first frame is sent. It must not block and not call the camera.
	OnLoop func(Loop)
	// OnEnd hears, with Once, when the last frame has had its time.
	OnEnd func(at time.Time)
	// Log hears about readers that come and go; nil keeps quiet.
	Log *slog.Logger
}

// Login is a method of RTSP authentication.
type Login string

// The methods.
const (
	AnyLogin    Login = ""
	BasicLogin  Login = "basic"
	DigestLogin Login = "digest" // MD5, which every reader knows
)

// Loop is one time through the clip. Frame k is due FrameTime(k) of the clip / Speed after At, whatever happens.
type Loop struct {
	Number int       // from 1; 0 means that the clip has not begun
	At     time.Time // when frame 1 was due; it is sent then, or as soon after as the machine manages
}

// Camera is an RTSP camera that plays a Clip. All methods are safe for use at any time from any goroutine.
type Camera struct {
	options     CameraOptions
	log         *slog.Logger
	gate        *gate
	udp         *udpPorts // nil = TCP only
	certificate *certificate
	media       *description.Media
	format      *format.H264
	stream      *gortsplib.ServerStream
	packets     *rtph264.Encoder

	origin      uint32        // the RTP time stamp of the first picture
	firstReader chan struct{} // closed when somebody plays
	lastLeft    chan struct{} // closed when the camera has ended and nobody is left

	breaking sync.Mutex // one Break or Heal at a time: port and pictures change together

	mu             sync.Mutex // guards what is below, and is held while a picture is sent
	readers        map[*gortsplib.ServerSession]*reader
	stats          Stats
	loop           Loop
	ended          bool
	user, password string
	fault          Fault // what was asked for
	showing        Fault // what is sent: after Heal a fault goes on until the next key frame
	onAir, next    *Clip // in this size, and in that from the next key frame on
	frozen         accessUnit
}

// Stats are counts since the camera was made.
type Stats struct {
	Readers       int    // sessions that play now
	ReadersServed uint64 // sessions that have played
	FramesSent    uint64 // pictures of whatever kind sent to somebody, each counted once
	PacketsLost   uint64 // not sent, because a reader was too slow to take them
}

// NewCamera takes a port, so that URL is known, and nothing else: Run starts the camera. One that is never run is
// given back with Close.
func NewCamera(options CameraOptions) (*Camera, error) {
	if options.Clip == nil {
		return nil, errors.New("make camera: it has no clip")
	}
	if options.Speed == 0 {
		options.Speed = 1
	}
	if !(options.Speed > 0 && options.Speed <= 1000) {
		return nil, fmt.Errorf("make camera: speed %v is not between 0 and 1000", options.Speed)
	}
	options.Path = strings.Trim(options.Path, "/")
	if options.Path == "" {
		options.Path = "camera"
	}
	if options.Listen == "" {
		options.Listen = "127.0.0.1:0"
	}
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Camera{
		options: options, log: log,
		firstReader: make(chan struct{}),
		lastLeft:    make(chan struct{}),
		readers:     make(map[*gortsplib.ServerSession]*reader),
		user:        options.User, password: options.Password,
		onAir: options.Clip, next: options.Clip,
	}
	var origin [4]byte
	rand.Read(origin[:])
	c.origin = binary.BigEndian.Uint32(origin[:])
	if err := c.describe(); err != nil {
		return nil, fmt.Errorf("make camera: %w", err)
	}
	if err := c.takePorts(); err != nil {
		return nil, fmt.Errorf("make camera: %w", err)
	}
	return c, nil
}

// describe prepares what DESCRIBE answers.
func (c *Camera) describe() (err error) {
	c.format = &format.H264{
		PayloadTyp: 96, PacketizationMode: 1, SPS: c.options.Clip.rawSPS, PPS: c.options.Clip.rawPPS,
	}
	c.media = &description.Media{Type: description.MediaTypeVideo, Formats: []format.Format{c.format}}
	if c.packets, err = c.format.CreateEncoder(); err != nil {
		return err
	}
	if c.options.TLS {
		c.certificate, err = newCertificate(time.Now())
	}
	return err
}

func (c *Camera) takePorts() (err error) {
	if c.gate, err = newGate(c.options.Listen); err != nil {
		return err
	}
	if c.options.TLS {
		return nil // UDP would need SRTP, which few readers have
	}
	if c.udp, err = takeUDPPorts(c.gate.address.IP); err != nil {
		_ = c.gate.Close() // the reason it is given up matters more
	}
	return err
}

// Address is the stream's address without user and password.
func (c *Camera) Address() string { return c.address(nil) }

// URL is the stream's address with the user and password that it asks for now.
func (c *Camera) URL() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.user == "" {
		return c.address(nil)
	}
	return c.address(url.UserPassword(c.user, c.password))
}

func (c *Camera) address(user *url.Userinfo) string {
	scheme := "rtsp"
	if c.options.TLS {
		scheme = "rtsps"
	}
	address := url.URL{Scheme: scheme, User: user, Host: c.gate.address.String(), Path: "/" + c.options.Path}
	return address.String()
}

// Certificate is what an rtsps camera shows, in PEM, for readers that check it; nil for an rtsp camera.
func (c *Camera) Certificate() []byte {
	if c.certificate == nil {
		return nil
	}
	return c.certificate.pem
}

// Loop is the loop that runs now.
func (c *Camera) Loop() Loop {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loop
}

// Stats are the counts until now.
func (c *Camera) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	stats := c.stats
	stats.Readers = len(c.readers)
	return stats
}

// Run plays until ctx ends or, with Once, until the clip has and its readers have left; both are no error. Then the
// port is closed, every connection is cut and everything that Run started has ended. A camera runs once.
func (c *Camera) Run(ctx context.Context) error {
	server, err := c.openDoors()
	if err != nil {
		return fmt.Errorf("run camera %s: %w", c.Address(), errors.Join(err, c.Close()))
	}
	group, playing := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer server.Close() // makes its Wait return
		return c.play(playing)
	})
	group.Go(func() error {
		if err := server.Wait(); !errors.Is(err, liberrors.ErrServerTerminated{}) {
			return err
		}
		return nil
	})
	err = group.Wait()
	c.stream.Close()
	if err != nil {
		return fmt.Errorf("run camera %s: %w", c.Address(), err)
	}
	return nil
}

// openDoors starts the RTSP server. Clients may have been knocking since NewCamera took the port: they are answered
// when there is a stream to tell them about, for the answers need the lock.
func (c *Camera) openDoors() (*gortsplib.Server, error) {
	server := c.server()
	c.mu.Lock()
	err := server.Start()
	if err == nil {
		c.stream = &gortsplib.ServerStream{Server: server, Desc: &description.Session{
			Title: "Footfall simulator", Medias: []*description.Media{c.media},
		}}
		err = c.stream.Initialize() //nolint:misspell // the library's spelling
		if err != nil {
			c.ended = true
			defer server.Close()
		}
	}
	c.mu.Unlock()
	return server, err
}

// server is the RTSP server behind the gate.
func (c *Camera) server() *gortsplib.Server {
	server := &gortsplib.Server{
		Handler:     (*handler)(c),
		RTSPAddress: c.gate.address.String(),
		Listen:      func(string, string) (net.Listener, error) { return c.gate, nil },
		// Room for several key frames of a large picture, so that a reader that hesitates loses nothing.
		WriteQueueSize: 4096,
	}
	if c.udp != nil {
		server.UDPRTPAddress = c.udp.rtp.LocalAddr().String()
		server.UDPRTCPAddress = c.udp.rtcp.LocalAddr().String()
		server.ListenPacket = c.udp.listen
	}
	if c.certificate != nil {
		server.TLSConfig = &tls.Config{
			Certificates: []tls.Certificate{c.certificate.pair}, MinVersion: tls.VersionTLS12,
		}
	}
	switch c.options.Login {
	case BasicLogin:
		server.AuthMethods = []auth.VerifyMethod{auth.VerifyMethodBasic}
	case DigestLogin:
		server.AuthMethods = []auth.VerifyMethod{auth.VerifyMethodDigestMD5}
	case AnyLogin: // both of them are the server's default
	}
	return server
}

// Close gives the ports of a camera back that was never run.
func (c *Camera) Close() error {
	if c.udp != nil {
		c.udp.close()
	}
	return c.gate.Close()
}
