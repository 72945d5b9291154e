package config

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"footfall/models"
)

// Config is everything that can be configured. What each key means to the administrator stands in
// footfall.example.yaml; the comments here are for those who use the values.
type Config struct {
	DataDir  string
	Log      Log
	Server   Server
	Link     Link
	Workers  Workers
	Detector Detector
	Counting Counting
	Preview  Preview
	Capture  Capture
	Storage  Storage
	Clips    Clips
	Sending  Sending
	MQTT     MQTT
	Mail     Mail
	Report   Report
	// Webhooks are valid, marked as Declared, and their ids differ.
	Webhooks []models.Webhook
	Privacy  Privacy
	OIDC     OIDC
	// Groups is what people may do who sign in at the provider. Their names differ.
	Groups []Group
	// Cameras are complete (defaults filled in), valid, marked as Declared, and their ids differ.
	Cameras []models.Camera
	// Sites and Areas are the same. That an area's doors exist is for the registry to say.
	Sites []models.Site
	Areas []models.Area
}

// Log is how the log is written.
type Log struct {
	Level  slog.Level
	Format LogFormat
}

// LogFormat is for people or for machines.
type LogFormat string

// The formats of the log.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// Server is the HTTP side.
type Server struct {
	Listen         string // HOST:PORT; an empty host is every interface, port 0 one chosen by the kernel
	TLS            TLS
	TLSCert        string         // PEM file; empty: made and kept in the data folder
	TLSKey         string         // PEM file, with TLSCert
	PublicURL      string         // scheme, host and port under which browsers reach the server; empty: nobody said
	AllowedHosts   []string       // names in the Host header that are answered besides loopback's, in lower case
	TrustedProxies []netip.Prefix // that are believed when they say for whom they ask
	SessionIdle    time.Duration  // a session that is not used for so long is over
	SessionMax     time.Duration  // a session is over after that in any case
}

// TLS is whether the server encrypts.
type TLS string

// When the server encrypts. TLSAuto is where it can be reached from other machines, or was given a certificate.
const (
	TLSAuto TLS = "auto"
	TLSOn   TLS = "on"
	TLSOff  TLS = "off"
)

// Encrypts reports whether the server encrypts.
func (s Server) Encrypts() bool {
	if s.TLS == TLSAuto {
		return s.TLSCert != "" || !OnlyHere(s.Listen)
	}
	return s.TLS == TLSOn
}

// Hosts is the names under which browsers may call the server.
func (s Server) Hosts() []string {
	u, err := url.Parse(s.PublicURL)
	if err != nil || s.PublicURL == "" || slices.Contains(s.AllowedHosts, strings.ToLower(u.Hostname())) {
		return s.AllowedHosts
	}
	return append(slices.Clone(s.AllowedHosts), strings.ToLower(u.Hostname()))
}

// Link is how server and workers find each other.
type Link struct {
	Listen string // HOST:PORT; empty: loopback, on a port chosen by the kernel, for workers of this machine only
	Token  Secret // empty: made at the first start and kept in the data folder
	TLS    TLS
}

// Encrypts reports whether the link to workers is encrypted; with TLSAuto it is where other machines can reach it.
func (l Link) Encrypts() bool {
	if l.TLS == TLSAuto {
		return l.Listen != "" && !OnlyHere(l.Listen)
	}
	return l.TLS == TLSOn
}

// Workers is how the watching is shared out on this machine.
type Workers struct {
	Local            Local
	CamerasPerWorker int // at most
}

// Local is a number of worker processes on this machine, or Auto.
type Local int

// Auto is as many worker processes as there are cores.
const Auto Local = -1

// Processes is how many worker processes that makes on a machine with so many cores.
func (l Local) Processes(cores int) int {
	if l == Auto {
		return max(1, cores)
	}
	return int(l)
}

// Detector is what finds people.
type Detector struct {
	Model       string // a name or a file; empty: the built-in default, see package weights; or ModelAuto
	Engine      Engine
	Threads     int    // of one worker's forward pass
	ONNXRuntime string // path of libonnxruntime.so; empty: the usual places
	ModelsDir   string // where models are pulled to and looked for
}

// ModelAuto lets serve choose among the built-in models, by its cores and cameras. Elsewhere it is the default.
const ModelAuto = "auto"

// Engine is what runs the network.
type Engine string

// The engines. EngineAuto is ONNX Runtime where its library is found, OpenCV otherwise.
const (
	EngineAuto        Engine = "auto"
	EngineONNXRuntime Engine = "onnxruntime"
	EngineOpenCV      Engine = "opencv"
)

// Counting is what becomes a count.
type Counting struct {
	UTurn time.Duration // back over the same line within this time undoes the crossing in the clean counts; 0: never
}

// Preview is how people watch.
type Preview struct {
	Listen        string   // HOST:PORT of WebRTC, UDP and TCP; empty: see PreviewListen
	Hosts         []string // further addresses that it is reached under
	STUN          []string // for browsers: stun:HOST:PORT
	TURN          []string // for browsers: turn:HOST:PORT
	TURNUser      string
	TURNPassword  Secret
	AllowOrigins  []string // of pages elsewhere that may show previews
	MaxSessions   int
	Encoder       Encoder
	EncoderDevice string
}

