package api

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"footfall/api/access"
	"footfall/models"
)

// newRecordID is a UUIDv7: what is made later sorts later.
func newRecordID() string { return uuid.Must(uuid.NewV7()).String() }

// asker is who sends a request, as far as clips and the audit log care.
type asker struct {
	actor   models.AuditActor
	address string
	reach   access.Scope
}

func askerOf(r *http.Request) asker {
	visit := access.VisitOf(r.Context())
	return asker{
		actor:   models.AuditActor{Kind: string(visit.Who.Kind), ID: visit.Who.ID, Name: visit.Who.Name},
		address: visit.Address, reach: visit.Scope,
	}
}

// sees refuses a camera that is out of reach.
func (a asker) sees(camera models.CameraID) error {
	if !a.reach.Camera(camera) {
		return fmt.Errorf("camera %s is not within your reach: %w", camera, models.ErrForbidden)
	}
	return nil
}

// entry is one of the audit log about something that the asker did to a clip.
func (a asker) entry(action string, c models.StoredClip, reason string) models.AuditEntry {
	return models.AuditEntry{
		Actor: a.actor, Address: a.address, Action: action, Object: string(c.ID), Camera: c.Camera, Reason: reason,
	}
}

func showWho(a models.AuditActor) Who {
	return Who{Kind: a.Kind, Id: optional(a.ID), Name: optional(a.Name)}
}

// cameraIDs is a list of a query's cameras.
func cameraIDs(list *[]string) []models.CameraID {
	var ids []models.CameraID
	if list != nil {
		for _, id := range *list {
			ids = append(ids, models.CameraID(id))
		}
	}
	return ids
}
