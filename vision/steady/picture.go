package steady

// picture is a small grey picture, row by row, 0..255.
type picture struct {
	width, height int
	grey          []float32
}

const (
	// across is the width of the small picture, in its pixels. Raise it and smaller motion is seen, at a higher cost.
	across = 192
	// finest is the most samples in a row and in a column of the camera's picture that make one pixel of the small one.
	finest = 3
)

// Pixels is a camera's picture as it lies in memory: rows of interleaved channels of 8 bits. One channel is looked at;
// for BGR that is 1, green, which is close enough to brightness.
type Pixels struct {
	Data          []byte
	Width, Height int
	Channels      int
	Channel       int
}

func (p Pixels) valid() bool {
	const least, most = 32, 1 << 15
	return p.Width >= least && p.Height >= least && p.Width <= most && p.Height <= most &&
		p.Width <= 8*p.Height && p.Height <= 8*p.Width &&
		p.Channels > 0 && p.Channel >= 0 && p.Channel < p.Channels && len(p.Data) == p.Width*p.Height*p.Channels
}

// shape is the size of the small picture of p.
func (p Pixels) shape() (width, height int) {
	width = min(across, p.Width)
	return width, (p.Height*width + p.Width/2) / p.Width
}

// take makes s the small picture of p: every pixel the mean of samples that are spread evenly over its part of p.
func (s *picture) take(p Pixels) {
	s.width, s.height = p.shape()
	if n := s.width * s.height; cap(s.grey) < n {
		s.grey = make([]float32, n)
	}
	s.grey = s.grey[:s.width*s.height]
	n := min(finest, max(1, p.Width/s.width))
	var columns [across * finest]int // where in a row of p the samples are
	for i := range s.width * n {
		columns[i] = (2*i+1)*p.Width/(2*s.width*n)*p.Channels + p.Channel
	}
	var sums [across]int
	scale := 1 / float32(n*n)
	for y := range s.height {
		clear(sums[:])
		for k := range n {
			row := p.Data[(2*(y*n+k)+1)*p.Height/(2*s.height*n)*p.Width*p.Channels:]
			addSamples(sums[:s.width], columns[:s.width*n], row, n)
		}
		out := s.grey[y*s.width:][:s.width]
		for x := range out {
			out[x] = float32(sums[x]) * scale
		}
	}
}

func addSamples(sums, columns []int, row []byte, n int) {
	switch n {
	case 1:
		for x, c := range columns {
			sums[x] += int(row[c])
		}
	case 2:
		for x := range sums {
			sums[x] += int(row[columns[2*x]]) + int(row[columns[2*x+1]])
		}
	default:
		for x := range sums {
			sums[x] += int(row[columns[3*x]]) + int(row[columns[3*x+1]]) + int(row[columns[3*x+2]])
		}
	}
}

// middle is the middle of the picture, in the coordinates of its pixels.
func (s *picture) middle() point { return point{float64(s.width-1) / 2, float64(s.height-1) / 2} }
