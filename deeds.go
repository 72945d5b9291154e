package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"footfall/api/access"
	"footfall/models"
	"footfall/storage/audit"
)

// deeds writes down who did what. What was done is done when it is written down, so that a log that cannot be written
// is an alarm and no refusal.
type deeds struct {
	record *audit.Log
	log    *slog.Logger
}

// details is what else there is to say of a deed.
type details struct {
	Detail string `json:"detail,omitempty"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// writePatience is how long a deed may take to be written, also when whoever did it has gone.
const writePatience = 10 * time.Second

func (d deeds) Note(ctx context.Context, deed access.Deed) {
	visit := access.VisitOf(ctx)
	who := deed.Who
	if who.Kind == "" {
		who = visit.Who
	}
	if deed.Address == "" {
		deed.Address = visit.Address
	}
	entry := models.AuditEntry{
		Actor:  models.AuditActor{Kind: string(who.Kind), ID: who.ID, Name: who.Name},
		Action: deed.Action, Object: deed.Object, Camera: deed.Camera, Site: deed.Site, Address: deed.Address,
		Outcome: models.AuditDone,
	}
	if who.Kind == "" {
		entry.Actor.Kind = "nobody"
	}
	if deed.Refused {
		entry.Outcome = models.AuditDenied
		d.log.Warn("refused", "action", deed.Action, "object", deed.Object, "who", who.String(), "from", deed.Address,
			"reason", deed.Detail)
	}
	writing, done := context.WithTimeout(context.WithoutCancel(ctx), writePatience)
	defer done()
	var err error
	if more := (details{deed.Detail, deed.Before, deed.After}); more != (details{}) {
		entry.Details, err = json.Marshal(more)
	}
	if err == nil {
		err = d.record.Append(writing, entry)
	}
	if err != nil {
		d.log.Error("what was done is not in the audit log", "action", deed.Action, "object", deed.Object,
			"who", who.String(), "error", err)
	}
}
