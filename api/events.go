package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
)

type events struct {
	feed      *Feed
	keepAlive time.Duration
	patience  time.Duration // with a reader that does not read
	entrance  Entrance
	each      int // how many streams one person or program may have open
}

const (
	// eventsEach is some tabs of a browser on some machines.
	eventsEach = 50
	// keepAliveEvery is shorter than the time after which proxies give up on a silent connection.
	keepAliveEvery = 15 * time.Second
	// patience is how long a reader may not read before its connection is cut. It may come back.
	patience = 30 * time.Second
	// retryAfter is what readers wait before they connect again.
	retryAfter = 2 * time.Second
)

// StreamEvents is GET /events: server-sent events as the HTML standard defines them.
func (h events) StreamEvents(c echo.Context, params StreamEventsParams) error {
	ctx, done, err := held(c.Request().Context(), h.entrance, "streams of events", h.each)
	if err != nil {
		return err
	}
	defer done()
	only := eventFilter{who: access.Who(ctx), reach: access.Reach(ctx)}
	set(&only.cameras, params.Camera)
	set(&only.lines, params.Line)
	set(&only.areas, params.Area)
	if params.Type != nil {
		for _, kind := range *params.Type {
			only.kinds = append(only.kinds, string(kind))
		}
	}
	lastID := ""
	set(&lastID, params.LastEventID)
	r, err := h.feed.join(only, lastID)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	defer h.feed.leave(r)

	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/event-stream")
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set("X-Accel-Buffering", "no") // proxies must not collect events
	c.Response().WriteHeader(http.StatusOK)
	stream := stream{c, http.NewResponseController(c.Response()), h.patience}
	defer stream.done()
	return h.follow(ctx, stream, r)
}

// follow writes what happens until the reader goes, or the feed is closed.
func (h events) follow(ctx context.Context, stream stream, r *reader) error {
	alive := time.NewTicker(h.keepAlive)
	defer alive.Stop()
	// An id without data moves the reader's place and is no event: who is cut off before the first comes back to here.
	begin := fmt.Sprintf(": connected\nretry: %d\n", retryAfter.Milliseconds())
	if r.lost == "" {
		begin += "id: " + h.feed.id(r.at) + "\n"
	}
	if err := stream.write(begin + "\n"); err != nil {
		return err
	}
	passed := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-alive.C:
			// With the place of events that were passed over, so that one who asks for little can come back late.
			if err := stream.write(": alive\n" + passed + "\n"); err != nil {
				return err
			}
		case <-r.news:
			n := h.feed.next(r)
			if err := stream.write(h.text(n)); err != nil || n.closed && !n.more {
				return err
			}
			passed = "id: " + n.at + "\n"
		}
	}
}

// text is news as it goes over the wire.
func (h events) text(n news) string {
	var b strings.Builder
	if n.lost != "" {
		fmt.Fprintf(&b, "event: reset\nid: %s\ndata: {\"reason\":%q,\"detail\":"+
			"\"events were missed; ask /counts and /cameras for how things are now\"}\n\n", n.at, n.lost)
	}
	for _, e := range n.events {
		fmt.Fprintf(&b, "event: %s\nid: %s\ndata: %s\n\n", e.kind, h.feed.id(e.number), e.data)
	}
	return b.String()
}

// stream is the way to one reader.
type stream struct {
	echo     echo.Context
	control  *http.ResponseController
	patience time.Duration
}

// write sends text at once. It waits for a reader that does not read, but not for ever.
func (s stream) write(text string) error {
	if text == "" {
		return nil
	}
	err := s.control.SetWriteDeadline(time.Now().Add(s.patience))
	if err == nil || errors.Is(err, http.ErrNotSupported) {
		if _, err = s.echo.Response().Write([]byte(text)); err == nil {
			err = s.control.Flush()
		}
	}
	if err != nil {
		return fmt.Errorf("tell a reader of /events: %w", err)
	}
	return nil
}

// done takes the deadline off the connection, which may serve other requests.
func (s stream) done() { _ = s.control.SetWriteDeadline(time.Time{}) }
