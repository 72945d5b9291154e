package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// memory is how much of the past a camera's worker still holds; see worker and docs/clips.md.
const memory = 30 * time.Second

// AddRecording is POST /cameras/{id}/recordings.
func (h clipRoom) AddRecording(c echo.Context, id CameraID) error {
	var body NewRecording
	if err := c.Bind(&body); err != nil {
		return err
	}
	who := askerOf(c.Request())
	camera := models.CameraID(id)
	if err := who.sees(camera); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := h.registry.Camera(ctx, camera); err != nil {
		return err
	}
	r, err := h.recording(body)
	if err != nil {
		return err
	}
	r.ID, r.Camera, r.By = h.newID(), camera, who.actor
	if err := h.clips.AddRecording(ctx, r); err != nil {
		return err
	}
	e := models.AuditEntry{
		Actor: who.actor, Address: who.address, Action: "recording.add", Object: r.ID, Camera: camera, Reason: r.Reason,
	}
	e.Details, err = json.Marshal(map[string]any{"kind": r.Kind, "from": r.From, "to": r.To})
	if err != nil {
		return err
	}
	if err := h.audit.Append(ctx, e); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, showRecording(r))
}

// recording is what was asked for.
func (h clipRoom) recording(body NewRecording) (models.Recording, error) {
	now := h.now().UTC()
	r := models.Recording{Reason: body.Reason, Made: now}
	switch {
	case body.LastSeconds != nil && (body.From != nil || body.To != nil):
		return r, models.Invalidf("last_seconds", "stands beside from and to; give one or the other")
	case body.LastSeconds != nil:
		r.Kind, r.From, r.To = models.TriggerSaved, now.Add(-duration(*body.LastSeconds)), now
		return r, nil
	case body.From == nil || body.To == nil:
		return r, models.Invalidf("from", "is missing, or to; or give last_seconds")
	}
	r.Kind, r.From, r.To = models.TriggerPlanned, body.From.UTC(), body.To.UTC()
	if r.From.Before(now) {
		r.Kind = models.TriggerSaved
	}
	switch {
	case r.From.Before(now.Add(-memory)):
		return r, models.Invalidf("from", "is more than %s ago, which no camera's memory holds", memory)
	case r.From.After(now.Add(30 * 24 * time.Hour)):
		return r, models.Invalidf("from", "is more than 30 days ahead")
	}
	return r, nil
}

// ListRecordings is GET /recordings.
func (h clipRoom) ListRecordings(c echo.Context, params ListRecordingsParams) error {
	cameras, err := askerOf(c.Request()).reach.Cameras(cameraIDs(params.Camera))
	if err != nil {
		return err
	}
	found, err := h.clips.Recordings(c.Request().Context(), cameras, h.now().Add(-30*24*time.Hour))
	if err != nil {
		return err
	}
	list := RecordingList{Items: []Recording{}}
	for _, r := range found {
		list.Items = append(list.Items, showRecording(r))
	}
	return c.JSON(http.StatusOK, list)
}

func showRecording(r models.Recording) Recording {
	shown := Recording{
		Id: r.ID, Camera: string(r.Camera), Kind: RecordingKind(r.Kind), From: r.From, To: r.To, Reason: r.Reason,
		By: showWho(r.By), Made: r.Made, Clips: []string{},
	}
	for _, id := range r.Clips {
		shown.Clips = append(shown.Clips, string(id))
	}
	return shown
}
