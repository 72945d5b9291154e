package clips

import (
	"context"
	stdsql "database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

//go:embed migrations
var migrations embed.FS

// Index is what is known of clips, in a database. It is safe for any number of goroutines.
type Index struct {
	db        *sql.DB
	retention func(models.CameraID) time.Duration

	mu          sync.Mutex
	subscribers map[chan struct{}]struct{}
}

// NewIndex is the index in db, whose tables it brings up to date. retention is how long the clips of a camera are kept
// that nobody holds. The caller closes db.
func NewIndex(ctx context.Context, db *sql.DB, retention func(models.CameraID) time.Duration) (*Index, error) {
	if err := db.Migrate(ctx, "clips", migrations); err != nil {
		return nil, err
	}
	return &Index{db: db, retention: retention, subscribers: map[chan struct{}]struct{}{}}, nil
}

// Subscribe tells of new clips and recordings, until stop is called. One token stands for any number of them.
func (x *Index) Subscribe() (changes <-chan struct{}, stop func()) {
	told := make(chan struct{}, 1)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.subscribers[told] = struct{}{}
	return told, func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.subscribers, told)
	}
}

func (x *Index) tell() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for told := range x.subscribers {
		select {
		case told <- struct{}{}:
		default:
		}
	}
}

// Receipt says what became of each fact.
type Receipt struct {
	Accepted []models.FactID
	Refused  []Refusal
}

// Refusal is a fact that is not taken, and why.
type Refusal struct {
	ID     models.FactID
	Reason string
}

// Register takes in what workers tell of clips. A fact that is known already is accepted again and changes nothing.
func (x *Index) Register(ctx context.Context, facts []models.Fact) (receipt Receipt, err error) {
	err = x.db.Write(ctx, func(tx *sql.Tx) error {
		receipt = Receipt{}
		for _, f := range facts {
			if why := wrong(f); why != "" {
				receipt.Refused = append(receipt.Refused, Refusal{f.ID, why})
				continue
			}
			if err := register(ctx, tx, f); err != nil {
				return fmt.Errorf("clip %s: %w", f.ID, err)
			}
			receipt.Accepted = append(receipt.Accepted, f.ID)
		}
		return nil
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("register %d clips: %w", len(facts), err)
	}
	if len(receipt.Accepted) > 0 {
		x.tell()
	}
	return receipt, nil
}

// wrong is why no worker of ours could have told of such a clip; empty if one could.
func wrong(f models.Fact) string {
	switch {
	case f.Clip == nil:
		return "it is of no clip"
	case len(f.ID) > 64 || strings.ContainsAny(string(f.ID), "/\\.\x00"):
		return "its id is none"
	case f.Clip.Key != models.ClipKey(f.Camera, models.ClipID(f.ID), f.Clip.Start)+models.VideoEnding:
		return "its video lies where it should not"
	}
	if err := f.Validate(); err != nil {
		return err.Error()
	}
	return ""
}

func register(ctx context.Context, tx *sql.Tx, f models.Fact) error {
	body, err := json.Marshal(f.Clip)
	if err != nil {
		return err
	}
	var lines, triggers []string
	for _, line := range f.Clip.Lines {
		lines = append(lines, line.ID)
	}
	for _, t := range f.Clip.Triggers {
		triggers = append(triggers, string(t.Kind))
	}
	_, err = tx.ExecContext(ctx, `insert into clips (id, camera, start_ns, end_ns, body, lines, triggers, state, seq,
			hash, manifest, published, removed, held, hold, store_held, changed_ns)
		values ($1, $2, $3, $4, $5, $6, $7, 'awaited', 0, '', '', false, false, false, '', false, 0)
		on conflict (id) do nothing`,
		f.ID, f.Camera, f.Clip.Start.UnixNano(), f.Clip.End.UnixNano(), clean(string(body)), words(lines),
		words(triggers))
	if err != nil {
		return err
	}
	for _, t := range f.Clip.Triggers {
		if !t.Kind.Recordable() {
			continue
		}
		_, err = tx.ExecContext(ctx, `insert into recorded_clips (recording, clip)
			select id, $2 from recordings where id = $1 on conflict do nothing`, clean(t.ID), f.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// clean is what of a text can be stored: PostgreSQL takes no broken UTF-8 and no zero bytes.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// words writes a list so that one of it can be looked for: |door|gate|.
func words(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return clean("|" + strings.Join(list, "|") + "|")
}

const columns = `id, camera, body, state, seq, hold, held, end_ns`

// scan reads a clip off a row of columns.
func (x *Index) scan(row interface{ Scan(...any) error }) (models.StoredClip, error) {
	var c models.StoredClip
	var body, hold string
	var held bool
	var end int64
	if err := row.Scan(&c.ID, &c.Camera, &body, &c.State, &c.Seq, &hold, &held, &end); err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(body), &c.Clip); err != nil {
		return c, fmt.Errorf("clip %s cannot be read: %w", c.ID, err)
	}
	if held {
		c.Hold = &models.ClipHold{}
		if err := json.Unmarshal([]byte(hold), c.Hold); err != nil {
			return c, fmt.Errorf("the hold of clip %s cannot be read: %w", c.ID, err)
		}
	}
	c.Expires = sql.Instant(end).Add(x.retention(c.Camera))
	return c, nil
}

// clips is the clips that a clause chooses.
func (x *Index) clips(ctx context.Context, clause string, args ...any) (found []models.StoredClip, err error) {
	err = x.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select `+columns+` from clips `+clause, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			c, err := x.scan(rows)
			if err != nil {
				return err
			}
			found = append(found, c)
		}
		return rows.Err()
	})
	return found, err
}

// Clip is the clip with that id, or models.ErrNotFound.
func (x *Index) Clip(ctx context.Context, id models.ClipID) (models.StoredClip, error) {
	found, err := x.clips(ctx, `where id = $1`, clean(string(id)))
	if err == nil && len(found) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return models.StoredClip{}, fmt.Errorf("clip %s: %w", id, err)
	}
	return found[0], nil
}

// Manifest is the signed manifest of a clip, or models.ErrNotFound while it is not stored.
func (x *Index) Manifest(ctx context.Context, id models.ClipID) (text []byte, err error) {
	err = x.db.Read(ctx, func(tx *sql.Tx) error {
		var manifest string
		err := tx.QueryRowContext(ctx, `select manifest from clips where id = $1 and seq > 0`, clean(string(id))).
			Scan(&manifest)
		text = []byte(manifest)
		return known(err)
	})
	if err != nil {
		return nil, fmt.Errorf("manifest of clip %s: %w", id, err)
	}
	return text, nil
}

func known(err error) error {
	if errors.Is(err, stdsql.ErrNoRows) {
		return models.ErrNotFound
	}
	return err
}
