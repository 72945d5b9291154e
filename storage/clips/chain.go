package clips

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Seal gives a clip whose video is in the store the next place in the chain of its camera, and signs that. It says what
// is to be published; a clip that was sealed before is as it was.
func (x *Index) Seal(ctx context.Context, id models.ClipID, signer models.Signer, now time.Time) error {
	c, err := x.Clip(ctx, id)
	if err != nil {
		return err
	}
	err = x.db.Write(ctx, func(tx *sql.Tx) error {
		var state models.ClipState
		if err := tx.QueryRowContext(ctx, `select state from clips where id = $1`, id).Scan(&state); err != nil {
			return known(err)
		}
		if state != models.ClipAwaited {
			return nil
		}
		m := models.Manifest{
			Format: models.ManifestFormat, ID: id, Camera: c.Camera, Clip: c.Clip, Sealed: now.UTC(),
		}
		err := tx.QueryRowContext(ctx, `select seq, hash from clip_chains where camera = $1`, c.Camera).
			Scan(&m.Seq, &m.Prev)
		if errors.Is(err, stdsql.ErrNoRows) {
			m.Prev, err = models.NoHash, nil
		}
		if err != nil {
			return err
		}
		m.Seq++
		return seal(ctx, tx, m, signer)
	})
	if err != nil {
		return fmt.Errorf("seal clip %s: %w", id, err)
	}
	return nil
}

func seal(ctx context.Context, tx *sql.Tx, m models.Manifest, signer models.Signer) error {
	text, hash, err := models.Seal(models.SignedManifest, m, signer)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update clips set state = 'stored', seq = $2, hash = $3, manifest = $4, changed_ns = $5
		where id = $1`, m.ID, m.Seq, hash, string(text), m.Sealed.UnixNano())
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into clip_chains (camera, seq, hash) values ($1, $2, $3)
		on conflict (camera) do update set seq = excluded.seq, hash = excluded.hash`, m.Camera, m.Seq, hash)
	return err
}

// unpublished are the clips whose manifests are not in the store yet, in the order of their chains.
func (x *Index) unpublished(ctx context.Context) ([]models.StoredClip, error) {
	return x.clips(ctx, `where state = 'stored' and published = false order by camera, seq limit 1000`)
}

func (x *Index) mark(ctx context.Context, id models.ClipID, column string) error {
	return x.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update clips set `+column+` = true where id = $1`, id)
		return err
	})
}

// Chains is how long the chain of each camera is, as far as it is published, and what of it is gone.
func (x *Index) Chains(ctx context.Context, now time.Time) (models.Chains, error) {
	all := models.Chains{Format: models.ChainsFormat, At: now.UTC(), Cameras: []models.Chain{}}
	err := x.db.Read(ctx, func(tx *sql.Tx) error {
		gone, err := goneByCamera(ctx, tx)
		if err != nil {
			return err
		}
		// Up to the clip before the first that is not published.
		rows, err := tx.QueryContext(ctx, `select c.camera, c.seq, c.hash from clips c join
			(select h.camera, coalesce((select min(u.seq) - 1 from clips u where u.camera = h.camera
				and u.state = 'stored' and u.published = false), h.seq) as seq from clip_chains h) last
			on c.camera = last.camera and c.seq = last.seq order by c.camera`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var chain models.Chain
			if err := rows.Scan(&chain.Camera, &chain.Seq, &chain.Hash); err != nil {
				return err
			}
			chain.Gone = gone[chain.Camera]
			all.Cameras = append(all.Cameras, chain)
		}
		return rows.Err()
	})
	if err != nil {
		return all, fmt.Errorf("read the chains of clips: %w", err)
	}
	return all, nil
}

func goneByCamera(ctx context.Context, tx *sql.Tx) (map[models.CameraID][]models.Gone, error) {
	rows, err := tx.QueryContext(ctx, `select camera, first, last, hash from clip_gone order by camera, first`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	gone := map[models.CameraID][]models.Gone{}
	for rows.Next() {
		var camera models.CameraID
		var g models.Gone
		if err := rows.Scan(&camera, &g.First, &g.Last, &g.Hash); err != nil {
			return nil, err
		}
		gone[camera] = append(gone[camera], g)
	}
	return gone, rows.Err()
}

// goes notes that a place of a chain is gone, and joins it with its neighbours.
func goes(ctx context.Context, tx *sql.Tx, camera models.CameraID, seq int64, hash string) error {
	g := models.Gone{First: seq, Last: seq, Hash: hash}
	rows, err := tx.QueryContext(ctx, `select first, last, hash from clip_gone
		where camera = $1 and (last = $2 or first = $3)`, camera, seq-1, seq+1)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var next models.Gone
		if err := rows.Scan(&next.First, &next.Last, &next.Hash); err != nil {
			return err
		}
		if next.First < g.First {
			g.First = next.First
		}
		if next.Last > g.Last {
			g.Last, g.Hash = next.Last, next.Hash
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `delete from clip_gone where camera = $1 and first >= $2 and last <= $3`,
		camera, g.First, g.Last)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into clip_gone (camera, first, last, hash) values ($1, $2, $3, $4)`,
		camera, g.First, g.Last, g.Hash)
	return err
}
