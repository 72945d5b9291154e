package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// patience of a still: a camera that analyses a picture every other second is slow, but there.
const stillPatience = 3 * time.Second

// GetSnapshot is GET /cameras/{id}/snapshot.jpg.
func (h previews) GetSnapshot(c echo.Context, id CameraID, params GetSnapshotParams) error {
	stream, err := h.enter(c, id, word(params.Class), params.Clean, params.Bare)
	if err != nil {
		return err
	}
	stream.Stills = true
	shot, err := h.still(c.Request().Context(), stream)
	if err != nil {
		return err
	}
	age := max(0, h.now().Sub(shot.At))
	header := c.Response().Header()
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set("Age", strconv.Itoa(int(age.Seconds())))
	header.Set(echo.HeaderLastModified, shot.At.UTC().Format(http.TimeFormat))
	header.Set("X-Timestamp", taken(shot))
	return c.Blob(http.StatusOK, "image/jpeg", shot.Data)
}

// still is a picture that was taken after it was asked for, or the last one there is.
func (h previews) still(ctx context.Context, stream models.Stream) (models.Shot, error) {
	seat := h.shows.Watch(stream)
	defer seat.Leave()
	waiting, cancel := context.WithTimeout(ctx, stillPatience)
	defer cancel()
	shot, err := seat.Next(waiting)
	if err == nil {
		return shot, nil
	}
	if ctx.Err() != nil {
		return shot, ctx.Err()
	}
	if last, there := h.shows.Last(stream); there {
		return last, nil
	}
	return shot, h.blind(stream.Camera)
}

// blind says why there is no picture of a camera.
func (h previews) blind(camera models.CameraID) error {
	status := h.statuses.Status(camera)
	why := string(status.State)
	if status.Detail != "" {
		why += ": " + status.Detail
	}
	return fmt.Errorf("no picture of camera %s, which is %s: %w", camera, why, models.ErrUnavailable)
}

// boundary parts the pictures of a stream.
const boundary = "footfall-picture"

// StreamStills is GET /cameras/{id}/preview.mjpeg.
func (h previews) StreamStills(c echo.Context, id CameraID, params StreamStillsParams) error {
	stream, err := h.enter(c, id, word(params.Class), params.Clean, params.Bare)
	if err != nil {
		return err
	}
	stream.Stills = true
	ctx, done, err := held(c.Request().Context(), h.entrance, "previews", h.each)
	if err != nil {
		return err
	}
	defer done()
	seat := h.shows.Watch(stream)
	defer seat.Leave()
	first, cancel := context.WithTimeout(ctx, stillPatience)
	shot, err := seat.Next(first)
	cancel()
	if err != nil && ctx.Err() == nil {
		return h.blind(stream.Camera) // the page tries again, and shows the reason meanwhile
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "multipart/x-mixed-replace; boundary="+boundary)
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(c.Response())
	for err == nil {
		// A viewer that does not read is let go, so that it cannot hold a connection for ever.
		if err := control.SetWriteDeadline(time.Now().Add(stillPatience)); err != nil {
			return fmt.Errorf("bound the time of a viewer: %w", err)
		}
		const part = "--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\nX-Timestamp: %s\r\n\r\n"
		if _, err := fmt.Fprintf(c.Response(), part, boundary, len(shot.Data), taken(shot)); err != nil {
			return nil // the viewer has left
		}
		if _, err := c.Response().Write(append(shot.Data[:len(shot.Data):len(shot.Data)], "\r\n"...)); err != nil {
			return nil // the viewer has left
		}
		c.Response().Flush()
		shot, err = seat.Next(ctx)
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func taken(shot models.Shot) string { return shot.At.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
