package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"footfall/models"
	"footfall/storage/registry"
)

// Registry is what the suite Cameras is about.
type Registry interface {
	Cameras(ctx context.Context, after models.CameraID, limit int) ([]models.Camera, error)
	All(ctx context.Context) ([]models.Camera, error)
	Camera(ctx context.Context, id models.CameraID) (models.Camera, error)
	Add(ctx context.Context, c models.Camera) (models.Camera, error)
	Update(ctx context.Context, c models.Camera) (models.Camera, error)
	SetLines(ctx context.Context, id models.CameraID, version int64, lines []models.Line) (models.Camera, error)
	Remove(ctx context.Context, id models.CameraID) error
	Declare(ctx context.Context, cameras []models.Camera) error
	KnownLines(ctx context.Context) ([]registry.KnownLine, error)
	Subscribe() (changes <-chan struct{}, stop func())
}

// Cameras is what every registry must do. It needs an empty one for itself.
func Cameras(t *testing.T, r Registry) {
	t.Run("a camera is added, changed and removed", func(t *testing.T) { cameraLife(t, r) })
	t.Run("a change from an old version is refused", func(t *testing.T) { outdatedChanges(t, r) })
	t.Run("an address is kept by who cannot see it", func(t *testing.T) { keptAddress(t, r) })
	t.Run("lines keep their names", func(t *testing.T) { lineHistory(t, r) })
	t.Run("the file is followed", func(t *testing.T) { declared(t, r) })
	t.Run("what is no camera is refused", func(t *testing.T) { cameraRefusals(t, r) })
	t.Run("cameras are listed by pages", func(t *testing.T) { cameraPages(t, r) })
	t.Run("changes are told", func(t *testing.T) { changesTold(t, r) })
}

// Lobby is a camera with a line over its door.
func Lobby(id models.CameraID) models.Camera {
	//nolint:gosec // G101: it is nobody's password, and the tests look for it where it must not be
	return models.Camera{
		ID: id, Name: "Lobby", URL: "rtsp://viewer:s3cret@192.0.2.7:554/stream1", Transport: models.UDP, MaxFPS: 7.5,
		Anchor: models.Centre, Lines: []models.Line{DoorLine("door")},
		Privacy: models.Privacy{
			Pixelate: models.PixelateBodies,
			Masks:    []models.Mask{{{X: 0, Y: 0}, {X: 0.25, Y: 0}, {X: 0, Y: 0.5}}},
		},
		Zones: []models.Zone{Hall("hall")}, Classes: []models.Class{"suitcase", "backpack"},
	}
}

// Hall is a zone in the lower half of the picture.
func Hall(id string) models.Zone {
	points := []models.Point{{X: 0.1, Y: 0.6}, {X: 0.9, Y: 0.55}, {X: 0.9, Y: 0.95}, {X: 0.1, Y: 1}}
	return models.Zone{ID: id, Name: "the " + id, Points: points}
}

// DoorLine is a line through the middle of the picture.
func DoorLine(id string) models.Line {
	points := []models.Point{{X: 0.1, Y: 0.6}, {X: 0.5, Y: 0.55}, {X: 0.9, Y: 0.6}}
	return models.Line{ID: id, Name: "the " + id, Points: points}
}

// text is all there is to know about a camera; String would hide some.
func text(c models.Camera) string {
	return fmt.Sprintf("%s %q %s %s %v %s %v %v %v %v disabled=%v nosteady=%v declared=%v version=%d",
		c.ID, c.Name, c.URL, c.Transport, c.MaxFPS, c.Anchor, c.Lines, c.Zones, c.Classes, c.Privacy, c.Disabled,
		c.NoSteady, c.Declared, c.Version)
}

