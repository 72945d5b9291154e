package vision

import (
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
)

// Keeping is what a studio keeps of its camera, watched or not: pictures as everybody may see them, with people
// pixelated and masks filled as the camera is set, and nothing drawn.
type Keeping struct {
	Width, Height int     // within which the pictures are
	FPS           float64 // at most so many a second
	Quality       int     // of JPEG, 1 to 100
	// Deliver gets every picture, in order. It must not wait, and the picture's data is borrowed.
	Deliver func(models.Shot)
}

// keeper makes what is kept. It belongs to the goroutine of the studio's Run.
type keeper struct {
	studio  *Studio
	keeping *Keeping // nil: nothing is
	veil    *Veil
	picture gocv.Mat
	halved  gocv.Mat // scratch
	due     time.Time
	failed  bool // and it was said
}

func newKeeper(s *Studio) *keeper {
	camera := s.config.Camera
	return &keeper{
		studio: s, keeping: s.config.Keep, picture: frame.NewMat(), halved: frame.NewMat(),
		veil: NewVeil(camera.Privacy, camera.Anchor),
	}
}

func (k *keeper) close() {
	frame.Close(&k.picture)
	frame.Close(&k.halved)
}

// keep keeps a picture, if it is due.
func (k *keeper) keep(t *take) {
	if k.keeping == nil || !thin(&k.due, t.frame.At, k.keeping.FPS) {
		return
	}
	size := within(t.frame.Width(), t.frame.Height(), k.keeping.Width, k.keeping.Height)
	if size.X < 2 || size.Y < 2 || t.frame.Mat.Type() != gocv.MatTypeCV8UC3 {
		return
	}
	t.coverTo(&k.picture, &k.halved, size, k.veil)
	parameters := []int{gocv.IMWriteJpegQuality, k.keeping.Quality}
	jpeg, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, k.picture, parameters)
	if err != nil {
		if !k.failed {
			k.studio.log.Error("pictures for clips cannot be made", "error", err)
			k.failed = true
		}
		return
	}
	defer jpeg.Close()
	k.keeping.Deliver(models.Shot{
		Stream: models.Stream{Camera: k.studio.config.Camera.ID}, Key: true, At: t.frame.At,
		Width: size.X, Height: size.Y, Data: jpeg.GetBytes(),
	})
}
