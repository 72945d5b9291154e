package clips

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"footfall/models"
)

// Log is where deletions are written down; storage/audit has it.
type Log interface {
	Append(ctx context.Context, e models.AuditEntry) error
}

// Archive is the server's keeper of clips: it seals what has come, publishes it, and deletes what is over.
type Archive struct {
	Store  Store
	Index  *Index
	Signer models.Signer
	Audit  Log
	Now    func() time.Time
	Log    *slog.Logger
	// Stamper has manifests time-stamped; nil: they are not.
	Stamper Stamper

	looked   map[models.ClipID]time.Time // when an awaited clip was last looked for
	swept    time.Time
	outdated bool // the chains in the store are not what they should be
	trouble  string
	said     time.Time // when trouble was

	stampAgain time.Time // the authority failed, and is not asked before
	unstamped  bool      // it failed, which was said
}

// The paces of the archive.
const (
	roundEvery = 2 * time.Second
	// SweepEvery is how often old clips are deleted, and how much before their time at the latest, so that none is ever
	// there that is older than it may be.
	SweepEvery = 10 * time.Minute
	sayEvery   = time.Minute // how often trouble that goes on is said
	lookAtMost = time.Minute // how late a clip that is long in coming may be noticed
)

// Run keeps the clips until ctx ends. What fails is tried again in the next round.
func (a *Archive) Run(ctx context.Context) error {
	changes, stop := a.Index.Subscribe()
	defer stop()
	tick := time.NewTicker(roundEvery)
	defer tick.Stop()
	for {
		a.say(ctx, a.Round(ctx))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-changes:
		}
	}
}

// say logs trouble when it begins, changes and is over.
func (a *Archive) say(ctx context.Context, err error) {
	text := ""
	if err != nil && ctx.Err() == nil {
		text = err.Error()
	}
	switch {
	case text == a.trouble || ctx.Err() != nil:
	case text != "" && a.trouble != "" && a.Now().Sub(a.said) < sayEvery:
		return // it is the same trouble with the next clip, most likely
	case text == "":
		a.Log.Info("the store of clips works again")
	default:
		a.Log.Error("clips are not kept as they should be; trying again", "error", text)
	}
	if ctx.Err() == nil {
		a.trouble, a.said = text, a.Now()
	}
}

// Round does once all that is to be done.
func (a *Archive) Round(ctx context.Context) error {
	// 1. What has come, and what was sealed and not published.
	err := a.receive(ctx)
	if err == nil {
		err = a.publish(ctx)
	}
	// 2. What is over.
	now := a.Now()
	if err == nil && (a.swept.IsZero() || now.Sub(a.swept) >= SweepEvery) {
		if err = a.sweep(ctx, now.Add(SweepEvery)); err == nil {
			a.swept = now
		}
	}
	// 3. Holds, and the signed list of chains, before anything goes.
	if err == nil {
		err = a.hold(ctx)
	}
	if err == nil && a.outdated {
		err = a.publishChains(ctx)
	}
	if err == nil {
		err = a.remove(ctx)
	}
	// 4. What others are asked for, last: they may be slow.
	if err == nil {
		err = a.stamp(ctx)
	}
	return err
}

// receive seals what has come into the store.
func (a *Archive) receive(ctx context.Context) error {
	awaited, err := a.Index.clips(ctx, `where state = 'awaited' order by start_ns desc limit 1000`)
	if err != nil {
		return err
	}
	looked := make(map[models.ClipID]time.Time, len(awaited))
	now := a.Now()
	for _, c := range awaited {
		age := now.Sub(c.End)
		if last, before := a.looked[c.ID]; before && now.Sub(last) < min(age/10, lookAtMost) {
			looked[c.ID] = last
			continue
		}
		looked[c.ID] = now
		if err := a.receiveOne(ctx, c); err != nil {
			return err
		}
	}
	a.looked = looked
	return nil
}

func (a *Archive) receiveOne(ctx context.Context, c models.StoredClip) error {
	hash, size, err := hashObject(ctx, a.Store, c.Key)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("look for clip %s: %w", c.ID, err)
	case hash != c.SHA256 || size != c.Bytes:
		a.Log.Error("a video in the store is not what its worker has sent; it is not signed", "clip", c.ID,
			"key", c.Key)
		return nil
	}
	return a.Index.Seal(ctx, c.ID, a.Signer, a.Now())
}

