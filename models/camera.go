package models

import (
	"net/url"
	"strings"
	"time"
)

// CameraID names a camera in URLs, messages and rows; see ValidateID.
type CameraID string

// Transport is how RTP travels from the camera.
type Transport string

// The transports of RTSP. TCP is the default: it loses nothing and passes firewalls.
const (
	TCP Transport = "tcp"
	UDP Transport = "udp"
)

// Camera is what an administrator says about a camera: where it is, what is counted on its picture, and how.
type Camera struct {
	ID        CameraID  `json:"id"`
	Name      string    `json:"name"`
	URL       string    `json:"url"` // may carry credentials: write-only, see RedactURL
	Transport Transport `json:"transport"`
	MaxFPS    float64   `json:"max_fps"` // analyse at most this many frames a second; 0 = every frame
	Anchor    Anchor    `json:"anchor"`
	Lines     []Line    `json:"lines"`
	Zones     []Zone    `json:"zones,omitempty"`
	Classes   []Class   `json:"classes,omitempty"`  // what is counted beside people; see ValidateClasses
	Disabled  bool      `json:"disabled,omitempty"` // kept with its history, but not watched
	Privacy   Privacy   `json:"privacy"`            // what nobody gets to see of its picture
	// NoSteady: the camera is taken for steady; its own motion is not made good, and that it was turned away is not
	// said.
	NoSteady bool `json:"no_steady,omitempty"`

	// Declared: the camera stands in the configuration file and can only be changed there.
	Declared bool `json:"declared"`
	// Version grows by one with every change; facts carry the version they were counted under.
	Version int64 `json:"version"`
}

// WithDefaults is c with every field that was left empty set to its default.
func (c Camera) WithDefaults() Camera {
	if c.Name == "" {
		c.Name = string(c.ID)
	}
	if c.Transport == "" {
		c.Transport = TCP
	}
	if c.Anchor == "" {
		c.Anchor = BottomCentre
	}
	c.Privacy = c.Privacy.WithDefaults()
	return c
}

// Validate refuses a camera that could not be watched, naming the field. Whether its address may be reached is for
// capture to say, after resolving it.
func (c Camera) Validate() error {
	if err := ValidateID("id", string(c.ID)); err != nil {
		return err
	}
	if len(c.Name) > 200 {
		return Invalidf("name", "is longer than 200 bytes")
	}
	if err := ValidateCameraURL(c.URL); err != nil {
		return err
	}
	if c.Transport != TCP && c.Transport != UDP {
		return Invalidf("transport", "%q is unknown; use tcp or udp", c.Transport)
	}
	if !(c.MaxFPS >= 0 && c.MaxFPS <= 1000) {
		return Invalidf("max_fps", "%v is not between 0 (every frame) and 1000", c.MaxFPS)
	}
	if !c.Anchor.Valid() {
		return Invalidf("anchor", "%q is unknown; use bottom_centre or centre", c.Anchor)
	}
	if err := ValidateLines(c.Lines); err != nil {
		return err
	}
	if err := ValidateZones(c.Zones); err != nil {
		return err
	}
	if err := c.Privacy.WithDefaults().Validate(); err != nil {
		return err
	}
	return ValidateClasses(c.Classes)
}

// ValidateCameraURL accepts rtsp:// and rtsps:// addresses with a host. The error never repeats the address: it may
// hold a password.
func ValidateCameraURL(raw string) error {
	const want = "a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH"
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return Invalidf("url", "is missing; "+want)
	case err != nil:
		return Invalidf("url", "cannot be read as an address; a special character in a password is written %%XX")
	case u.Scheme != "rtsp" && u.Scheme != "rtsps":
		return Invalidf("url", "scheme %q is not allowed; "+want, u.Scheme)
	case u.Hostname() == "":
		return Invalidf("url", "has no host; "+want)
	}
	return nil
}

