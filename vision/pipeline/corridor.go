package pipeline

import (
	"fmt"
	"time"

	"footfall/models"
)

// Frame is what the corridor must know about a picture; the pixels are the detector's business.
type Frame interface {
	Stamp() time.Time // when the picture was taken; stamped once, in capture
	Aspect() float64  // width divided by height
}

// Detector finds people on a frame, appends them to into and returns it.
type Detector[F Frame] interface {
	Detect(frame F, into []models.Detection) ([]models.Detection, error)
}

// Steadier knows how a frame lies against the picture on which the camera's lines were drawn. seen is what was found on
// the frame, in fractions of it.
type Steadier[F Frame] interface {
	Look(frame F, seen []models.Detection) models.View
}

// Tracker turns the detections of successive frames into tracks. What it returns is valid until it is called again.
type Tracker interface {
	// Update is who is where now, as far as that is known yet.
	Update(at time.Time, detections []models.Detection) []models.Track
	// Settled is who was where on the frames of which the last Update left nothing to be found out any more.
	Settled() []models.Moment
	// Settle is the same for all frames so far: the next one does not continue them.
	Settle() []models.Moment
}

// Counter turns tracks into passages over lines. What it returns is valid until its next Update.
type Counter interface {
	Update(at time.Time, tracks []models.Track) []models.Passage
}

// Zones turns tracks into stays in zones.
type Zones interface {
	Update(at time.Time, tracks []models.Track)
	Gap()                                              // the next frame does not continue the one before
	Close()                                            // nobody will look any more: every stay ends
	Drain(into []models.Presence) []models.Presence    // what happened since the last Drain
	Totals(into []models.ZoneTotal) []models.ZoneTotal // since the beginning
}

// Zoning makes what tells of zones for pictures of one shape; see Following.
type Zoning func(aspect float64) (Zones, error)

// Following makes a tracker and a counter for pictures of one shape. A camera that changes its resolution to another
// shape gets new ones: positions measured in heights of the old picture mean nothing on the new one.
type Following func(aspect float64) (Tracker, Counter, error)

// Turn is what one frame led to. Its slices are valid until the next turn. Everything in it is where it would be on the
// reference, the picture on which the lines were drawn; View says where that is seen on this frame. Passages are
// certain now, and happened some time before.
type Turn struct {
	At         time.Time
	View       models.View
	Detections []models.Detection
	Tracks     []models.Track
	Passages   []models.Passage
}

// Corridor is one camera's way from frames to passages. It is not safe for concurrent use.
type Corridor[F Frame] struct {
	// Steadier makes the camera's own motion good; nil takes the camera for steady. It is set before the first turn.
	Steadier Steadier[F]

	following  Following
	zoning     Zoning
	aspect     float64
	tracker    Tracker
	counter    Counter
	zones      Zones
	left       []models.Presence // in zones of pictures of another shape, not drained yet
	detections []models.Detection
	certain    []models.Passage // not told yet
	told       []models.Passage // by the last turn or gap
	clock      func() time.Duration
	cost       Cost
}

// Cost is the time spent so far, by a clock of the caller's choice.
type Cost struct {
	Detect time.Duration
	Steady time.Duration // finding the camera's own motion
	Track  time.Duration // tracking, crossing and zones
	Turns  int
}

// NewCorridor makes a corridor that follows people as following says. clock measures the cost of the steps, in wall
// or CPU time; nil measures nothing.
func NewCorridor[F Frame](following Following, clock func() time.Duration) *Corridor[F] {
	if clock == nil {
		clock = func() time.Duration { return 0 }
	}
	return &Corridor[F]{following: following, clock: clock}
}

// Zone makes the corridor tell of zones too. It is called before the first turn.
func (c *Corridor[F]) Zone(zoning Zoning) { c.zoning = zoning }

