package vision

import (
	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision/steady"
)

// Steadier watches whether a camera stays where it was: how its picture lies against the first that it saw. It is for
// one camera and one goroutine at a time; the zero value is ready.
type Steadier struct{ camera steady.Steady }

// Look says how a frame lies. seen is what was found on it, in fractions of it: what people hide is left out. It only
// looks at the frame, and allocates nothing once warm.
func (s *Steadier) Look(f *frame.Frame, seen []models.Detection) models.View {
	const channels, green = 3, 1
	data, err := f.Mat.DataPtrUint8() // a view, not kept
	if err != nil {
		data = nil // not of 8 bits; nothing can be seen on it
	}
	return s.camera.Look(f.At, steady.Pixels{
		Data: data, Width: f.Width(), Height: f.Height(), Channels: channels, Channel: green,
	}, seen)
}
