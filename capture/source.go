package capture

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"footfall/capture/frame"
	"footfall/models"
)

// Source is one opened attempt to get pictures. It is used by one goroutine at a time, and closed by the one that
// reads.
type Source interface {
	// Read fills the frame's Mat, moment and number with the next picture. At the end the error is an io.EOF; of a
	// camera it is a *ReasonError.
	Read(into *frame.Frame) error
	// Skip goes on to the next picture, which costs its decoding but not its conversion. It returns the moment of the
	// picture, and io.EOF at the end.
	Skip() (time.Time, error)
	// Fill fills the frame with the picture that Skip went on to: Read is Skip and Fill. So whoever needs only some
	// pictures can decide by their moments.
	Fill(into *frame.Frame) error
	// Info is what is known about the pictures.
	Info() SourceInfo
	// Close frees what the source holds. It does not return before C has.
	Close()
}

// SourceInfo is what is known about a source's pictures; what is not known is zero.
type SourceInfo struct {
	Width, Height int     // of the first picture
	FPS           float64 // as the container or the camera says
	Frames        int     // how many pictures there are: for files and folders, when the container tells
	Live          bool    // a camera: pictures are stamped when they arrive, and do not wait for the reader
}

// Spec says what to open.
type Spec struct {
	// Location is a video file, a folder of pictures, or an rtsp:// or rtsps:// address.
	Location string
	// Transport is for cameras; empty means TCP.
	Transport models.Transport
	// FPS is the rate of a folder of pictures that has no seqinfo.ini, and of a video without usable time stamps;
	// 0 means DefaultFPS.
	FPS float64
	// Origin is the moment that the first picture of a file or folder gets; the zero value means the Unix epoch.
	Origin time.Time
	// Addresses says which addresses may be reached.
	Addresses AddressRules
	// Timeouts bound the calls into C; zero fields mean the defaults.
	Timeouts Timeouts
}

// DefaultFPS is the rate of pictures that say nothing about it.
const DefaultFPS = 25.0

// Timeouts bound how long a camera may be silent. They are set on the handle, because C does not see a context.
type Timeouts struct {
	Ask  time.Duration // for each question of the preflight; default 4 s
	Open time.Duration // for OpenCV to open what has answered; default 8 s
	Read time.Duration // for one picture to arrive; default 5 s

	entered func() // called when C is entered to open: waiting for its turn is over
}

func (t Timeouts) withDefaults() Timeouts {
	fallback := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	fallback(&t.Ask, 4*time.Second)
	fallback(&t.Open, 8*time.Second)
	fallback(&t.Read, 5*time.Second)
	return t
}

const whatASourceIs = "give a video file, a folder of pictures, or an rtsp:// or rtsps:// address"

// Open opens a file, a folder or a camera, whichever the location is. Errors say what is wrong with the location and
// never show its credentials; for a camera they are a *ReasonError.
func Open(ctx context.Context, spec Spec) (Source, error) {
	if spec.Location == "" {
		return nil, models.Invalidf("source", "is missing; "+whatASourceIs)
	}
	if scheme, _, found := strings.Cut(spec.Location, "://"); found && !strings.ContainsAny(scheme, "/.") {
		return openAddress(ctx, spec)
	}
	about, err := os.Stat(spec.Location)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open %s: %w; "+whatASourceIs, spec.Location, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", spec.Location, reasonOf(err))
	case about.IsDir():
		return openFolder(spec)
	case !about.Mode().IsRegular():
		return nil, models.Invalidf("source", "%s is neither a file nor a folder", spec.Location)
	case about.Size() == 0:
		return nil, models.Invalidf("source", "%s is empty", spec.Location)
	}
	return openVideo(ctx, spec)
}

// openAddress opens a camera and refuses every other kind of address.
func openAddress(ctx context.Context, spec Spec) (Source, error) {
	u, err := url.Parse(spec.Location)
	if err != nil {
		return nil, models.ValidateCameraURL(spec.Location)
	}
	if u.Scheme != "rtsp" && u.Scheme != "rtsps" {
		return nil, models.Invalidf("source", "scheme %q is not allowed; "+whatASourceIs, u.Scheme)
	}
	if err := models.ValidateCameraURL(spec.Location); err != nil {
		return nil, err
	}
	target, err := Preflight(ctx, CameraAddress{
		URL: spec.Location, Transport: spec.Transport, Addresses: spec.Addresses, Timeout: spec.Timeouts.Ask,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", models.RedactURL(spec.Location), err)
	}
	stream, err := openStream(ctx, target, spec.Timeouts)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", models.RedactURL(spec.Location), err)
	}
	return stream, nil
}

// reasonOf is what the operating system said, without the operation and path that the caller has said already.
func reasonOf(err error) error {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
