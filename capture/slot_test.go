package capture_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"footfall/capture"
	"footfall/capture/frame"
)

func numbered(t *testing.T, pool *frame.Pool, seq uint64) *frame.Frame {
	t.Helper()
	f, ok := pool.Take()
	if !ok {
		t.Fatal("the pool is empty")
	}
	f.Seq = seq
	return f
}

func TestTheNewestFrameWinsAndTheOthersAreCounted(t *testing.T) {
	t.Parallel()
	pool := frame.NewPool(3)
	defer pool.Close()
	slot := capture.NewSlot()
	for seq := range uint64(3) {
		slot.Put(numbered(t, pool, seq+1))
	}
	got, err := slot.Take(t.Context())
	if err != nil || got.Seq != 3 {
		t.Fatalf("took frame %d (%v), want 3", got.Seq, err)
	}
	if slot.Dropped() != 2 {
		t.Errorf("%d frames counted as dropped, want 2", slot.Dropped())
	}
	if pool.Free() != 2 {
		t.Errorf("%d frames are back in the pool, want the 2 that were dropped", pool.Free())
	}
	got.Release()
}

func TestAFrameIsTakenOnce(t *testing.T) {
	t.Parallel()
	pool := frame.NewPool(1)
	defer pool.Close()
	slot := capture.NewSlot()
	slot.Put(numbered(t, pool, 1))
	got, err := slot.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got.Release()
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("closing time")
	cancel(why)
	if _, err := slot.Take(ctx); !errors.Is(err, why) {
		t.Errorf("an empty slot gave %v, want the cause that waiting ended with", err)
	}
	if slot.Dropped() != 0 {
		t.Error("a frame that was taken counts as dropped")
	}
}

func TestAClearedSlotIsEmptyAndDroppedNothing(t *testing.T) {
	t.Parallel()
	pool := frame.NewPool(1)
	defer pool.Close()
	slot := capture.NewSlot()
	slot.Put(numbered(t, pool, 1))
	slot.Clear()
	if slot.Dropped() != 0 || pool.Free() != 1 {
		t.Errorf("dropped %d, free %d; want 0 and 1", slot.Dropped(), pool.Free())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f, err := slot.Take(ctx); err == nil {
		t.Errorf("a cleared slot gave frame %d", f.Seq)
	}
}

// Every frame that is put is either taken or counted as dropped, in order, whoever is faster.
func TestNoFrameIsLostUncounted(t *testing.T) {
	t.Parallel()
	const frames = 5000
	pool := frame.NewPool(3)
	slot := capture.NewSlot()
	var wg sync.WaitGroup
	wg.Go(func() {
		for seq := uint64(1); seq <= frames; {
			if f, ok := pool.Take(); ok {
				f.Seq = seq
				slot.Put(f)
				seq++
			}
		}
	})
	var taken, last uint64
	for last < frames {
		f, err := slot.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.Seq <= last {
			t.Fatalf("frame %d came after frame %d", f.Seq, last)
		}
		last = f.Seq
		taken++
		f.Release()
	}
	wg.Wait()
	if got := taken + slot.Dropped(); got != frames {
		t.Errorf("%d taken + %d dropped = %d, want %d", taken, slot.Dropped(), got, frames)
	}
	pool.Close()
}
