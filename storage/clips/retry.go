package clips

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"footfall/models"
)

// Patience is how long something is tried again.
type Patience struct {
	First time.Duration // the wait after the first failure; it doubles with each
	Most  time.Duration // but is never longer
	For   time.Duration // after which the last error is given back; 0: until the context ends
	// Each bounds one attempt; 0: nothing does.
	Each time.Duration
	// Failed is told of every attempt that is made again; it may be nil.
	Failed func(error)
}

// Retry wraps a store: what fails is tried again, unless trying again is no use.
func Retry(s Store, p Patience) Store { return retry{s, p} }

type retry struct {
	Store

	patience Patience
}

// Permanent reports whether an error will be the same however often it is tried.
func Permanent(err error) bool {
	return errors.Is(err, models.ErrNotFound) || errors.Is(err, models.ErrInvalid) || errors.Is(err, ErrRefused)
}

// again does something until it works, cannot work, or patience is at its end.
func (r retry) again(ctx context.Context, do func(context.Context) error) error {
	var over <-chan time.Time
	if r.patience.For > 0 {
		timer := time.NewTimer(r.patience.For)
		defer timer.Stop()
		over = timer.C
	}
	for wait := r.patience.First; ; wait = min(2*wait, r.patience.Most) {
		err := r.once(ctx, do)
		if err == nil || Permanent(err) || ctx.Err() != nil {
			return err
		}
		if r.patience.Failed != nil {
			r.patience.Failed(err)
		}
		// Between a half and all of it, so that those who failed together do not come back together.
		pause := time.NewTimer(wait/2 + rand.N(wait/2+1))
		select {
		case <-pause.C:
		case <-over:
			pause.Stop()
			return err
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

func (r retry) once(ctx context.Context, do func(context.Context) error) error {
	if r.patience.Each > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.patience.Each)
		defer cancel()
	}
	return do(ctx)
}

// Put implements Store.
func (r retry) Put(ctx context.Context, key string, content Content) error {
	return r.again(ctx, func(ctx context.Context) error { return r.Store.Put(ctx, key, content) })
}

// Stat implements Store.
func (r retry) Stat(ctx context.Context, key string) (found Object, err error) {
	err = r.again(ctx, func(ctx context.Context) error {
		found, err = r.Store.Stat(ctx, key)
		return err
	})
	return found, err
}

// Remove implements Store.
func (r retry) Remove(ctx context.Context, key string) error {
	return r.again(ctx, func(ctx context.Context) error { return r.Store.Remove(ctx, key) })
}

// Hold implements Store.
func (r retry) Hold(ctx context.Context, key string, held bool) error {
	return r.again(ctx, func(ctx context.Context) error { return r.Store.Hold(ctx, key, held) })
}
