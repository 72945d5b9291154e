package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"footfall/models"
	"footfall/vision/pipeline"
)

// picture is a frame as the corridor sees it.
type picture struct {
	at       time.Time
	sick     bool
	aspect   float64
	released *int
}

func (p *picture) Stamp() time.Time { return p.at }
func (p *picture) Aspect() float64 {
	if p.aspect == 0 {
		return 1.5
	}
	return p.aspect
}
func (p *picture) Healthy() bool { return !p.sick }
func (p *picture) Release()      { *p.released++ }

// film is a slot that hands out pictures and then ends the watch.
type film struct {
	pictures []*picture
	dropped  uint64
	end      context.CancelFunc
}

func (f *film) Take(ctx context.Context) (*picture, error) {
	if len(f.pictures) == 0 {
		f.end()
		return nil, ctx.Err()
	}
	p := f.pictures[0]
	f.pictures = f.pictures[1:]
	return p, nil
}

func (f *film) Dropped() uint64 { return f.dropped }

type detectorFunc func(*picture, []models.Detection) ([]models.Detection, error)

func (d detectorFunc) Detect(p *picture, into []models.Detection) ([]models.Detection, error) {
	return d(p, into)
}

type lender struct{ detector detectorFunc }

func (l lender) Borrow(context.Context) (pipeline.Detector[*picture], error) { return l.detector, nil }
func (lender) Return(pipeline.Detector[*picture])                            {}

type journal struct {
	facts []models.Fact
	err   error
}

func (j *journal) Append(_ context.Context, facts ...models.Fact) error {
	j.facts = append(j.facts, facts...)
	return j.err
}

// script is a tracker and a counter in one: it lets passages happen at given times.
type script map[time.Duration][]models.Passage

func (s script) following() pipeline.Following {
	return func(float64) (pipeline.Tracker, pipeline.Counter, error) { return &blindTracker{}, s, nil }
}

func (s script) Update(at time.Time, _ []models.Track) []models.Passage {
	passages := s[at.Sub(noon())]
	for i := range passages {
		passages[i].At = at
	}
	return passages
}

// blindTracker sees nobody, and knows that at once.
type blindTracker struct{ now []models.Moment }

func (b *blindTracker) Update(at time.Time, _ []models.Detection) []models.Track {
	b.now = []models.Moment{{At: at}}
	return nil
}

func (b *blindTracker) Settled() []models.Moment { return b.now }
func (b *blindTracker) Settle() []models.Moment  { return nil }

// lateTracker knows nothing of a frame before it is asked to settle it.
type lateTracker struct{ open []models.Moment }

func (l *lateTracker) Update(at time.Time, _ []models.Detection) []models.Track {
	l.open = append(l.open, models.Moment{At: at})
	return nil
}

func (l *lateTracker) Settled() []models.Moment { return nil }
func (l *lateTracker) Settle() []models.Moment {
	settled := l.open
	l.open = nil
	return settled
}

// What the tracker has not settled yet is counted when pictures stop, when the shape of the picture changes, and at the
// end.
func TestNothingIsLeftUnsettled(t *testing.T) {
	passages := script{}
	for i := range 8 {
		passages[time.Duration(i)*time.Second] = []models.Passage{{Line: "a", Direction: models.In, Seq: uint64(i + 1)}}
	}
	following := func(float64) (pipeline.Tracker, pipeline.Counter, error) { return &lateTracker{}, passages, nil }
	c := pipeline.NewCorridor[*picture](following, nil)
	look := func(second int, aspect float64) int {
		turn, err := c.Turn(&picture{at: noon().Add(time.Duration(second) * time.Second), aspect: aspect}, detectorFunc(nobody))
		if err != nil {
			t.Fatal(err)
		}
		return len(turn.Passages)
	}
	var counted []int
	counted = append(counted, look(0, 1.5), look(1, 1.5), len(c.Gap()), look(2, 1.5), look(3, 1.25), look(4, 1.25), len(c.Close()))
	if want := []int{0, 0, 2, 0, 1, 0, 2}; !slices.Equal(counted, want) {
		t.Errorf("counted %v, want %v", counted, want)
	}

	// The turn that settles the old shape fails.
	look(5, 1.25)
	broken := detectorFunc(func(*picture, []models.Detection) ([]models.Detection, error) { return nil, errors.New("broken") })
	if _, err := c.Turn(&picture{at: noon().Add(6 * time.Second), aspect: 1.5}, broken); err == nil {
		t.Error("a turn without a detector did not fail")
	}
	if n := len(c.Gap()); n != 1 {
		t.Errorf("%d passages are told after a turn that failed, want 1", n)
	}

	film, _ := roll(71) // ten a second
	film.pictures[35].sick = true
	j := &journal{}
	if err := watch(t, film, nobody, following, j); err != nil {
		t.Fatal(err)
	}
	crossings := 0
	for _, f := range j.facts {
		if f.Crossing != nil {
			crossings++
		}
	}
	if crossings != 8 {
		t.Errorf("%d crossings are written down, want 8", crossings)
	}
}

