package clips

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Stamper asks somebody else to confirm that a message was there now; stamp.Authority does.
type Stamper interface {
	Stamp(ctx context.Context, message []byte) (token []byte, err error)
}

const (
	// stampPause is how long an authority that fails is left alone.
	stampPause = time.Minute
	// stampAtOnce is how many are asked for before the archive looks after its other duties again.
	stampAtOnce = 20
)

// stamp has published manifests time-stamped, and puts the stamps beside them. The rest of the archive does not wait
// for an authority that is away.
func (a *Archive) stamp(ctx context.Context) error {
	if a.Stamper == nil || a.Now().Before(a.stampAgain) {
		return nil
	}
	clips, err := a.Index.unstamped(ctx)
	if err != nil {
		return err
	}
	for _, c := range clips {
		manifest, err := a.Index.Manifest(ctx, c.ID)
		if err != nil {
			return err
		}
		token, err := a.Stamper.Stamp(ctx, manifest)
		if err != nil {
			a.stampAgain = a.Now().Add(stampPause)
			if !a.unstamped && ctx.Err() == nil {
				a.Log.Error("clips are not time-stamped; trying again every minute", "error", err)
			}
			a.unstamped = true
			return nil
		}
		if a.unstamped {
			a.Log.Info("clips are time-stamped again")
		}
		a.unstamped = false
		if err := a.keepStamp(ctx, c, token); err != nil {
			return fmt.Errorf("keep the time stamp of clip %s: %w", c.ID, err)
		}
	}
	return nil
}

func (a *Archive) keepStamp(ctx context.Context, c models.StoredClip, token []byte) error {
	content := Text(token, "application/timestamp-reply")
	content.Until = KeepUntil(c.Expires)
	if err := a.Store.Put(ctx, stampKey(c), content); err != nil {
		return err
	}
	if c.Hold != nil {
		if err := a.Store.Hold(ctx, stampKey(c), true); err != nil {
			return err
		}
	}
	return a.Index.stamped(ctx, c.ID, token)
}

func stampKey(c models.StoredClip) string {
	return models.ClipKey(c.Camera, c.ID, c.Start) + models.StampEnding
}

// unstamped are the newest clips whose manifests are published and not time-stamped.
func (x *Index) unstamped(ctx context.Context) ([]models.StoredClip, error) {
	return x.clips(ctx, `where stamp = '' and state = 'stored' and published = true
		order by start_ns desc limit $1`, stampAtOnce)
}

func (x *Index) stamped(ctx context.Context, id models.ClipID, token []byte) error {
	return x.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update clips set stamp = $2 where id = $1`, id,
			base64.StdEncoding.EncodeToString(token))
		return err
	})
}

// Stamp is the time stamp of a clip's manifest, in DER; nil while there is none.
func (x *Index) Stamp(ctx context.Context, id models.ClipID) ([]byte, error) {
	var stamp string
	err := x.db.Read(ctx, func(tx *sql.Tx) error {
		return known(tx.QueryRowContext(ctx, `select stamp from clips where id = $1`, clean(string(id))).Scan(&stamp))
	})
	if err != nil || stamp == "" {
		return nil, err
	}
	token, err := base64.StdEncoding.DecodeString(stamp)
	if err != nil {
		return nil, fmt.Errorf("the time stamp of clip %s cannot be read: %w", id, err)
	}
	return token, nil
}
