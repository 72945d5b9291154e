package registry

import (
	"context"
	stdsql "database/sql"
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"footfall/models"
	"footfall/storage/seal"
	"footfall/storage/sql"
)

//go:embed migrations
var migrations embed.FS

// KeyBytes is the length of the key that addresses are sealed with.
const KeyBytes = seal.KeyBytes

// ErrWrongKey says that the addresses in the database were sealed with another key.
var ErrWrongKey = seal.ErrWrongKey

// NewKey makes a key.
func NewKey() []byte { return seal.NewKey() }

// Registry keeps cameras, lines and zones in a database. It is safe for any number of goroutines.
type Registry struct {
	db   *sql.DB
	seal seal.Seal
	now  func() time.Time

	mu          sync.Mutex
	subscribers map[chan struct{}]struct{}
}

// Option changes how a registry works.
type Option func(*Registry)

// Clock makes the registry ask now for the time, instead of the machine: it stamps the versions of lines.
func Clock(now func() time.Time) Option { return func(r *Registry) { r.now = now } }

// New is a registry in db, whose tables it brings up to date. The key has KeyBytes bytes; another one than the
// addresses were sealed with is refused with ErrWrongKey. The caller closes db.
func New(ctx context.Context, db *sql.DB, key []byte, options ...Option) (*Registry, error) {
	sealed, err := seal.New(key)
	if err != nil {
		return nil, fmt.Errorf("open registry: %w", err)
	}
	if err := db.Migrate(ctx, "registry", migrations); err != nil {
		return nil, err
	}
	r := &Registry{db: db, seal: sealed, now: time.Now, subscribers: make(map[chan struct{}]struct{})}
	for _, option := range options {
		option(r)
	}
	if err := db.Write(ctx, func(tx *sql.Tx) error { return r.tryKey(ctx, tx) }); err != nil {
		return nil, fmt.Errorf("open registry: %w", err)
	}
	return r, nil
}

// What is sealed to try a key with.
const stateOwner, stateText = "registry", "footfall"

// tryKey opens what the first key sealed, or seals it when there is none yet.
func (r *Registry) tryKey(ctx context.Context, tx *sql.Tx) error {
	var sealed string
	err := tx.QueryRowContext(ctx, `select sealed from registry_state`).Scan(&sealed)
	if errors.Is(err, stdsql.ErrNoRows) {
		_, err = tx.ExecContext(ctx, `insert into registry_state (one, sealed) values (1, $1)`,
			r.seal.Close(stateOwner, stateText))
		return err
	}
	if err != nil {
		return err
	}
	if _, err := r.seal.Open(stateOwner, sealed); err != nil {
		return fmt.Errorf("%w; bring back the one that it was sealed with (storage.key, or camera.key in data_dir), "+
			"or remove all cameras by starting with a new database", err)
	}
	return nil
}

// Subscribe tells of changes: the channel holds a token whenever something has changed since it was last emptied, so a
// slow reader misses none and delays nobody. Stop ends it.
func (r *Registry) Subscribe() (changes <-chan struct{}, stop func()) {
	tokens := make(chan struct{}, 1)
	r.mu.Lock()
	r.subscribers[tokens] = struct{}{}
	r.mu.Unlock()
	return tokens, func() {
		r.mu.Lock()
		delete(r.subscribers, tokens)
		r.mu.Unlock()
	}
}

// tell tells all subscribers that something has changed.
func (r *Registry) tell() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for tokens := range r.subscribers {
		select {
		case tokens <- struct{}{}:
		default: // one is there already
		}
	}
}

// change runs do alone in a transaction and tells of it once it is on disk.
func (r *Registry) change(ctx context.Context, do func(*sql.Tx) error) error {
	if err := r.db.Write(ctx, do); err != nil {
		return err
	}
	r.tell()
	return nil
}

// Add adds a camera, with version 1 or, if there was one with its id, the next. It is refused with
// models.ErrConflict when there is one with that id now.
func (r *Registry) Add(ctx context.Context, c models.Camera) (models.Camera, error) {
	c = c.WithDefaults()
	c.Declared = false
	err := validate(c)
	if err == nil {
		err = r.change(ctx, func(tx *sql.Tx) error {
			have, err := r.stored(ctx, tx, c.ID)
			switch {
			case errors.Is(err, models.ErrNotFound):
			case err != nil:
				return err
			case !have.removed:
				return fmt.Errorf("there is one already: %w", models.ErrConflict)
			}
			c.Version = have.Version + 1
			return r.save(ctx, tx, c)
		})
	}
	if err != nil {
		return models.Camera{}, fmt.Errorf("add camera %s: %w", c.ID, err)
	}
	return c, nil
}

