package vision_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
)

func tile() vision.Encoding {
	return vision.Encoding{Width: 480, Height: 270, FPS: 10, BitsPerSecond: 600_000}
}

// encode writes pictures ten a second of their own time, one after the other, each when the unit of the one before is
// out: what waited for a later picture would never come.
func encode(t *testing.T, encoding vision.Encoding, pictures int, picture func(int) *frame.Frame, key func(int) bool) []vision.Unit {
	t.Helper()
	units := make(chan vision.Unit, pictures)
	e, err := vision.StartEncoder(t.Context(), encoding, func(u vision.Unit) { units <- u })
	if err != nil {
		t.Fatal(err)
	}
	var got []vision.Unit
	for i := range pictures {
		if err := e.Write(&picture(i).Mat, at(time.Duration(i)*100*time.Millisecond), key(i)); err != nil {
			t.Fatalf("picture %d: %v (%v)", i, err, e.Close())
		}
		select {
		case unit := <-units:
			got = append(got, unit)
		case <-e.Ended():
			t.Fatalf("picture %d: the encoder ended: %v", i, e.Close())
		case <-time.After(30 * time.Second):
			t.Fatalf("picture %d: its unit does not come out before the next picture is in", i)
		}
	}
	if n := e.Waiting(); n != 0 {
		t.Errorf("%d pictures are still inside", n)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	return got
}

// Every picture comes out as a unit of its own before the next one goes in, with its own time; key frames come where
// they were asked for and nowhere else.
func TestEncoderHoldsNothingBack(t *testing.T) {
	t.Parallel()
	ffmpeg(t)
	f := noisy(t, 480, 270)
	asked := map[int]bool{7: true, 8: true, 20: true}
	units := encode(t, tile(), 30, func(int) *frame.Frame { return f }, func(i int) bool { return asked[i] })
	for i, unit := range units {
		if want := at(time.Duration(i) * 100 * time.Millisecond); !unit.At.Equal(want) {
			t.Errorf("unit %d has the time of %s, want %s", i, unit.At, want)
		}
		if want := i == 0 || asked[i]; unit.Key != want {
			t.Errorf("unit %d: key frame %v, want %v", i, unit.Key, want)
		}
		kinds := nalTypes(unit.Data)
		want := "1"
		if unit.Key {
			want = "7 8 5"
		}
		if kinds != want && kinds != strings.Replace(want, "5", "6 5", 1) {
			t.Errorf("unit %d has NAL units %s, want %s", i, kinds, want)
		}
	}
	// Constrained baseline: profile_idc 66 with constraint_set1_flag.
	if sps := units[0].Data[4:]; sps[1] != 66 || sps[2]&0x40 == 0 {
		t.Errorf("profile is %d with constraints %08b", sps[1], sps[2])
	}
}

func nalTypes(unit []byte) string {
	var kinds []string
	for _, nal := range bytes.Split(unit, []byte{0, 0, 0, 1})[1:] {
		kinds = append(kinds, string('0'+nal[0]&0x1f))
	}
	return strings.Join(kinds, " ")
}

// decode makes pictures of units again, as ffmpeg sees them.
func decode(t *testing.T, units []vision.Unit, width, height int) []*frame.Frame {
	t.Helper()
	var stream bytes.Buffer
	for _, unit := range units {
		stream.Write(unit.Data)
	}
	command := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "h264", "-i", "pipe:0", "-fps_mode", "passthrough",
		"-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1")
	command.Stdin = &stream
	command.Stderr = os.Stderr
	raw, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var pictures []*frame.Frame
	for size := 3 * width * height; len(raw) >= size; raw = raw[size:] {
		f := plain(t, width, height, 0, 0, 0)
		pixels, err := f.Mat.DataPtrUint8()
		if err != nil {
			t.Fatal(err)
		}
		copy(pixels, raw)
		pictures = append(pictures, f)
	}
	return pictures
}

