package zone

import (
	"time"

	"footfall/models"
)

// book is what one zone has counted of one class: since the beginning, and not yet told, minute by minute.
type book struct {
	total models.ZoneTotal
	pages []models.Presence // nearly always one
}

// page is the one of the minute that holds a moment, and begins at that moment if not earlier.
func (b *book) page(at time.Time) *models.Presence {
	minute := at.Truncate(time.Minute)
	for i := len(b.pages) - 1; i >= 0; i-- {
		if p := &b.pages[i]; p.Minute.Equal(minute) {
			if at.Before(p.From) {
				p.From = at
			}
			return p
		}
	}
	b.pages = append(b.pages, models.Presence{
		Zone: b.total.Zone, Class: b.total.Class, Minute: minute, From: at, Stays: make([]int64, models.DwellClasses),
	})
	return &b.pages[len(b.pages)-1]
}

func (b *book) enter(at time.Time) {
	b.total.Inside++
	b.total.Entries++
	p := b.page(at)
	p.Entries++
	p.Most = max(p.Most, 1)
}

func (b *book) exit(at time.Time, dwell time.Duration) {
	class := models.DwellClass(dwell)
	b.total.Inside--
	b.total.Exits++
	b.total.Dwell += dwell
	b.total.Stays[class]++
	p := b.page(at)
	p.Exits++
	p.Dwell += dwell
	p.Stays[class]++
}

// spend books [from, to), in which one was inside, to its minutes.
func (b *book) spend(from, to time.Time) {
	b.total.Time += to.Sub(from)
	for from.Before(to) {
		p := b.page(from)
		end := p.Minute.Add(time.Minute)
		if to.Before(end) {
			end = to
		}
		p.Inside += end.Sub(from)
		p.Most = max(p.Most, 1) // who is told of late was there
		from = end
	}
}

// mark notes how many are inside at a moment.
func (b *book) mark(at time.Time) {
	if b.total.Inside > 0 {
		p := b.page(at)
		p.Most = max(p.Most, b.total.Inside)
	}
}

func (b *book) drain(into []models.Presence) []models.Presence {
	into = append(into, b.pages...)
	clear(b.pages) // what was handed over is not ours to hold on to
	b.pages = b.pages[:0]
	return into
}
