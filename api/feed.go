package api

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"footfall/api/access"
	"footfall/models"
)

// Feed carries what happens to the readers of /events. It keeps the latest events in a ring, numbered from 1, and each
// reader has a place in it: whoever comes back gets what was told meanwhile, nobody's slowness holds up the others, and
// a thousand readers cost no more memory than one. A reader whose place is not in the ring any more is told so.
type Feed struct {
	log *slog.Logger
	// run tells the numbers of this start of the server from those of another: they begin anew.
	run string

	mu      sync.Mutex
	ring    []happening // event n is at n % keptEvents
	newest  uint64      // the number of the last event; 0 before the first
	readers map[*reader]struct{}
	closed  bool
}

const (
	// keptEvents is how many events a reader may have missed. An event takes about 300 bytes; a busy door makes two a
	// second, so that this is minutes for a hundred of them.
	keptEvents = 16384
	// maxReaders bounds the connections that the server holds open for readers.
	maxReaders = 1000
	// eventsAtOnce is how many events go into one write.
	eventsAtOnce = 128
)

type happening struct {
	number uint64
	kind   string
	camera string // empty: not about a camera
	line   string // empty: not about a line
	area   string // empty: not about an area
	data   []byte // JSON
}

// reader is one who reads /events. Its fields but news belong to the feed's mutex.
type reader struct {
	only eventFilter
	at   uint64        // the number of the last event that it has passed
	lost string        // why it has missed some: a word for programs; empty when it has not
	news chan struct{} // holds a token when there may be something new
}

// eventFilter is what a reader may hear of, and wants to; empty lists are all.
type eventFilter struct {
	who     models.Principal
	reach   access.Scope
	cameras []string
	lines   []string // of counts and crossings; a camera's state is no line's
	areas   []string // of occupancies, which are no camera's
	kinds   []string
}

func (f eventFilter) passes(h happening) bool {
	wanted := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	switch {
	case !access.MayHear(f.who, h.kind), !f.reaches(h), !wanted(f.kinds, h.kind):
		return false
	case h.area != "": // who names cameras or lines wants no areas but those that it names
		return wanted(f.areas, h.area) && (len(f.areas) > 0 || len(f.cameras)+len(f.lines) == 0)
	case len(f.areas) > 0 && len(f.cameras)+len(f.lines) == 0: // and the other way round
		return false
	}
	return wanted(f.cameras, h.camera) && (h.line == "" || wanted(f.lines, h.line))
}

// reaches reports whether all that an event is about is within reach.
func (f eventFilter) reaches(h happening) bool {
	if h.camera == "" && h.area == "" {
		return f.reach.Everywhere()
	}
	return (h.camera == "" || f.reach.Camera(models.CameraID(h.camera))) && (h.area == "" || f.reach.Area(h.area))
}

// Why a reader has missed events.
const (
	lostRestarted = "restarted" // the server has started anew since
	lostTooOld    = "too_old"   // more has happened since than is kept
)

// NewFeed makes a feed without readers.
func NewFeed(log *slog.Logger) *Feed {
	return &Feed{
		log: log, run: strings.ToLower(rand.Text()[:8]), ring: make([]happening, keptEvents),
		readers: map[*reader]struct{}{},
	}
}

// Count tells the readers that a minute has changed.
func (f *Feed) Count(bucket models.Bucket) {
	about := happening{kind: "count", camera: string(bucket.Camera), line: bucket.Line}
	f.tell(about, CountOf(bucket, time.UTC))
}

// Crossing tells the readers that somebody crossed a line.
func (f *Feed) Crossing(camera models.CameraID, crossing models.Crossing) {
	f.tell(happening{kind: "crossing", camera: string(camera), line: crossing.Line}, Crossing{
		Camera: string(camera), Line: crossing.Line, Direction: CrossingDirection(crossing.Direction),
		Time: crossing.Time.UTC(), UTurn: optional(crossing.Reverses != ""), Class: optional(string(crossing.Class)),
		Carrying: carried(crossing.Carrying),
	})
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

// Occupancy tells the readers how many are inside an area now.
func (f *Feed) Occupancy(o models.Occupancy) {
	f.tell(happening{kind: "occupancy", area: string(o.Area)}, OccupancyOf(o))
}

// Camera tells the readers how a camera is doing now.
func (f *Feed) Camera(status models.CameraStatus) {
	f.tell(happening{kind: "camera", camera: string(status.Camera)}, StatusOf(status))
}

// Close ends every stream, so that the server can stop.
func (f *Feed) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.wake()
}

// Readers is how many are reading now.
func (f *Feed) Readers() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.readers)
}

// tell gives what happened its number and its data.
func (f *Feed) tell(h happening, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		f.log.Error("an event could not be written", "event", h.kind, "camera", h.camera, "area", h.area, "error", err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newest++
	h.number, h.data = f.newest, text
	f.ring[f.newest%keptEvents] = h
	f.wake()
}

// wake needs f.mu.
func (f *Feed) wake() {
	for r := range f.readers {
		r.wake()
	}
}

func (r *reader) wake() {
	select {
	case r.news <- struct{}{}:
	default: // a token is there already
	}
}

// join adds a reader, who has read up to the event that lastID names; an empty one begins now.
func (f *Feed) join(only eventFilter, lastID string) (*reader, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.readers) >= maxReaders {
		return nil, fmt.Errorf("%d readers are reading already: %w", maxReaders, models.ErrUnavailable)
	}
	r := &reader{only: only, at: f.newest, news: make(chan struct{}, 1)}
	if lastID != "" {
		run, number, _ := strings.Cut(lastID, "-")
		at, err := strconv.ParseUint(number, 10, 64)
		switch {
		case err != nil || run != f.run || at > f.newest:
			r.lost = lostRestarted
		default:
			r.at = at
		}
	}
	r.wake() // to look at once
	f.readers[r] = struct{}{}
	return r, nil
}

func (f *Feed) leave(r *reader) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.readers, r)
}

// news is what a reader gets next.
type news struct {
	events []happening
	lost   string // not empty: before these, events were missed, and why
	at     string // the id of the place that the reader has then reached
	more   bool   // there is more; the reader has been woken for it
	closed bool
}

// next moves a reader on.
func (f *Feed) next(r *reader) news {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.newest-r.at > keptEvents {
		r.lost = lostTooOld
	}
	n := news{lost: r.lost}
	if r.lost != "" {
		r.lost, r.at = "", f.newest // what it asks /counts for now includes everything told until now
	}
	for r.at < f.newest && len(n.events) < eventsAtOnce {
		r.at++
		if h := f.ring[r.at%keptEvents]; r.only.passes(h) {
			n.events = append(n.events, h)
		}
	}
	n.at, n.more, n.closed = f.id(r.at), r.at < f.newest, f.closed
	if n.more {
		r.wake()
	}
	return n
}

func (f *Feed) id(number uint64) string { return f.run + "-" + strconv.FormatUint(number, 10) }