// What a viewer decodes has no detail in heads that is finer than the blocks, and nothing under masks, from the first
// picture on; beside them there is detail enough.
func TestDecodedPreviewKeepsWhatIsPrivate(t *testing.T) {
	t.Parallel()
	ffmpeg(t)
	encoding := tile()
	encoding.BitsPerSecond = 20_000_000 // the codec must not be what takes the detail away
	mask := models.Mask{{X: 0.5, Y: 0.5}, {X: 0.9, Y: 0.5}, {X: 0.9, Y: 0.9}, {X: 0.5, Y: 0.9}}
	veil := vision.NewVeil(models.Privacy{Masks: []models.Mask{mask}}, "")
	units := encode(t, encoding, 5, func(i int) *frame.Frame {
		f := noisy(t, 480, 270)
		var found []models.Detection
		if i != 3 { // a blink
			found = []models.Detection{{Box: visitor(), Score: 0.12, Class: models.Person}}
		}
		veil.Cover(&f.Mat, at(time.Duration(i)*100*time.Millisecond), models.View{}, found, nil)
		return f
	}, func(int) bool { return false })
	pictures := decode(t, units, 480, 270)
	if len(pictures) != 5 {
		t.Fatalf("%d pictures came out", len(pictures))
	}
	masked := models.Box{X: 0.51, Y: 0.52, W: 0.38, H: 0.36}
	for i, f := range pictures {
		open, covered, flat := detail(f, models.Box{X: 0.5, Y: 0.05, W: 0.3, H: 0.3}), detail(f, head()), detail(f, masked)
		if covered > open/4 || open < 20 {
			t.Errorf("picture %d: the head has a detail of %.1f, what is beside it %.1f", i+1, covered, open)
		}
		if flat > 1 {
			t.Errorf("picture %d: the mask has a detail of %.2f", i+1, flat)
		}
	}
}

// An encoder that dies says so and why, and holds nobody up.
func TestEncoderThatDies(t *testing.T) {
	t.Parallel()
	ffmpeg(t)
	f := noisy(t, 480, 270)
	e, err := vision.StartEncoder(t.Context(), tile(), func(vision.Unit) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Write(&f.Mat, at(0), false); err != nil {
		t.Fatal(err)
	}
	e.Kill()
	<-e.Ended()
	for i := 1; ; i++ {
		if err = e.Write(&f.Mat, at(time.Duration(i)*time.Second), false); err != nil {
			break
		}
	}
	if err := e.Close(); err == nil || !strings.Contains(err.Error(), "ffmpeg") {
		t.Errorf("its end is %v", err)
	}
}

func TestEncoderRefusals(t *testing.T) {
	t.Parallel()
	ffmpeg(t)
	start := func(change func(*vision.Encoding)) error {
		encoding := tile()
		change(&encoding)
		e, err := vision.StartEncoder(context.Background(), encoding, func(vision.Unit) {})
		if err == nil {
			_ = e.Close()
		}
		return err
	}
	for name, test := range map[string]struct {
		change func(*vision.Encoding)
		want   string
	}{
		"an odd size":   {func(g *vision.Encoding) { g.Width = 481 }, "481x270"},
		"no rate":       {func(g *vision.Encoding) { g.FPS = 0 }, "not possible"},
		"no such codec": {func(g *vision.Encoding) { g.Codec = "magic" }, `"magic" is unknown; use software`},
		"no ffmpeg":     {func(g *vision.Encoding) { g.FFmpeg = "no-such-ffmpeg" }, "no-such-ffmpeg is not installed"},
	} {
		if err := start(test.change); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q in it", name, err, test.want)
		}
	}
	e, err := vision.StartEncoder(t.Context(), tile(), func(vision.Unit) {})
	if err != nil {
		t.Fatal(err)
	}
	small := noisy(t, 100, 100)
	if err := e.Write(&small.Mat, at(0), false); err == nil {
		t.Error("a picture of another size was taken")
	}
	if err := e.Close(); err != nil && !strings.Contains(err.Error(), "ffmpeg") {
		t.Error(err)
	}
}
