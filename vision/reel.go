package vision

import (
	"context"
	"fmt"
	"image"
	"math"
	"sync/atomic"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
)

// reel is one stream of a studio. It belongs to the goroutine of the studio's Run.
type reel struct {
	studio  *Studio
	stream  models.Stream
	wanted  models.Wanted
	veil    *Veil
	picture gocv.Mat // scaled, covered, drawn on
	halved  gocv.Mat // scratch
	encoder *Encoder
	size    image.Point  // of the encoder's pictures
	keyed   uint64       // the wish for a key frame that was granted last
	due     time.Time    // when the next picture is wanted, by the pictures' own time
	resting time.Time    // no new encoder before: the last one failed
	people  atomic.Int64 // on the picture that was written last
	seq     atomic.Uint64
	started uint64 // encoders, since the studio counted last
}

func newReel(s *Studio, stream models.Stream) *reel {
	privacy := s.config.Camera.Privacy
	if stream.Clean {
		privacy.Pixelate = models.PixelateOff
	}
	return &reel{
		studio: s, stream: stream, picture: frame.NewMat(), halved: frame.NewMat(),
		veil: NewVeil(privacy, s.config.Camera.Anchor),
	}
}

func (r *reel) close() {
	r.stop()
	frame.Close(&r.picture)
	frame.Close(&r.halved)
}

// stop ends the encoder; why it ended is of no interest any more.
func (r *reel) stop() {
	if r.encoder != nil {
		_ = r.encoder.Close()
		r.encoder = nil
	}
}

// fps is how many pictures a second are shown.
func (r *reel) fps() float64 {
	if r.stream.Stills {
		return 5
	}
	_, _, fps := r.stream.Size.Bounds()
	return fps
}

// shoot shows a picture, if it is due.
func (r *reel) shoot(ctx context.Context, t *take) error {
	if !r.isDue(t.frame.At) {
		return nil
	}
	if err := r.paint(t); err != nil {
		return err
	}
	if r.stream.Stills {
		return r.still(t)
	}
	return r.film(ctx, t)
}

// isDue thins out pictures evenly, as pipeline.Pace does.
func (r *reel) isDue(at time.Time) bool { return thin(&r.due, at, r.fps()) }

// thin reports whether a picture is wanted when there are to be so many a second, and moves on when the next is due.
func thin(due *time.Time, at time.Time, fps float64) bool {
	every := time.Duration(float64(time.Second) / fps)
	const slack = 5 * time.Millisecond
	if wait := due.Sub(at); wait > slack && wait <= every {
		return false
	}
	if *due = due.Add(every); due.Before(at) || due.Sub(at) > every {
		*due = at.Add(every)
	}
	return true
}

// paint makes the picture: scaled first, because what is drawn then is crisp, and covered before anything else.
func (r *reel) paint(t *take) error {
	size := r.fit(t.frame.Width(), t.frame.Height())
	if size.X < 2 || size.Y < 2 || t.frame.Mat.Type() != gocv.MatTypeCV8UC3 {
		return fmt.Errorf("a picture of %dx%d cannot be shown", t.frame.Width(), t.frame.Height())
	}
	t.coverTo(&r.picture, &r.halved, size, r.veil)
	people := 0
	for _, track := range t.tracks {
		if track.Confirmed && !track.Ended && (track.Class == models.Person || track.Class == "") {
			people++
		}
	}
	r.people.Store(int64(people))
	if !r.stream.Clean && !r.stream.Bare {
		camera := r.studio.config.Camera
		Draw(&r.picture, Scene{
			Camera: camera.ID, Name: camera.Name, Stamp: t.frame.At.Local().Format("2006-01-02 15:04:05.0"),
			View: t.view, Tracks: t.tracks, Anchor: camera.Anchor, Lines: camera.Lines, Totals: r.wanted.Totals,
			Zones: camera.Zones, Inside: t.inside,
		})
	}
	return nil
}

// coverTo makes the picture that may be seen, scaled and covered by the veil of its camera. halved is scratch.
func (t *take) coverTo(picture, halved *gocv.Mat, size image.Point, veil *Veil) {
	if size == image.Pt(t.frame.Width(), t.frame.Height()) {
		t.frame.Mat.CopyTo(picture)
	} else {
		t.shrinkTo(picture, halved, size)
	}
	veil.Cover(picture, t.frame.At, t.view, t.found, t.tracks)
}

