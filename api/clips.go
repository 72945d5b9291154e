package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// Clips is what is known of clips.
type Clips interface {
	Clips(ctx context.Context, q models.ClipQuery) ([]models.StoredClip, error)
	Clip(ctx context.Context, id models.ClipID) (models.StoredClip, error)
	// Manifest is the signed one, to the byte.
	Manifest(ctx context.Context, id models.ClipID) ([]byte, error)
	// Stamp is the time stamp of the manifest, in DER; nil while there is none.
	Stamp(ctx context.Context, id models.ClipID) ([]byte, error)
	Hold(ctx context.Context, id models.ClipID, hold models.ClipHold) error
	Release(ctx context.Context, id models.ClipID) error
	Recordings(ctx context.Context, cameras []models.CameraID, after time.Time) ([]models.Recording, error)
	AddRecording(ctx context.Context, r models.Recording) error
	// Reveal notes that somebody was shown all that the system counted in a clip; Revealed says for which lines, the
	// empty one being all.
	Reveal(ctx context.Context, id models.ClipID, by models.AuditActor, now time.Time) error
	Revealed(ctx context.Context, id models.ClipID, by models.AuditActor) ([]string, error)
	AddReview(ctx context.Context, r models.Review) (models.Review, error)
	Reviews(ctx context.Context, q models.ReviewQuery) ([]models.Review, error)
}

// ClipFiles is where the videos are.
type ClipFiles interface {
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Link is an address outside of this server under which anybody who has it can read a video for a short while,
	// until the time that it says; empty where videos come through the server.
	Link(ctx context.Context, key string) (address string, until time.Time, err error)
	// Thumbnail is a JPEG of the picture at a moment of a video.
	Thumbnail(ctx context.Context, key string, at time.Duration) ([]byte, error)
	Describe(ctx context.Context) (ClipStorage, error)
}

// ClipStorage is what there is to say about where clips are kept.
type ClipStorage struct {
	Name       string
	Lock, Hold bool
	Detail     string
	Retention  time.Duration
}

// AuditLog is who did what.
type AuditLog interface {
	Append(ctx context.Context, e models.AuditEntry) error
	List(ctx context.Context, q models.AuditQuery) ([]models.AuditRecord, error)
	Export(ctx context.Context, w io.Writer, from, to time.Time, signer models.Signer) error
}

// Evidence signs what is handed out.
type Evidence struct {
	Signer models.Signer
	Public []byte // the public key, in PEM
}

// clipRoom is what all of the handlers about clips need.
type clipRoom struct {
	clips    Clips
	files    ClipFiles
	audit    AuditLog
	registry Registry
	evidence Evidence
	now      func() time.Time
	looks    *looks
	newID    func() string
}

// ListClips is GET /clips.
func (h clipRoom) ListClips(c echo.Context, params ListClipsParams) error {
	who := askerOf(c.Request())
	cameras, err := who.reach.Cameras(cameraIDs(params.Camera))
	if err != nil {
		return err
	}
	limit := 100
	set(&limit, params.Limit)
	q := models.ClipQuery{
		Cameras: cameras, Held: params.Held, Limit: limit,
		States: []models.ClipState{models.ClipStored, models.ClipAwaited},
	}
	set(&q.Line, params.Line)
	set(&q.From, params.From)
	set(&q.To, params.To)
	set(&q.Before, params.Cursor)
	if params.Trigger != nil {
		for _, kind := range *params.Trigger {
			q.Triggers = append(q.Triggers, models.TriggerKind(kind))
		}
	}
	if params.State != nil {
		q.States = nil
		for _, state := range *params.State {
			q.States = append(q.States, models.ClipState(state))
		}
	}
	found, err := h.clips.Clips(c.Request().Context(), q)
	if err != nil {
		return err
	}
	page := ClipList{Items: []Clip{}}
	if len(found) == limit {
		page.NextCursor = optional(found[limit-1].Cursor())
	}
	for _, clip := range found {
		page.Items = append(page.Items, showClip(clip, nil))
	}
	return c.JSON(http.StatusOK, page)
}

// find is a clip that whoever asks may see.
func (h clipRoom) find(c echo.Context, id string) (models.StoredClip, asker, error) {
	who := askerOf(c.Request())
	clip, err := h.clips.Clip(c.Request().Context(), models.ClipID(id))
	// Whether there is a clip that is out of reach is not said either.
	far := err == nil && !who.reach.Camera(clip.Camera) || errors.Is(err, models.ErrNotFound) && !who.reach.Everywhere()
	if far {
		err = fmt.Errorf("clip %s is not within your reach: %w", id, models.ErrForbidden)
	}
	return clip, who, err
}

// GetClip is GET /clips/{id}.
func (h clipRoom) GetClip(c echo.Context, id ClipID) error {
	clip, who, err := h.find(c, id)
	if err != nil {
		return err
	}
	return h.answer(c, clip, who)
}

// answer shows a clip, with what the asker was shown of its counts before.
func (h clipRoom) answer(c echo.Context, clip models.StoredClip, who asker) error {
	revealed, err := h.clips.Revealed(c.Request().Context(), clip.ID, who.actor)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, showClip(clip, revealed))
}

