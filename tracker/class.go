package tracker

import "footfall/models"

// Detectors are trained to tell people from things, and are bad at telling one kind of bag from another: the same
// trolley is a suitcase on one frame and a backpack on the next. So a track keeps to people, or to bags of any kind,
// or to one other class.
func akin(a, b models.Class) bool { return a == b || a.IsLuggage() && b.IsLuggage() }

// striding is how far things go a second in heights of their own, compared with people: bags are a third as tall as
// those who carry them, and just as fast.
func striding(class models.Class) float64 {
	if class == models.Person || class == "" {
		return 1
	}
	return 3
}

// mostLead bounds how long a class is kept against what is seen: that many clear detections.
const mostLead = 5

// hear takes the class of one more sighting. The class of a track is what most of its sightings say, by their scores
// (Boyer and Moore, "MJRTY: a fast majority vote algorithm", 1981).
func (p *person) hear(s *sighting) {
	if s.class == p.class {
		p.lead = min(p.lead+s.score, mostLead)
		return
	}
	if p.lead -= s.score; p.lead < 0 {
		p.class, p.lead = s.class, -p.lead
	}
}