func watch(t *testing.T, f *film, detect detectorFunc, following pipeline.Following, j *journal) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.end = cancel
	next := 0
	w := pipeline.Watch[*picture]{
		Assignment: pipeline.Assignment{
			Camera: models.Camera{ID: "door", Version: 7}, Lease: "lease-1", ModelVersion: "model@1",
		},
		Frames: f, Detectors: lender{detect}, Following: following, Journal: j,
		NewID: func() models.FactID { next++; return models.FactID(fmt.Sprintf("fact-%d", next)) },
		Log:   slog.New(slog.DiscardHandler),
	}
	return w.Run(ctx)
}

func nobody(_ *picture, into []models.Detection) ([]models.Detection, error) { return into, nil }

// roll makes n pictures, ten a second, from noon on.
func roll(n int) (*film, *int) {
	released := new(int)
	f := &film{}
	for i := range n {
		f.pictures = append(f.pictures, &picture{at: noon().Add(time.Duration(i) * 100 * time.Millisecond), released: released})
	}
	return f, released
}

func TestWatchWritesCrossingsAndCoverage(t *testing.T) {
	film, released := roll(101)
	passages := script{
		2 * time.Second: {{Line: "a", Direction: models.In, Class: models.Person, Seq: 1}},
		4 * time.Second: {{Line: "a", Direction: models.Out, Class: models.Person, Seq: 2, Reverses: 1}},
	}
	j := &journal{}
	if err := watch(t, film, nobody, passages.following(), j); err != nil {
		t.Fatal(err)
	}
	if *released != 101 {
		t.Errorf("%d of 101 frames were released", *released)
	}
	var crossings []models.Fact
	var covered []models.Coverage
	for _, f := range j.facts {
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		if f.Lease != "lease-1" || f.Camera != "door" {
			t.Errorf("fact %+v has another lease or camera", f)
		}
		if f.Crossing != nil {
			crossings = append(crossings, f)
		} else {
			covered = append(covered, *f.Coverage)
		}
	}
	if len(crossings) != 2 {
		t.Fatalf("%d crossings were written, want 2", len(crossings))
	}
	if first, second := crossings[0], crossings[1]; second.Crossing.Reverses != first.ID || first.Crossing.Reverses != "" {
		t.Errorf("the way back reverses %q, want %q", second.Crossing.Reverses, first.ID)
	}
	if c := crossings[0].Crossing; c.ConfigVersion != 7 || c.ModelVersion != "model@1" || !c.Time.Equal(noon().Add(2*time.Second)) {
		t.Errorf("crossing %+v", c)
	}
	if got := observed(covered); got != 10*time.Second {
		t.Errorf("observed %s, want 10s", got)
	}
	if len(covered) < 2 {
		t.Error("coverage was written only at the end: a crash would have cost all of it")
	}
}

// hushed is a camera that sends its pictures and is silent then.
type hushed struct{ *film }

