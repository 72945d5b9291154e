package clip_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color" //nolint:misspell // Go's spelling
	"image/jpeg"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/capture/clip"
	"footfall/models"
)

// booth is a recorder with what it needs, and a spool and a journal that remember.
type booth struct {
	*clip.Recorder
	ring   *clip.Ring
	folder string

	mu      sync.Mutex
	now     time.Time
	facts   []models.Fact
	written []models.Fact
	told    chan models.Fact
}

func openBooth(t *testing.T, change func(*clip.Config)) *booth {
	t.Helper()
	b := &booth{
		ring: clip.NewRing(1<<20, 40*time.Second), folder: t.TempDir(), now: noon().Add(time.Minute),
		told: make(chan models.Fact, 10),
	}
	made := 0
	cfg := clip.Config{
		Camera: models.Camera{
			ID: "lobby", Version: 7,
			Lines: []models.Line{{ID: "door", Points: []models.Point{{X: 0, Y: 0.5}, {X: 1, Y: 0.5}}}},
		}.WithDefaults(),
		Lease: "lease", ModelVersion: "model@1", Before: 2 * time.Second, After: time.Second, Folder: b.folder,
		Ring: b.ring, Spool: b, Journal: b, NewID: func() models.FactID { made++; return models.FactID(fmt.Sprint("clip-", made)) },
		Now: b.clock, Random: func() float64 { return 0.5 }, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	b.Recorder = clip.NewRecorder(cfg)
	return b
}

// clock says a minute past noon: everything that is wanted has happened.
func (b *booth) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *booth) Take(_ context.Context, fact models.Fact, video string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.facts = append(b.facts, fact)
	return os.Rename(video, filepath.Join(b.folder, string(fact.ID)+".mp4"))
}

func (b *booth) Append(_ context.Context, facts ...models.Fact) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.written = append(b.written, facts...)
	for _, fact := range facts {
		b.told <- fact
	}
	return nil
}

// run makes clips until there are so many.
func (b *booth) run(t *testing.T, clips int) []models.Fact {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	var facts []models.Fact
	for range clips {
		select {
		case fact := <-b.told:
			must(t, fact.Validate())
			facts = append(facts, fact)
		case <-time.After(60 * time.Second):
			t.Fatal("no clip is made")
		}
	}
	stop()
	must(t, <-ended)
	left, err := filepath.Glob(filepath.Join(b.folder, "*.part"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	return facts
}

// picture is a JPEG with a bar that moves.
func picture(t *testing.T, i, width, height int) clip.Picture {
	t.Helper()
	drawn := image.NewGray(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			if (x-i*3+1000)%width < 12 {
				drawn.SetGray(x, y, color.Gray{Y: 220}) //nolint:misspell // Go's spelling
			}
		}
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, drawn, nil))
	return clip.Picture{At: noon().Add(time.Duration(i) * 100 * time.Millisecond), Width: width, Height: height, JPEG: b.Bytes()}
}

// fill puts pictures [from, to) of ten a second into the ring.
func (b *booth) fill(t *testing.T, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		b.ring.Add(picture(t, i, 64, 48))
	}
}

func crossed(after time.Duration, direction models.Direction) models.Fact {
	return models.Fact{ID: models.FactID(fmt.Sprint("x-", after)), Camera: "lobby", Crossing: &models.Crossing{
		Line: "door", Direction: direction, Class: models.Person, Time: noon().Add(after),
	}}
}

// probe is what ffprobe says of a file.
func probe(t *testing.T, file, entries string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0",
		"-show_entries", entries, "-of", "csv=p=0", file).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

// A crossing becomes a clip of what was before and after it, with all that was counted then, in a file that plays.
func TestCrossingBecomesAClip(t *testing.T) {
	t.Parallel()
	b := openBooth(t, func(c *clip.Config) { c.Rate = 1 })
	b.fill(t, 0, 100)
	b.Crossed(crossed(5*time.Second, models.In))
	b.Crossed(crossed(5500*time.Millisecond, models.Out)) // overlaps: one clip
	fact := b.run(t, 1)[0]
	c := fact.Clip
	if !c.Start.Equal(noon().Add(3*time.Second)) || !c.End.Equal(noon().Add(6500*time.Millisecond)) ||
		c.Pictures != 36 || c.Observed != 3500*time.Millisecond || c.Width != 64 || c.Height != 48 {
		t.Errorf("the clip is %+v", c)
	}
	if len(c.Triggers) != 2 || c.Triggers[0].ID != "x-5s" || c.ConfigVersion != 7 || c.ModelVersion != "model@1" ||
		c.Privacy.Pixelate != models.PixelateHeads || fact.Lease != "lease" {
		t.Errorf("it says of itself %+v", c)
	}
	if len(c.Crossings) != 2 || c.Counts[0] != (models.ClipCount{Line: "door", In: 1, Out: 1, RawIn: 1, RawOut: 1}) {
		t.Errorf("in it was counted %+v: %+v", c.Counts, c.Crossings)
	}
	file := filepath.Join(b.folder, string(fact.ID)+".mp4")
	if got := probe(t, file, "stream=codec_name,width,height,pix_fmt,nb_read_frames"); got != "h264,64,48,yuv420p,36" {
		t.Errorf("the file is %s", got)
	}
	length, err := strconv.ParseFloat(probe(t, file, "format=duration"), 64)
	if err != nil || length < 3.4 || length > 3.7 {
		t.Errorf("it lasts %v s (%v)", length, err)
	}
	content, err := os.ReadFile(file)
	must(t, err)
	if index, data := bytes.Index(content, []byte("moov")), bytes.Index(content, []byte("mdat")); index < 0 || index > data {
		t.Errorf("the index is at %d, behind the pictures at %d", index, data)
	}
	if int64(len(content)) != c.Bytes || c.Key != models.ClipKey("lobby", models.ClipID(fact.ID), c.Start)+".mp4" {
		t.Errorf("it has %d bytes and not %d, or lies at %s", len(content), c.Bytes, c.Key)
	}
}

