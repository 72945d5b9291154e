package tracker

import (
	"math"

	"footfall/models"
)

// rearrange does what t.pairs says: whoever was there before goes on along the way that is theirs now.
func (t *Tracker) rearrange() {
	before := len(t.people)
	t.wayBy = grow(t.wayBy, before) // by person: the row that gets their way, or -1
	for i := range t.wayBy {
		t.wayBy[i] = -1
	}
	for c, j := range t.cols {
		t.wayBy[j] = t.pairs.rowOf[c]
	}
	changed := t.changed[:0]
	for r, i := range t.rows {
		c := t.pairs.colOf[r]
		switch {
		case c >= 0 && t.cols[c] == i, c < 0 && t.ways[i].seen < glimpses:
		case c < 0:
			changed = append(changed, t.hidden(&t.people[i]))
		default:
			changed = append(changed, t.onWay(&t.people[i], &t.people[t.cols[c]]))
		}
	}
	// Whose way nobody got who was there before is somebody new on it.
	for _, j := range t.cols {
		if p := &t.people[j]; t.wayBy[j] < 0 && !t.ways[j].late {
			changed = append(changed, t.anew(p))
		}
	}
	t.replace(changed)
	t.changed = changed[:0]
}

// replace puts the changed people in the place of those that they were made of. Both are by ascending ID, and whoever
// is new has a higher one than everybody else.
func (t *Tracker) replace(changed []person) {
	kept := t.people[:0]
	for i := range t.people {
		p := &t.people[i]
		switch taken := t.wayBy[i] >= 0 && t.rows[t.wayBy[i]] != i; {
		case len(changed) > 0 && changed[0].id == p.id:
			t.spare = append(t.spare, p.past.buffer[:0])
			kept = append(kept, changed[0])
			changed = changed[1:]
		case taken: // it was somebody else all the time
			p.seen, p.ended = false, true
			t.reports = append(t.reports, p.report(t.aspect))
			t.spare = append(t.spare, p.past.buffer[:0])
		default:
			kept = append(kept, *p)
		}
	}
	t.people = append(kept, changed...)
}

// onWay is p on the way of q.
func (t *Tracker) onWay(p, q *person) person {
	n := *q
	n.id, n.class, n.lead, n.stride, n.born, n.birthplace = p.id, p.class, p.lead, p.stride, p.born, p.birthplace
	n.hits = max(p.hits, q.hits)
	n.past = t.fresh()
	begun := q.past.all()
	for k, m := range p.past.all() {
		if k > 0 && m.turn >= begun[0].turn {
			break
		}
		n.past.push(m.unheard(k > 0))
	}
	for _, m := range begun {
		if m.turn > t.base {
			n.past.push(m)
		}
	}
	n.follow()
	return n
}

// hidden is p as if it had not been seen since the last settled frame.
func (t *Tracker) hidden(p *person) person {
	n := *p
	n.past = t.fresh()
	for k, m := range p.past.all() {
		n.past.push(m.unheard(k > 0))
	}
	base := &n.past.all()[0]
	n.seen, n.lastSeen, n.score, n.belief = false, base.lastSeen, base.score, base.belief
	n.height, n.shape = base.height, base.shape
	n.logHeight = scalar{value: math.Log(base.height), variance: square(2 * heightNoise)}
	n.follow()
	return n
}

// anew is the way of p as that of somebody who was not there before.
func (t *Tracker) anew(p *person) person {
	n := *p
	t.nextID++
	n.id, n.past = t.nextID, t.fresh()
	for _, m := range p.past.all()[1:] {
		if m.seen || len(n.past.all()) > 0 {
			n.past.push(m)
		}
	}
	first := &n.past.all()[0]
	usual := t.usualSpeed(&n, first.height)
	first.x.begin(&first.x.heard, usual.across)
	first.foot.begin(&first.foot.heard, usual.along)
	n.born = t.settledAt.Add(t.since(first.turn))
	n.birthplace = models.Point{X: first.x.at, Y: first.foot.at}
	n.follow()
	return n
}

// unheard is a moment, or the same with nobody seen.
func (m moment) unheard(so bool) moment {
	if so {
		m.seen = false
		m.x.heard, m.foot.heard = evidence{}, evidence{}
	}
	return m
}

// fresh is room for moments.
func (t *Tracker) fresh() history {
	if n := len(t.spare); n > 0 {
		h := history{buffer: t.spare[n-1]}
		t.spare = t.spare[:n-1]
		return h
	}
	return history{}
}