// publish puts manifests beside their videos.
func (a *Archive) publish(ctx context.Context) error {
	clips, err := a.Index.unpublished(ctx)
	if err != nil {
		return err
	}
	for _, c := range clips {
		text, err := a.Index.Manifest(ctx, c.ID)
		if err != nil {
			return err
		}
		content := Text(text, "application/json")
		content.Until = KeepUntil(c.Expires)
		if err := a.Store.Put(ctx, manifestKey(c), content); err != nil {
			return fmt.Errorf("publish the manifest of clip %s: %w", c.ID, err)
		}
		if err := a.Index.mark(ctx, c.ID, "published"); err != nil {
			return err
		}
		a.outdated = true
	}
	return nil
}

// KeepUntil is how long a bucket that can lock is told to keep a clip that is deleted at a time: a little less, so that
// it does not refuse.
func KeepUntil(expires time.Time) time.Time { return expires.Add(-2 * SweepEvery) }

func manifestKey(c models.StoredClip) string {
	return models.ClipKey(c.Camera, c.ID, c.Start) + models.ManifestEnding
}

func (a *Archive) publishChains(ctx context.Context) error {
	chains, err := a.Index.Chains(ctx, a.Now())
	if err != nil {
		return err
	}
	text, _, err := models.Seal(models.SignedChains, chains, a.Signer)
	if err != nil {
		return err
	}
	if err := a.Store.Put(ctx, models.ChainsKey, Text(text, "application/json")); err != nil {
		return fmt.Errorf("publish the chains of clips: %w", err)
	}
	a.outdated = false
	return nil
}

// sweep notes what is over at a time, in the database and in the audit log.
func (a *Archive) sweep(ctx context.Context, now time.Time) error {
	due, err := a.Index.due(ctx, now)
	if err != nil {
		return err
	}
	for _, c := range due {
		done, err := a.Index.expire(ctx, c, a.Now())
		if err != nil {
			return err
		}
		if !done {
			continue
		}
		a.outdated = true
		e := models.AuditEntry{
			Actor: models.AuditActor{Kind: "system", Name: "retention"}, Action: "clip.expire", Object: string(c.ID),
			Camera: c.Camera,
		}
		if c.State == models.ClipAwaited {
			e.Action, e.Outcome = "clip.lost", models.AuditFailed
		}
		e.Details, err = json.Marshal(map[string]any{
			"start": c.Start, "end": c.End, "expires": c.Expires, "sha256": c.SHA256, "bytes": c.Bytes,
		})
		if err != nil {
			return err
		}
		if err := a.Audit.Append(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the bytes of what is over.
func (a *Archive) remove(ctx context.Context) error {
	over, err := a.Index.unremoved(ctx)
	if err != nil {
		return err
	}
	for _, c := range over {
		for _, key := range []string{c.Key, manifestKey(c), stampKey(c)} {
			if err := a.Store.Remove(ctx, key); err != nil {
				return fmt.Errorf("delete clip %s, whose time is over: %w", c.ID, err)
			}
		}
		if err := a.Index.mark(ctx, c.ID, "removed"); err != nil {
			return err
		}
	}
	return nil
}

// hold makes the store agree with who holds what.
func (a *Archive) hold(ctx context.Context) error {
	clips, err := a.Index.misheld(ctx)
	if err != nil {
		return err
	}
	for _, c := range clips {
		keys := []string{c.Key, manifestKey(c)}
		if token, err := a.Index.Stamp(ctx, c.ID); err != nil {
			return err
		} else if token != nil {
			keys = append(keys, stampKey(c))
		}
		for _, key := range keys {
			if err := a.Store.Hold(ctx, key, c.Hold != nil); err != nil {
				return fmt.Errorf("hold clip %s in the store: %w", c.ID, err)
			}
		}
		if err := a.Index.storeHolds(ctx, c.ID, c.Hold != nil); err != nil {
			return err
		}
	}
	return nil
}