// shrinkTo scales the picture. A large one is halved first: of all scales OpenCV does that one by far the fastest. What
// is left is less than half again, most of the time, for which four neighbours are enough. halved is scratch.
func (t *take) shrinkTo(picture, halved *gocv.Mat, size image.Point) {
	half := image.Pt(t.frame.Width()/2, t.frame.Height()/2)
	if t.frame.Width()%2 != 0 || t.frame.Height()%2 != 0 || half.X <= size.X || half.Y <= size.Y {
		gocv.Resize(t.frame.Mat, picture, size, 0, 0, gocv.InterpolationArea)
		return
	}
	gocv.Resize(t.frame.Mat, halved, half, 0, 0, gocv.InterpolationArea)
	rest := gocv.InterpolationArea
	if half.X <= 2*size.X && half.Y <= 2*size.Y {
		rest = gocv.InterpolationLinear
	}
	gocv.Resize(*halved, picture, size, 0, 0, rest)
}

// fit is the size of the stream's pictures.
func (r *reel) fit(width, height int) image.Point {
	most, tall, _ := r.stream.Size.Bounds()
	return within(width, height, most, tall)
}

// within is the size of a picture within bounds: in the shape of the camera's, never larger, even.
func within(width, height, most, tall int) image.Point {
	scale := math.Min(1, math.Min(float64(most)/float64(max(width, 1)), float64(tall)/float64(max(height, 1))))
	even := func(n int) int { return int(math.Round(float64(n)*scale)) &^ 1 }
	return image.Pt(even(width), even(height))
}

// still makes a JPEG.
func (r *reel) still(t *take) error {
	const quality = 80
	jpeg, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, r.picture, []int{gocv.IMWriteJpegQuality, quality})
	if err != nil {
		return fmt.Errorf("make a still: %w", err)
	}
	defer jpeg.Close()
	shot := r.shot(t.frame.At, image.Pt(r.picture.Cols(), r.picture.Rows()))
	shot.Key, shot.Data = true, append([]byte(nil), jpeg.GetBytes()...)
	r.studio.deliver(shot)
	return nil
}

func (r *reel) shot(at time.Time, size image.Point) models.Shot {
	return models.Shot{
		Stream: r.stream, Seq: r.seq.Add(1), At: at, Width: size.X, Height: size.Y, People: int(r.people.Load()),
	}
}

// The patience with an encoder.
const (
	writePatience = 3 * time.Second // for ffmpeg to take a picture
	mostInside    = 20              // pictures inside of it
	encoderRest   = time.Second     // after one failed
)

// film encodes the picture. A failed encoder is replaced a second later.
func (r *reel) film(ctx context.Context, t *take) error {
	size := image.Pt(r.picture.Cols(), r.picture.Rows())
	if r.encoder != nil && size != r.size {
		r.stop() // the camera has changed its resolution
	}
	if r.encoder == nil {
		if time.Now().Before(r.resting) {
			return nil
		}
		if err := r.start(ctx, size); err != nil {
			r.resting = time.Now().Add(encoderRest)
			return err
		}
	}
	if r.encoder.Waiting() > mostInside {
		r.encoder.Kill()
		return r.failed(errTooSlow)
	}
	hung := time.AfterFunc(writePatience, r.encoder.Kill)
	err := r.encoder.Write(&r.picture, t.frame.At, r.wanted.KeyFrames > r.keyed)
	hung.Stop()
	if err != nil {
		return r.failed(err)
	}
	r.keyed = r.wanted.KeyFrames
	return nil
}

func (r *reel) start(ctx context.Context, size image.Point) error {
	config := r.studio.config
	bits := 600_000
	if r.stream.Size == models.Full {
		bits = 2_500_000
	}
	encoder, err := StartEncoder(context.WithoutCancel(ctx), Encoding{
		Width: size.X, Height: size.Y, FPS: r.fps(), BitsPerSecond: bits,
		Codec: config.Codec, Device: config.Device, FFmpeg: config.FFmpeg,
	}, func(u Unit) {
		shot := r.shot(u.At, size)
		shot.Key, shot.Data = u.Key, u.Data
		r.studio.deliver(shot)
	})
	if err != nil {
		return err
	}
	r.encoder, r.size = encoder, size
	r.started++
	return nil
}

// warmUp starts the encoder before there is a picture for it, which takes a while, when the size is known.
func (r *reel) warmUp(ctx context.Context, picture image.Point) {
	size := r.fit(picture.X, picture.Y)
	if r.stream.Stills || size.X < 2 || size.Y < 2 {
		return
	}
	if err := r.start(ctx, size); err != nil {
		r.resting = time.Now().Add(encoderRest)
		r.studio.log.Warn("preview cannot begin; trying again", "stream", r.stream.String(), "error", err)
	}
}

// failed says why the encoder gave up, and clears it away.
func (r *reel) failed(err error) error {
	if why := r.encoder.Close(); why != nil {
		err = why
	}
	r.encoder = nil
	r.resting = time.Now().Add(encoderRest)
	return err
}
