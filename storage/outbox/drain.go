package outbox

import (
	"context"
	stdsql "database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"footfall/models"
	"footfall/storage/sql"
)

// Pending is the oldest facts of the queue in the order they were appended, at most limit of them. They stay in the
// queue until Remove.
func (o *Outbox) Pending(ctx context.Context, limit int) ([]models.Fact, error) {
	if err := o.enter(ctx); err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	defer o.leave()
	o.write(context.WithoutCancel(ctx)) // what is held, if the disk is well again
	gone := make(map[models.FactID]bool)
	for _, id := range o.removed() {
		gone[id] = true
	}
	facts, err := o.read(ctx, limit, gone)
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, it := range o.held[:min(len(o.held), limit-len(facts))] {
		facts = append(facts, it.fact)
	}
	return facts, nil
}

// read is the oldest facts on disk that were not removed.
func (o *Outbox) read(ctx context.Context, limit int, gone map[models.FactID]bool) ([]models.Fact, error) {
	var facts []models.Fact
	err := o.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select id, body from facts order by seq limit $1`, limit+len(gone))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() && len(facts) < limit {
			var id models.FactID
			var body []byte
			if err := rows.Scan(&id, &body); err != nil {
				return err
			}
			if gone[id] {
				continue
			}
			var f models.Fact
			if err := json.Unmarshal(body, &f); err != nil {
				return fmt.Errorf("fact %s: %w", id, err)
			}
			facts = append(facts, f)
		}
		return rows.Err()
	})
	return facts, err
}

// Remove takes facts out of the queue, because the server has them or will never take them. They do not come back
// from Pending, whatever Remove returns: when the disk cannot be written the queue remembers what to remove, and only
// a crash would bring it back, to be recognised by the server. Unknown ids are none of its business.
func (o *Outbox) Remove(ctx context.Context, ids ...models.FactID) error {
	if err := o.enter(ctx); err != nil {
		return fmt.Errorf("remove %d facts from the outbox: %w", len(ids), err)
	}
	defer o.leave()
	if err := o.strike(ctx, ids); err != nil {
		return fmt.Errorf("remove %d facts from the outbox: %w", len(ids), err)
	}
	err := o.store(context.WithoutCancel(ctx), nil)
	if err != nil {
		return fmt.Errorf("remove %d facts from the outbox: %w", len(ids), err)
	}
	o.write(context.WithoutCancel(ctx)) // there is room now
	return nil
}

// strike takes facts out of memory and marks those on disk as gone.
func (o *Outbox) strike(ctx context.Context, ids []models.FactID) error {
	var onDisk []models.FactID
	err := o.db.Read(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			var n int
			if err := tx.QueryRowContext(ctx, `select count(*) from facts where id = $1`, id).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				onDisk = append(onDisk, id)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range onDisk {
		o.gone[id] = struct{}{}
	}
	o.held = slices.DeleteFunc(o.held, func(it item) bool {
		if !slices.Contains(ids, it.id) {
			return false
		}
		o.memory.add(-1, -it.size())
		return true
	})
	return nil
}

// removed is what the disk is still to forget.
func (o *Outbox) removed() []models.FactID {
	o.mu.Lock()
	defer o.mu.Unlock()
	gone := make([]models.FactID, 0, len(o.gone))
	for id := range o.gone {
		gone = append(gone, id)
	}
	return gone
}

// forget notes that the disk has forgotten ids. The caller has the lock.
func (o *Outbox) forget(ids []models.FactID) {
	for _, id := range ids {
		delete(o.gone, id)
	}
}

// deleteFacts deletes rows and says by how much the queue grew: by less than nothing.
func deleteFacts(ctx context.Context, tx *sql.Tx, ids []models.FactID) (load, error) {
	var change load
	for _, id := range ids {
		var size int64
		err := tx.QueryRowContext(ctx, `delete from facts where id = $1 returning length(cast(body as blob))`, id).
			Scan(&size)
		switch {
		case errors.Is(err, stdsql.ErrNoRows):
		case err != nil:
			return load{}, err
		default:
			change.add(-1, -size)
		}
	}
	return change, nil
}

// enter waits for the turn.
func (o *Outbox) enter(ctx context.Context) error {
	select {
	case o.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if o.isClosed() {
		o.leave()
		return ErrClosed
	}
	return nil
}

func (o *Outbox) leave() { <-o.turn }
