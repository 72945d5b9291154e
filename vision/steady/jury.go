package steady

import (
	"cmp"
	"math"
	"slices"
)

const (
	// agree is how far, in pixels of the small picture, a patch may be from where it should be and still bear witness
	// for that.
	agree = 0.6
	// fewestJurors is how many patches must agree, whatever their share.
	fewestJurors = 8
	// majority is the share of all weight that must agree.
	majority = 0.6
	// dissent is the most weight that patches which have stayed may have for every patch that says that all has moved.
	// A camera that moves takes everything with it; a train or a crowd leaves something behind.
	dissent = 0.15
)

// jury decides what the patches that were found say together.
type jury struct {
	witnesses []witness
	scratch   []float64
}

// question is what the jury is to decide: how the picture lies.
type question struct {
	start         warp    // where the patches were looked for
	before        warp    // how the picture before lay; start, unless that was in vain
	rest          warp    // how the pictures have lain for some time, on average
	loyal         float64 // the weight of those who were found at rest when they were looked for there
	turning       float64 // the share that this picture has in a turn or an enlargement
	looked        int     // how many patches could be looked for
	width, height int     // of the picture
}

// verdict is the jury's answer, and whether it is certain.
//
// Shaking shifts a picture; it is enlarged or turned slowly, if ever. So what has stayed is shifted at once, and turned
// and enlarged by a share of what the patches say: at once, half a picture that moves would look like that.
func (j *jury) verdict(q question) (warp, bool) {
	// First the usual: nothing has happened since the picture before, or next to nothing.
	stay, staying := j.around(q.before, q.width, shiftOnly)
	if staying.count >= max(fewestJurors, q.looked/12) && staying.weight >= majority*j.weight() &&
		j.isSpread(q.width, q.height) {
		if stay.apart(q.rest, q.width, q.height) > agree && j.stayed(q.rest) > dissent*staying.weight {
			return q.before, false
		}
		all := fit(j.witnesses, stay, float64(q.width))
		stay.along += q.turning * (all.along - stay.along)
		stay.across += q.turning * (all.across - stay.across)
		return shift(j.witnesses, stay), true
	}
	// Then a jump: nearly all must say so, and hardly anybody may have stayed.
	guess := q.start
	guess.x += j.median(func(w *witness) float64 { return w.at.x - q.start.of(w.home).x })
	guess.y += j.median(func(w *witness) float64 { return w.at.y - q.start.of(w.home).y })
	jump, going := j.around(guess, q.width, turnToo)
	if going.count < max(fewestJurors, q.looked/6) || going.weight < majority*j.weight() ||
		!j.isSpread(q.width, q.height) ||
		max(j.stayed(q.before), j.stayed(q.rest), q.loyal) > dissent*going.weight {
		return q.before, false
	}
	return jump, true
}

// votes is how many agree, and their weight.
type votes struct {
	count  int
	weight float64
}

// around is the warp near start that the witnesses near it agree on, and who does. They are marked.
func (j *jury) around(start warp, width int, how freedom) (warp, votes) {
	found := start
	for _, within := range [...]float64{2 * agree, agree, agree} {
		j.poll(found, within)
		if how == shiftOnly {
			found = shift(j.witnesses, found)
		} else {
			found = fit(j.witnesses, found, float64(width))
		}
	}
	return found, j.poll(found, agree)
}

// freedom is what may be changed of a warp.
type freedom int

const (
	shiftOnly freedom = iota
	turnToo
)

// poll marks who agrees with a warp.
func (j *jury) poll(with warp, within float64) votes {
	var s votes
	for i := range j.witnesses {
		w := &j.witnesses[i]
		at := with.of(w.home)
		w.agrees = math.Hypot(w.at.x-at.x, w.at.y-at.y) < within
		if w.agrees {
			s.count++
			s.weight += w.weight
		}
	}
	return s
}

// stayed is the weight of those who agree with a warp and not with the one that was polled last.
func (j *jury) stayed(with warp) float64 {
	sum := 0.0
	for i := range j.witnesses {
		w := &j.witnesses[i]
		at := with.of(w.home)
		if !w.agrees && math.Hypot(w.at.x-at.x, w.at.y-at.y) < agree {
			sum += w.weight
		}
	}
	return sum
}

// near is the weight of all who agree with a warp, whatever they were polled about.
func (j *jury) near(with warp) float64 {
	sum := 0.0
	for i := range j.witnesses {
		w := &j.witnesses[i]
		at := with.of(w.home)
		if math.Hypot(w.at.x-at.x, w.at.y-at.y) < agree {
			sum += w.weight
		}
	}
	return sum
}

func (j *jury) weight() float64 {
	sum := 0.0
	for i := range j.witnesses {
		sum += j.witnesses[i].weight
	}
	return sum
}

// isSpread reports whether those who agree stand in at least three quarters of the picture, or in two and far apart:
// something in one corner is not the camera.
func (j *jury) isSpread(width, height int) bool {
	var quarters [4]int
	left, right, top, bottom := 1e9, -1e9, 1e9, -1e9
	for i := range j.witnesses {
		w := &j.witnesses[i]
		if !w.agrees {
			continue
		}
		q := 0
		if w.home.x > 0 {
			q |= 1
		}
		if w.home.y > 0 {
			q |= 2
		}
		quarters[q]++
		left, right = math.Min(left, w.home.x), math.Max(right, w.home.x)
		top, bottom = math.Min(top, w.home.y), math.Max(bottom, w.home.y)
	}
	occupied := 0
	for _, n := range quarters {
		if n >= 2 {
			occupied++
		}
	}
	return occupied >= 3 ||
		occupied == 2 && math.Max((right-left)/float64(width), (bottom-top)/float64(height)) > 0.6
}

// median is the median of something over all witnesses; 0 without any.
func (j *jury) median(of func(*witness) float64) float64 {
	j.scratch = j.scratch[:0]
	for i := range j.witnesses {
		j.scratch = append(j.scratch, of(&j.witnesses[i]))
	}
	if len(j.scratch) == 0 {
		return 0
	}
	slices.SortFunc(j.scratch, cmp.Compare)
	return j.scratch[len(j.scratch)/2]
}
