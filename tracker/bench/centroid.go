package bench

import (
	"cmp"
	"math"
	"slices"
	"time"

	"footfall/models"
)

// Centroid is the usual people counter of tutorials, in our own words. A track is a point. Boxes go to the nearest
// track, nearest pair first, as long as they are not further apart than MaxDistance; a track without a box for more
// than MaxDisappeared frames ends, a box without a track begins one. A track is counted once for a line: as soon as it
// is on the other side than the mean of all its places before.
//
// The tutorials have one level line through the whole picture, compare the y of the feet of boxes, and count whoever
// moves up above the line even if they began there. Here any line serves: the side of it takes the place of y, and the
// way from the mean to the place must go over the line itself. The point is that of the feet, for which lines are
// drawn. All of that is in its favour.
type Centroid struct {
	// MaxDistance is in widths of the picture: the tutorial's 50 pixels of 500.
	MaxDistance float64
	// MaxDisappeared is in frames, as in the tutorials.
	MaxDisappeared int
	// LeastScore is what a box needs to be used, as in the tutorials.
	LeastScore float64
}

// Centroids are the values that a careful user of a tutorial would try at a frame rate: the distance that is copied
// most and half of it; 40 frames, as copied, and two seconds and one.
func Centroids(fps float64) []Centroid {
	var all []Centroid
	for _, distance := range []float64{0.1, 0.05} {
		for _, frames := range []int{40, int(math.Ceil(2 * fps)), int(math.Ceil(fps))} {
			all = append(all, Centroid{MaxDistance: distance, MaxDisappeared: frames, LeastScore: 0.4})
		}
	}
	return all
}

// centroids is a Centroid at work.
type centroids struct {
	Centroid
	aspect float64
	lines  []models.Line
	tracks []centroid
	nextID int
	pairs  []nearPair
}

type centroid struct {
	id, missing int
	at          models.Point // in picture heights
	sum         models.Point // of all places so far
	places      int
	counted     []bool // by line
}

type nearPair struct {
	distance  float64
	track, at int
}

// Follower makes the tracker for pictures of one shape.
func (c Centroid) Follower(lines []models.Line, aspect float64) (Follower, error) {
	if err := models.ValidateLines(lines); err != nil {
		return nil, err
	}
	return &centroids{Centroid: c, aspect: aspect, lines: lines}, nil
}

// Update takes the detections of one frame.
func (c *centroids) Update(at time.Time, detections []models.Detection) []models.Passage {
	var feet []models.Point
	for _, d := range detections {
		if d.Score >= c.LeastScore {
			feet = append(feet, models.Point{X: (d.Box.X + d.Box.W/2) * c.aspect, Y: d.Box.Y + d.Box.H})
		}
	}
	var passages []models.Passage
	used := c.match(feet)
	for i := range c.tracks {
		if t := &c.tracks[i]; t.missing == 0 {
			passages = append(passages, c.count(t, at)...)
			t.sum.X, t.sum.Y, t.places = t.sum.X+t.at.X, t.sum.Y+t.at.Y, t.places+1
		}
	}
	c.tracks = slices.DeleteFunc(c.tracks, func(t centroid) bool { return t.missing > c.MaxDisappeared })
	for j, m := range feet {
		if !used[j] {
			c.nextID++
			counted := make([]bool, len(c.lines))
			c.tracks = append(c.tracks, centroid{id: c.nextID, at: m, sum: m, places: 1, counted: counted})
		}
	}
	return passages
}

// match moves the tracks to the nearest feet and reports which of those are used.
func (c *centroids) match(feet []models.Point) []bool {
	c.pairs = c.pairs[:0]
	for i := range c.tracks {
		c.tracks[i].missing++
		for j, m := range feet {
			if d := distance(c.tracks[i].at, m); d <= c.MaxDistance*c.aspect {
				c.pairs = append(c.pairs, nearPair{d, i, j})
			}
		}
	}
	slices.SortFunc(c.pairs, func(a, b nearPair) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.track, b.track), cmp.Compare(a.at, b.at))
	})
	used := make([]bool, len(feet))
	for _, p := range c.pairs {
		if t := &c.tracks[p.track]; t.missing > 0 && !used[p.at] {
			t.at, t.missing, used[p.at] = feet[p.at], 0, true
		}
	}
	return used
}

// count compares where a track is with where it was on average.
func (c *centroids) count(t *centroid, at time.Time) []models.Passage {
	var passages []models.Passage
	mean := models.Point{X: t.sum.X / float64(t.places), Y: t.sum.Y / float64(t.places)}
	for i, l := range c.lines {
		if t.counted[i] {
			continue
		}
		for n := 1; n < len(l.Points); n++ {
			a, b := c.wide(l.Points[n-1]), c.wide(l.Points[n])
			before, after := turn(a, b, mean), turn(a, b, t.at)
			if (before >= 0) == (after >= 0) || (turn(mean, t.at, a) >= 0) == (turn(mean, t.at, b) >= 0) {
				continue
			}
			t.counted[i] = true
			direction := models.Out
			if after >= 0 {
				direction = models.In
			}
			passages = append(passages, models.Passage{
				Line: l.ID, Direction: direction, Class: models.Person, At: at, Track: uint64(t.id),
			})
			break
		}
	}
	return passages
}

func (c *centroids) wide(p models.Point) models.Point { return models.Point{X: p.X * c.aspect, Y: p.Y} }

func distance(a, b models.Point) float64 { return math.Sqrt((a.X-b.X)*(a.X-b.X) + (a.Y-b.Y)*(a.Y-b.Y)) }

// turn is positive when p is to the right of the way from a to b, y running down.
func turn(a, b, p models.Point) float64 { return (b.X-a.X)*(p.Y-a.Y) - (b.Y-a.Y)*(p.X-a.X) }

// Close has nothing left to count.
func (c *centroids) Close() []models.Passage { return nil }
