package crowd

import (
	"cmp"
	"math"
	"slices"
	"time"

	"footfall/models"
)

// Sighting is a detection, and whom it is of.
type Sighting struct {
	models.Detection
	Person int // from 0; Nobody is a false one
}

// Nobody is the person of a false detection.
const Nobody = -1

const (
	silhouette = 0.75 // of a box's width is what a person covers of others
	slim       = 0.40 // width / height of a person's box
	least      = 0.1  // score that a detector reports
	same       = 0.65 // overlap at which two boxes are taken for one, and the weaker goes
)

// shape is what is on the picture, in picture heights, and how far away.
type shape struct{ left, right, top, bottom, depth float64 }

// pillar is what a pillar covers.
func (v *view) pillar(p Pillar) shape {
	x, foot, depth := v.project(p.At, 0)
	_, top, _ := v.project(p.At, p.Height)
	half := v.Focal * p.Radius / depth
	return shape{x - half, x + half, top, foot, depth}
}

// Detect appends what the detector finds at a moment of the scene.
func (s *Scene) Detect(at time.Duration, into []models.Detection) []models.Detection {
	for _, f := range s.Look(at, nil) {
		into = append(into, f.Detection)
	}
	return into
}

// Look appends what the detector finds at a moment of the scene, and whom, strongest first. Every look at a moment sees
// the same.
func (s *Scene) Look(at time.Duration, into []Sighting) []Sighting {
	begin := len(into)
	here := s.here(at)
	for i := range here {
		into = s.detect(here, i, at, into)
	}
	into = s.ghosts(at, into)
	return into[:begin+suppress(into[begin:])]
}

// standing is somebody on the picture at the moment.
type standing struct {
	knot
	who   int
	shape shape
}

// here is who is on the picture, the nearest first.
func (s *Scene) here(at time.Duration) []standing {
	steps, second := at.Seconds()/step, int(at.Seconds())
	if at < 0 || second >= len(s.present) {
		return nil
	}
	here := make([]standing, 0, len(s.present[second]))
	for _, i := range s.present[second] {
		if k, ok := s.people[i].at(steps); ok && onPicture(k, s.view.Aspect) {
			here = append(here, standing{knot: k, who: i, shape: body(k)})
		}
	}
	slices.SortFunc(here, func(a, b standing) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.who, b.who))
	})
	return here
}

func body(k knot) shape {
	half := slim * k.height / 2
	return shape{k.x - half, k.x + half, k.foot - k.height, k.foot, k.depth}
}

func onPicture(k knot, aspect float64) bool {
	b := body(k)
	return b.right > 0 && b.left < aspect && b.bottom > 0 && b.top < 1
}

// detect appends the boxes around one of those here, who are in order of distance.
func (s *Scene) detect(here []standing, i int, at time.Duration, into []Sighting) []Sighting {
	h, d := &here[i], &s.place.Detector
	isMannequin := h.who >= s.mannequin
	seen, part := s.visible(here, i)
	found := math.Min(math.Max((part-0.2)/0.55, 0), 1) // nobody finds a fifth of a person, everybody three quarters
	if found == 0 {
		return into
	}
	missed := math.Min(d.Missed*s.people[h.who].trouble, 0.6)
	if small := 0.1; h.height < small {
		missed += (1 - missed) * 0.5 * (small - h.height) / small
	}
	best := 0.85 * (0.6 + 0.4*found)
	if isMannequin {
		missed, best = 0.65, 0.5
	}
	missed = 1 - (1-missed)*found
	noise := s.noise(h.who, at)
	u := share(math.Sqrt(d.Streaks)*h.clear + math.Sqrt(1-d.Streaks)*noise(0))
	if u < missed {
		return into
	}
	score := least + best*math.Pow((u-missed)/(1-missed), 0.6)
	box := s.stray(h, s.cut(h, seen, part), score, noise)
	who := h.who
	if isMannequin {
		who = Nobody
	}
	into = s.report(into, box, score, who)
	if share(h.double) < d.Doubles {
		box.bottom = box.top + 0.55*(box.bottom-box.top)
		into = s.report(into, box, least+0.3*unit(hash(s.seed, uint64(h.who), uint64(at), 9)), Nobody)
	}
	return into
}

// noise is that of a person's moment, by channel.
func (s *Scene) noise(who int, at time.Duration) func(channel uint64) float64 {
	moment := uint64(at.Round(time.Millisecond))
	return func(channel uint64) float64 { return normal(hash(s.seed, uint64(who), moment, channel)) }
}

// visible is the part of somebody that neither a nearer person nor a pillar nor the picture's edge hides, and the
// bounds of that part.
func (s *Scene) visible(here []standing, i int) (seen shape, part float64) {
	const columns, rows = 4, 8
	b := here[i].shape
	var inColumn [columns]int
	var inRow [rows]int
	var covers []shape
	for j := range here[:i] {
		if here[j].who < s.mannequin && meets(here[j].shape, b) {
			o := here[j].shape
			narrow := (1 - silhouette) / 2 * (o.right - o.left)
			o.left, o.right = o.left+narrow, o.right-narrow
			covers = append(covers, o)
		}
	}
	for _, o := range s.hides {
		if o.depth < b.depth && meets(o, b) {
			covers = append(covers, o)
		}
	}
	total := 0
	for c := range columns {
		x := b.left + (float64(c)+0.5)/columns*(b.right-b.left)
		for r := range rows {
			y := b.top + (float64(r)+0.5)/rows*(b.bottom-b.top)
			if x < 0 || x > s.view.Aspect || y < 0 || y > 1 || covered(covers, x, y) {
				continue
			}
			inColumn[c]++
			inRow[r]++
			total++
		}
	}
	left, right := extent(inColumn[:], 3)
	top, bottom := extent(inRow[:], 2)
	seen = shape{
		left: b.left + left*(b.right-b.left), right: b.left + right*(b.right-b.left),
		top: b.top + top*(b.bottom-b.top), bottom: b.top + bottom*(b.bottom-b.top),
	}
	return seen, float64(total) / (columns * rows)
}

