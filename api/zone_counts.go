package api

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

type zoneCounts struct {
	book Book
	now  func() time.Time
}

// GetZoneCounts is GET /zones/counts.
func (h zoneCounts) GetZoneCounts(c echo.Context, params GetZoneCountsParams) error {
	loc, err := zoneOf(params.Tz)
	if err != nil {
		return err
	}
	span, err := interval(h.now(), loc, params.From, params.To)
	if err != nil {
		return err
	}
	q := models.ZoneQuery{From: span.From, To: span.To, Location: loc, Limit: 1000}
	set(&q.Limit, params.Limit)
	set(&q.Cursor, params.Cursor)
	if params.Step != nil {
		q.Step = models.Step(*params.Step)
	}
	if params.Class != nil {
		q.Classes = asClasses(*params.Class)
	}
	known, err := h.book.KnownZones(c.Request().Context())
	if err != nil {
		return err
	}
	reach := access.Reach(c.Request().Context())
	for _, z := range known {
		if !reach.Camera(z.Camera) || params.Camera != nil && !slices.Contains(*params.Camera, string(z.Camera)) ||
			params.Zone != nil && !slices.Contains(*params.Zone, z.Zone) {
			continue
		}
		q.Zones = append(q.Zones, z)
	}
	page, err := h.book.ZoneBuckets(c.Request().Context(), q)
	if err != nil {
		return err
	}
	items := make([]ZoneCount, 0, len(page.Buckets))
	for _, b := range page.Buckets {
		items = append(items, showZone(b, loc))
	}
	if wantsCSV(c) {
		return writeZones(c, items, page.Next)
	}
	return answer(c, ZoneCounts{
		From: span.From.In(loc), To: span.To.In(loc), Step: optional(string(q.Step)), Tz: loc.String(), Items: items,
		NextCursor: optional(page.Next),
	})
}

func asClasses(words []string) []models.Class {
	classes := make([]models.Class, len(words))
	for i, w := range words {
		classes[i] = models.Class(w)
	}
	return classes
}

func showZone(b models.ZoneBucket, in *time.Location) ZoneCount {
	shown := ZoneCount{
		Camera: string(b.Camera), Zone: b.Zone, Class: string(b.Class), Start: b.Start.In(in), End: b.End.In(in),
		ObservedSeconds: b.Observed.Seconds(), Coverage: b.Coverage(), Revision: b.Revision,
		Flags: showFlags(b.Flags()),
	}
	if !b.HasData() {
		return shown
	}
	shown.Entries, shown.Exits, shown.Most, shown.Stays = &b.Entries, &b.Exits, &b.Most, &b.Stays
	if average, known := b.AverageInside(); known {
		average = hundredths(average)
		shown.AverageInside = &average
	}
	if dwell, known := b.AverageDwell(); known {
		seconds := hundredths(dwell.Seconds())
		shown.AverageDwellSeconds = &seconds
	}
	return shown
}

func writeZones(c echo.Context, items []ZoneCount, next string) error {
	if next != "" {
		c.Response().Header().Set("Next-Cursor", next)
	}
	columns := []string{
		"camera", "zone", "class", "start", "end", "entries", "exits", "most", "average_inside",
		"average_dwell_seconds",
	}
	for _, bound := range models.DwellBounds() {
		columns = append(columns, fmt.Sprintf("stays_below_%ds", int(bound.Seconds())))
	}
	columns = append(columns, "stays_longer", "observed_seconds", "coverage", "revision", "flags")
	t, err := newTable(c, columns...)
	for _, n := range items {
		if err != nil {
			return err
		}
		fields := []string{
			n.Camera, n.Zone, n.Class, stamp(n.Start), stamp(n.End), whole(n.Entries), whole(n.Exits), whole(n.Most),
			decimal(n.AverageInside, 2), decimal(n.AverageDwellSeconds, 2),
		}
		for i := range len(models.DwellBounds()) + 1 {
			if n.Stays == nil {
				fields = append(fields, "")
			} else {
				fields = append(fields, strconv.FormatInt((*n.Stays)[i], 10))
			}
		}
		err = t.row(append(fields, decimal(&n.ObservedSeconds, 3), decimal(&n.Coverage, 4), whole(&n.Revision),
			words(n.Flags))...)
	}
	if err != nil {
		return err
	}
	return t.flush()
}

// zoneOf is a time zone as it is asked for, UTC when none is.
func zoneOf(name *string) (*time.Location, error) {
	if name == nil {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(*name)
	if err != nil || *name == "" || *name == "Local" {
		return nil, models.Invalidf("tz", "%q is no IANA time zone, such as Europe/Berlin or UTC", *name)
	}
	return loc, nil
}
