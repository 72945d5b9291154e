package api

import (
	"context"
	"fmt"
	"sync"

	"footfall/api/access"
	"footfall/models"
)

// owners knows whose a preview session is: what one has opened nobody else may trickle to or close.
type owners struct {
	mu sync.Mutex
	of map[string]string
}

// own is models.ErrNotFound for a session of somebody else, as for none.
func (o *owners) own(session string, who models.Principal) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if whose, there := o.of[session]; !there || whose != who.String() {
		return fmt.Errorf("preview session: %w; open another one", models.ErrNotFound)
	}
	return nil
}

func (o *owners) set(session, whose string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if whose == "" {
		delete(o.of, session)
		return
	}
	o.of[session] = whose
}

// viewing is a preview session as long as it lasts. It may end, or have to, while it is only being opened.
type viewing struct {
	end func(session string)

	mu      sync.Mutex
	session string // empty: it is being opened
	revoked bool
	ended   bool
}

// revoke ends it: whoever watches may not any more.
func (v *viewing) revoke() {
	v.mu.Lock()
	session := v.session
	v.revoked = true
	v.mu.Unlock()
	if session != "" {
		v.end(session)
	}
}

// open opens a preview that ends when whoever opens it may not watch any more.
func (h previews) open(
	ctx context.Context, stream models.Stream, offer string,
) (session, tag, answer string, err error) {
	visit := access.VisitOf(ctx)
	v := &viewing{end: func(id string) { _ = h.shows.End(stream.Camera, id) }} // one that has ended is no error
	letGo, err := h.entrance.Hold(visit, "previews", h.each, v.revoke)
	if err != nil {
		return "", "", "", err
	}
	session, tag, answer, err = h.shows.Open(stream, offer, func() {
		letGo()
		v.mu.Lock()
		defer v.mu.Unlock()
		v.ended = true
		h.owners.set(v.session, "")
	})
	if err != nil {
		letGo()
		return "", "", "", err
	}
	v.mu.Lock()
	v.session = session
	if !v.ended {
		h.owners.set(session, visit.Who.String())
	}
	revoked := v.revoked
	v.mu.Unlock()
	if revoked {
		v.end(session)
	}
	return session, tag, answer, nil
}

// held is ctx of a stream, which ends when whoever it is for may not have it any more.
func held(ctx context.Context, entrance Entrance, kind string, most int) (context.Context, func(), error) {
	ctx, cancel := context.WithCancel(ctx)
	letGo, err := entrance.Hold(access.VisitOf(ctx), kind, most, cancel)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, func() { letGo(); cancel() }, nil
}
