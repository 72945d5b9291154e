package capture

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"footfall/models"
)

func TestAVideoIsReadWholeAndByItsOwnTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		frames        int
		width, height int
		fps           float64
		last          time.Duration
	}{
		{"sequences/PETS09-S2L1.mp4", 795, 480, 360, 10, 79400 * time.Millisecond},
		{"sequences/TownCentre-A.mp4", 523, 1280, 720, 25, 20880 * time.Millisecond},
		// Its container starts at 41 ms, it has B-frames, and its first picture must be at 0 all the same.
		{"clips/topdown_rainy_umbrellas.mp4", 422, 640, 360, 24, 17541666 * time.Microsecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			origin := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
			source := opened(t, Spec{Location: testdata(t, c.name), Origin: origin})
			want := SourceInfo{Width: c.width, Height: c.height, FPS: c.fps, Frames: c.frames}
			if source.Info() != want {
				t.Errorf("info %+v, want %+v", source.Info(), want)
			}
			f := oneFrame(t)
			before := origin.Add(-1)
			for n := 1; ; n++ {
				err := source.Read(f)
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if f.Seq != uint64(n) || !f.At.After(before) || n == 1 && !f.At.Equal(origin) {
					t.Fatalf("frame %d has number %d and moment %v after %v", n, f.Seq, f.At, before)
				}
				before = f.At
			}
			if int(f.Seq) != c.frames || f.Width() != c.width || f.Height() != c.height {
				t.Errorf("ended with frame %d of %dx%d", f.Seq, f.Width(), f.Height())
			}
			if got := f.At.Sub(origin); got.Round(time.Millisecond) != c.last.Round(time.Millisecond) {
				t.Errorf("the last frame is at %v, want %v", got, c.last)
			}
		})
	}
}

func TestSkippingLeadsToTheSamePicture(t *testing.T) {
	t.Parallel()
	path := testdata(t, "sequences/PETS09-S2L1.mp4")
	all, some := opened(t, Spec{Location: path}), opened(t, Spec{Location: path})
	f, g := oneFrame(t), oneFrame(t)
	for range 20 {
		if err := all.Read(f); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if _, err := some.Skip(); err != nil {
			t.Fatal(err)
		}
	}
	if err := some.Fill(g); err != nil {
		t.Fatal(err)
	}
	if f.Seq != g.Seq || !f.At.Equal(g.At) || !slices.Equal(f.Mat.ToBytes(), g.Mat.ToBytes()) {
		t.Errorf("read leads to frame %d at %v, skip and fill to %d at %v, or to other pixels", f.Seq, f.At, g.Seq, g.At)
	}
}

func TestAVideoWithoutTimeStampsRunsAtItsRate(t *testing.T) {
	t.Parallel()
	path := drawn(t, "bare.h264", "-f", "lavfi", "-i", "testsrc=s=160x120:r=5:d=2", "-c:v", "libx264", "-bf", "0",
		"-pix_fmt", "yuv420p")
	source, f := opened(t, Spec{Location: path}), oneFrame(t)
	if source.Info().Frames != 0 {
		t.Errorf("a bare stream claims to know that it has %d frames", source.Info().Frames)
	}
	var got []time.Duration
	for source.Read(f) == nil {
		got = append(got, f.At.Sub(time.Unix(0, 0)))
	}
	// FFmpeg 5 finds the rate in the stream, FFmpeg 7 takes 25: the pictures run at the rate that is told.
	last := time.Duration(9 * float64(time.Second) / source.Info().FPS)
	if len(got) != 10 || got[0] != 0 || got[9] != last {
		t.Errorf("%d frames at %v, want 10 from 0 to %s", len(got), got, last)
	}
}

