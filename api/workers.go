package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// Fleet knows the workers.
type Fleet interface {
	Workers() []models.WorkerStatus
}

type workers struct{ fleet Fleet }

// ListWorkers is GET /workers.
func (h workers) ListWorkers(c echo.Context) error {
	reach := access.Reach(c.Request().Context())
	answer := Workers{Items: []Worker{}}
	for _, w := range h.fleet.Workers() {
		worker := Worker{
			Name: w.Name, State: WorkerStateLost, Cameras: []string{}, Version: w.Version,
			ClockOffsetSeconds: w.ClockOffset.Seconds(), Outbox: w.Outbox, LastHeard: w.LastHeard.UTC(),
		}
		if w.Online {
			worker.State = WorkerStateOnline
		}
		if s := w.Spool; s != nil {
			worker.Clips = &WorkerClips{
				Waiting: s.Clips, Bytes: s.Bytes, Oldest: optional(s.Oldest.UTC()), Sent: int64(s.Sent),
				Lost: int64(s.Lost), Failures: int64(s.Failures), Trouble: optional(s.Trouble),
			}
		}
		for _, id := range w.Cameras {
			if !reach.Camera(id) {
				continue
			}
			worker.Cameras = append(worker.Cameras, string(id))
		}
		answer.Items = append(answer.Items, worker)
	}
	return c.JSON(http.StatusOK, answer)
}
