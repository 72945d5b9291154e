package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"footfall/models"
	"footfall/storage/sql"
)

// writeAtOnce is how many facts go in one transaction. It bounds what a failing disk makes us do in vain.
const writeAtOnce = 500

// Append puts facts into the queue and returns nil when they are on disk. ErrHeld and ErrFull are explained at their
// names; of facts appended together, some may be held or refused and others not, and the worst is said. Any other error
// means that nothing was appended. A done ctx ends the wait for others, not a write that has begun.
func (o *Outbox) Append(ctx context.Context, facts ...models.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	p, err := pack(facts)
	if err != nil {
		return err
	}
	o.mu.Lock()
	o.waiting = append(o.waiting, p)
	o.mu.Unlock()

	select {
	case <-p.done:
		return p.result
	case o.turn <- struct{}{}:
		// Whoever gets the turn writes for everybody who has appended by now, unless somebody did it for us.
		o.write(context.WithoutCancel(ctx))
		<-o.turn
	case <-ctx.Done():
		if o.withdraw(p) {
			return fmt.Errorf("append %d facts: %w", len(facts), ctx.Err())
		}
	}
	<-p.done
	return p.result
}

// withdraw takes back a parcel that nobody has looked at yet.
func (o *Outbox) withdraw(p *parcel) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.Index(o.waiting, p)
	if i < 0 {
		return false
	}
	o.waiting = slices.Delete(o.waiting, i, i+1)
	return true
}

// write brings what is held and what is waiting to disk, in that order, as far as there is room, and answers those
// who wait. The caller has the turn.
func (o *Outbox) write(ctx context.Context) {
	// 1. Everything that is not on disk, oldest first.
	parcels, todo, closed := o.take()
	if closed {
		answer(parcels, ErrClosed)
		return
	}
	// 2. To disk, as far as there is room and the disk does as it is told.
	fitting := fit(todo, o.room())
	written, trouble := 0, error(nil)
	for written < fitting && trouble == nil {
		n := min(writeAtOnce, fitting-written)
		if trouble = o.store(ctx, todo[written:written+n]); trouble == nil {
			written += n
		}
	}
	if trouble == nil && fitting < len(todo) {
		trouble = fmt.Errorf("%d bytes on disk are allowed: %w", o.limits.DiskBytes, ErrFull)
	}
	// 3. The rest to memory, as far as there is room.
	o.hold(todo, written, trouble)
	answer(parcels, trouble)
}

// take is what there is to write, and who waits for it. Coverage of a minute that lost a crossing is sorted out.
func (o *Outbox) take() (parcels []*parcel, todo []item, closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	parcels, o.waiting = o.waiting, nil
	todo = slices.Clone(o.held)
	for _, p := range parcels {
		for _, it := range p.items {
			if o.lost.spoil(it.fact) {
				o.refuse(it)
				continue
			}
			todo = append(todo, it)
		}
	}
	return parcels, todo, o.closed
}

func (o *Outbox) room() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.limits.DiskBytes - o.disk.bytes
}

// fit is how many of the items have room in so many bytes.
func fit(items []item, room int64) int {
	for i, it := range items {
		if room -= it.size(); room < 0 {
			return i
		}
	}
	return len(items)
}

// store writes items and forgets removed ones in one transaction.
func (o *Outbox) store(ctx context.Context, items []item) error {
	gone := o.removed()
	var after, change load
	err := o.db.Write(ctx, func(tx *sql.Tx) error {
		var err error
		if change, err = deleteFacts(ctx, tx, gone); err != nil {
			return err
		}
		for _, it := range items {
			done, err := tx.ExecContext(ctx, `insert into facts (id, body) values ($1, $2) on conflict (id) do nothing`,
				it.id, it.body)
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			if err != nil {
				return err
			}
			after.add(int(n), n*it.size())
		}
		return nil
	})
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forget(gone)
	o.disk.add(change.facts+after.facts, change.bytes+after.bytes)
	for _, it := range items {
		it.parcel.onDisk++
	}
	return nil
}

// hold keeps in memory what could not be written, and refuses what has no room there either.
func (o *Outbox) hold(todo []item, written int, trouble error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	fresh := max(len(o.held)-written, 0) // behind what was held before
	o.held, o.memory = nil, load{}
	for i, it := range todo[written:] {
		// What is held stays held: nothing is thrown away for something newer.
		if i >= fresh && o.memory.bytes+it.size() > o.limits.MemoryBytes {
			o.refuse(it)
			continue
		}
		o.held = append(o.held, it)
		o.memory.add(1, it.size())
	}
	o.trouble = trouble
	o.announce()
}

// refuse notes that a fact is lost for want of room. The caller has the lock.
func (o *Outbox) refuse(it item) {
	o.lost.add(it.fact)
	o.refused++
	it.parcel.refused = true
}

// answer tells those who wait what became of their facts.
func answer(parcels []*parcel, trouble error) {
	for _, p := range parcels {
		switch {
		case errors.Is(trouble, ErrClosed):
			p.result = trouble
		case p.refused:
			p.result = because(ErrFull, trouble)
		case p.onDisk < len(p.items):
			p.result = because(ErrHeld, trouble)
		}
		if p.result != nil {
			p.result = fmt.Errorf("append %d facts: %w", len(p.items), p.result)
		}
		close(p.done)
	}
}

// because is what happened and, where one is known, the trouble that it came from.
func because(what, trouble error) error {
	if trouble == nil || errors.Is(trouble, what) {
		return what
	}
	return fmt.Errorf("%w: %w", what, trouble)
}
