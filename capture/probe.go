package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"footfall/capture/frame"
	"footfall/models"
)

// ProbeResult is what a camera turned out to be: what it announced and what came.
type ProbeResult struct {
	Address        string           `json:"address"` // that was connected to
	Transport      models.Transport `json:"transport"`
	Authentication string           `json:"authentication"` // none, basic or digest
	Codec          string           `json:"codec,omitempty"`
	Width          int              `json:"width"`
	Height         int              `json:"height"`
	FPS            float64          `json:"fps"` // measured
	Latency        time.Duration    `json:"latency_ns"`
	FirstFrame     time.Duration    `json:"first_frame_ns"` // from the beginning of the probe to the first picture
	Frames         int              `json:"frames"`         // how many were read
}

// probePictures is how many pictures are enough to tell the rate; probeFor is how long they are waited for.
const (
	probePictures = 25
	probeFor      = 3 * time.Second
)

// Probe tries a camera out: it asks, opens, and reads for some seconds, and shows the last picture to see, if that is
// not nil. A camera that gives no picture is a *ReasonError; the result has what was learnt until then.
func Probe(
	ctx context.Context, camera CameraAddress, limits Timeouts, see func(*frame.Frame) error,
) (ProbeResult, error) {
	began := time.Now()
	target, err := Preflight(ctx, camera)
	if err != nil {
		return ProbeResult{}, probeError(camera, err)
	}
	result := ProbeResult{
		Address: target.Address.String(), Transport: target.Transport, Authentication: target.Authentication,
		Codec: target.Codec, Width: target.Width, Height: target.Height, Latency: target.Latency,
	}
	source, err := openStream(ctx, target, limits)
	if err != nil {
		return result, probeError(camera, err)
	}
	defer source.Close()
	pool := frame.NewPool(1)
	defer pool.Close()
	f, _ := pool.Take()
	defer f.Release()
	var first time.Time
	for result.Frames < probePictures && ctx.Err() == nil {
		if err := source.Read(f); err != nil {
			if result.Frames > 0 && (errors.Is(err, io.EOF) || errors.Is(err, errShapeChanged)) {
				break
			}
			return result, probeError(camera, err)
		}
		if result.Frames++; result.Frames == 1 {
			first = f.At
			result.FirstFrame = f.At.Sub(began)
		}
		if f.At.Sub(first) > probeFor {
			break
		}
	}
	result.Width, result.Height = f.Width(), f.Height()
	if length := f.At.Sub(first); length > 0 {
		result.FPS = float64(result.Frames-1) / length.Seconds()
	}
	if err := ctx.Err(); err != nil || see == nil {
		return result, err
	}
	return result, see(f)
}

// Why is the reason for which a camera gives no pictures, and the line for people; ok is false for every other error.
func Why(err error) (reason models.Reason, detail string, ok bool) {
	known := (*ReasonError)(nil)
	if !errors.As(err, &known) {
		return "", "", false
	}
	return known.Reason, known.Detail, true
}

func probeError(camera CameraAddress, err error) error {
	return fmt.Errorf("probe camera %s: %w", models.RedactURL(camera.URL), err)
}
