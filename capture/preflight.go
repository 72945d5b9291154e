package capture

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"

	"footfall/models"
)

// CameraAddress is where a camera is and how it may be reached.
type CameraAddress struct {
	URL       string // may carry credentials
	Transport models.Transport
	Addresses AddressRules
	// Timeout bounds every question: connecting, and each answer. 0 means the default of Timeouts.Ask.
	Timeout time.Duration
}

// Target is a camera that answered the preflight.
type Target struct {
	// Address is the address that was checked against the rules and connected to.
	Address netip.AddrPort
	// Transport is how RTP shall travel.
	Transport models.Transport
	// Codec is the video codec the camera announces ("H264"), and Width, Height and FPS what it says about the picture.
	// All are zero when it says nothing, or says it in a way that only FFmpeg may understand.
	Codec         string
	Width, Height int
	FPS           float64
	// Authentication is "none", "basic" or "digest": how the camera wanted to know who asks.
	Authentication string
	// Latency is how long the answer to the last question took.
	Latency time.Duration

	url    *url.URL // with credentials; the host as the user or the redirect wrote it
	medias *description.Session
}

// maxRedirects is how often a camera may send us on. One hop (a load balancer, a recorder) is what occurs in practice.
const maxRedirects = 3

// errRedirected ends the RTSP library's own way of following a redirect: the new address must be checked first.
var errRedirected = errors.New("redirected")

// Preflight asks a camera what it has (OPTIONS, DESCRIBE) before OpenCV is let loose on it: OpenCV would only say that
// it cannot open, after holding up every other camera of the process. A refusal is a *ReasonError.
//
// Redirects are followed here, each after the rules have been asked about the new address, and only to the same host
// with the credentials. FFmpeg is then given the last address. (It would follow a redirect that a camera gives to
// FFmpeg alone; what it could reach that way gets one RTSP request and shows its answer to nobody.)
func Preflight(ctx context.Context, camera CameraAddress) (*Target, error) {
	if err := models.ValidateCameraURL(camera.URL); err != nil {
		return nil, err
	}
	u, err := url.Parse(camera.URL)
	if err != nil {
		return nil, models.ValidateCameraURL(camera.URL)
	}
	camera.Timeout = Timeouts{Ask: camera.Timeout}.withDefaults().Ask
	if camera.Transport == "" {
		camera.Transport = models.TCP
	}
	for range maxRedirects + 1 {
		q := &question{camera: camera, url: u}
		target, err := q.ask(ctx)
		if !errors.Is(err, errRedirected) {
			return target, err
		}
		if u, err = redirected(u, q.location); err != nil {
			return nil, err
		}
	}
	return nil, &ReasonError{
		Reason: models.ReasonUnreachable, Detail: fmt.Sprintf("the camera redirects more than %d times", maxRedirects),
	}
}

// redirected is the address that a camera sends us to. It gets our credentials only when it is the same host.
func redirected(from *url.URL, location string) (*url.URL, error) {
	refused := func(detail string) error {
		return &ReasonError{Reason: models.ReasonRefused, Detail: "the camera redirects to " + detail}
	}
	to, err := from.Parse(location)
	switch {
	case err != nil:
		return nil, refused("something that is no address")
	case to.Scheme != "rtsp" && to.Scheme != "rtsps":
		return nil, refused(fmt.Sprintf("a %s address; only rtsp and rtsps are allowed", to.Scheme))
	case to.Hostname() == "":
		return nil, refused("an address without a host")
	case from.Scheme == "rtsps" && to.Scheme == "rtsp":
		return nil, refused("an address without encryption")
	}
	to.User = nil
	if to.Hostname() == from.Hostname() {
		to.User = from.User
	}
	return to, nil
}

// question is one conversation with one address.
type question struct {
	camera   CameraAddress
	url      *url.URL
	dialled  netip.AddrPort // where we are connected to; not valid before
	location string         // where the camera sends us instead
	wanted   string         // the authentication it asked for
	answered time.Duration  // how long the last answer took
	sent     time.Time
}

func (q *question) ask(ctx context.Context) (*Target, error) {
	client, stop, err := q.client(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	target := &Target{Transport: q.camera.Transport, url: q.url}
	target.medias, _, err = client.Describe((*base.URL)(q.url))
	target.Address, target.Latency = q.dialled, q.answered
	target.Authentication = "none"
	if q.wanted != "" {
		target.Authentication = q.wanted
	}
	switch {
	case q.location != "":
		return nil, errRedirected
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil:
		return target, target.describe()
	}
	if known := (*ReasonError)(nil); errors.As(err, &known) {
		return nil, known
	}
	if reason := reasonOfAnswer(err, q.url.User != nil); reason != nil {
		return nil, reason
	}
	if !q.dialled.IsValid() {
		return nil, &ReasonError{Reason: models.ReasonUnreachable, Detail: "cannot connect", Err: err}
	}
	return target, nil // an answer that our library cannot read: FFmpeg may
}

// client is an RTSP client that connects only where the rules allow. stop ends it and waits for it.
func (q *question) client(ctx context.Context) (client *gortsplib.Client, stop func(), err error) {
	protocol := gortsplib.ProtocolTCP
	if q.camera.Transport == models.UDP {
		protocol = gortsplib.ProtocolUDP
	}
	client = &gortsplib.Client{
		Scheme: q.url.Scheme, Host: q.url.Host, Protocol: &protocol,
		ReadTimeout: q.camera.Timeout, WriteTimeout: q.camera.Timeout,
		UserAgent:   "footfall",
		DialContext: q.dial,
		OnRequest:   func(*base.Request) { q.sent = time.Now() },
		OnResponse:  q.hear,
		// What is lost on the way is FFmpeg's to report, not of interest here, and must not be printed.
		OnPacketsLost: func(uint64) {}, OnDecodeError: func(error) {}, OnTransportSwitch: func(error) {},
		// Cameras sign their certificates themselves and FFmpeg does not check them either: rtsps keeps the picture and
		// the password from listeners, it does not prove who the camera is.
		TLSConfig: &tls.Config{InsecureSkipVerify: true, ServerName: q.url.Hostname()}, //nolint:gosec // see above
	}
	if err := client.Start(); err != nil {
		return nil, nil, fmt.Errorf("start RTSP client: %w", err)
	}
	unhook := context.AfterFunc(ctx, client.Close)
	return client, func() { unhook(); client.Close() }, nil
}

// dial connects to the first address of the camera that the rules allow and that answers. The library dials a second
// time only to follow a redirect.
func (q *question) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	if q.dialled.IsValid() {
		return nil, errRedirected
	}
	addrs, err := q.camera.Addresses.resolve(ctx, net.DefaultResolver, q.url)
	if err != nil {
		return nil, err
	}
	for _, addr := range addrs {
		var conn net.Conn
		if conn, err = (&net.Dialer{}).DialContext(ctx, network, addr.String()); err == nil {
			q.dialled = addr
			return conn, nil
		}
	}
	return nil, fmt.Errorf("connect: %w", err)
}

// hear notes what an answer says between the lines.
func (q *question) hear(answer *base.Response) {
	q.answered = time.Since(q.sent)
	if to := answer.Header["Location"]; answer.StatusCode/100 == 3 && len(to) == 1 {
		q.location = to[0]
	}
	if answer.StatusCode != base.StatusUnauthorized {
		return
	}
	for _, offer := range answer.Header["WWW-Authenticate"] {
		method, _, _ := strings.Cut(offer, " ")
		if q.wanted = strings.ToLower(method); q.wanted == "digest" {
			return // the better of the two: it is what is used
		}
	}
}
