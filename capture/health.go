package capture

import (
	"math"
	"time"

	"footfall/capture/frame"
	"footfall/models"
)

// health tells a picture that shows nothing from one that shows nobody. It looks at a fixed grid of samples, some tens
// of microseconds a picture, and allocates nothing after the first.
//
// # Frozen
//
// The hard part is the quiet scene: an empty shop at night must not count as frozen, or its hours become "no data". A
// live sensor has noise, but an encoder at a low bitrate skips what hardly changes: between two key frames even a
// live picture repeats exactly, for many seconds. At a key frame it codes the picture anew, and then the noise shows:
// the mean difference of the grid jumps by 0.5 to 2 grey levels even if the noise itself is 0.15. A frozen picture
// that is coded anew differs by 0.05 at most. (Measured with x264 at constant quality 20 to 44, key frames 1 to 10 s
// apart; the tests have the commands. Real footage never stays within frozenDifference for a second.)
//
// So a picture is frozen when for frozenAfter every picture was within frozenDifference of the first, and a key frame
// was among them. A stream without key frames must stay still for frozenWithoutKey.
//
// A source that repeats its picture (a recorder, a relay, a hung camera that sends its last frame) is recognised
// within 10 s. A sensor that hangs behind a working encoder takes longer, 10 to 30 s, because the encoder first gets
// better and better at the picture; and at a fixed bitrate so low that no key frame comes out like the one before it is
// not recognised at all: that looks like noise.
//
// # Dark
//
// A picture without light (low mean, low spread) or without any detail (next to no spread, whatever the mean: a cap, a
// cloth, paint) for darkAfter.
type health struct {
	first   [samples]uint8 // the picture that the others are compared with
	last    [samples]uint8
	since   time.Time // of first
	began   bool
	keys    bool // a key frame came after first
	dark    time.Time
	verdict models.Reason
}

const (
	sampleColumns = 128
	sampleRows    = 72
	samples       = sampleColumns * sampleRows

	frozenDifference = 0.1 // mean absolute difference in grey levels
	frozenAfter      = 7 * time.Second
	frozenWithoutKey = 60 * time.Second

	darkMean    = 14.0 // grey levels; black is 0 or, from cameras that do not use the full range, 16
	darkSpread  = 5.0  // standard deviation in grey levels
	blankSpread = 1.5
	darkAfter   = 3 * time.Second
)

// look judges the next picture: "" when it shows something, or the reason why it does not. key says that the picture,
// or one since the last look, was a key frame.
func (h *health) look(f *frame.Frame, key bool) models.Reason {
	if !h.sample(f) {
		return h.verdict
	}
	mean, spread, difference := h.measure()
	if !h.began || difference > frozenDifference {
		h.first, h.since, h.keys, h.began = h.last, f.At, false, true
	} else if key {
		h.keys = true
	}
	if (mean > darkMean || spread > darkSpread) && spread > blankSpread {
		h.dark = time.Time{}
	} else if h.dark.IsZero() {
		h.dark = f.At
	}
	still := f.At.Sub(h.since)
	switch {
	case !h.dark.IsZero() && f.At.Sub(h.dark) >= darkAfter:
		h.verdict = models.ReasonDark
	case still >= frozenAfter && h.keys, still >= frozenWithoutKey:
		h.verdict = models.ReasonFrozen
	default:
		h.verdict = ""
	}
	return h.verdict
}

// sample copies the green channel at the points of the grid, which is close enough to brightness. It is false for a
// frame without a BGR picture.
func (h *health) sample(f *frame.Frame) bool {
	data, err := f.Mat.DataPtrUint8()
	width, height := f.Width(), f.Height()
	const channels, green = 3, 1
	if err != nil || width == 0 || len(data) != width*height*channels {
		return false
	}
	i := 0
	for row := range sampleRows {
		line := data[(2*row+1)*height/(2*sampleRows)*width*channels:][: width*channels : width*channels]
		for column := range sampleColumns {
			h.last[i] = line[(2*column+1)*width/(2*sampleColumns)*channels+green]
			i++
		}
	}
	return true
}

// measure is the mean and the standard deviation of the last samples, and their mean difference to the first.
func (h *health) measure() (mean, spread, difference float64) {
	var sum, squares, apart int
	for i, v := range h.last {
		sum += int(v)
		squares += int(v) * int(v)
		apart += max(int(v)-int(h.first[i]), int(h.first[i])-int(v))
	}
	mean = float64(sum) / samples
	variance := float64(squares)/samples - mean*mean
	return mean, math.Sqrt(max(0, variance)), float64(apart) / samples
}
