package api

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// Feed carries what happens to the readers of /events. A reader who is too slow is let go: it must not hold up the
// others, nor believe that it has seen everything.
type Feed struct {
	log *slog.Logger

	mu      sync.Mutex
	readers map[*reader]struct{}
	closed  bool
}

type reader struct {
	cameras []string // empty: all
	events  chan happening
}

type happening struct {
	kind   string
	camera string
	data   any
}

// NewFeed makes a feed without readers.
func NewFeed(log *slog.Logger) *Feed {
	return &Feed{log: log, readers: map[*reader]struct{}{}}
}

// waitingEvents is how far a reader may fall behind.
const waitingEvents = 1024

// Count tells the readers that a minute has changed.
func (f *Feed) Count(bucket models.Bucket) {
	f.tell(happening{"count", string(bucket.Camera), showCount(bucket, time.UTC)})
}

// Crossing tells the readers that somebody crossed a line.
func (f *Feed) Crossing(camera models.CameraID, crossing models.Crossing) {
	f.tell(happening{"crossing", string(camera), Crossing{
		Camera: string(camera), Line: crossing.Line, Direction: CrossingDirection(crossing.Direction),
		Time: crossing.Time.UTC(), UTurn: optional(crossing.Reverses != ""), Class: optional(string(crossing.Class)),
		Carrying: carried(crossing.Carrying),
	}})
}

// carried is nil when nothing was.
func carried(classes []models.Class) *[]string {
	if len(classes) == 0 {
		return nil
	}
	words := make([]string, len(classes))
	for i, c := range classes {
		words[i] = string(c)
	}
	return &words
}

// Occupancy tells the readers how many are inside an area now. Who asked for cameras only is not told.
func (f *Feed) Occupancy(o models.Occupancy) {
	f.tell(happening{"occupancy", "", showOccupancy(o, time.UTC)})
}

// Camera tells the readers how a camera is doing now.
func (f *Feed) Camera(status models.CameraStatus) {
	f.tell(happening{"camera", string(status.Camera), showStatus(status)})
}

// Close ends every stream, so that the server can stop.
func (f *Feed) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for r := range f.readers {
		f.drop(r)
	}
}

// Readers is how many are reading now.
func (f *Feed) Readers() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.readers)
}

func (f *Feed) tell(h happening) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r := range f.readers {
		if len(r.cameras) > 0 && !slices.Contains(r.cameras, h.camera) {
			continue
		}
		select {
		case r.events <- h:
		default:
			f.log.Warn("a reader of /events was too slow and is let go", "waiting", waitingEvents)
			f.drop(r)
		}
	}
}

// drop needs f.mu.
func (f *Feed) drop(r *reader) {
	if _, there := f.readers[r]; there {
		delete(f.readers, r)
		close(r.events)
	}
}

func (f *Feed) join(cameras []string) *reader {
	r := &reader{cameras: cameras, events: make(chan happening, waitingEvents)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		close(r.events)
	} else {
		f.readers[r] = struct{}{}
	}
	return r
}

func (f *Feed) leave(r *reader) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(r)
}

type events struct {
	feed      *Feed
	keepAlive time.Duration
}

// StreamEvents is GET /events.
func (h events) StreamEvents(c echo.Context, params StreamEventsParams) error {
	var only []string
	set(&only, params.Camera)
	r := h.feed.join(only)
	defer h.feed.leave(r)

	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/event-stream")
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set("X-Accel-Buffering", "no") // proxies must not collect events
	c.Response().WriteHeader(http.StatusOK)
	alive := time.NewTicker(h.keepAlive)
	defer alive.Stop()
	if err := deliver(c, ": connected\n\n"); err != nil {
		return err
	}
	for {
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-alive.C:
			if err := deliver(c, ": alive\n\n"); err != nil {
				return err
			}
		case e, open := <-r.events:
			if !open {
				return nil
			}
			data, err := json.Marshal(e.data)
			if err != nil {
				return fmt.Errorf("tell of %s: %w", e.kind, err)
			}
			if err := deliver(c, "event: "+e.kind+"\ndata: "+string(data)+"\n\n"); err != nil {
				return err
			}
		}
	}
}

// deliver writes text to the reader at once.
func deliver(c echo.Context, text string) error {
	if _, err := io.WriteString(c.Response(), text); err != nil {
		return fmt.Errorf("tell a reader of /events: %w", err)
	}
	c.Response().Flush()
	return nil
}
