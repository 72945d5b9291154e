package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// ListAudit is GET /audit.
func (h clipRoom) ListAudit(c echo.Context, params ListAuditParams) error {
	cameras, err := askerOf(c.Request()).reach.Cameras(cameraIDs(params.Camera))
	if err != nil {
		return err
	}
	limit := 100
	set(&limit, params.Limit)
	q := models.AuditQuery{Cameras: cameras, Limit: limit}
	set(&q.From, params.From)
	set(&q.To, params.To)
	set(&q.Actor, params.Actor)
	set(&q.Action, params.Action)
	set(&q.Object, params.Object)
	if params.Outcome != nil {
		q.Outcome = models.AuditOutcome(*params.Outcome)
	}
	if params.Cursor != nil {
		if q.Before, err = strconv.ParseInt(*params.Cursor, 10, 64); err != nil || q.Before < 1 {
			return models.Invalidf("cursor", "is not one that this list gave; start without a cursor")
		}
	}
	found, err := h.audit.List(c.Request().Context(), q)
	if err != nil {
		return err
	}
	page := AuditList{Items: []AuditRecord{}}
	if len(found) == limit {
		page.NextCursor = optional(strconv.FormatInt(found[limit-1].Seq, 10))
	}
	for _, r := range found {
		page.Items = append(page.Items, showRecord(r))
	}
	return c.JSON(http.StatusOK, page)
}

func showRecord(r models.AuditRecord) AuditRecord {
	shown := AuditRecord{
		Seq: r.Seq, Time: r.Time, Actor: showWho(r.Actor), Action: r.Action, Object: optional(r.Object),
		Camera: optional(string(r.Camera)), Site: optional(r.Site), Reason: optional(r.Reason),
		Address: optional(r.Address), Outcome: AuditRecordOutcome(r.Outcome), Prev: r.Prev, Hash: r.Hash,
	}
	if r.Details != nil {
		shown.Details = r.Details
	}
	return shown
}

// ExportAudit is GET /audit/export.jsonl. It is about everything, so that it can be checked: whoever may see some
// cameras only may not have it.
func (h clipRoom) ExportAudit(c echo.Context, params ExportAuditParams) error {
	who := askerOf(c.Request())
	ctx := c.Request().Context()
	err := h.audit.Append(ctx, models.AuditEntry{
		Actor: who.actor, Address: who.address, Action: "audit.export", Reason: params.Reason,
	})
	if err != nil {
		return err
	}
	var from, to time.Time
	set(&from, params.From)
	set(&to, params.To)
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "application/jsonl")
	header.Set(echo.HeaderContentDisposition, `attachment; filename="footfall-audit.jsonl"`)
	header.Set(echo.HeaderCacheControl, "private, no-store")
	c.Response().WriteHeader(http.StatusOK)
	return h.audit.Export(ctx, c.Response(), from, to, h.evidence.Signer)
}
