package api

import (
	"net"
	"net/http"

	"github.com/google/uuid"

	"footfall/models"
)

// newRecordID is a UUIDv7: what is made later sorts later.
func newRecordID() string { return uuid.Must(uuid.NewV7()).String() }

// Asker is who sends a request, as far as clips and the audit log care.
type Asker struct {
	Actor   models.AuditActor
	Address string
	// Narrow narrows the cameras that are asked for, where none means all, to those within reach; it refuses what is
	// not. Nil: everything is.
	Narrow func(asked []models.CameraID) ([]models.CameraID, error)
}

// theOperator is who everybody is while there are no logins: the server answers its own machine only.
func theOperator(r *http.Request) Asker {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	return Asker{
		Actor: models.AuditActor{Kind: "person", ID: "operator", Name: "whoever is at this machine"}, Address: address,
	}
}

// cameras narrows what is asked for.
func (a Asker) cameras(asked []models.CameraID) ([]models.CameraID, error) {
	if a.Narrow == nil {
		return asked, nil
	}
	return a.Narrow(asked)
}

// sees refuses a camera that is out of reach.
func (a Asker) sees(camera models.CameraID) error {
	_, err := a.cameras([]models.CameraID{camera})
	return err
}

// entry is one of the audit log about something that the asker did to a clip.
func (a Asker) entry(action string, c models.StoredClip, reason string) models.AuditEntry {
	return models.AuditEntry{
		Actor: a.Actor, Address: a.Address, Action: action, Object: string(c.ID), Camera: c.Camera, Reason: reason,
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
