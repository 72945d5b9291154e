package clip

import (
	"sync"
	"time"
)

// Picture is a JPEG on its way through the ring.
type Picture struct {
	At            time.Time
	Width, Height int
	JPEG          []byte
}

// Ring holds the newest pictures of a camera, bounded by bytes and by age. It is one block of memory that is written
// round and round: however long it runs, nothing is left for the garbage collector. It is safe for any number of
// goroutines.
type Ring struct {
	age time.Duration

	mu     sync.Mutex
	block  []byte
	bytes  int     // of the block, made with the first picture
	held   []place // oldest first
	first  uint64  // the number of held[0]
	end    int     // where the next picture goes
	filled chan struct{}
}

// place is where a picture lies in the block.
type place struct {
	at            time.Time
	width, height int
	from, to      int
}

// NewRing makes a ring of so many bytes, for pictures of the last age.
func NewRing(bytes int, age time.Duration) *Ring {
	return &Ring{bytes: bytes, age: age, filled: make(chan struct{})}
}

// Add takes a picture, and parts with older ones. Its JPEG is copied. A picture that is not newer than the last, or
// larger than the ring, is left out.
func (r *Ring) Add(p Picture) {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := len(p.JPEG)
	if n := len(r.held); size == 0 || size > r.bytes || n > 0 && !p.At.After(r.held[n-1].at) {
		return
	}
	if r.block == nil {
		r.block = make([]byte, r.bytes)
	}
	if r.end+size > r.bytes {
		// What lies behind the end is older than all that is before: it goes first.
		for len(r.held) > 0 && r.held[0].from >= r.end {
			r.drop()
		}
		r.end = 0
	}
	for len(r.held) > 0 && r.held[0].from < r.end+size && r.held[0].to > r.end {
		r.drop()
	}
	for len(r.held) > 0 && p.At.Sub(r.held[0].at) > r.age {
		r.drop()
	}
	copy(r.block[r.end:], p.JPEG)
	r.held = append(r.held, place{p.At, p.Width, p.Height, r.end, r.end + size})
	r.end += size
	close(r.filled)
	r.filled = make(chan struct{})
}

// drop forgets the oldest picture.
func (r *Ring) drop() {
	r.held = r.held[1:]
	r.first++
}

// Since is the number of the oldest picture that is not older than a time.
func (r *Ring) Since(at time.Time) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, p := range r.held {
		if !p.at.Before(at) {
			return r.first + uint64(i)
		}
	}
	return r.first + uint64(len(r.held))
}

// Next is the picture with a number, or the oldest that is left if that one is gone, copied into the room of buffer,
// and its own number. Where there is none yet, ok is false and the channel is closed when there is one more.
func (r *Ring) Next(number uint64, buffer []byte) (p Picture, at uint64, ok bool, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	number = max(number, r.first)
	i := int(number - r.first)
	if i >= len(r.held) {
		return Picture{}, number, false, r.filled
	}
	h := r.held[i]
	return Picture{h.at, h.width, h.height, append(buffer[:0], r.block[h.from:h.to]...)}, number, true, nil
}

// Newest is when the newest picture was taken; the zero time if there is none.
func (r *Ring) Newest() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.held) == 0 {
		return time.Time{}
	}
	return r.held[len(r.held)-1].at
}

// Span is how much time the ring holds, and how many bytes of pictures.
func (r *Ring) Span() (held time.Duration, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.held {
		bytes += p.to - p.from
	}
	if n := len(r.held); n > 0 {
		held = r.held[n-1].at.Sub(r.held[0].at)
	}
	return held, bytes
}
