package vision_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
)

// set is a studio at work, with a camera of its own.
type set struct {
	*vision.Studio
	pool  *frame.Pool
	shots chan models.Shot
	taken int
}

func openSet(t *testing.T, ffmpegProgram string) *set {
	t.Helper()
	ffmpeg(t)
	s := &set{pool: frame.NewPool(4), shots: make(chan models.Shot, 1000)}
	s.Studio = vision.NewStudio(vision.StudioConfig{
		Camera: models.Camera{ID: "lobby", Name: "Lobby", Lines: []models.Line{
			{ID: "door", Points: []models.Point{{X: 0.1, Y: 0.8}, {X: 0.9, Y: 0.8}}},
		}}.WithDefaults(),
		FFmpeg: ffmpegProgram, Deliver: func(shot models.Shot) { s.shots <- shot }, Log: slog.New(slog.DiscardHandler),
	})
	var wg sync.WaitGroup
	wg.Go(func() { s.Run(t.Context()) })
	t.Cleanup(func() {
		wg.Wait() // t.Context has ended
		if free := s.pool.Free(); free != s.pool.Size() {
			t.Errorf("%d of %d frames came back", free, s.pool.Size())
		}
		s.pool.Close()
	})
	return s
}

// show shows the next picture of a camera of 640x360 at ten a second.
func (s *set) show(t *testing.T, tracks ...models.Track) {
	t.Helper()
	f, ok := s.pool.Take()
	if !ok {
		t.Fatal("no frame is free: one was not given back")
	}
	picture := noisy(t, 640, 360)
	picture.Mat.CopyTo(&f.Mat)
	f.At = at(time.Duration(s.taken) * 100 * time.Millisecond)
	s.taken++
	s.Show(f, vision.Analysis{Tracks: tracks})
}

func (s *set) next(t *testing.T) models.Shot {
	t.Helper()
	select {
	case shot := <-s.shots:
		return shot
	case <-time.After(30 * time.Second):
		t.Fatal("no shot comes")
		return models.Shot{}
	}
}

// until waits for what happens on another goroutine.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func want(streams ...models.Stream) []models.Wanted {
	var all []models.Wanted
	for _, s := range streams {
		s.Camera = "lobby"
		all = append(all, models.Wanted{Stream: s})
	}
	return all
}

// Nobody watches, nothing is encoded and every frame goes back. Somebody does: the first shot is a key frame of the
// picture that was taken, at the size of its class. Nobody does any more: the encoder is gone.
func TestStudioWorksWhileSomebodyWatches(t *testing.T) {
	t.Parallel()
	s := openSet(t, "")
	for range 10 {
		s.show(t)
	}
	if got := s.Tally(); got != (vision.StudioTally{}) {
		t.Errorf("nobody watches, and there is %+v", got)
	}
	s.Want(want(models.Stream{Size: models.Tile}), time.Now().Add(time.Hour))
	s.show(t, models.Track{Box: visitor(), Confirmed: true, Seen: true}, models.Track{Box: head()})
	shot := s.next(t)
	if !shot.Key || shot.Seq != 1 || shot.Width != 480 || shot.Height != 270 || shot.People != 1 ||
		!shot.At.Equal(at(time.Second)) || shot.String() != "lobby.tile" {
		t.Errorf("the first shot is %+v", shot)
	}
	s.show(t)
	if shot = s.next(t); shot.Key || shot.Seq != 2 {
		t.Errorf("the second shot is %+v", shot)
	}
	asking := want(models.Stream{Size: models.Tile})
	asking[0].KeyFrames = 1
	s.Want(asking, time.Now().Add(time.Hour))
	s.show(t)
	if shot = s.next(t); !shot.Key {
		t.Error("a key frame was asked for and did not come with the next picture")
	}
	if got := s.Tally(); got.Encoders != 1 || got.Started != 1 || got.Shots != 3 {
		t.Errorf("one stream is watched, and there is %+v", got)
	}
	s.Want(nil, time.Now().Add(time.Hour))
	until(t, "the encoder is not ended", func() bool { return s.Tally().Encoders == 0 })
}

// A wish that is not renewed lapses: the server may be gone.
func TestStudioForgetsWhoIsGone(t *testing.T) {
	t.Parallel()
	s := openSet(t, "")
	s.Want(want(models.Stream{Size: models.Tile}), time.Now().Add(time.Hour))
	s.show(t)
	s.next(t)
	s.Want(want(models.Stream{Size: models.Tile}), time.Now().Add(time.Millisecond))
	until(t, "the wish does not lapse", func() bool { return s.Tally().Encoders == 0 })
}