// RevealClip is POST /clips/{id}/reveal.
func (h clipRoom) RevealClip(c echo.Context, id ClipID) error {
	var body Reason
	if err := c.Bind(&body); err != nil {
		return err
	}
	clip, who, err := h.find(c, id)
	if err != nil {
		return err
	}
	if err := h.reveal(c, clip, who, body.Reason); err != nil {
		return err
	}
	return h.answer(c, clip, who)
}

// reveal notes that the asker is shown what the system counted.
func (h clipRoom) reveal(c echo.Context, clip models.StoredClip, who asker, reason string) error {
	ctx := c.Request().Context()
	if err := h.audit.Append(ctx, who.entry("clip.reveal", clip, reason)); err != nil {
		return err
	}
	return h.clips.Reveal(ctx, clip.ID, who.actor, h.now())
}

// HoldClip is PUT /clips/{id}/hold.
func (h clipRoom) HoldClip(c echo.Context, id ClipID) error {
	var body Reason
	if err := c.Bind(&body); err != nil {
		return err
	}
	clip, who, err := h.find(c, id)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	hold := models.ClipHold{Reason: strings.TrimSpace(body.Reason), By: who.actor, Since: h.now().UTC()}
	if err := h.clips.Hold(ctx, clip.ID, hold); err != nil {
		return err
	}
	if err := h.audit.Append(ctx, who.entry("clip.hold", clip, body.Reason)); err != nil {
		return err
	}
	return h.GetClip(c, id)
}

// ReleaseClip is DELETE /clips/{id}/hold.
func (h clipRoom) ReleaseClip(c echo.Context, id ClipID, params ReleaseClipParams) error {
	clip, who, err := h.find(c, id)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	// Written down first: what goes after a release that nobody knows of would be beyond proof.
	if err := h.audit.Append(ctx, who.entry("clip.release", clip, params.Reason)); err != nil {
		return err
	}
	if err := h.clips.Release(ctx, clip.ID); err != nil {
		return err
	}
	return h.GetClip(c, id)
}

// GetEvidenceKey is GET /clips/key.pem.
func (h clipRoom) GetEvidenceKey(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/x-pem-file", h.evidence.Public)
}

// GetClipStore is GET /clips/store.
func (h clipRoom) GetClipStore(c echo.Context) error {
	s, err := h.files.Describe(c.Request().Context())
	if err != nil {
		return fmt.Errorf("ask the store of clips: %w: %w", err, models.ErrUnavailable)
	}
	return c.JSON(http.StatusOK, ClipStore{
		Store: s.Name, Lock: s.Lock, Hold: s.Hold, Detail: s.Detail, RetentionHours: s.Retention.Hours(),
	})
}

// showClip is a clip with what was counted on the revealed lines; the empty line stands for all.
func showClip(c models.StoredClip, revealed []string) Clip {
	shown := Clip{
		Id: string(c.ID), Camera: string(c.Camera), Start: c.Start, End: c.End, Seconds: c.End.Sub(c.Start).Seconds(),
		State: ClipState(c.State), Triggers: []ClipTrigger{}, Width: c.Width, Height: c.Height, Pictures: c.Pictures,
		ObservedSeconds: c.Observed.Seconds(), Lines: showLines(c.Lines), ConfigVersion: c.ConfigVersion,
		ModelVersion: c.ModelVersion, Privacy: showPrivacy(c.Privacy), Bytes: c.Bytes, Sha256: c.SHA256,
		Chain: optional(c.Seq), Expires: c.Expires.UTC(), Revealed: []string{},
	}
	for _, t := range c.Triggers {
		trigger := ClipTrigger{Kind: TriggerKind(t.Kind), From: t.From.UTC(), To: t.To.UTC()}
		if t.Kind != models.TriggerCrossing { // which crossing it was, the one who counts shall find out
			trigger.Id = optional(t.ID)
		}
		shown.Triggers = append(shown.Triggers, trigger)
	}
	if c.Hold != nil {
		shown.Hold = &ClipHold{Reason: c.Hold.Reason, By: showWho(c.Hold.By), Since: c.Hold.Since}
	}
	if len(revealed) == 0 {
		return shown
	}
	sees := func(line string) bool { return slices.Contains(revealed, "") || slices.Contains(revealed, line) }
	counts, crossings := []ClipCount{}, []ClipCrossing{}
	for _, line := range c.Lines {
		if sees(line.ID) {
			shown.Revealed = append(shown.Revealed, line.ID)
		}
	}
	for _, n := range c.Counts {
		if sees(n.Line) {
			counts = append(counts, ClipCount{Line: n.Line, In: n.In, Out: n.Out, RawIn: n.RawIn, RawOut: n.RawOut})
		}
	}
	for _, x := range c.Crossings {
		if sees(x.Line) {
			crossings = append(crossings, ClipCrossing{
				Id: string(x.ID), Line: x.Line, Direction: ClipCrossingDirection(x.Direction),
				Class: optional(string(x.Class)), Time: x.Time, Seconds: x.Time.Sub(c.Start).Seconds(),
				Reverses: optional(string(x.Reverses)),
			})
		}
	}
	shown.Counts, shown.Crossings = &counts, &crossings
	return shown
}
