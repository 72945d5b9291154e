package vision_test

import (
	"math"
	"testing"

	"footfall/models"
	"footfall/vision"
)

// A zone is drawn where it is, and nowhere else but for its label.
func TestZoneIsDrawnWhereItIs(t *testing.T) {
	t.Parallel()
	hall := models.Zone{ID: "hall", Points: []models.Point{{X: 0.5, Y: 0.4}, {X: 0.9, Y: 0.4}, {X: 0.9, Y: 0.9}, {X: 0.5, Y: 0.9}}}
	scene := vision.Scene{Zones: []models.Zone{hall}}
	corner := func(x, y float64) models.Point { return models.Point{X: x, Y: y} }
	inside := drawnOn(t, 640, 480, scene, corner(0.55, 0.6), corner(0.85, 0.85))
	if total := int(0.3 * 640 * 0.25 * 480); inside == 0 || inside > total/10 {
		t.Errorf("%d of %d pixels inside are drawn: stripes are to be seen, and the picture too", inside, total)
	}
	if outside := drawnOn(t, 640, 480, scene, corner(0, 0), corner(0.48, 1)); outside != 0 {
		t.Errorf("%d pixels beside it are drawn", outside)
	}
}

// The number inside is written; without one only the name is.
func TestZoneTellsWhoIsInside(t *testing.T) {
	t.Parallel()
	hall := models.Zone{ID: "hall", Points: []models.Point{{X: 0.1, Y: 0.1}, {X: 0.9, Y: 0.1}, {X: 0.9, Y: 0.9}}}
	label := func(totals ...models.ZoneTotal) int {
		return drawnOn(t, 640, 480, vision.Scene{Zones: []models.Zone{hall}, Inside: totals}, models.Point{}, models.Point{X: 1, Y: 1})
	}
	name := label()
	people := label(models.ZoneTotal{Zone: "hall", Class: models.Person, Inside: 3})
	bags := label(models.ZoneTotal{Zone: "hall", Class: models.Person, Inside: 3}, models.ZoneTotal{Zone: "hall", Class: "suitcase", Inside: 1})
	if name >= people || people >= bags {
		t.Errorf("the label takes %d pixels, with people %d, with bags %d", name, people, bags)
	}
	if none := label(models.ZoneTotal{Zone: "hall", Class: "suitcase"}, models.ZoneTotal{Zone: "other", Inside: 7}); none != name {
		t.Errorf("no suitcase and another zone make the label %d pixels, not %d", none, name)
	}
}

func TestZonesOfAnyShapeAreDrawn(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	scene := vision.Scene{Zones: []models.Zone{
		{ID: "none"},
		{ID: "two", Points: []models.Point{{X: 0.5, Y: 0.5}, {X: 1, Y: 1}}},
		{ID: "nowhere", Points: []models.Point{{X: nan, Y: nan}, {X: inf, Y: -inf}, {X: -inf, Y: nan}}},
		{ID: "dot", Points: []models.Point{{X: 0.5, Y: 0.5}, {X: 0.5, Y: 0.5}, {X: 0.5, Y: 0.5}}},
		{ID: "all", Name: "Halle für alle", Points: []models.Point{{X: 0, Y: 0}, {X: 1, Y: 0}, {X: 1, Y: 1}, {X: 0, Y: 1}}},
	}}
	for _, size := range [][2]int{{1, 1}, {7, 300}, {300, 7}, {1920, 1080}} {
		drawnOn(t, size[0], size[1], scene, models.Point{}, models.Point{X: 1, Y: 1})
	}
}
