package crowd

// Scenario is a place with a camera, and the people who come there. Lengths are metres on the floor: x to the right of
// the camera, z away from it. Shares are in [0,1].
type Scenario struct {
	Name     string
	About    string
	Camera   Camera
	Lines    []FloorLine
	Flows    []Flow
	Pillars  []Pillar
	Spots    []Spot
	People   People
	Detector Detector
}

// Point is a place on the floor in metres.
type Point struct{ X, Z float64 }

// FloorLine is a line to count at, drawn on the floor. Its picture is what counters get.
type FloorLine struct {
	ID     string
	Points []Point
}

// Gate is a stretch of floor where people come from or go to, mostly outside the picture.
type Gate struct{ A, B Point }

// Flow is people who go from one gate to another.
type Flow struct {
	From, To  Gate
	PerMinute float64 // arrivals; a group is one
}

// Pillar hides what is behind it. A low one (a shelf, a counter) hides legs only. People walk around it.
type Pillar struct {
	At     Point
	Radius float64
	Height float64
}

// Spot is where people loiter.
type Spot struct {
	At     Point
	Radius float64 // how far around it they choose their place
}

// People is how those who come behave.
type People struct {
	// Groups is the share of arrivals that are two to four people side by side.
	Groups float64
	// Strollers walk at 0.5 to 1.0 m/s, Runners at 2.4 to 4.2 m/s. The others walk at 1.34 m/s, with a standard
	// deviation of 0.26 (Weidmann, "Transporttechnik der Fussgaenger", 1993).
	Strollers, Runners float64
	// UTurns turn back somewhere on their way, after a moment.
	UTurns float64
	// Stops stand still on their way, for one to eight seconds.
	Stops float64
	// Loiterers go to one of the spots and stay there for five to forty seconds, swaying and shifting their feet.
	Loiterers float64
	// Children are 1.05 to 1.40 m tall. The others are 1.70 m, with a standard deviation of 0.09.
	Children float64
}

// Detector is how wrong the boxes are. Lengths are in box heights, as standard deviations.
type Detector struct {
	// Missed is the share of unhidden people who are not found on a frame, on average over people: some are hard to
	// see. Those who are small on the picture or partly hidden are missed more often.
	Missed float64
	// Streaks is the part of a miss's cause that lasts (half a second): 0 is a new throw of the dice on every frame.
	Streaks float64
	// Jitter is how far the edges of boxes stray, half of it from frame to frame and half slowly (a quarter of a
	// second).
	Jitter float64
	// FeetCut is the share of the time in which the box of an unhidden person ends above the feet.
	FeetCut float64
	// Doubles is the share of people who get a second, smaller box.
	Doubles float64
	// Ghosts is the boxes around nothing on a frame, anywhere, each on one frame.
	Ghosts float64
	// Mannequins is how many places the detector takes for a person again and again: for seconds, with weak scores and
	// sometimes with good ones.
	Mannequins int
}

// Ordinary is a small network on a processor, not badly trained: every eighth person missed.
func Ordinary() Detector {
	return Detector{
		Missed: 0.12, Streaks: 0.6, Jitter: 0.025, FeetCut: 0.03, Doubles: 0.01, Ghosts: 0.05, Mannequins: 2,
	}
}

// Good is a large network in good light.
func Good() Detector {
	return Detector{
		Missed: 0.05, Streaks: 0.5, Jitter: 0.018, FeetCut: 0.015, Doubles: 0.005, Ghosts: 0.02, Mannequins: 1,
	}
}

// Poor is the smallest network in bad light: every fourth person missed.
func Poor() Detector {
	return Detector{
		Missed: 0.25, Streaks: 0.6, Jitter: 0.035, FeetCut: 0.05, Doubles: 0.02, Ghosts: 0.1, Mannequins: 3,
	}
}
