package steady

import "time"

// cell is how many pixels of the small picture a block has for itself in each direction: one patch is taken of each.
const cell = 16

// block is one cell of the picture with the patch that is looked for there. The first patch that a cell had is kept
// beside the present one, and preferred when it can be found again: a patch that is taken anew lies where the others
// say that it lies, and such errors add up from one to the next.
type block struct {
	patches [2]patch  // the first, and one that was taken later
	later   bool      // the later one is in use
	live    bool      // there is a patch at all
	hidden  bool      // somebody stands before it, on this picture
	witness int       // its place among the witnesses of this picture; -1: it is not one
	agreed  time.Time // when it last bore witness for the truth
	since   time.Time // since when it has done so, but for short breaks
	proven  bool      // it has done so for long enough that its absence says something
}

func (b *block) now() *patch {
	if b.later {
		return &b.patches[1]
	}
	return &b.patches[0]
}

const (
	// trusted is how long a block must bear witness to have its full weight. Raise it and somebody who stands for long
	// is taken for a part of the place later.
	trusted = 20 * time.Second
	novice  = 0.25 // the weight at the beginning
	// proving is how long a block must bear witness for its absence to mean that the camera was turned away. A patch of
	// noise, which a codec keeps alive between two key frames, and one of somebody who waits do not last so long.
	proving = 8 * time.Second
	// forgotten is how long a block may be lost before its patch is taken anew.
	forgotten = 10 * time.Second
	// unproven is the same for one that has never agreed: it may be of somebody who walked on.
	unproven = 2 * time.Second
)

// weight is how far the block is to be believed.
func (b *block) weight(at time.Time) float64 {
	if b.since.IsZero() {
		return novice
	}
	return novice + (1-novice)*min(1, at.Sub(b.since).Seconds()/trusted.Seconds())
}

// heard notes that the block has agreed with what was found true.
// step is how long before it the last picture was: a break is no break when there was no picture.
func (b *block) heard(at time.Time, step time.Duration) {
	const breaks = 2 * time.Second
	if b.since.IsZero() || at.Sub(b.agreed) > breaks+step {
		b.since = at
	}
	b.agreed = at
	b.proven = b.proven || at.Sub(b.since) >= proving
}

// take gives the block the patch of the picture around a pixel, if it can be told apart. w is where the picture lies.
func (b *block) take(s *picture, x, y int, w warp, at time.Time) {
	slot := 0
	if b.live {
		slot = 1
	}
	p := &b.patches[slot]
	middle := s.middle()
	if !p.cut(s, x, y) {
		if slot == 1 {
			b.later = false // what was there is overwritten
		}
		return
	}
	p.home = w.back(point{float64(x) - middle.x, float64(y) - middle.y})
	b.later, b.live, b.agreed, b.since, b.proven = slot == 1, true, at, time.Time{}, false
}

// landmark is the place in a cell that is told apart best.
func (s *picture) landmark(left, top int) (x, y int, ok bool) {
	const around, stride = 3, 2
	most := float32(0)
	for cy := max(top, reach+1); cy < min(top+cell, s.height-reach-1); cy += stride {
		for cx := max(left, reach+1); cx < min(left+cell, s.width-reach-1); cx += stride {
			var xx, xy, yy float32
			for dy := -around; dy <= around; dy++ {
				at := (cy+dy)*s.width + cx - around
				for range 2*around + 1 {
					gx, gy := s.grey[at+1]-s.grey[at-1], s.grey[at+s.width]-s.grey[at-s.width]
					xx += gx * gx
					xy += gx * gy
					yy += gy * gy
					at++
				}
			}
			if w := weakest(xx, xy, yy); w > most {
				most, x, y, ok = w, cx, cy, true
			}
		}
	}
	return x, y, ok
}
