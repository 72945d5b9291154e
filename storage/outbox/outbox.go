package outbox

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

//go:embed migrations
var migrations embed.FS

// What Append can say about facts that are not on disk.
var (
	// ErrHeld: the facts are in the queue, but in memory only; a crash would lose them. Do not append them again.
	ErrHeld = errors.New("held in memory, not on disk")
	// ErrFull: the facts were refused; neither the disk nor the memory set aside has room.
	ErrFull = errors.New("outbox is full")
	// ErrClosed: the outbox was closed.
	ErrClosed = errors.New("outbox is closed")
)

// Limits bound a queue; a zero field means its default.
type Limits struct {
	DiskBytes   int64 // of facts on disk, default 256 MiB, about a million
	MemoryBytes int64 // of facts held while the disk takes none, default 16 MiB
}

// Stats is how a queue is doing.
type Stats struct {
	Facts   int    // waiting to be delivered, on disk and in memory
	Bytes   int64  // of them
	Held    int    // of Facts, those in memory only
	Refused uint64 // refused with ErrFull since the queue was opened
	Trouble error  // why the disk takes nothing at the moment, nil when it does
}

// Outbox is a durable queue of facts. It is safe for any number of goroutines.
type Outbox struct {
	db     *sql.DB
	limits Limits
	// turn is held by the one who works on the file.
	turn chan struct{}

	mu      sync.Mutex
	waiting []*parcel                  // appended, not looked at yet
	held    []item                     // in memory only, all newer than what is on disk
	gone    map[models.FactID]struct{} // removed, but the disk does not know yet
	disk    load
	memory  load // of held
	lost    lostMinutes
	refused uint64
	trouble error
	arrived chan struct{} // closed when something arrives
	closed  bool
}

// item is one fact as it is stored.
type item struct {
	id     models.FactID
	body   string
	fact   models.Fact
	parcel *parcel // whose Append waits for it
}

func (it item) size() int64 { return int64(len(it.body)) }

// parcel is the facts of one Append.
type parcel struct {
	items   []item
	onDisk  int
	refused bool
	result  error
	done    chan struct{} // closed when result stands
}

// load is so many facts of so many bytes.
type load struct {
	facts int
	bytes int64
}

func (l *load) add(facts int, bytes int64) {
	l.facts += facts
	l.bytes += bytes
}

// Open opens the queue in the SQLite file at path, which is made when it is not there and belongs to this process
// until Close.
func Open(ctx context.Context, path string, limits Limits) (*Outbox, error) {
	if limits.DiskBytes == 0 {
		limits.DiskBytes = 256 << 20
	}
	if limits.MemoryBytes == 0 {
		limits.MemoryBytes = 16 << 20
	}
	db, err := sql.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	o := &Outbox{
		db: db, limits: limits, turn: make(chan struct{}, 1), gone: make(map[models.FactID]struct{}),
		lost: make(lostMinutes), arrived: make(chan struct{}),
	}
	err = db.Migrate(ctx, "outbox", migrations)
	if err == nil {
		err = db.Read(ctx, func(tx *sql.Tx) error {
			return tx.QueryRowContext(ctx, `select count(*), coalesce(sum(length(cast(body as blob))), 0) from facts`).
				Scan(&o.disk.facts, &o.disk.bytes)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("open outbox: %w", errors.Join(err, db.Close()))
	}
	return o, nil
}

// Close tries once more to bring what is held in memory to disk, and closes the file. Facts that could not be written
// are lost, and named in the error.
func (o *Outbox) Close() error {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	if o.isClosed() {
		return nil
	}
	o.write(context.Background())
	o.mu.Lock()
	o.closed = true
	left, trouble := len(o.held), o.trouble
	close(o.arrived)
	o.mu.Unlock()
	err := o.db.Close()
	if left > 0 {
		err = errors.Join(err, fmt.Errorf("%d facts could not be written and are lost: %w", left, trouble))
	}
	if err != nil {
		return fmt.Errorf("close outbox: %w", err)
	}
	return nil
}

func (o *Outbox) isClosed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

// Len is how many facts wait to be delivered.
func (o *Outbox) Len() int { return o.Stats().Facts }

// Stats says how the queue is doing.
func (o *Outbox) Stats() Stats {
	o.mu.Lock()
	defer o.mu.Unlock()
	return Stats{
		Facts: o.disk.facts - len(o.gone) + o.memory.facts, Bytes: o.disk.bytes + o.memory.bytes,
		Held: o.memory.facts, Refused: o.refused, Trouble: o.trouble,
	}
}

// announce wakes those who wait for something to deliver. The caller has the lock.
func (o *Outbox) announce() {
	if !o.closed && o.disk.facts+o.memory.facts > 0 {
		close(o.arrived)
		o.arrived = make(chan struct{})
	}
}

// Wait returns when there is something to deliver, at once if there is already, or with ctx's error.
func (o *Outbox) Wait(ctx context.Context) error {
	for {
		o.mu.Lock()
		n, arrived, closed := o.disk.facts-len(o.gone)+o.memory.facts, o.arrived, o.closed
		o.mu.Unlock()
		switch {
		case closed:
			return ErrClosed
		case n > 0:
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pack makes a parcel of facts, or says which of them no server would take.
func pack(facts []models.Fact) (*parcel, error) {
	p := &parcel{done: make(chan struct{})}
	for _, f := range facts {
		if err := f.Validate(); err != nil {
			return nil, fmt.Errorf("append fact %s: %w", f.ID, err)
		}
		body, err := json.Marshal(f)
		if err != nil {
			return nil, fmt.Errorf("append fact %s: %w", f.ID, err)
		}
		p.items = append(p.items, item{id: f.ID, body: string(body), fact: f, parcel: p})
	}
	return p, nil
}

// lostMinutes are the minutes of cameras that lost a crossing because there was no room for it. Their coverage is not
// claimed any more.
type lostMinutes map[lostMinute]struct{}

type lostMinute struct {
	camera models.CameraID
	minute time.Time
}

// forgetAfter is how long after a minute its coverage may still be told.
const forgetAfter = time.Hour

func (l lostMinutes) add(f models.Fact) {
	minute := f.Time().UTC().Truncate(time.Minute)
	key := lostMinute{f.Camera, minute}
	if _, known := l[key]; known || f.Crossing == nil {
		return
	}
	for old := range l {
		if minute.Sub(old.minute) > forgetAfter {
			delete(l, old)
		}
	}
	l[key] = struct{}{}
}

// spoil reports whether f claims coverage of a minute that lost a crossing.
func (l lostMinutes) spoil(f models.Fact) bool {
	if f.Coverage == nil {
		return false
	}
	_, lost := l[lostMinute{f.Camera, f.Coverage.Minute.UTC()}]
	return lost
}
