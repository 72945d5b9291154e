package capture

import "time"

// rateWindow is how far back "lately" goes when frames a second are told.
const rateWindow = 5 * time.Second

// rate knows how many pictures came lately. It remembers the moments of the last ones, so it falls to zero by itself
// when none come.
type rate struct {
	moments [512]time.Time // a ring: enough for 100 frames a second
	next    int
	filled  int
}

func (r *rate) add(at time.Time) {
	r.moments[r.next] = at
	r.next = (r.next + 1) % len(r.moments)
	r.filled = min(r.filled+1, len(r.moments))
}

// reset forgets what came before a gap.
func (r *rate) reset() { r.filled = 0 }

// perSecond is the rate of the window that ends now.
func (r *rate) perSecond(now time.Time) float64 {
	n := 0
	var oldest time.Time
	for n < r.filled {
		at := r.moments[(r.next-1-n+len(r.moments))%len(r.moments)]
		if now.Sub(at) > rateWindow {
			break
		}
		oldest = at
		n++
	}
	if n < 2 {
		return 0
	}
	// n pictures have n-1 gaps between them; the gap that is open now counts once it is longer than they are.
	newest := r.moments[(r.next-1+len(r.moments))%len(r.moments)]
	length := newest.Sub(oldest)
	if open := now.Sub(newest); open > length/time.Duration(n-1) {
		length += open
	}
	if length <= 0 {
		return 0
	}
	return float64(n-1) / length.Seconds()
}