func meets(a, b shape) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

func covered(covers []shape, x, y float64) bool {
	for _, o := range covers {
		if x > o.left && x < o.right && y > o.top && y < o.bottom {
			return true
		}
	}
	return false
}

// extent is where the counts that are enough begin and end, as parts of the whole; everything when none is.
func extent(counts []int, enough int) (from, to float64) {
	first := slices.IndexFunc(counts, func(n int) bool { return n >= enough })
	if first < 0 {
		return 0, 1
	}
	last := len(counts) - 1
	for counts[last] < enough {
		last--
	}
	n := float64(len(counts))
	return float64(first) / n, float64(last+1) / n
}

// cut is the box that the detector means: around all of somebody partly hidden, as half of the detectors would guess
// it, or around what there is to be seen; and now and then without the feet, which are dark on a dark floor.
func (s *Scene) cut(h *standing, seen shape, part float64) shape {
	const nearlyAll = 0.9
	box := h.shape
	if part < nearlyAll && h.cut > 0 {
		box = seen
	}
	if u := share(h.feet); u < s.place.Detector.FeetCut {
		box.bottom -= (0.1 + 0.3*(1-u/s.place.Detector.FeetCut)) * h.height
	}
	if box.bottom-box.top < 0.2*h.height { // nothing below the hat: then all is a guess
		return h.shape
	}
	return box
}

// stray is the box as the network draws it: the less sure, the less exact.
func (s *Scene) stray(h *standing, box shape, score float64, noise func(uint64) float64) shape {
	sd := s.place.Detector.Jitter * h.height * (1.5 - 0.7*score)
	mixed := func(lasting float64, channel uint64) float64 {
		return sd * math.Sqrt(0.5) * (lasting + noise(channel))
	}
	across, wider := 0.8*mixed(h.across, 1), 0.5*mixed(-h.double, 2)
	box.left += across - wider
	box.right += across + wider
	box.bottom += mixed(h.below, 3)
	box.top += 0.7 * mixed(h.above, 4)
	return box
}

// report appends a box as far as it is on the picture.
func (s *Scene) report(into []Sighting, b shape, score float64, who int) []Sighting {
	left, right := math.Max(b.left, 0)/s.view.Aspect, math.Min(b.right, s.view.Aspect)/s.view.Aspect
	top, bottom := math.Max(b.top, 0), math.Min(b.bottom, 1)
	const digits, speck = 1e-5, 0.005
	if right-left < speck || bottom-top < speck {
		return into
	}
	return append(into, Sighting{Person: who, Detection: models.Detection{
		Class: models.Person, Score: round(math.Min(score, 1), 1e-3),
		Box: models.Box{
			X: round(left, digits), Y: round(top, digits), W: round(right-left, digits), H: round(bottom-top, digits),
		},
	}})
}

// ghosts appends boxes around nothing.
func (s *Scene) ghosts(at time.Duration, into []Sighting) []Sighting {
	moment := uint64(at.Round(time.Millisecond))
	draw := func(n int, channel uint64) float64 { return unit(hash(s.seed, moment, uint64(n), channel, 77)) }
	for n := range int(s.place.Detector.Ghosts + draw(0, 0)) {
		p := Point{Z: 3 + 12*draw(n, 1)}
		_, _, depth := s.view.project(p, 0)
		p.X = depth / s.view.Focal * s.view.Aspect * (draw(n, 2) - 0.5)
		x, foot, _ := s.view.project(p, 0)
		_, top, _ := s.view.project(p, 0.8+1.2*draw(n, 3))
		score := draw(n, 4)
		into = s.report(into, body(knot{x: x, foot: foot, height: foot - top}), least+0.6*score*score, Nobody)
	}
	return into
}

// suppress sorts by score, drops the weaker of two boxes that are almost the same, and is how many are left.
func suppress(all []Sighting) int {
	slices.SortFunc(all, func(a, b Sighting) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Box.X, b.Box.X), cmp.Compare(a.Box.Y, b.Box.Y))
	})
	kept := 0
	for _, f := range all {
		if !slices.ContainsFunc(all[:kept], func(k Sighting) bool { return overlap(k.Box, f.Box) > same }) {
			all[kept] = f
			kept++
		}
	}
	return kept
}

func overlap(a, b models.Box) float64 {
	w := math.Min(a.X+a.W, b.X+b.W) - math.Max(a.X, b.X)
	h := math.Min(a.Y+a.H, b.Y+b.H) - math.Max(a.Y, b.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (a.W*a.H + b.W*b.H - w*h)
}