func cameraLife(t *testing.T, r Registry) {
	ctx := t.Context()
	added, err := r.Add(ctx, Lobby("life"))
	must(t, err)
	c := Lobby("life")
	c.Version = 1
	want(t, text(added), text(c))
	stored, err := r.Camera(ctx, "life")
	must(t, err)
	want(t, text(stored), text(c))
	if _, err := r.Add(ctx, Lobby("life")); !errors.Is(err, models.ErrConflict) {
		t.Errorf("added twice: got %v, want a conflict", err)
	}

	c.Name, c.Disabled, c.NoSteady, c.Anchor = "Foyer", true, true, models.BottomCentre
	c.Lines = append(c.Lines, DoorLine("gate"))
	c.Privacy = models.Privacy{Pixelate: models.PixelateOff}
	c.Zones = []models.Zone{Hall("till"), Hall("hall")} // in this order
	c.Classes = []models.Class{"bicycle"}
	changed, err := r.Update(ctx, c)
	must(t, err)
	c.Version = 2
	want(t, text(changed), text(c))
	c, err = r.SetLines(ctx, "life", 2, []models.Line{DoorLine("gate"), DoorLine("stairs")}) // in this order
	must(t, err)
	stored, err = r.Camera(ctx, "life")
	must(t, err)
	want(t, text(stored), text(c))
	if c.Version != 3 || len(c.Lines) != 2 || len(c.Zones) != 2 {
		t.Errorf("got %s, want version 3 with two lines and two zones", text(c))
	}
	c.Zones, c.Classes = nil, nil
	_, err = r.Update(ctx, c)
	must(t, err)
	c.Version = 4
	stored, err = r.Camera(ctx, "life")
	must(t, err)
	want(t, text(stored), text(c))

	must(t, r.Remove(ctx, "life"))
	for what, err := range map[string]error{
		"camera": second(r.Camera(ctx, "life")), "update": second(r.Update(ctx, c)), "remove": r.Remove(ctx, "life"),
	} {
		if !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%s after it was removed: got %v, want not found", what, err)
		}
	}
	again, err := r.Add(ctx, Lobby("life"))
	must(t, err)
	if again.Version <= 5 {
		t.Errorf("added again it has version %d, which meant something else before", again.Version)
	}
}

func second(_ models.Camera, err error) error { return err }

func outdatedChanges(t *testing.T, r Registry) {
	ctx := t.Context()
	c, err := r.Add(ctx, Lobby("outdated"))
	must(t, err)
	_, err = r.Update(ctx, c)
	must(t, err)
	if _, err := r.Update(ctx, c); !errors.Is(err, models.ErrConflict) || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("update from version 1: got %v, want a conflict that names version 2", err)
	}
	if _, err := r.SetLines(ctx, c.ID, 1, nil); !errors.Is(err, models.ErrConflict) {
		t.Errorf("lines from version 1: got %v, want a conflict", err)
	}
	stored, err := r.Camera(ctx, c.ID)
	must(t, err)
	if stored.Version != 2 || len(stored.Lines) != 1 {
		t.Errorf("a refused change has changed something: %s", text(stored))
	}
}

func keptAddress(t *testing.T, r Registry) {
	ctx := t.Context()
	c, err := r.Add(ctx, Lobby("address"))
	must(t, err)
	for _, shown := range []string{"", models.RedactURL(c.URL)} {
		change := c
		change.URL = shown
		change, err = r.Update(ctx, change)
		must(t, err)
		want(t, change.URL, c.URL)
		c = change
	}
	c.URL = "rtsps://192.0.2.9/other"
	c, err = r.Update(ctx, c)
	must(t, err)
	want(t, c.URL, "rtsps://192.0.2.9/other")
}

func lineHistory(t *testing.T, r Registry) {
	ctx := t.Context()
	c, err := r.Add(ctx, Lobby("history"))
	must(t, err)
	_, err = r.SetLines(ctx, c.ID, c.Version, []models.Line{DoorLine("gate")})
	must(t, err)
	want(t, history(t, r), "door removed, gate")
	must(t, r.Remove(ctx, c.ID))
	want(t, history(t, r), "door removed, gate removed")
	_, err = r.Add(ctx, Lobby("history"))
	must(t, err)
	want(t, history(t, r), "door, gate removed")
}

func history(t *testing.T, r Registry) string {
	t.Helper()
	known, err := r.KnownLines(t.Context())
	must(t, err)
	var said []string
	for _, k := range known {
		if k.Camera != "history" {
			continue
		}
		if k.CameraName != "Lobby" || k.LineName != "the "+k.Line {
			t.Errorf("%+v has lost a name", k)
		}
		said = append(said, k.Line)
		if k.Removed {
			said[len(said)-1] += " removed"
		}
	}
	return strings.Join(said, ", ")
}

