package clips

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// AddRecording keeps what somebody wants recorded.
func (x *Index) AddRecording(ctx context.Context, r models.Recording) error {
	if err := r.Validate(); err != nil {
		return err
	}
	by, err := json.Marshal(r.By)
	if err != nil {
		return err
	}
	err = x.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into recordings
			(id, camera, kind, from_ns, to_ns, reason, made_by, made_ns)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`, r.ID, r.Camera, r.Kind, r.From.UnixNano(), r.To.UnixNano(),
			clean(r.Reason), clean(string(by)), r.Made.UnixNano())
		return err
	})
	if err != nil {
		return fmt.Errorf("plan a recording: %w", err)
	}
	x.tell()
	return nil
}

// Recordings are those of some cameras (none: of all) that end after a time, latest first, with the clips that came of
// them.
func (x *Index) Recordings(
	ctx context.Context, cameras []models.CameraID, after time.Time,
) ([]models.Recording, error) {
	var c conditions
	oneOf(&c, "camera = ?", cameras)
	c.add("to_ns > ?", after.UnixNano())
	var found []models.Recording
	err := x.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select id, camera, kind, from_ns, to_ns, reason, made_by, made_ns
			from recordings `+c.where()+` order by from_ns desc, id desc limit 1000`, c.args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r models.Recording
			var from, to, made int64
			var by string
			if err := rows.Scan(&r.ID, &r.Camera, &r.Kind, &from, &to, &r.Reason, &by, &made); err != nil {
				return err
			}
			r.From, r.To, r.Made = sql.Instant(from), sql.Instant(to), sql.Instant(made)
			if err := json.Unmarshal([]byte(by), &r.By); err != nil {
				return err
			}
			found = append(found, r)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return clipsOf(ctx, tx, found)
	})
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	return found, nil
}

// clipsOf fills in what came of recordings.
func clipsOf(ctx context.Context, tx *sql.Tx, recordings []models.Recording) error {
	byID := make(map[string]*models.Recording, len(recordings))
	var ids []string
	for i := range recordings {
		byID[recordings[i].ID] = &recordings[i]
		ids = append(ids, recordings[i].ID)
	}
	if len(ids) == 0 {
		return nil
	}
	var c conditions
	oneOf(&c, "recording = ?", ids)
	rows, err := tx.QueryContext(ctx, `select recording, clip from recorded_clips `+c.where()+` order by clip`,
		c.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var recording string
		var clip models.ClipID
		if err := rows.Scan(&recording, &clip); err != nil {
			return err
		}
		byID[recording].Clips = append(byID[recording].Clips, clip)
	}
	return rows.Err()
}
