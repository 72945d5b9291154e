package api_test

import (
	"context"
	"io"
	"slices"
	"time"

	"footfall/api"
	"footfall/models"
)

// archive holds a clip of the lobby and one of a foreign camera.
type archive struct{}

func (archive) all() []models.StoredClip {
	clip := func(id models.ClipID, camera models.CameraID) models.StoredClip {
		return models.StoredClip{
			ID: id, Camera: camera, State: models.ClipStored,
			Clip: models.Clip{Start: now().Add(-time.Minute), End: now().Add(-time.Second)},
		}
	}
	return []models.StoredClip{clip("clip-lobby", "lobby"), clip("foreign-clip", "foreign-camera")}
}

func (a archive) Clips(_ context.Context, q models.ClipQuery) (found []models.StoredClip, _ error) {
	for _, c := range a.all() {
		if len(q.Cameras) == 0 || slices.Contains(q.Cameras, c.Camera) {
			found = append(found, c)
		}
	}
	return found, nil
}

func (archive) Stamp(context.Context, models.ClipID) ([]byte, error) { return nil, nil }

func (a archive) Clip(_ context.Context, id models.ClipID) (models.StoredClip, error) {
	for _, c := range a.all() {
		if c.ID == id {
			return c, nil
		}
	}
	return models.StoredClip{}, models.ErrNotFound
}

func (archive) Manifest(context.Context, models.ClipID) ([]byte, error)              { return []byte("{}"), nil }
func (archive) Hold(context.Context, models.ClipID, models.ClipHold) error           { return nil }
func (archive) Release(context.Context, models.ClipID) error                         { return nil }
func (archive) AddRecording(context.Context, models.Recording) error                 { return nil }
func (archive) Reviews(context.Context, models.ReviewQuery) ([]models.Review, error) { return nil, nil }

func (archive) Recordings(context.Context, []models.CameraID, time.Time) ([]models.Recording, error) {
	return nil, nil
}

func (archive) Reveal(context.Context, models.ClipID, models.AuditActor, time.Time) error { return nil }

func (archive) Revealed(context.Context, models.ClipID, models.AuditActor) ([]string, error) {
	return nil, nil
}

func (archive) AddReview(_ context.Context, r models.Review) (models.Review, error) { return r, nil }

func (archive) Open(context.Context, string) (io.ReadSeekCloser, error) {
	return nil, models.ErrNotFound
}

func (archive) Link(context.Context, string) (string, time.Time, error) {
	return "", time.Time{}, nil
}

func (archive) Thumbnail(context.Context, string, time.Duration) ([]byte, error) {
	return nil, models.ErrNotFound
}

func (archive) Describe(context.Context) (api.ClipStorage, error) { return api.ClipStorage{}, nil }
