package clips_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/clips"
	"footfall/storage/storetest"
)

var databases storetest.Databases

func TestMain(m *testing.M) { os.Exit(databases.Main(m)) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// filmed is the fact of a clip, and its video.
func filmed(camera models.CameraID, id string, start time.Time, bytesLong int) (models.Fact, []byte) {
	data, content := storetest.Video(bytesLong, id)
	clip := &models.Clip{
		Start: start, End: start.Add(20 * time.Second), Bytes: content.Bytes, SHA256: content.SHA256, Pictures: 200,
		Observed: 20 * time.Second, Width: 640, Height: 360, ConfigVersion: 3, ModelVersion: "model@1",
		Triggers:  []models.ClipTrigger{{Kind: models.TriggerSample, From: start, To: start.Add(20 * time.Second)}},
		Lines:     []models.Line{storetest.DoorLine("door"), storetest.DoorLine("gate")},
		Crossings: []models.ClipCrossing{{ID: "x1", Line: "door", Direction: models.In, Class: models.Person, Time: start.Add(5 * time.Second)}},
		Key:       models.ClipKey(camera, models.ClipID(id), start) + models.VideoEnding,
	}
	clip.Counts = models.CountCrossings(clip.Lines, clip.Crossings)
	return models.Fact{ID: models.FactID(id), Camera: camera, Lease: "lease", Clip: clip}, data
}

// film writes a video where a recorder would, and returns its fact and its path.
func film(t *testing.T, folder string, camera models.CameraID, id string, start time.Time, bytesLong int) (models.Fact, string) {
	t.Helper()
	fact, data := filmed(camera, id, start, bytesLong)
	path := filepath.Join(folder, id+".part")
	must(t, os.WriteFile(path, data, 0o600))
	return fact, path
}

// until waits for what happens on another goroutine.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal("in vain: ", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// moody is a store that fails as it is told.
type moody struct {
	clips.Store

	mu    sync.Mutex
	fails func(what, key string) error
	asked map[string]int
}

func (m *moody) mood(what, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.asked == nil {
		m.asked = map[string]int{}
	}
	m.asked[what]++
	if m.fails == nil {
		return nil
	}
	return m.fails(what, key)
}

func (m *moody) set(fails func(what, key string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails = fails
}

func (m *moody) Put(ctx context.Context, key string, c clips.Content) error {
	if err := m.mood("put", key); err != nil {
		return err
	}
	return m.Store.Put(ctx, key, c)
}

func (m *moody) Get(ctx context.Context, key string) (clips.Reader, clips.Object, error) {
	if err := m.mood("get", key); err != nil {
		return nil, clips.Object{}, err
	}
	return m.Store.Get(ctx, key)
}

func (m *moody) Remove(ctx context.Context, key string) error {
	if err := m.mood("remove", key); err != nil {
		return err
	}
	return m.Store.Remove(ctx, key)
}

// keys are the objects of a store.
func keys(t *testing.T, s clips.Store) (all []string) {
	t.Helper()
	must(t, s.List(t.Context(), "", func(o clips.Object) error { all = append(all, o.Key); return nil }))
	return all
}

func text(t *testing.T, s clips.Store, key string) []byte {
	t.Helper()
	reader, _, err := s.Get(t.Context(), key)
	must(t, err)
	data, err := io.ReadAll(reader)
	must(t, err)
	must(t, reader.Close())
	return data
}

func sum(data []byte) [32]byte { return sha256.Sum256(data) }

func id(camera string, n int) string { return fmt.Sprintf("%s-%04d", camera, n) }