// Update replaces what is known about a camera, its lines and zones included. c.Version is the version the change was
// made from: if it is not the camera's any more, models.ErrConflict. An empty address, or the stored one as
// models.RedactURL shows it, keeps the stored one: whoever reads a camera is not shown its password.
func (r *Registry) Update(ctx context.Context, c models.Camera) (models.Camera, error) {
	seen := c.Version
	c = c.WithDefaults()
	c.Declared = false
	err := r.change(ctx, func(tx *sql.Tx) error {
		have, err := r.changeable(ctx, tx, c.ID)
		if err == nil {
			err = have.refuseOutdated(seen)
		}
		if err != nil {
			return err
		}
		if c.URL == "" || c.URL == models.RedactURL(have.URL) {
			c.URL = have.URL
		}
		c.Version = have.Version + 1
		if err := validate(c); err != nil {
			return err
		}
		return r.save(ctx, tx, c)
	})
	if err != nil {
		return models.Camera{}, fmt.Errorf("change camera %s: %w", c.ID, err)
	}
	return c, nil
}

// SetLines replaces the lines of a camera that is at the given version. Lines that vanish keep their counts.
func (r *Registry) SetLines(
	ctx context.Context, id models.CameraID, version int64, lines []models.Line,
) (models.Camera, error) {
	var c models.Camera
	err := validateLines(lines)
	if err == nil {
		err = r.change(ctx, func(tx *sql.Tx) error {
			have, err := r.changeable(ctx, tx, id)
			if err == nil {
				err = have.refuseOutdated(version)
			}
			if err != nil {
				return err
			}
			c = have.Camera
			c.Lines = lines
			c.Version++
			return r.save(ctx, tx, c)
		})
	}
	if err != nil {
		return models.Camera{}, fmt.Errorf("set the lines of camera %s: %w", id, err)
	}
	return c, nil
}

// Remove ends the watching of a camera. Its counts stay, with its name and its lines'.
func (r *Registry) Remove(ctx context.Context, id models.CameraID) error {
	err := r.change(ctx, func(tx *sql.Tx) error {
		have, err := r.changeable(ctx, tx, id)
		if err != nil {
			return err
		}
		return r.retire(ctx, tx, have.Camera)
	})
	if err != nil {
		return fmt.Errorf("remove camera %s: %w", id, err)
	}
	return nil
}

// validate refuses a camera that cannot be watched, or whose names PostgreSQL would not take.
func validate(c models.Camera) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if !isText(c.Name) {
		return models.Invalidf("name", "is not text")
	}
	for _, z := range c.Zones {
		if !isText(z.Name) {
			return models.Invalidf("zone "+z.ID, "has a name that is not text")
		}
	}
	return validateLines(c.Lines)
}

func validateLines(lines []models.Line) error {
	for _, l := range lines {
		if !isText(l.Name) {
			return models.Invalidf("line "+l.ID, "has a name that is not text")
		}
	}
	return models.ValidateLines(lines)
}

// isText reports whether a name is UTF-8 without zero bytes.
func isText(name string) bool { return utf8.ValidString(name) && !strings.ContainsRune(name, 0) }

// changeable is the stored camera if it is there and the API may change it.
func (r *Registry) changeable(ctx context.Context, tx *sql.Tx, id models.CameraID) (storedCamera, error) {
	have, err := r.stored(ctx, tx, id)
	switch {
	case err != nil:
		return have, err
	case have.removed:
		return have, models.ErrNotFound
	case have.Declared:
		return have, fmt.Errorf("it stands in the configuration file; change it there: %w", models.ErrReadOnly)
	}
	return have, nil
}

// refuseOutdated is models.ErrConflict when the camera has changed since the caller saw it.
func (c storedCamera) refuseOutdated(seen int64) error {
	if c.Version != seen {
		return fmt.Errorf("it is at version %d, not %d; read it again: %w", c.Version, seen, models.ErrConflict)
	}
	return nil
}
