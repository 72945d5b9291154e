package access

import (
	"fmt"
	"sync"

	"footfall/models"
)

// presence is what goes on for longer than a request: streams of events, pictures. It bounds how many of them somebody
// has, and ends them when whoever they are for may not have them any more.
type presence struct {
	mu   sync.Mutex
	held map[*holding]struct{}
}

type holding struct {
	visit Visit
	kind  string
	end   func()
}

// hold lets something go on, of which somebody may have most at once. end is called, once, when it must stop, and must
// not wait; let go must be called when it has.
func (p *presence) hold(v Visit, kind string, most int, end func()) (letGo func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for h := range p.held {
		if h.kind == kind && h.visit.Who.Kind == v.Who.Kind && h.visit.Who.ID == v.Who.ID {
			n++
		}
	}
	if n >= most {
		return nil, fmt.Errorf("you have %d %s open, which is the most; close some: %w", n, kind, models.ErrTooMany)
	}
	h := &holding{visit: v, kind: kind, end: end}
	p.held[h] = struct{}{}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.held, h)
	}, nil
}

// stop ends what goes on for visits that match.
func (p *presence) stop(matches func(Visit) bool) {
	var ends []func()
	p.mu.Lock()
	for h := range p.held {
		if matches(h.visit) {
			delete(p.held, h)
			ends = append(ends, h.end)
		}
	}
	p.mu.Unlock()
	for _, end := range ends { // not under the mutex: it may want to let go
		end()
	}
}

// visits are those that something goes on for, each once.
func (p *presence) visits() map[string]Visit {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]Visit{}
	for h := range p.held {
		all[h.visit.key()] = h.visit
	}
	return all
}
