package frame

import "sync"

// Pool is a fixed number of frames that go round. It is safe for concurrent use.
//
// Its Mats get their memory when the first picture is read into them and keep it, so a pool costs at most its size
// times the size of a picture, and nothing before the first picture.
type Pool struct {
	mu     sync.Mutex
	size   int
	free   []*Frame
	closed bool
}

// NewPool makes a pool of n frames; n below 1 counts as 1.
func NewPool(n int) *Pool {
	p := &Pool{size: max(1, n)}
	p.free = make([]*Frame, 0, p.size)
	for range p.size {
		p.free = append(p.free, &Frame{Mat: NewMat(), pool: p, free: true})
	}
	return p
}

// Take hands out a frame, or false when all are in use or the pool is closed: then the picture is dropped, and the
// caller counts it. The frame's fields are zero and its pixels are those of an earlier picture.
func (p *Pool) Take() (*Frame, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.free) == 0 {
		return nil, false
	}
	last := len(p.free) - 1
	f := p.free[last]
	p.free = p.free[:last]
	*f = Frame{Mat: f.Mat, pool: p}
	return f, true
}

// put takes a frame back, or closes its Mat when the pool is closed.
func (p *Pool) put(f *Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.free {
		return
	}
	f.free = true
	if p.closed {
		Close(&f.Mat)
		return
	}
	p.free = append(p.free, f)
}

// Size is the number of frames that the pool was made with.
func (p *Pool) Size() int { return p.size }

// Free is the number of frames that Take could hand out now.
func (p *Pool) Free() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.free)
}

// Close closes the Mats that lie in the pool. Frames that are in use stay valid; theirs are closed when they are
// released. Closing twice is harmless.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, f := range p.free {
		Close(&f.Mat)
	}
	p.free = nil
}