// Every way to watch has its own form: full is never larger than the camera, stills are JPEG and need no encoder, and
// only clean ones show a face.
func TestStudioStreams(t *testing.T) {
	t.Parallel()
	s := openSet(t, "")
	tile, full := models.Stream{Camera: "lobby", Size: models.Tile}, models.Stream{Camera: "lobby", Size: models.Full}
	stills, clean := models.Stream{Camera: "lobby", Size: models.Full, Stills: true}, models.Stream{Camera: "lobby", Size: models.Tile, Stills: true, Clean: true}
	s.Want(want(tile, full, stills, clean), time.Now().Add(time.Hour))
	s.show(t)
	sizes := map[models.Stream][2]int{tile: {480, 270}, full: {640, 360}, stills: {640, 360}, clean: {480, 270}}
	for range 4 {
		shot := s.next(t)
		if got, want := [2]int{shot.Width, shot.Height}, sizes[shot.Stream]; got != want {
			t.Errorf("%s is %v, want %v", shot.Stream, got, want)
		}
		if jpeg := string(shot.Data[:2]) == "\xff\xd8"; jpeg != shot.Stills {
			t.Errorf("%s: JPEG is %v", shot.Stream, jpeg)
		}
		delete(sizes, shot.Stream)
	}
	if len(sizes) != 0 {
		t.Errorf("nothing came of %v", sizes)
	}
	until(t, "tile and full have an encoder each, stills none", func() bool { return s.Tally().Encoders == 2 })
}

// A bare picture has nothing drawn on it, and people are covered on it all the same.
func TestStudioBare(t *testing.T) {
	t.Parallel()
	s := openSet(t, "")
	drawn := models.Stream{Camera: "lobby", Size: models.Full, Stills: true}
	bare, clean := drawn, drawn
	bare.Bare, clean.Clean = true, true
	s.Want(want(drawn, bare, clean), time.Now().Add(time.Hour))
	s.show(t, models.Track{Box: visitor(), Confirmed: true, Seen: true})
	pictures := map[models.Stream]image.Image{}
	for range 3 {
		shot := s.next(t)
		picture, err := jpeg.Decode(bytes.NewReader(shot.Data))
		if err != nil {
			t.Fatal(err)
		}
		pictures[shot.Stream] = picture
	}
	differ := func(a, b models.Stream, x, y float64) bool {
		size := pictures[a].Bounds().Size()
		for dy := -12; dy <= 12; dy++ {
			at := image.Pt(int(x*float64(size.X)), int(y*float64(size.Y))+dy)
			if pictures[a].At(at.X, at.Y) != pictures[b].At(at.X, at.Y) {
				return true
			}
		}
		return false
	}
	const doorX, doorY = 0.15, 0.8
	middle := head().Centre()
	if !differ(drawn, bare, doorX, doorY) || differ(bare, clean, doorX, doorY) {
		t.Error("a bare picture has the line drawn on it, or nothing has")
	}
	if !differ(bare, clean, middle.X, middle.Y) {
		t.Error("on a bare picture people are as they are")
	}
}

// An ffmpeg that dies is replaced, and those who watch see a key frame.
func TestStudioHealsItsEncoder(t *testing.T) {
	t.Parallel()
	ffmpeg(t)
	// A program that dies at the first start and is ffmpeg afterwards.
	folder := t.TempDir()
	program := filepath.Join(folder, "ffmpeg-once")
	script := "#!/bin/sh\nif mkdir '" + folder + "/died' 2>/dev/null; then head -c 100000 >/dev/null; exit 3; fi\nexec ffmpeg \"$@\"\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s := openSet(t, program)
	s.Want(want(models.Stream{Size: models.Tile}), time.Now().Add(time.Hour))
	for {
		s.show(t)
		select {
		case shot := <-s.shots:
			if !shot.Key || shot.Seq != 1 {
				t.Errorf("the first shot after the fall is %+v", shot.Stream)
			}
			if got := s.Tally().Started; got != 2 {
				t.Errorf("%d encoders were started", got)
			}
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// However slow the encoder is, showing never waits, and no frame is kept from the camera.
func TestStudioNeverHoldsUpTheAnalysis(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "ffmpeg-hung")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexec sleep 3600\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := openSet(t, program)
	s.Want(want(models.Stream{Size: models.Tile}), time.Now().Add(time.Hour))
	for range 50 {
		s.show(t) // fails when a frame is missing
	}
	until(t, "drops are not counted", func() bool { return s.Tally().Dropped > 30 })
}