// OpenCV would convert the pictures after the change with the size from before it, beyond the end of their memory.
func TestAVideoThatChangesItsSizeIsAnErrorAndNotAPicture(t *testing.T) {
	t.Parallel()
	for _, codec := range []string{"libx264", "libx265"} {
		part := func(size string) []byte {
			data, err := os.ReadFile(drawn(t, size+".ts", "-f", "lavfi", "-i", "testsrc=s="+size+":r=10:d=1", "-c:v", codec,
				"-bf", "0", "-x265-params", "log-level=none:bframes=0", "-pix_fmt", "yuv420p"))
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		path := filepath.Join(t.TempDir(), "joined.ts")
		if err := os.WriteFile(path, append(part("320x240"), part("160x120")...), 0o600); err != nil {
			t.Fatal(err)
		}
		source, f := opened(t, Spec{Location: path}), oneFrame(t)
		var err error
		for err == nil {
			err = source.Read(f)
		}
		want := "read " + path + ": after frame 10 the size of the picture changed; convert the video to one size"
		if err.Error() != want {
			t.Errorf("%s: got %q\nwant %q", codec, err, want)
		}
	}
}

// damaged is a copy of a video with some bytes of its middle turned over.
func damaged(t *testing.T, path string, bytes int) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(1, 2)) // the same damage every time
	for range bytes {
		data[len(data)/3+dice.IntN(len(data)/3)] ^= 0xff
	}
	copied := filepath.Join(t.TempDir(), "damaged.mp4")
	if err := os.WriteFile(copied, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

// readToEnd is the number of pictures of a source and the moment of the last.
func readToEnd(t *testing.T, source Source) (pictures int, last time.Time) {
	t.Helper()
	for f := oneFrame(t); ; pictures++ {
		err := source.Read(f)
		if errors.Is(err, io.EOF) {
			return pictures, last
		}
		if err != nil {
			t.Fatal(err)
		}
		if !f.At.After(last) || f.Seq != uint64(pictures+1) {
			t.Fatalf("picture %d has number %d and moment %v after %v", pictures+1, f.Seq, f.At, last)
		}
		last = f.At
	}
}

// OpenCV gives up at every packet that cannot be decoded; the rest of the video must be counted all the same.
func TestADamagedVideoIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	const whole, atLeast = 795, 700
	source := opened(t, Spec{Location: damaged(t, testdata(t, "sequences/PETS09-S2L1.mp4"), 400)})
	pictures, last := readToEnd(t, source)
	if pictures < atLeast || pictures >= whole {
		t.Errorf("%d of %d pictures, want at least %d and not all", pictures, whole, atLeast)
	}
	if at := last.Sub(time.Unix(0, 0)); at != 79400*time.Millisecond {
		t.Errorf("the last picture is at %v, want that of the whole video", at)
	}
}

// What is missing at the end is no damage to go on after: the video ends there.
func TestATruncatedVideoEnds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cut.mkv", "cut.mp4", "cut.ts"} {
		path := drawn(t, name, "-f", "lavfi", "-i", "testsrc=s=320x240:r=10:d=20", "-c:v", "libx264", "-pix_fmt", "yuv420p",
			"-movflags", "+faststart")
		about, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, about.Size()/2); err != nil {
			t.Fatal(err)
		}
		if pictures, _ := readToEnd(t, opened(t, Spec{Location: path})); pictures < 50 || pictures > 150 {
			t.Errorf("half of %s has %d of 200 pictures", name, pictures)
		}
	}
}