// Turn takes one frame through the corridor: who is there, where that is, who is who, who crossed what. The detector is
// lent for the turn only, so that several cameras can share one.
func (c *Corridor[F]) Turn(frame F, detector Detector[F]) (Turn, error) {
	if err := c.fit(frame.Aspect()); err != nil {
		return Turn{}, err
	}
	started := c.clock()
	var err error
	if c.detections, err = detector.Detect(frame, c.detections[:0]); err != nil {
		return Turn{}, fmt.Errorf("detect: %w", err)
	}
	detected := c.clock()
	view := c.bringHome(frame)
	steadied := c.clock()
	turn := Turn{At: frame.Stamp(), View: view, Detections: c.detections}
	turn.Tracks = c.tracker.Update(turn.At, turn.Detections)
	c.count(c.tracker.Settled())
	turn.Passages = c.tell()
	c.cost.Detect += detected - started
	c.cost.Steady += steadied - detected
	c.cost.Track += c.clock() - steadied
	c.cost.Turns++
	return turn, nil
}

// count tells counter and zones who was where.
func (c *Corridor[F]) count(settled []models.Moment) {
	for _, m := range settled {
		c.certain = append(c.certain, c.counter.Update(m.At, m.Tracks)...)
		if c.zones != nil {
			c.zones.Update(m.At, m.Tracks)
		}
	}
}

// tell hands over what is certain, once: what a turn that failed has left is told by the next one.
func (c *Corridor[F]) tell() []models.Passage {
	c.told, c.certain = c.certain, c.told[:0]
	return c.told
}

// bringHome puts the detections to where they would be on the reference.
func (c *Corridor[F]) bringHome(frame F) models.View {
	if c.Steadier == nil {
		return models.View{}
	}
	view := c.Steadier.Look(frame, c.detections)
	if !view.IsHome() {
		for i := range c.detections {
			c.detections[i].Box = view.HomeBox(c.detections[i].Box)
		}
	}
	return view
}

// Cost is what the turns so far have cost.
func (c *Corridor[F]) Cost() Cost { return c.cost }

// fit makes sure that tracker and counter measure pictures of this shape.
func (c *Corridor[F]) fit(aspect float64) error {
	if c.tracker != nil && aspect == c.aspect {
		return nil
	}
	tracker, counter, err := c.following(aspect)
	if err != nil {
		return fmt.Errorf("follow people on a picture of aspect %.3f: %w", aspect, err)
	}
	var zones Zones
	if c.zoning != nil {
		if zones, err = c.zoning(aspect); err != nil {
			return fmt.Errorf("look at zones on a picture of aspect %.3f: %w", aspect, err)
		}
	}
	if c.tracker != nil {
		c.count(c.tracker.Settle())
	}
	if c.zones != nil {
		c.zones.Close()
		c.left = c.zones.Drain(c.left)
	}
	c.tracker, c.counter, c.zones, c.aspect = tracker, counter, zones, aspect
	return nil
}

// Gap says that the next frame does not continue the one before, and is what is certain by that. The slice is valid
// until the next turn.
func (c *Corridor[F]) Gap() []models.Passage {
	if c.tracker != nil {
		c.count(c.tracker.Settle())
	}
	if c.zones != nil {
		c.zones.Gap()
	}
	return c.tell()
}

// Close is a gap that does not end: every stay does.
func (c *Corridor[F]) Close() []models.Passage {
	passages := c.Gap()
	if c.zones != nil {
		c.zones.Close()
	}
	return passages
}

// Stays appends what happened in zones since the last time to into.
func (c *Corridor[F]) Stays(into []models.Presence) []models.Presence {
	into = append(into, c.left...)
	c.left = c.left[:0]
	if c.zones != nil {
		into = c.zones.Drain(into)
	}
	return into
}

// Inside appends the totals of zones to into: since the beginning, or since pictures have their present shape.
func (c *Corridor[F]) Inside(into []models.ZoneTotal) []models.ZoneTotal {
	if c.zones == nil {
		return into
	}
	return c.zones.Totals(into)
}
