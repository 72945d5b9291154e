package models

import (
	"fmt"
	"time"
)

// Zone is a polygon on a camera's picture, closed from its last point to its first: people inside, entries, exits and
// dwell times are told of it. Who is inside is where their anchor is, as for lines.
type Zone struct {
	ID     string  `json:"id"`
	Name   string  `json:"name,omitempty"`
	Points []Point `json:"points"`
}

// maxCorners bounds what one zone may cost a frame.
const maxCorners = 64

// Validate refuses a zone with a bad id, with fewer than three or too many points, with a point outside the picture, or
// whose edges meet anywhere but at their common corners: of such a shape nobody can say what is inside.
func (z Zone) Validate() error {
	if err := ValidateID("zone id", z.ID); err != nil {
		return err
	}
	field := "zone " + z.ID
	if n := len(z.Points); n < 3 || n > maxCorners {
		return Invalidf(field, "has %d point(s), a zone needs 3 to %d", n, maxCorners)
	}
	for i, p := range z.Points {
		if !p.Valid() {
			return Invalidf(fmt.Sprintf("%s, point %d", field, i+1),
				"(%v, %v) lies outside the picture; x and y are fractions from 0 to 1", p.X, p.Y)
		}
	}
	if i, j, crossed := edgesThatMeet(z.Points); crossed {
		return Invalidf(field, "has edges that cross or touch: those after point %d and after point %d", i+1, j+1)
	}
	return nil
}

// ValidateZones validates every zone and refuses two with one id.
func ValidateZones(zones []Zone) error {
	seen := make(map[string]bool, len(zones))
	for _, z := range zones {
		if err := z.Validate(); err != nil {
			return err
		}
		if seen[z.ID] {
			return Invalidf("zone "+z.ID, "is there twice; ids must differ")
		}
		seen[z.ID] = true
	}
	return nil
}

// edgesThatMeet finds two edges of a closed polygon that have a point in common which is not a corner of both, or
// neighbours that fold back onto each other.
func edgesThatMeet(points []Point) (i, j int, found bool) {
	n := len(points)
	for i := range n {
		a, b := points[i], points[(i+1)%n]
		if a == b {
			return i, (i + 1) % n, true
		}
		for j := i + 1; j < n; j++ {
			c, d := points[j], points[(j+1)%n]
			switch {
			case j == i+1: // b == c
				found = foldsBack(a, b, d)
			case (j+1)%n == i: // d == a
				found = foldsBack(c, a, b)
			default:
				found = meet(a, b, c, d)
			}
			if found {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// foldsBack reports whether the way from a over b to c turns round on itself at b.
func foldsBack(a, b, c Point) bool {
	return turn(a, b, c) == 0 && (b.X-a.X)*(c.X-b.X)+(b.Y-a.Y)*(c.Y-b.Y) < 0
}

// meet reports whether the stretches from a to b and from c to d have a point in common.
func meet(a, b, c, d Point) bool {
	abc, abd, cda, cdb := turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
	if abc*abd < 0 && cda*cdb < 0 {
		return true
	}
	return abc == 0 && within(a, b, c) || abd == 0 && within(a, b, d) ||
		cda == 0 && within(c, d, a) || cdb == 0 && within(c, d, b)
}

// turn is twice the signed area of the triangle p, q, r.
func turn(p, q, r Point) float64 { return (q.X-p.X)*(r.Y-p.Y) - (q.Y-p.Y)*(r.X-p.X) }

// within reports whether p, which is on the straight through a and b, is between them.
func within(a, b, p Point) bool {
	return min(a.X, b.X) <= p.X && p.X <= max(a.X, b.X) && min(a.Y, b.Y) <= p.Y && p.Y <= max(a.Y, b.Y)
}

// DwellBounds are the upper ends of the classes of dwell times; one more class, without an end, comes after them.
func DwellBounds() []time.Duration {
	return []time.Duration{
		5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
		10 * time.Minute, 20 * time.Minute, 40 * time.Minute,
	}
}

// DwellClasses is how many classes of dwell times there are.
const DwellClasses = 10

// DwellClass is the place in a Presence's Stays of a stay of length d.
func DwellClass(d time.Duration) int {
	bounds := DwellBounds()
	for i, bound := range bounds {
		if d < bound {
			return i
		}
	}
	return len(bounds)
}

// ZoneTotal is what one zone has counted of one class since its counter began. Entries less Exits is Inside.
type ZoneTotal struct {
	Zone    string
	Class   Class
	Inside  int64 // now
	Entries int64
	Exits   int64
	Time    time.Duration       // that all of them together have spent inside so far
	Dwell   time.Duration       // of the stays that ended
	Stays   [DwellClasses]int64 // the stays that ended, by length; see DwellBounds
}

// Plus is both together: of counters that served one after the other, o being the present one.
func (z ZoneTotal) Plus(o ZoneTotal) ZoneTotal {
	o.Inside += z.Inside
	o.Entries += z.Entries
	o.Exits += z.Exits
	o.Time += z.Time
	o.Dwell += z.Dwell
	for i, n := range z.Stays {
		o.Stays[i] += n
	}
	return o
}

// ZoneInside is how many are inside a zone now, by class.
type ZoneInside struct {
	ID     string          `json:"id"`
	Inside map[Class]int64 `json:"inside"`
}

// Presence is the fact of what happened in a zone during a stretch of a minute: sums and a distribution, nothing about
// anybody. A minute may be told in several such facts; they add up, except for Most, of which the greatest counts.
type Presence struct {
	Zone   string    `json:"zone"`
	Class  Class     `json:"class"`
	Minute time.Time `json:"minute"` // UTC, the start of the minute
	From   time.Time `json:"from"`   // UTC, the first moment of this stretch, inside the minute

	Entries int64 `json:"entries"` // came in over the edge or were first seen inside
	Exits   int64 `json:"exits"`   // left over the edge or were last seen inside
	Most    int64 `json:"most"`    // the most who were inside at once
	// Inside is the time all of them together spent inside; divided by the observed time it is how many were there on
	// average.
	Inside time.Duration `json:"inside_ns"`
	// Stays are the stays that ended, by length: see DwellBounds. Dwell is the sum of their lengths.
	Stays []int64       `json:"stays"`
	Dwell time.Duration `json:"dwell_ns"`

	ConfigVersion int64  `json:"config_version"`
	ModelVersion  string `json:"model_version"`
}

func (p *Presence) validate() error {
	if err := validateStretch("presence", p.Minute, p.From); err != nil {
		return err
	}
	if p.Entries < 0 || p.Exits < 0 || p.Most < 0 || p.Inside < 0 || p.Dwell < 0 {
		return Invalidf("presence", "has negative numbers")
	}
	if len(p.Stays) != DwellClasses {
		return Invalidf("presence stays", "has %d classes, not %d", len(p.Stays), DwellClasses)
	}
	for _, n := range p.Stays {
		if n < 0 {
			return Invalidf("presence stays", "has negative numbers")
		}
	}
	return ValidateID("presence zone", p.Zone)
}