func TestAFolderIsReadInTheOrderOfItsNumbers(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "sequence")
	images := filepath.Join(folder, "img1")
	if err := os.MkdirAll(images, 0o750); err != nil {
		t.Fatal(err)
	}
	// Picture n is one grey level, so that the order can be seen in the pixels: 2.png must come before 10.jpg.
	for name, grey := range map[string]string{"1.png": "0x0a0a0a", "2.png": "0x141414", "10.jpg": "0x646464"} {
		data, err := os.ReadFile(drawn(t, name, "-f", "lavfi", "-i", "color="+grey+":s=64x48", //nolint:misspell // ffmpeg's
			"-frames:v", "1"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(images, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings := "[Sequence]\nname=three\nimDir=img1\nframeRate=4\nseqLength=3\n"
	if err := os.WriteFile(filepath.Join(folder, "seqinfo.ini"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{folder, images} {
		source, f := opened(t, Spec{Location: location, FPS: 99}), oneFrame(t)
		if want := (SourceInfo{Width: 64, Height: 48, FPS: 4, Frames: 3}); source.Info() != want {
			t.Errorf("info %+v, want %+v", source.Info(), want)
		}
		for n, grey := range []int{10, 20, 100} {
			if err := source.Read(f); err != nil {
				t.Fatal(err)
			}
			pixel := int(f.Mat.ToBytes()[0])
			if f.At.Sub(time.Unix(0, 0)) != time.Duration(n)*time.Second/4 || pixel < grey-3 || pixel > grey+3 {
				t.Errorf("frame %d is at %v with grey %d, want grey %d", f.Seq, f.At, pixel, grey)
			}
		}
		if err := source.Read(f); !errors.Is(err, io.EOF) {
			t.Errorf("after the last picture: %v", err)
		}
	}
}

// OpenCV leaves the picture before in place when it cannot decode one: it must not be taken for the next.
func TestABrokenPictureIsNotTheOneBeforeIt(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(drawn(t, "1.png", "-f", "lavfi", "-i", "testsrc=s=320x240", "-frames:v", "1"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"text": []byte("hello"), "empty": nil, "cut": whole[:len(whole)/2]} {
		folder := t.TempDir()
		for picture, data := range map[string][]byte{"1.png": whole, "2.png": content, "3.png": whole} {
			if err := os.WriteFile(filepath.Join(folder, picture), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		source, f := opened(t, Spec{Location: folder}), oneFrame(t)
		if err := source.Read(f); err != nil {
			t.Fatal(err)
		}
		want := "read " + folder + ": 2.png is not a picture that can be read; repair it or take it out of the folder"
		if err := source.Read(f); err == nil || err.Error() != want {
			t.Errorf("%s: got %v\nwant %s", name, err, want)
		}
		if err := source.Read(f); err != nil || f.Seq != 3 {
			t.Errorf("%s: after it comes frame %d, %v", name, f.Seq, err)
		}
	}
}

func TestNaturalOrder(t *testing.T) {
	t.Parallel()
	names := []string{"b1", "a10", "a2", "a02", "a1b20", "a1b3", "a", "000010.jpg", "9.jpg", "a99999999999999999999"}
	slices.SortFunc(names, naturally)
	want := []string{"9.jpg", "000010.jpg", "a", "a1b3", "a1b20", "a02", "a2", "a10", "a99999999999999999999", "b1"}
	if !slices.Equal(names, want) {
		t.Errorf("got  %v\nwant %v", names, want)
	}
}

func TestWhatIsNoSourceIsRefusedWithOneLine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const give = "give a video file, a folder of pictures, or an rtsp:// or rtsps:// address"
	const maybe = "it may be cut off, damaged or of another kind"
	text := file("text.mp4", "this is no video\n")
	empty := file("empty.mp4", "")
	list := file("list.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n")
	concat := file("concat.mp4", "ffconcat version 1.0\nfile /etc/passwd\n")
	hidden := file("none/notes.txt", "no picture")
	liar := file("liar/1.jpg", "no picture")
	wrong := file("wrong/seqinfo.ini", "frameRate=often\n")
	missing := filepath.Join(folder, "missing.mp4")
	cases := []struct{ location, want string }{
		{"", "source: is missing; " + give},
		{missing, "open " + missing + ": file does not exist; " + give},
		{text, "source: " + text + " is not a video that can be read; " + maybe},
		{empty, "source: " + empty + " is empty"},
		{list, "source: " + list + " is not a video that can be read; " + maybe},
		{concat, "source: " + concat + " is not a video that can be read; " + maybe},
		{filepath.Dir(hidden), "source: " + filepath.Dir(hidden) + " is a folder without pictures (.jpg, .jpeg, .png)"},
		{filepath.Dir(liar), "open " + filepath.Dir(liar) + ": 1.jpg is not a picture that can be read; " +
			"repair it or take it out of the folder"},
		{filepath.Dir(wrong), "open " + filepath.Dir(wrong) + `: seqinfo.ini: frameRate "often" is not a number of frames ` +
			"a second"},
		{os.DevNull, "source: " + os.DevNull + " is neither a file nor a folder"},
		{"http://camera.example/video.mp4", `source: scheme "http" is not allowed; ` + give},
		{"file:///etc/passwd", `source: scheme "file" is not allowed; ` + give},
		{"rtsp://user:secret@", "url: has no host; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH"},
		{"rtsp://user:sec%ret@host/x", "url: cannot be read as an address; a special character in a password is " +
			"written %XX"},
		{"rtsp://user:secret@169.254.169.254/x", "open rtsp://***@169.254.169.254/x: address 169.254.169.254 is not " +
			"allowed: it is a cloud metadata service; an administrator can allow its network"},
		{"rtsp://user:secret@127.0.0.1/x", "open rtsp://***@127.0.0.1/x: address 127.0.0.1 is not allowed: it is this " +
			"machine (loopback); an administrator can allow its network"},
	}
	for _, c := range cases {
		source, err := Open(t.Context(), Spec{Location: c.location})
		if err == nil {
			source.Close()
			t.Errorf("%s was opened", c.location)
			continue
		}
		// What FFmpeg says in brackets differs from version to version.
		if got, _, _ := strings.Cut(err.Error(), " ("); got != strings.SplitN(c.want, " (", 2)[0] {
			t.Errorf("%s:\ngot  %q\nwant %q", c.location, err, c.want)
		}
		if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows too much: %q", c.location, err)
		}
	}
	_, err := Open(t.Context(), Spec{Location: text})
	if !errors.Is(err, models.ErrInvalid) {
		t.Errorf("a file that is no video is not called invalid: %v", err)
	}
}

func TestAFileThatMayNotBeReadSaysSo(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	path := filepath.Join(t.TempDir(), "secret.mp4")
	if err := os.WriteFile(path, []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Spec{Location: path}); err == nil || err.Error() != "open "+path+": permission denied" {
		t.Errorf("got %v", err)
	}
}

func TestOpeningEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := drawn(t, "v.mp4", "-f", "lavfi", "-i", "testsrc=s=64x48:r=5:d=1", "-pix_fmt", "yuv420p")
	opening <- struct{}{} // somebody else opens
	_, err := Open(cancelled(), Spec{Location: path})
	<-opening
	if err == nil || !strings.HasSuffix(err.Error(), "context canceled") {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestReadingAVideoAllocatesNothing(t *testing.T) {
	source, f := opened(t, Spec{Location: testdata(t, "sequences/PETS09-S2L1.mp4")}), oneFrame(t)
	allocs := testing.AllocsPerRun(100, func() {
		if err := source.Read(f); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a frame, want 0", allocs)
	}
}
