package tracker_test

import (
	"math"
	"math/rand/v2"
	"time"

	"footfall/models"
)

const sceneAspect = 16.0 / 9

// spot is where somebody's feet are at which second.
type spot struct{ second, x, y float64 }

// walker is somebody in a drawn scene, and what a detector sees of them.
type walker struct {
	path   []spot
	height float64 // of the picture
	hidden []span  // behind a pillar: no box at all
	legs   []span  // behind a shelf: the box ends at the hips
	faint  []span  // hardly visible: a weak box
}

type span struct{ from, to float64 }

func within(spans []span, second float64) bool {
	for _, s := range spans {
		if second >= s.from && second < s.to {
			return true
		}
	}
	return false
}

// at is where the feet are, and whether somebody is there at all.
func (w walker) at(second float64) (models.Point, bool) {
	for i := 1; i < len(w.path); i++ {
		a, b := w.path[i-1], w.path[i]
		if second >= a.second && second <= b.second {
			part := (second - a.second) / (b.second - a.second)
			return models.Point{X: a.x + part*(b.x-a.x), Y: a.y + part*(b.y-a.y)}, true
		}
	}
	return models.Point{}, false
}

// box is what the detector would draw around w standing at p.
func (w walker) box(p models.Point) models.Box {
	width := w.height / 2.5 / sceneAspect
	return models.Box{X: p.X - width/2, Y: p.Y - w.height, W: width, H: w.height}
}

// scene is a drawn scene as a detector sees it.
type scene struct {
	walkers []walker
	fps     float64
	seconds float64
	shake   float64 // of the edges of boxes, in box heights (standard deviation)
	missed  float64 // share of people that the detector misses on a frame
	ghosts  float64 // boxes around nobody, per frame
}

type frame struct {
	second     float64
	detections []models.Detection
}

func stamp(second float64) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(second * 1e9)))
}

// frames is the scene frame by frame, the same on every run. Whoever stands behind somebody is seen only as far as
// they are not covered; whoever is covered by more than half is not seen.
func (s scene) frames() []frame {
	random := rand.New(rand.NewPCG(1, 2))
	var out []frame
	for n := 0; float64(n)/s.fps <= s.seconds; n++ {
		f := frame{second: float64(n) / s.fps}
		for i := range s.walkers {
			d, visible := s.look(i, f.second)
			missed := random.Float64() < s.missed
			d.Box.X += s.shake * random.NormFloat64() * d.Box.H / sceneAspect
			d.Box.Y += s.shake * random.NormFloat64() * d.Box.H
			d.Box.H *= 1 + s.shake*random.NormFloat64()
			if visible && !missed {
				f.detections = append(f.detections, d)
			}
		}
		for range int(s.ghosts + random.Float64()) {
			h := 0.1 + 0.2*random.Float64()
			f.detections = append(f.detections, models.Detection{
				Class: models.Person, Score: 0.05 + 0.4*random.Float64(),
				Box: models.Box{X: random.Float64(), Y: random.Float64() * (1 - h), W: h / 4, H: h},
			})
		}
		out = append(out, f)
	}
	return out
}

// look is the detection of walker i.
func (s scene) look(i int, second float64) (models.Detection, bool) {
	w := s.walkers[i]
	p, there := w.at(second)
	if !there || within(w.hidden, second) {
		return models.Detection{}, false
	}
	d := models.Detection{Box: w.box(p), Score: 0.8, Class: models.Person}
	if within(w.faint, second) {
		d.Score = 0.15
	}
	if within(w.legs, second) {
		d.Box.H *= 0.6
	}
	for j, o := range s.walkers {
		if q, here := o.at(second); j != i && here && q.Y > p.Y && covered(d.Box, o.box(q)) > 0.5 {
			return d, false
		}
	}
	foot := math.Min(d.Box.Y+d.Box.H, 1) // a detector sees the picture only
	d.Box.Y = math.Max(d.Box.Y, 0)
	d.Box.H = foot - d.Box.Y
	return d, d.Box.H > 0
}

// covered is the part of a that b covers.
func covered(a, b models.Box) float64 {
	w := math.Min(a.X+a.W, b.X+b.W) - math.Max(a.X, b.X)
	h := math.Min(a.Y+a.H, b.Y+b.H) - math.Max(a.Y, b.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / a.Area()
}

// crowdScene is the scene of the golden file and of the benchmark: n people on many ways, some hidden for a while.
func crowdScene(n int, fps, seconds float64) scene {
	random := rand.New(rand.NewPCG(uint64(n), 7))
	s := scene{fps: fps, seconds: seconds, shake: 0.02, missed: 0.1, ghosts: 0.5}
	for range n {
		start := random.Float64() * seconds / 3
		length := 4 + 4*random.Float64()
		w := walker{height: 0.15 + 0.1*random.Float64()}
		x, y := random.Float64(), 0.3+0.6*random.Float64()
		w.path = append(w.path, spot{start, x, y})
		for leg := 0; start < seconds; leg++ {
			start += length
			x, y = random.Float64(), 0.3+0.6*random.Float64()
			w.path = append(w.path, spot{start, x, y})
		}
		hide := random.Float64() * seconds
		w.hidden = []span{{hide, hide + 1.5}}
		s.walkers = append(s.walkers, w)
	}
	return s
}
