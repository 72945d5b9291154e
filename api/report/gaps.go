package report

import (
	"context"
	"slices"
	"time"

	"footfall/models"
)

const (
	// shortestGap is what is worth a manager's while.
	shortestGap = 5 * time.Minute
	// gapsShown is how many are told one by one.
	gapsShown = 8
)

// addGaps adds the stretches in which cameras were not watched. All lines of a camera are watched by the same frames,
// so the first line speaks for it.
func (r *Report) addGaps(ctx context.Context, book Book, names names) error {
	in := r.Period.From.Location()
	var camera models.CameraID
	var line string
	var open Gap // From is zero while there is none
	end := func() {
		if !open.From.IsZero() && open.To.Sub(open.From) >= shortestGap {
			r.Gaps = append(r.Gaps, open)
		}
		open = Gap{}
	}
	for b, err := range book.Rows(ctx, r.Period.From, r.Period.To, models.Minute, in) {
		if err != nil {
			return err
		}
		if b.Camera != camera {
			end()
			camera, line = b.Camera, b.Line
		}
		switch {
		case b.Line != line:
		case b.Observed > 0:
			end()
		case open.From.IsZero():
			open = Gap{CameraName: names.camera(camera), From: b.Start.In(in), To: b.End.In(in)}
		default:
			open.To = b.End.In(in)
		}
	}
	end()
	slices.SortStableFunc(r.Gaps, func(a, b Gap) int { return int(b.To.Sub(b.From) - a.To.Sub(a.From)) })
	return nil
}
