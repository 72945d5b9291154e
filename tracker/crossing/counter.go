package crossing

import (
	"math"
	"slices"
	"time"

	"footfall/models"
)

// Counter turns the tracks of one camera into crossings of its lines. It is used by one goroutine at a time.
type Counter struct {
	cfg      Config
	aspect   float64
	lines    []line
	luggage  luggage
	seq      uint64
	certain  []crossed // on this turn
	passages []models.Passage
	turn     uint64 // of Update, to find memories that nobody reported
}

// New makes a counter for pictures of the given aspect (width / height). It refuses what models.ValidateLines refuses.
func New(lines []models.Line, cfg Config, aspect float64) (*Counter, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := models.ValidateLines(lines); err != nil {
		return nil, err
	}
	if !(aspect > 0) || math.IsInf(aspect, 1) {
		return nil, models.Invalidf("aspect", "%v is not the width of a picture divided by its height", aspect)
	}
	c := &Counter{cfg: cfg, aspect: aspect, lines: make([]line, len(lines))}
	for i, l := range lines {
		c.lines[i] = line{id: l.ID, tallies: make([]tally, 1+len(cfg.Classes)), shape: newPolyline(l.Points, aspect)}
	}
	return c, nil
}

// Update takes the tracks of the frame stamped at and returns the crossings that are certain now, in the order in
// which they happened. The slice is valid until the next Update.
//
// Only places where somebody was seen count, not predictions: whoever goes behind a pillar on one side of the line
// and comes out on the other has crossed it on the straight way between.
func (c *Counter) Update(at time.Time, tracks []models.Track) []models.Passage {
	c.certain, c.passages = c.certain[:0], c.passages[:0]
	c.turn++
	c.luggage.look(at, tracks, c.aspect)
	for i := range tracks {
		t := &tracks[i]
		if c.class(t.Class) < 0 {
			continue
		}
		spot := place{at: at, height: t.Box.H, point: c.cfg.Anchor.Of(t.Box)}
		spot.point.X *= c.aspect
		for j := range c.lines {
			c.follow(&c.lines[j], t, spot)
		}
	}
	for j := range c.lines {
		c.lines[j].forgetAllBut(c.turn)
	}
	slices.SortStableFunc(c.certain, func(a, b crossed) int { return a.at.Compare(b.at) })
	for _, x := range c.certain {
		c.count(x)
	}
	return c.passages
}

// class is the place of a class among the tallies of a line, or -1. A track without a class is a person.
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

// Totals appends the totals of every line to into, people only, in the order of the lines.
func (c *Counter) Totals(into []models.LineTotal) []models.LineTotal {
	for i := range c.lines {
		into = append(into, c.lines[i].total(0))
	}
	return into
}

// ClassTotals appends the totals of every line and other class to into, in the order of the lines and, for each, of the
// classes.
func (c *Counter) ClassTotals(into []models.ClassTotal) []models.ClassTotal {
	for i := range c.lines {
		for j, class := range c.cfg.Classes {
			into = append(into, models.ClassTotal{Class: class, LineTotal: c.lines[i].total(1 + j)})
		}
	}
	return into
}
