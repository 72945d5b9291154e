package api

import (
	"math"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// Limits is how much one may ask; the zero value is the usual.
type Limits struct {
	// Strangers bounds an address (of IPv6, a /64) as long as nobody knows who asks: signing in, pages, wrong tokens.
	Strangers Rate
	// Each bounds every person and every program.
	Each Rate
	// Questions is how many questions that take the database long one may have open at once.
	Questions int
}

// Rate is how much is let through: PerSecond in the long run, Burst at once.
type Rate struct{ PerSecond, Burst float64 }

func (l Limits) orUsual() Limits {
	if l.Strangers == (Rate{}) {
		l.Strangers = Rate{20, 300} // a page is some thirty files
	}
	if l.Each == (Rate{}) {
		l.Each = Rate{300, 1500} // a wall of a hundred cameras, picture by picture, is two hundred a second
	}
	if l.Questions == 0 {
		l.Questions = 8
	}
	return l
}

// meter lets through what a rate allows, for each key (a token bucket).
type meter struct {
	rate Rate

	mu     sync.Mutex
	levels map[string]level
}

type level struct {
	left float64
	at   time.Time
}

// mostLevels bounds the memory of a meter. Those that are full again are forgotten first; when none is, all are.
const mostLevels = 20_000

func newMeter(rate Rate) *meter { return &meter{rate: rate, levels: map[string]level{}} }

// take takes one, or says how long there is none.
func (m *meter) take(key string, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, there := m.levels[key]
	if !there {
		m.tidy(now)
		l = level{m.rate.Burst, now}
	}
	l.left = m.refilled(l, now)
	l.at = now
	if l.left < 1 {
		m.levels[key] = l
		wait := time.Duration((1 - l.left) / m.rate.PerSecond * float64(time.Second))
		return &models.LaterError{After: wait, Reason: "too many requests"}
	}
	l.left--
	m.levels[key] = l
	return nil
}

func (m *meter) refilled(l level, now time.Time) float64 {
	return math.Min(m.rate.Burst, l.left+m.rate.PerSecond*max(0, now.Sub(l.at).Seconds()))
}

func (m *meter) tidy(now time.Time) {
	if len(m.levels) < mostLevels {
		return
	}
	for key, l := range m.levels {
		if m.refilled(l, now) >= m.rate.Burst {
			delete(m.levels, key)
		}
	}
	if len(m.levels) >= mostLevels {
		clear(m.levels)
	}
}

// limited is a request of somebody known who may ask so much, and have so many questions open.
func (d *door) limited(c echo.Context, rule access.Rule, next echo.HandlerFunc) error {
	visit := access.VisitOf(c.Request().Context())
	if err := d.each.take(visit.Who.String(), time.Now()); err != nil {
		return err
	}
	if !rule.Costly {
		return next(c)
	}
	letGo, err := d.entrance.Hold(visit, "questions", d.limits.Questions, func() {})
	if err != nil {
		return err
	}
	defer letGo()
	return next(c)
}
