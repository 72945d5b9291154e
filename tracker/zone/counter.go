package zone

import (
	"math"
	"slices"
	"time"

	"footfall/models"
)

// Counter turns the tracks of one camera into stays in its zones. It is used by one goroutine at a time.
type Counter struct {
	cfg    Config
	aspect float64
	zones  []zone
	clock  clock
	turn   uint64 // of Update, to find memories that nobody reported
}

// New makes a counter for pictures of the given aspect (width / height). It refuses what models.ValidateZones refuses.
func New(zones []models.Zone, cfg Config, aspect float64) (*Counter, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(aspect); err != nil {
		return nil, err
	}
	if err := models.ValidateZones(zones); err != nil {
		return nil, err
	}
	c := &Counter{cfg: cfg, aspect: aspect, zones: make([]zone, len(zones)), clock: clock{maxGap: cfg.MaxGap}}
	for i, z := range zones {
		c.zones[i] = zone{shape: newPolygon(z.Points, aspect), books: make([]book, 1+len(cfg.Classes))}
		for j := range c.zones[i].books {
			class := models.Person
			if j > 0 {
				class = cfg.Classes[j-1]
			}
			c.zones[i].books[j].total = models.ZoneTotal{Zone: z.ID, Class: class}
		}
	}
	return c, nil
}

// Update takes the tracks of the frame stamped at. Only places where somebody was seen count, not predictions.
func (c *Counter) Update(at time.Time, tracks []models.Track) {
	if len(c.zones) == 0 {
		return
	}
	if c.clock.tick(at) {
		c.Close() // whoever was inside was last seen then
	}
	c.turn++
	for i := range tracks {
		t := &tracks[i]
		class := c.class(t.Class)
		if class < 0 || t.Ended { // who has ended is let go below
			continue
		}
		now := place{at: at, height: t.Box.H, point: c.cfg.Anchor.Of(t.Box)}
		now.point.X *= c.aspect
		for j := range c.zones {
			c.follow(&c.zones[j], t, class, now)
		}
	}
	owed := at // since when somebody's time inside is not booked yet
	for j := range c.zones {
		z := &c.zones[j]
		c.forgetAllBut(z)
		z.mark(at)
		owed = z.owed(owed)
	}
	c.clock.forgetBefore(owed)
}

// class is the place of a class among the books of a zone, or -1. A track without a class is a person.
func (c *Counter) class(of models.Class) int {
	if of == models.Person || of == "" {
		return 0
	}
	i := slices.Index(c.cfg.Classes, of)
	if i < 0 {
		return -1
	}
	return 1 + i
}

// Gap says that the next frame does not continue the one before: the time between them was not observed.
func (c *Counter) Gap() { c.clock.broken = true }

// Close ends every stay where somebody was last seen: nobody will look any more. Drain still tells of them.
func (c *Counter) Close() {
	for j := range c.zones {
		z := &c.zones[j]
		for i := range z.memory {
			c.leave(z, &z.memory[i])
		}
		z.memory = z.memory[:0]
	}
}

// Totals appends what every zone has counted so far to into, in the order of the zones, people first.
func (c *Counter) Totals(into []models.ZoneTotal) []models.ZoneTotal {
	for j := range c.zones {
		for k := range c.zones[j].books {
			into = append(into, c.zones[j].books[k].total)
		}
	}
	return into
}

// Drain appends what happened since the last Drain to into, and forgets it: at most one Presence a zone, class and
// minute, and none where nothing happened and nobody was inside. Versions are for the caller to fill in.
func (c *Counter) Drain(into []models.Presence) []models.Presence {
	for j := range c.zones {
		for k := range c.zones[j].books {
			into = c.zones[j].books[k].drain(into)
		}
	}
	return into
}

// sound refuses what no sane tracker reports, so that one broken number does not stay in a memory.
func (p place) sound() bool {
	sum := p.point.X + p.point.Y + p.height
	return p.height > 0 && !math.IsNaN(sum) && !math.IsInf(sum, 0)
}