func (h hushed) Take(ctx context.Context) (*picture, error) {
	if len(h.pictures) > 0 {
		return h.film.Take(ctx)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestWatchWritesDownWhatItSawOfACameraThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		film, _ := roll(31)
		j := &journal{}
		w := pipeline.Watch[*picture]{
			Frames: hushed{film}, Detectors: lender{nobody}, Following: script{}.following(), Journal: j,
			NewID: func() models.FactID { return "fact" }, Log: slog.New(slog.DiscardHandler),
		}
		ctx, end := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		<-time.After(3 * time.Second)
		synctest.Wait()
		if len(j.facts) != 1 || j.facts[0].Coverage.Observed != 3*time.Second {
			t.Errorf("three seconds after the last of 31 pictures these are written down: %+v", j.facts)
		}
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWatchDoesNotObserveSickPictures(t *testing.T) {
	film, released := roll(41)
	for _, p := range film.pictures[10:30] {
		p.sick = true
	}
	looked := 0
	j := &journal{}
	err := watch(t, film, func(p *picture, into []models.Detection) ([]models.Detection, error) {
		looked++
		return into, nil
	}, script{}.following(), j)
	if err != nil {
		t.Fatal(err)
	}
	if *released != 41 || looked != 21 {
		t.Errorf("released %d of 41, looked at %d, want 21", *released, looked)
	}
	var covered []models.Coverage
	for _, f := range j.facts {
		covered = append(covered, *f.Coverage)
	}
	// Frames 0 to 9 and 30 to 40: 0.9 s and 1.0 s.
	if got := observed(covered); got != 1900*time.Millisecond {
		t.Errorf("observed %s, want 1.9s", got)
	}
}

func TestWatchToleratesAStumblingDetector(t *testing.T) {
	film, released := roll(30)
	stumble := errors.New("out of luck")
	n := 0
	j := &journal{}
	err := watch(t, film, func(_ *picture, into []models.Detection) ([]models.Detection, error) {
		n++
		if n == 10 {
			return into, stumble
		}
		return into, nil
	}, script{}.following(), j)
	if err != nil || *released != 30 {
		t.Fatalf("err %v, released %d of 30", err, *released)
	}
	var covered []models.Coverage
	for _, f := range j.facts {
		covered = append(covered, *f.Coverage)
	}
	// 29 stretches of 0.1 s, less the two beside the frame that nobody saw.
	if got := observed(covered); got != 2700*time.Millisecond {
		t.Errorf("observed %s, want 2.7s", got)
	}
}

func TestWatchGivesUpOnABrokenDetector(t *testing.T) {
	film, released := roll(200)
	broken := errors.New("broken")
	err := watch(t, film, func(_ *picture, into []models.Detection) ([]models.Detection, error) {
		return into, broken
	}, script{}.following(), &journal{})
	if !errors.Is(err, broken) {
		t.Fatalf("err %v, want the detector's", err)
	}
	if *released == 0 || *released != 200-len(film.pictures) {
		t.Errorf("released %d of the %d frames taken", *released, 200-len(film.pictures))
	}
}

func TestWatchSaysWhenFactsCannotBeKept(t *testing.T) {
	film, _ := roll(101)
	full := errors.New("disk full")
	if err := watch(t, film, nobody, script{}.following(), &journal{err: full}); !errors.Is(err, full) {
		t.Fatalf("err %v, want the journal's", err)
	}
}

func TestCorridorFollowsAnewWhenTheShapeChanges(t *testing.T) {
	var shapes []float64
	c := pipeline.NewCorridor[*picture](func(aspect float64) (pipeline.Tracker, pipeline.Counter, error) {
		shapes = append(shapes, aspect)
		return &blindTracker{}, script{}, nil
	}, nil)
	for i, aspect := range []float64{1.5, 1.5, 1.25, 1.25, 1.5} {
		at := noon().Add(time.Duration(i) * time.Second)
		if _, err := c.Turn(&picture{at: at, aspect: aspect}, detectorFunc(nobody)); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(shapes) != "[1.5 1.25 1.5]" {
		t.Errorf("followed anew for %v", shapes)
	}
}

// audience keeps what it is shown.
type audience struct{ shown []*picture }

func (a *audience) Show(p *picture, _ pipeline.Turn) { a.shown = append(a.shown, p) }

// Who watches is shown the pictures that were analysed and no other, and has to give them back: on a picture that nobody
// looked at, nobody could be made unrecognisable.
func TestWatchShowsWhatWasAnalysed(t *testing.T) {
	film, released := roll(41)
	for _, p := range film.pictures[10:30] {
		p.sick = true
	}
	seats := &audience{}
	stumbles := 0
	w := &pipeline.Watch[*picture]{
		Assignment: pipeline.Assignment{Camera: models.Camera{ID: "door"}, Lease: "lease-1"},
		Frames:     film, Detectors: lender{func(_ *picture, into []models.Detection) ([]models.Detection, error) {
			if stumbles++; stumbles == 5 {
				return into, errors.New("stumbled")
			}
			return into, nil
		}},
		Following: script{}.following(), Journal: &journal{}, NewID: func() models.FactID { return "fact" },
		Log: slog.New(slog.DiscardHandler), Audience: seats,
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	film.end = cancel
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(seats.shown) != 20 || *released != 21 {
		t.Errorf("%d pictures were shown and %d given back by the watch, want 20 and 21", len(seats.shown), *released)
	}
	for _, p := range seats.shown {
		if p.sick {
			t.Error("a picture was shown that nobody had looked at")
		}
	}
}
