package tracker

import "math"

// axis is a Kalman filter for one coordinate: where somebody is, how fast they move, and how sure that is.
//
// The velocity is an Ornstein-Uhlenbeck process (Uhlenbeck and Ornstein, "On the theory of the Brownian motion", 1930):
// people keep their velocity for a while and have no preferred direction after that. Its exact solution over any dt is
// used, so ten frames of 40 ms and one of 400 ms say the same about where somebody may be, and the velocity stays
// bounded however long nothing is seen.
type axis struct {
	at, speed  float64 // picture heights, picture heights per second
	pp, pv, vv float64 // covariance: position, position-velocity, velocity
}

// motion is what the passing of dt does to an axis.
type motion struct {
	keep, reach float64 // speed *= keep; at += speed*reach
	pp, pv, vv  float64 // added uncertainty
}

// of is the motion of somebody that many times as fast.
func (m motion) of(speed float64) motion {
	s := square(speed)
	m.pp, m.pv, m.vv = s*m.pp, s*m.pv, s*m.vv
	return m
}

// motionOver solves the process for dt seconds; speed is the usual one.
func motionOver(dt, speed, steadiness float64) motion {
	k := math.Exp(-dt / steadiness)
	v := speed * speed
	return motion{
		keep:  k,
		reach: steadiness * (1 - k),
		pp:    math.Max(0, v*steadiness*steadiness*(2*dt/steadiness-3+4*k-k*k)),
		pv:    v * steadiness * (1 - k) * (1 - k),
		vv:    v * (1 - k*k),
	}
}

// newAxis begins at a place seen once, with any usual speed.
func newAxis(at, variance, speed float64) axis {
	return axis{at: at, pp: variance, vv: speed * speed}
}

// advance moves the axis.
func (a *axis) advance(m motion) {
	a.at += a.speed * m.reach
	a.speed *= m.keep
	a.pp += 2*m.reach*a.pv + m.reach*m.reach*a.vv + m.pp
	a.pv = m.keep*(a.pv+m.reach*a.vv) + m.pv
	a.vv = m.keep*m.keep*a.vv + m.vv
}

// stop makes the axis that of something that does not move.
func (a *axis) stop() { a.speed, a.pv, a.vv = 0, 0, 0 }

// correct learns that the place was measured with the given variance.
func (a *axis) correct(measured, variance float64) {
	s := a.pp + variance
	kp, kv := a.pp/s, a.pv/s
	e := measured - a.at
	a.at += kp * e
	a.speed += kv * e
	a.vv -= kv * a.pv
	a.pv -= kp * a.pv
	a.pp -= kp * a.pp
}

// scalar is a quantity without a velocity of its own that wanders slowly: the logarithm of a height.
type scalar struct {
	value, variance float64
}

func (s *scalar) correct(measured, variance float64) {
	k := s.variance / (s.variance + variance)
	s.value += k * (measured - s.value)
	s.variance -= k * s.variance
}

// noise is how far the boxes of one frame stray, as variances.
type noise struct {
	place  float64 // of an edge, per square box height
	height float64 // of the logarithm of the height
}

// stays is how long a detector's error lasts. On frames that are closer together than that the same coat is misread in
// the same way, so ten such frames say hardly more than one. Raise it and high frame rates are trusted less.
const stays = 0.15

// noiseAfter is the noise of a frame that comes dt seconds after the one before.
func noiseAfter(dt, boxNoise float64) noise {
	const instant = 1e-3
	repeated := math.Max(1, stays/math.Max(dt, instant))
	return noise{place: square(boxNoise) * repeated, height: square(heightNoise) * repeated}
}
