package steady

import "math"

const (
	searchers = 24  // patches that search
	thin      = 2   // every so many pixels of a patch are compared
	rough     = 0.6 // how alike a patch must be for a vote
)

// search is for a picture that has jumped: a few patches look everywhere within a range, pixel by pixel, and each
// votes for the shift at which it was most alike.
type search struct {
	votes  []float32
	chosen [searchers]int
}

// around is the shift, beyond the warp before, that most of the blocks vote for, and the share of the votes it has.
func (s *search) around(picture *picture, blocks []block, before warp, rangeX, rangeY int) (warp, float64) {
	width, height := 2*rangeX+1, 2*rangeY+1
	if cap(s.votes) < width*height {
		s.votes = make([]float32, width*height)
	}
	s.votes = s.votes[:width*height]
	clear(s.votes)
	voters := 0
	for _, i := range s.choose(blocks) {
		b := &blocks[i]
		x, y, ok := s.best(picture, b.now(), before, rangeX, rangeY)
		if !ok {
			continue
		}
		voters++
		for dy := max(0, y-1); dy <= min(height-1, y+1); dy++ { // neighbours of a vote are votes
			for dx := max(0, x-1); dx <= min(width-1, x+1); dx++ {
				s.votes[dy*width+dx]++
			}
		}
		s.votes[y*width+x] += 0.5
	}
	if voters < fewestJurors {
		return before, 0
	}
	best := 0
	for i, v := range s.votes {
		if v > s.votes[best] {
			best = i
		}
	}
	found := before
	found.x += float64(best%width - rangeX)
	found.y += float64(best/width - rangeY)
	return found, float64(s.votes[best]) / (1.5 * float64(voters))
}

// choose takes blocks all over the picture, those that have proved true first.
func (s *search) choose(blocks []block) []int {
	chosen := s.chosen[:0]
	live := 0
	for i := range blocks {
		if blocks[i].live && !blocks[i].hidden {
			live++
		}
	}
	if live == 0 {
		return chosen
	}
	step := max(1, live/searchers)
	n := 0
	for i := range blocks {
		if !blocks[i].live || blocks[i].hidden {
			continue
		}
		if n%step == 0 && len(chosen) < searchers {
			chosen = append(chosen, i)
		}
		n++
	}
	return chosen
}

// best is where within the range a patch is most alike, as steps from the range's corner; false where nothing is.
func (s *search) best(picture *picture, p *patch, before warp, rangeX, rangeY int) (x, y int, ok bool) {
	at := before.of(p.home)
	middleX := int(math.Round(at.x+picture.middle().x)) - reach
	middleY := int(math.Round(at.y+picture.middle().y)) - reach
	mean, spread := p.rough()
	most := float32(rough)
	for dy := max(-rangeY, -middleY); dy <= min(rangeY, picture.height-side-middleY); dy++ {
		for dx := max(-rangeX, -middleX); dx <= min(rangeX, picture.width-side-middleX); dx++ {
			if l := p.roughly(picture, middleX+dx, middleY+dy, mean, spread); l > most {
				most, x, y, ok = l, dx+rangeX, dy+rangeY, true
			}
		}
	}
	return x, y, ok
}

// compared is how many pixels of a patch are compared.
const compared = ((side + thin - 1) / thin) * ((side + thin - 1) / thin)

// rough is the mean and the spread (sum of squares) of the pixels of a patch that are compared.
func (p *patch) rough() (mean, spread float32) {
	for row := 0; row < side; row += thin {
		for i := row * side; i < row*side+side; i += thin {
			mean += p.grey[i]
			spread += p.grey[i] * p.grey[i]
		}
	}
	mean /= compared
	return mean, spread - mean*mean*compared
}

// roughly is how alike a patch is to the picture at a pixel, by every second row and column.
func (p *patch) roughly(s *picture, left, top int, mean, spread float32) float32 {
	var sum, squares, both float32
	for row := 0; row < side; row += thin {
		grey := p.grey[row*side:][:side:side]
		line := s.grey[(top+row)*s.width+left:][:side:side]
		for i := 0; i < side; i += thin {
			v := line[i]
			sum += v
			squares += v * v
			both += v * grey[i]
		}
	}
	found := squares - sum*sum/compared
	if found < contrast*contrast*compared {
		return 0
	}
	return (both - sum*mean) / float32(math.Sqrt(float64(found*spread)))
}