// RedactURL replaces the user and password of an address by stars, for everything that is shown or logged. Cameras
// take passwords in the query too, under names of their own, so every value there goes as well. What cannot be parsed
// is replaced whole.
func RedactURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" {
		return "***"
	}
	shown := *u
	shown.User, shown.RawQuery, shown.Fragment = nil, "", ""
	text := shown.String()
	if u.User != nil {
		text = u.Scheme + "://***@" + strings.TrimPrefix(text, u.Scheme+"://")
	}
	if u.RawQuery != "" {
		text += "?***"
	}
	return text
}

// CameraState is what a camera is doing now.
type CameraState string

// The states of a camera. Only in Online time is observed.
const (
	Disabled    CameraState = "disabled"    // switched off by an administrator
	Waiting     CameraState = "waiting"     // no worker watches it yet
	Connecting  CameraState = "connecting"  // being opened
	Online      CameraState = "online"      // frames arrive and are analysed
	Degraded    CameraState = "degraded"    // frames arrive, but show nothing, or what they should not: dark, moved
	Offline     CameraState = "offline"     // no frames; reconnecting
	Quarantined CameraState = "quarantined" // it crashed its worker again and again; tried again later
)

// Reason is why a camera is not Online, or what is amiss while it is: a constant word that a program can act on. The
// text for people is beside it.
type Reason string

// The reasons; an empty Reason means nothing is wrong.
const (
	ReasonUnreachable Reason = "unreachable"           // cannot connect, name not found, connection refused
	ReasonAuth        Reason = "authentication_failed" // the camera asks for another user or password
	ReasonNotFound    Reason = "stream_not_found"      // the camera answers, but has no such path
	ReasonRefused     Reason = "address_not_allowed"   // our own rules refuse this address
	ReasonUnsupported Reason = "unsupported"           // no video, or none that can be decoded
	ReasonStalled     Reason = "stalled"               // connected, but no frame came for too long
	ReasonEnded       Reason = "stream_ended"          // the camera closed the stream
	ReasonFrozen      Reason = "frozen"                // the same picture again and again
	ReasonDark        Reason = "dark"                  // black, or covered
	ReasonGarbage     Reason = "garbage"               // packets arrive that no picture can be made of
	ReasonQuarantined Reason = "quarantined"           // crashed its worker repeatedly
	ReasonWorkerLost  Reason = "worker_lost"           // the worker that watched it is gone
	ReasonNoCapacity  Reason = "no_capacity"           // every worker has as many cameras as it can watch
	ReasonDetector    Reason = "detector_failed"       // frames arrive but cannot be analysed
	ReasonClass       Reason = "class_unknown"         // people are counted, but not all that else is asked for
	ReasonMoved       Reason = "moved"                 // turned or shifted: the lines are not where they were drawn
)

// CameraStatus is the present of one camera: it is reported by its worker, shown by the API, and stored nowhere.
type CameraStatus struct {
	Camera CameraID    `json:"camera"`
	State  CameraState `json:"state"`
	Reason Reason      `json:"reason,omitempty"`
	Detail string      `json:"detail,omitempty"` // one line for people, without credentials
	Since  time.Time   `json:"since"`            // when State last changed
	Worker string      `json:"worker,omitempty"`

	Width         int       `json:"width,omitempty"`
	Height        int       `json:"height,omitempty"`
	FPS           float64   `json:"fps"`          // frames decoded a second, lately
	AnalysedFPS   float64   `json:"analysed_fps"` // frames analysed a second, lately
	FramesSeen    uint64    `json:"frames_seen"`  // since the worker took the camera
	FramesDropped uint64    `json:"frames_dropped"`
	Reconnects    uint64    `json:"reconnects"`
	LastFrame     time.Time `json:"last_frame,omitzero"`

	Zones []ZoneInside `json:"zones,omitempty"` // while it is online
	// Shift is how far the picture lies from the one on which its lines were drawn, in fractions of it; that much is
	// made good. The zero Point: it lies where it was.
	Shift Point `json:"shift,omitzero"`
}