func declared(t *testing.T, r Registry) {
	ctx := t.Context()
	_, err := r.Add(ctx, Lobby("by-hand"))
	must(t, err)
	_, err = r.Add(ctx, Lobby("taken-over"))
	must(t, err)
	must(t, r.Declare(ctx, []models.Camera{Lobby("file-1"), Lobby("file-2"), Lobby("taken-over")}))
	want(t, versions(t, r), "by-hand 1, file-1 1 declared, file-2 1 declared, taken-over 2 declared")

	c, err := r.Camera(ctx, "file-1")
	must(t, err)
	for what, err := range map[string]error{
		"update": second(r.Update(ctx, c)), "lines": second(r.SetLines(ctx, c.ID, c.Version, nil)),
		"remove": r.Remove(ctx, c.ID),
	} {
		if !errors.Is(err, models.ErrReadOnly) || !strings.Contains(err.Error(), "configuration file") {
			t.Errorf("%s of a declared camera: got %v, want read-only", what, err)
		}
	}
	if _, err := r.Add(ctx, Lobby("file-1")); !errors.Is(err, models.ErrConflict) {
		t.Errorf("add a declared camera: got %v, want a conflict", err)
	}

	changed := Lobby("file-2")
	changed.Lines, changed.Zones = nil, []models.Zone{}
	must(t, r.Declare(ctx, []models.Camera{Lobby("file-1"), changed}))
	want(t, versions(t, r), "by-hand 1, file-1 1 declared, file-2 2 declared")

	bad := Lobby("file-3")
	bad.URL = "http://192.0.2.7/"
	err = r.Declare(ctx, []models.Camera{Lobby("file-4"), bad})
	if !errors.Is(err, models.ErrInvalid) {
		t.Errorf("declare a bad camera: got %v, want invalid", err)
	}
	if err := r.Declare(ctx, []models.Camera{Lobby("file-4"), Lobby("file-4")}); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("declare a camera twice: got %v, want invalid", err)
	}
	want(t, versions(t, r), "by-hand 1, file-1 1 declared, file-2 2 declared")
	must(t, r.Declare(ctx, nil))
	want(t, versions(t, r), "by-hand 1")
	must(t, r.Declare(ctx, []models.Camera{Lobby("file-1")}))
	want(t, versions(t, r), "by-hand 1, file-1 3 declared")
}

// versions is the cameras of the test declared, in short.
func versions(t *testing.T, r Registry) string {
	t.Helper()
	all, err := r.All(t.Context())
	must(t, err)
	var said []string
	for _, c := range all {
		if !slices.Contains([]models.CameraID{"by-hand", "taken-over", "file-1", "file-2", "file-3", "file-4"}, c.ID) {
			continue
		}
		said = append(said, fmt.Sprintf("%s %d", c.ID, c.Version))
		if c.Declared {
			said[len(said)-1] += " declared"
		}
	}
	return strings.Join(said, ", ")
}

func cameraRefusals(t *testing.T, r Registry) {
	ctx := t.Context()
	for field, spoil := range map[string]func(*models.Camera){
		"id":        func(c *models.Camera) { c.ID = "../etc" },
		"url":       func(c *models.Camera) { c.URL = "http://viewer:s3cret@192.0.2.7/" },
		"name":      func(c *models.Camera) { c.Name = "Lob\x00by" },
		"transport": func(c *models.Camera) { c.Transport = "pigeon" },
		"line":      func(c *models.Camera) { c.Lines = append(c.Lines, c.Lines[0]) },
		"zone":      func(c *models.Camera) { c.Zones = append(c.Zones, c.Zones[0]) },
		"zone hall": func(c *models.Camera) { c.Zones[0].Name = "\xff" },
		"classes":   func(c *models.Camera) { c.Classes = []models.Class{models.Person} },
	} {
		c := Lobby("bad")
		spoil(&c)
		_, err := r.Add(ctx, c)
		var invalid *models.InvalidError
		if !errors.As(err, &invalid) || !strings.HasPrefix(invalid.Field, field) {
			t.Errorf("%s: got %v, want it named as invalid", field, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error shows the password: %v", field, err)
		}
	}
	if _, err := r.SetLines(ctx, "nobody", 1, nil); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("lines of an unknown camera: got %v, want not found", err)
	}
}

func cameraPages(t *testing.T, r Registry) {
	ctx := t.Context()
	all, err := r.All(ctx)
	must(t, err)
	var paged []models.Camera
	for after := models.CameraID(""); ; after = paged[len(paged)-1].ID {
		page, err := r.Cameras(ctx, after, 2)
		must(t, err)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	if len(all) < 3 || !slices.EqualFunc(all, paged, func(a, b models.Camera) bool { return text(a) == text(b) }) {
		t.Errorf("in pages there are %d cameras, in one piece %d", len(paged), len(all))
	}
}

func changesTold(t *testing.T, r Registry) {
	ctx := t.Context()
	must(t, r.Declare(ctx, nil))
	changes, stop := r.Subscribe()
	told := func() bool {
		select {
		case <-changes:
			return true
		default:
			return false
		}
	}
	c, err := r.Add(ctx, Lobby("told"))
	must(t, err)
	_, err = r.Update(ctx, c) // not read in between: one token is enough
	must(t, err)
	if !told() || told() {
		t.Error("two changes were not told by one token")
	}
	must(t, r.Declare(ctx, nil))
	if _, err := r.Update(ctx, c); err == nil || told() {
		t.Errorf("nothing has changed, but it was told (%v)", err)
	}
	must(t, r.Declare(ctx, []models.Camera{Lobby("told-file")}))
	if !told() {
		t.Error("a declaration was not told")
	}
	stop()
	must(t, r.Remove(ctx, "told"))
	if told() {
		t.Error("told after stop")
	}
}
