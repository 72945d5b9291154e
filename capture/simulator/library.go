package simulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Library encodes every source once, however many ask for it: a package of tests makes one in TestMain. Its clips are
// its own; nobody else closes them.
type Library struct {
	options EncodeOptions

	mu    sync.Mutex
	clips map[string]*shelf
}

// shelf is the place of one clip; whoever comes while it is being encoded waits.
type shelf struct {
	mu   sync.Mutex
	clip *Clip
}

// NewLibrary encodes with options.
func NewLibrary(options EncodeOptions) *Library {
	return &Library{options: options, clips: make(map[string]*shelf)}
}

// File is the clip of a video file, encoded anew when the file has changed.
func (l *Library) File(ctx context.Context, file string) (*Clip, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("encode clip %s: %w", file, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("encode clip %s: %w", file, err)
	}
	key := fmt.Sprintf("%s %d %s", path, info.Size(), info.ModTime())
	return l.take(key, func() (*Clip, error) { return Encode(ctx, file, l.options) })
}

// Scene is the clip of a drawn scene.
func (l *Library) Scene(ctx context.Context, scene Scene) (*Clip, error) {
	return l.take(fmt.Sprintf("%+v", scene), func() (*Clip, error) { return scene.Encode(ctx, l.options) })
}

// take encodes what is not there yet. A failure is not kept: the next one tries again.
func (l *Library) take(key string, encode func() (*Clip, error)) (*Clip, error) {
	l.mu.Lock()
	place := l.clips[key]
	if place == nil {
		place = &shelf{}
		l.clips[key] = place
	}
	l.mu.Unlock()

	place.mu.Lock()
	defer place.mu.Unlock()
	if place.clip == nil {
		clip, err := encode()
		if err != nil {
			return nil, err
		}
		place.clip = clip
	}
	return place.clip, nil
}

// Close closes every clip. Cameras that play them must have ended.
func (l *Library) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var failed []error
	for key, place := range l.clips {
		if place.clip != nil {
			failed = append(failed, place.clip.Close())
		}
		delete(l.clips, key)
	}
	return errors.Join(failed...)
}
