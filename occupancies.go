package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"footfall/api/mqtt"
	"footfall/models"
)

// occupancies tells the readers of events when the number of people in an area changes, at most once a second each, and
// the webhooks when an area fills up.
type occupancies struct {
	places placeList
	counts occupancyStore
	feed   occupancyFeed
	hooks  occupancyHooks
	alarms capacityAlarms
	log    *slog.Logger

	mu    sync.Mutex
	doors map[models.LineRef]bool // crossed since the last look
	wake  chan struct{}           // holds a token when something was crossed
}

type placeList interface {
	Sites(ctx context.Context) ([]models.Site, error)
	Areas(ctx context.Context, site string) ([]models.Area, error)
}

type occupancyStore interface {
	Occupancy(ctx context.Context, site models.Site, area models.Area, at time.Time) (models.Occupancy, error)
}

type occupancyFeed interface {
	Occupancy(o models.Occupancy)
}

type occupancyHooks interface {
	Area(ctx context.Context, o models.Occupancy) error
}

// capacityAlarms is who films the doors of an area that has just become full.
type capacityAlarms interface {
	Full(ctx context.Context, area models.Area, people int64) error
}

func newOccupancies(
	places placeList, counts occupancyStore, feed occupancyFeed, hooks occupancyHooks, alarms capacityAlarms,
	log *slog.Logger,
) *occupancies {
	return &occupancies{
		places: places, counts: counts, feed: feed, hooks: hooks, alarms: alarms, log: log,
		doors: map[models.LineRef]bool{}, wake: make(chan struct{}, 1),
	}
}

// changed notes that a line counted. It never waits.
func (o *occupancies) changed(camera models.CameraID, line string) {
	o.mu.Lock()
	o.doors[models.LineRef{Camera: camera, Line: line}] = true
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default: // one is there already
	}
}

const (
	// occupancyPace is how often one is told at most.
	occupancyPace = time.Second
	// occupancyRound is how often all are looked at, for what changes by the clock or by a correction.
	occupancyRound = time.Minute
)

// Run tells until ctx ends.
func (o *occupancies) Run(ctx context.Context) error {
	round := time.NewTicker(occupancyRound)
	defer round.Stop()
	pace := time.NewTicker(occupancyPace)
	defer pace.Stop()
	told := map[string]telling{}
	full, err := o.alreadyFull(ctx)
	if err != nil && ctx.Err() == nil {
		o.log.Error("which areas are full already is not known", "error", err)
	}
	for {
		all := false
		select {
		case <-ctx.Done():
			return nil
		case <-round.C:
			all = true
		case <-o.wake:
		}
		if err := o.look(ctx, all, told, full); err != nil && ctx.Err() == nil {
			o.log.Error("how many are inside could not be told", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-pace.C:
		}
	}
}

// telling is what was last told of an area.
type telling struct {
	people int64
	known  bool
	fill   models.Fill
}

// alreadyFull are the areas that have not become full now, when nobody has looked yet.
func (o *occupancies) alreadyFull(ctx context.Context) (map[string]bool, error) {
	full := map[string]bool{}
	inside, err := insides{o.places, o.counts}.Insides(ctx, time.Now())
	for _, i := range inside {
		full[i.Area.ID] = i.Occupancy.Fill == models.FillFull
	}
	return full, err
}

// film has the doors of an area filmed when it becomes full.
func (o *occupancies) film(ctx context.Context, area models.Area, now models.Occupancy, full map[string]bool) {
	was := full[area.ID]
	if full[area.ID] = now.Fill == models.FillFull; was || !full[area.ID] {
		return
	}
	if err := o.alarms.Full(ctx, area, *now.People); err != nil && ctx.Err() == nil {
		o.log.Error("the doors of an area that is full are not filmed", "area", area.ID, "error", err)
	}
}

// look reckons the areas whose doors were crossed, or all, and tells of those that changed. full are those that were.
func (o *occupancies) look(ctx context.Context, all bool, told map[string]telling, full map[string]bool) error {
	o.mu.Lock()
	doors := o.doors
	o.doors = map[models.LineRef]bool{}
	o.mu.Unlock()
	areas, err := o.places.Areas(ctx, "")
	if err != nil || len(areas) == 0 {
		return err
	}
	byID, err := sitesByID(ctx, o.places)
	if err != nil {
		return err
	}
	for _, area := range areas {
		if !all && !crossed(area, doors) {
			continue
		}
		now, err := o.counts.Occupancy(ctx, byID[area.Site], area, time.Now())
		if err != nil {
			return err
		}
		o.film(ctx, area, now, full)
		is := telling{fill: now.Fill, known: now.People != nil}
		if is.known {
			is.people = *now.People
		}
		if is == told[area.ID] {
			continue
		}
		if err := o.announce(ctx, area, told[area.ID].fill, now); err != nil {
			return err // before it counts as told, so that it is tried again
		}
		told[area.ID] = is
		o.feed.Occupancy(now)
	}
	return nil
}

// announce says that an area fills up or empties; a server that starts says it only of areas that are not free.
func (o *occupancies) announce(ctx context.Context, area models.Area, was models.Fill, now models.Occupancy) error {
	quiet := func(f models.Fill) bool { return f == "" || f == models.FillFree || f == models.FillUnknown }
	if now.Fill == was || quiet(now.Fill) && quiet(was) {
		return nil
	}
	if now.Fill == models.FillFull {
		o.log.Warn("an area is full", "area", area.ID, "people", *now.People, "capacity", area.Capacity)
	}
	return o.hooks.Area(ctx, now)
}

// insides is how many are in all areas at a moment.
type insides struct {
	places placeList
	counts occupancyStore
}

func (i insides) Insides(ctx context.Context, at time.Time) ([]mqtt.Inside, error) {
	areas, err := i.places.Areas(ctx, "")
	if err != nil || len(areas) == 0 {
		return nil, err
	}
	byID, err := sitesByID(ctx, i.places)
	if err != nil {
		return nil, err
	}
	all := make([]mqtt.Inside, len(areas))
	for n, area := range areas {
		all[n].Area = area
		if all[n].Occupancy, err = i.counts.Occupancy(ctx, byID[area.Site], area, at); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func sitesByID(ctx context.Context, places placeList) (map[string]models.Site, error) {
	sites, err := places.Sites(ctx)
	byID := make(map[string]models.Site, len(sites))
	for _, s := range sites {
		byID[s.ID] = s
	}
	return byID, err
}

func crossed(area models.Area, doors map[models.LineRef]bool) bool {
	for _, d := range area.Doors {
		if doors[models.LineRef{Camera: d.Camera, Line: d.Line}] {
			return true
		}
	}
	return false
}