// Only so many of the crossings become clips, and each is looked at once.
func TestRateOfCrossings(t *testing.T) {
	t.Parallel()
	draws := 0
	b := openBooth(t, func(c *clip.Config) {
		c.Rate = 0.25
		c.Random = func() float64 { draws++; return float64(draws%4) / 4 } // every fourth is below
	})
	b.fill(t, 0, 300)
	for i := range 4 {
		b.Crossed(crossed(time.Duration(5+i)*time.Second, models.In))
	}
	c := b.run(t, 1)[0].Clip
	if len(c.Triggers) != 1 || c.Triggers[0].ID != "x-8s" || len(c.Crossings) != 3 {
		t.Errorf("the clip is of %+v with %+v", c.Triggers, c.Crossings)
	}
}

// What somebody asks for is recorded once, however often it is told, and those apart become two clips.
func TestRecordings(t *testing.T) {
	t.Parallel()
	b := openBooth(t, nil)
	b.fill(t, 0, 300)
	asked := func(id string, from, to time.Duration) models.Recording {
		return models.Recording{ID: id, Camera: "lobby", Kind: models.TriggerSaved, From: noon().Add(from), To: noon().Add(to)}
	}
	all := []models.Recording{
		asked("b", 20*time.Second, 22*time.Second), asked("a", time.Second, 3*time.Second),
		asked("late", -3*time.Hour, -2*time.Hour),
	}
	for range 3 {
		b.Record(all)
	}
	facts := b.run(t, 2)
	for i, want := range []string{"a", "b"} {
		c := facts[i].Clip
		if len(c.Triggers) != 1 || c.Triggers[0].ID != want || c.Pictures != 21 {
			t.Errorf("clip %d is of %+v with %d pictures", i, c.Triggers, c.Pictures)
		}
	}
}

// What the lottery draws is recorded; a moment that was begun before is recorded from now on.
func TestSampleIsRecorded(t *testing.T) {
	t.Parallel()
	s := clip.Sampler{Secret: []byte("s"), Count: 4000, Length: 10 * time.Second} // so many that some are due now
	b := openBooth(t, func(c *clip.Config) { c.Sampler = s })
	b.fill(t, 400, 601)
	due := s.Due("lobby", b.clock())
	if len(due) == 0 {
		t.Fatal("nothing is drawn for now")
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	time.AfterFunc(300*time.Millisecond, stop) // the moment is not over: what there is of it is kept
	must(t, <-ended)
	c := b.written[0].Clip
	if len(c.Triggers) != len(due) || c.Triggers[0].Kind != models.TriggerSample || !c.End.Equal(noon().Add(time.Minute)) {
		t.Errorf("the clip is of %+v until %s, drawn were %v", c.Triggers, c.End, due)
	}
}

// A hole in the pictures is not observed, and another resolution ends a clip.
func TestHolesAndSizes(t *testing.T) {
	t.Parallel()
	b := openBooth(t, nil)
	b.fill(t, 0, 20)
	b.fill(t, 50, 70)
	for i := 70; i < 90; i++ {
		b.ring.Add(picture(t, i, 32, 24))
	}
	b.Record([]models.Recording{{ID: "a", Camera: "lobby", Kind: models.TriggerSaved, From: noon(), To: noon().Add(8 * time.Second)}})
	c := b.run(t, 1)[0].Clip
	if c.Pictures != 40 || c.Observed != 3800*time.Millisecond || !c.End.Equal(noon().Add(6900*time.Millisecond)) {
		t.Errorf("%d pictures until %s, %s observed", c.Pictures, c.End, c.Observed)
	}
}

// No pictures are no clip, and what fails is given up.
func TestNoClips(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*clip.Config){
		"no ffmpeg":   func(c *clip.Config) { c.FFmpeg = "no-such-ffmpeg" },
		"a full disk": func(c *clip.Config) { c.Spool = failing{} },
		"no folder":   func(c *clip.Config) { c.Folder = filepath.Join(c.Folder, "none") },
		"broken picture": func(c *clip.Config) {
			c.Ring = clip.NewRing(1<<20, time.Minute)
			c.Ring.Add(clip.Picture{At: noon().Add(time.Second), Width: 2, Height: 2, JPEG: []byte("no jpeg")})
			c.Ring.Add(clip.Picture{At: noon().Add(2 * time.Second), Width: 2, Height: 2, JPEG: []byte("no jpeg")})
		},
		"nothing seen": func(c *clip.Config) { c.Ring = clip.NewRing(1<<20, time.Minute) },
	} {
		var log bytes.Buffer
		b := openBooth(t, func(c *clip.Config) {
			c.Log = slog.New(slog.NewTextHandler(&log, nil))
			change(c)
		})
		b.fill(t, 0, 100)
		b.Record([]models.Recording{{ID: "a", Camera: "lobby", Kind: models.TriggerSaved, From: noon(), To: noon().Add(5 * time.Second)}})
		ctx, stop := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		must(t, b.Run(ctx))
		stop()
		if len(b.written) > 0 || !strings.Contains(log.String(), "clip") {
			t.Errorf("%s: %d clips were told of, and the log says %q", name, len(b.written), log.String())
		}
	}
}

type failing struct{}

func (failing) Take(context.Context, models.Fact, string) error { return errors.New("disk full") }
