package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
	"footfall/tracker/crossing/score"
	"footfall/tracker/crowd"
)

// Follower follows people from frame to frame and tells who went over a line.
type Follower interface {
	Update(at time.Time, detections []models.Detection) []models.Passage
	Close() []models.Passage // no frame comes any more
}

// Maker makes a follower for pictures of one shape.
type Maker func(lines []models.Line, aspect float64) (Follower, error)

// Footfall makes the tracker and the counter that cameras are counted with, as they are configured by default.
func Footfall(lines []models.Line, aspect float64) (Follower, error) {
	counter, err := crossing.New(lines, crossing.Default(), aspect)
	if err != nil {
		return nil, err
	}
	return &footfall{tracker: tracker.New(tracker.Default(), aspect), counter: counter}, nil
}

type footfall struct {
	tracker  *tracker.Tracker
	counter  *crossing.Counter
	passages []models.Passage
}

// Update takes the detections of one frame.
func (f *footfall) Update(at time.Time, detections []models.Detection) []models.Passage {
	f.tracker.Update(at, detections)
	return f.count(f.tracker.Settled())
}

// Close counts what was not certain yet.
func (f *footfall) Close() []models.Passage { return f.count(f.tracker.Settle()) }

func (f *footfall) count(settled []models.Moment) []models.Passage {
	f.passages = f.passages[:0]
	for _, m := range settled {
		f.passages = append(f.passages, f.counter.Update(m.At, m.Tracks)...)
	}
	return f.passages
}

// MatchWithin is how far apart, in seconds, a counted crossing and a true one may be.
const MatchWithin = 2.0

// Trial is what is measured: scenes of one place, looked at in several ways.
type Trial struct {
	Place  crowd.Scenario
	Scenes int
	Length time.Duration // of each
	Seed   uint64        // of the first; the next have the next
	Looks  []Look
}

// Look is who looks how often.
type Look struct {
	Rate   crowd.Rate
	Makers []Maker
}

// Result is how a follower did. Doubtful crossings are in none of the score's numbers.
type Result struct {
	score.Score
	Doubtful int `json:"doubtful"` // crossings that are neither missed nor wrong
}

// Measure runs the makers of a look over the same detections. Scenes are made and looked at side by side, on as many
// processors as there are; the numbers do not depend on how many. They are by look and by maker.
func Measure(ctx context.Context, t Trial) ([][]Result, error) {
	scenes := make([][][]Result, t.Scenes)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range scenes {
		group.Go(func() error {
			seed := t.Seed + uint64(i)
			scene := crowd.New(t.Place, seed, t.Length)
			for _, l := range t.Looks {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				results, err := look(scene, l.Rate.Times(t.Length, seed), l.Makers)
				if err != nil {
					return err
				}
				scenes[i] = append(scenes[i], results)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("measure %s: %w", t.Place.Name, err)
	}
	out := make([][]Result, len(t.Looks))
	for l, look := range t.Looks {
		out[l] = make([]Result, len(look.Makers))
		for m := range look.Makers {
			for i := range scenes {
				out[l][m] = out[l][m].plus(scenes[i][l][m])
			}
		}
	}
	return out, nil
}

func (r Result) plus(o Result) Result {
	return Result{Score: score.Sum(r.Score, o.Score), Doubtful: r.Doubtful + o.Doubtful}
}

// look runs every maker over one scene.
func look(scene *crowd.Scene, times []time.Duration, makers []Maker) ([]Result, error) {
	followers, got := make([]Follower, len(makers)), make([][]score.Event, len(makers))
	for i, maker := range makers {
		var err error
		if followers[i], err = maker(scene.Lines(), scene.Aspect()); err != nil {
			return nil, err
		}
	}
	origin := time.Unix(0, 0).UTC()
	var seen []models.Detection
	for _, at := range times {
		seen = scene.Detect(at, seen[:0])
		for i, f := range followers {
			got[i] = since(origin, got[i], f.Update(origin.Add(at), seen))
		}
	}
	for i, f := range followers {
		got[i] = since(origin, got[i], f.Close())
	}
	known, doubtful := Known(scene)
	var ids []string
	for _, l := range scene.Lines() {
		ids = append(ids, l.ID)
	}
	var results []Result
	for i := range makers {
		s, _ := score.Compare(ids, known, got[i], MatchWithin, score.Everything())
		results = append(results, Result{s, doubtful})
	}
	return results, nil
}

// since appends passages as events, in seconds since the origin.
func since(origin time.Time, events []score.Event, passages []models.Passage) []score.Event {
	for _, p := range passages {
		events = append(events, score.Event{Line: p.Line, Direction: p.Direction, At: p.At.Sub(origin).Seconds()})
	}
	return events
}

// Known is what really happened in a scene, and how much of it is doubtful.
func Known(scene *crowd.Scene) (events []score.Event, doubtful int) {
	for _, c := range scene.Crossings() {
		events = append(events, score.Event{
			Line: c.Line, Direction: c.Direction, At: c.At.Seconds(), Doubtful: c.Doubtful,
		})
		if c.Doubtful {
			doubtful++
		}
	}
	return events, doubtful
}