// Encoder is what makes H.264 of pictures.
type Encoder string

// The encoders. All but EncoderSoftware need hardware.
const (
	EncoderSoftware Encoder = "software"
	EncoderVAAPI    Encoder = "vaapi"
	EncoderNVENC    Encoder = "nvenc"
	EncoderV4L2     Encoder = "v4l2m2m"
)

// PreviewListen is where WebRTC listens: beside the server, on a port that firewalls can be told of, unless the
// server's own is chosen by the kernel.
func (c Config) PreviewListen() string {
	if c.Preview.Listen != "" {
		return c.Preview.Listen
	}
	host, port, err := net.SplitHostPort(c.Server.Listen)
	switch {
	case err != nil:
		return c.Server.Listen // which does not pass validation
	case port == "0":
		return net.JoinHostPort(host, "0")
	}
	const usual = "8189"
	return net.JoinHostPort(host, usual)
}

// Capture is how cameras are opened.
type Capture struct {
	OpenTimeout    time.Duration
	StallTimeout   time.Duration
	AllowAddresses []netip.Prefix // refused by default, but allowed here
	AllowLoopback  Switch
}

// Switch is on, off, or decided by circumstances.
type Switch string

// The positions of a Switch.
const (
	SwitchAuto Switch = "auto"
	SwitchOn   Switch = "true"
	SwitchOff  Switch = "false"
)

// Storage is where the truth is kept, and for how long.
type Storage struct {
	SQLite         string        // path of the database file
	PostgreSQL     Secret        // postgres://...: used instead of SQLite when it is given
	Key            Secret        // 64 hexadecimal digits to seal secrets with; empty: made, in the data folder
	FactsRetention time.Duration // of single crossings; 0: for ever. Minute buckets stay for ever
	AuditRetention time.Duration // of the log of who did what; 0: for ever
}

// Privacy is what is kept from those who see shared numbers.
type Privacy struct {
	SmallCount int // counts below it are left out of shared answers; 0 and 1: none
}

// Database is the address of the database: that of PostgreSQL when it is configured, else the path of the SQLite file.
func (s Storage) Database() string {
	if s.PostgreSQL != "" {
		return s.PostgreSQL.Reveal()
	}
	return s.SQLite
}

// LoopbackCameras reports whether a camera may be on this machine itself. With the switch on auto that is so while only
// this machine's own users can reach the server, and not through a proxy either: somebody far away must not be able to
// make Footfall look at services that hide behind loopback.
func (c Config) LoopbackCameras() bool {
	if c.Capture.AllowLoopback == SwitchAuto {
		return OnlyHere(c.Server.Listen) && len(c.Server.TrustedProxies) == 0
	}
	return c.Capture.AllowLoopback == SwitchOn
}

// Default is the configuration of somebody who configured nothing.
func Default() Config {
	c := bare()
	c.fillPaths()
	return c
}

// bare is Default before the paths that depend on other keys are filled in.
func bare() Config {
	return Config{
		DataDir: "./footfall-data",
		Log:     Log{Level: slog.LevelInfo, Format: LogText},
		Server: Server{
			Listen: "127.0.0.1:8080", TLS: TLSAuto, SessionIdle: time.Hour, SessionMax: 12 * time.Hour,
		},
		Link:     Link{TLS: TLSAuto},
		Workers:  Workers{Local: Auto, CamerasPerWorker: 16},
		Detector: Detector{Engine: EngineAuto, Threads: 1},
		Counting: Counting{UTurn: 10 * time.Second},
		Preview:  Preview{MaxSessions: 500, Encoder: EncoderSoftware},
		Capture: Capture{
			OpenTimeout: 10 * time.Second, StallTimeout: 5 * time.Second, AllowLoopback: SwitchAuto,
		},
		Storage: Storage{FactsRetention: 90 * day, AuditRetention: 730 * day},
		Clips:   defaultClips(),
		Sending: Sending{Timeout: 10 * time.Second, GiveUpAfter: 3 * day, AllowLoopback: SwitchAuto},
		MQTT:    MQTT{ClientID: "footfall", Topic: "footfall", Discovery: "homeassistant", TZ: "UTC"},
		Mail:    Mail{Security: MailSTARTTLS},
		Report:  Report{Every: ReportDaily, At: 6 * time.Hour, TZ: "UTC"},
		Privacy: Privacy{SmallCount: 5},
		OIDC:    OIDC{Name: "your organisation", Scopes: []string{"profile"}, GroupsClaim: "groups"},
	}
}

// fillPaths gives the paths that were left empty their places in the data folder.
func (c *Config) fillPaths() {
	if c.Storage.SQLite == "" {
		c.Storage.SQLite = filepath.Join(c.DataDir, "footfall.db")
	}
	if c.Clips.Folder == "" {
		c.Clips.Folder = filepath.Join(c.DataDir, "clips")
	}
	if c.Detector.ModelsDir == "" {
		c.Detector.ModelsDir = filepath.Join(c.DataDir, "models")
	}
}

// OnlyHere reports whether an address to listen on can be reached from this machine only. A name other than
// localhost is not trusted to be.
func OnlyHere(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
