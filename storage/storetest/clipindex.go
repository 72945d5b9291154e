package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/clips"
)

// ClipIndex is what the suite Clips is about.
type ClipIndex interface {
	Register(ctx context.Context, facts []models.Fact) (clips.Receipt, error)
	Clips(ctx context.Context, q models.ClipQuery) ([]models.StoredClip, error)
	Clip(ctx context.Context, id models.ClipID) (models.StoredClip, error)
	Manifest(ctx context.Context, id models.ClipID) ([]byte, error)
	Seal(ctx context.Context, id models.ClipID, signer models.Signer, now time.Time) error
	Chains(ctx context.Context, now time.Time) (models.Chains, error)
	Hold(ctx context.Context, id models.ClipID, hold models.ClipHold) error
	Release(ctx context.Context, id models.ClipID) error
	AddRecording(ctx context.Context, r models.Recording) error
	Recordings(ctx context.Context, cameras []models.CameraID, after time.Time) ([]models.Recording, error)
	Reveal(ctx context.Context, id models.ClipID, by models.AuditActor, now time.Time) error
	Revealed(ctx context.Context, id models.ClipID, by models.AuditActor) ([]string, error)
	AddReview(ctx context.Context, r models.Review) (models.Review, error)
	Reviews(ctx context.Context, q models.ReviewQuery) ([]models.Review, error)
}

// Clips is what every index of clips must do. It needs an empty one for itself, with a retention of a day.
func Clips(t *testing.T, x ClipIndex) {
	t.Run("a clip is known once", func(t *testing.T) { clipKnownOnce(t, x) })
	t.Run("clips are found by what they are", func(t *testing.T) { clipFilters(t, x) })
	t.Run("seals make a chain", func(t *testing.T) { clipSeals(t, x) })
	t.Run("a hold says who and why", func(t *testing.T) { clipHolds(t, x) })
	t.Run("recordings know their clips", func(t *testing.T) { clipRecordings(t, x) })
	t.Run("people count blindly once", func(t *testing.T) { clipReviews(t, x) })
}

// Filmed is the fact of a clip of twenty seconds, with a crossing of the line "door" after five.
func Filmed(camera models.CameraID, id string, start time.Time, triggers ...models.TriggerKind) models.Fact {
	c := &models.Clip{
		Start: start, End: start.Add(20 * time.Second), Width: 640, Height: 360, Pictures: 200, Bytes: 1000,
		Observed: 20 * time.Second, SHA256: strings.Repeat("5", 64), ConfigVersion: 3, ModelVersion: "model@1",
		Lines:   []models.Line{DoorLine("door"), DoorLine("gate")},
		Privacy: models.Privacy{Pixelate: models.PixelateHeads},
		Crossings: []models.ClipCrossing{
			{ID: "x1", Line: "door", Direction: models.In, Class: models.Person, Time: start.Add(5 * time.Second)},
		},
		Key: models.ClipKey(camera, models.ClipID(id), start) + models.VideoEnding,
	}
	for _, kind := range triggers {
		c.Triggers = append(c.Triggers, models.ClipTrigger{Kind: kind, ID: "t-" + id, From: start, To: c.End})
	}
	c.Counts = models.CountCrossings(c.Lines, c.Crossings)
	return models.Fact{ID: models.FactID(id), Camera: camera, Lease: "lease", Clip: c}
}

func clipKnownOnce(t *testing.T, x ClipIndex) {
	ctx := t.Context()
	fact := Filmed("once", "once-1", Noon(), models.TriggerSample)
	elsewhere := Filmed("once", "once-2", Noon(), models.TriggerSample)
	elsewhere.Clip.Key = "once/2026/../../etc/passwd.mp4"
	untold := Filmed("once", "once-3", Noon())
	for range 2 {
		none := models.Fact{ID: "none", Camera: "once", Lease: "l"}
		receipt, err := x.Register(ctx, []models.Fact{fact, elsewhere, untold, none})
		must(t, err)
		if fmt.Sprint(receipt.Accepted) != "[once-1]" || len(receipt.Refused) != 3 {
			t.Errorf("accepted %v, refused %v", receipt.Accepted, receipt.Refused)
		}
	}
	c, err := x.Clip(ctx, "once-1")
	must(t, err)
	if c.State != models.ClipAwaited || c.Camera != "once" || c.Seq != 0 || !c.Start.Equal(Noon()) ||
		len(c.Crossings) != 1 || !c.Expires.Equal(c.End.Add(24*time.Hour)) || c.Hold != nil {
		t.Errorf("it became %+v", c)
	}
	_, err = x.Clip(ctx, "once-2")
	_, manifestErr := x.Manifest(ctx, "once-1")
	for what, err := range map[string]error{"a refused clip": err, "a manifest before its time": manifestErr} {
		if !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func clipFilters(t *testing.T, x ClipIndex) {
	ctx := t.Context()
	var facts []models.Fact
	for i, camera := range []models.CameraID{"east", "west", "east", "east"} {
		f := Filmed(camera, fmt.Sprint("filter-", i), Noon().Add(time.Duration(i)*time.Hour), models.TriggerSample)
		facts = append(facts, f)
	}
	facts[1].Clip.Lines = []models.Line{DoorLine("do_r")}
	facts[2].Clip.Triggers[0].Kind = models.TriggerPlanned
	_, err := x.Register(ctx, facts)
	must(t, err)
	held, free := true, false
	must(t, x.Hold(ctx, "filter-3", models.ClipHold{Reason: "court", Since: Noon()}))
	both := []models.CameraID{"east", "west"}
	for name, test := range map[string]struct {
		query models.ClipQuery
		want  string
	}{
		"both":     {models.ClipQuery{Cameras: both}, "3 2 1 0"},
		"one":      {models.ClipQuery{Cameras: both[1:]}, "1"},
		"line":     {models.ClipQuery{Cameras: both, Line: "door"}, "3 2 0"},
		"its like": {models.ClipQuery{Cameras: both, Line: "do_r"}, "1"},
		"trigger": {models.ClipQuery{
			Cameras: both, Triggers: []models.TriggerKind{models.TriggerPlanned, models.TriggerSaved},
		}, "2"},
		"state": {models.ClipQuery{Cameras: both, States: []models.ClipState{models.ClipStored}}, ""},
		"held":  {models.ClipQuery{Cameras: both, Held: &held}, "3"},
		"free":  {models.ClipQuery{Cameras: both, Held: &free}, "2 1 0"},
		"from":  {models.ClipQuery{Cameras: both, From: Noon().Add(time.Hour + 20*time.Second)}, "3 2 1"},
		"to":    {models.ClipQuery{Cameras: both, To: Noon().Add(time.Hour)}, "0"},
		"limit": {models.ClipQuery{Cameras: both, Limit: 3}, "3 2 1"},
	} {
		found, err := x.Clips(ctx, test.query)
		must(t, err)
		want(t, name+": "+numbers(found), name+": "+test.want)
	}
	var paged []models.StoredClip
	for before := ""; ; before = paged[len(paged)-1].Cursor() {
		page, err := x.Clips(ctx, models.ClipQuery{Cameras: both, Limit: 3, Before: before})
		must(t, err)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	want(t, numbers(paged), "3 2 1 0")
	if _, err := x.Clips(ctx, models.ClipQuery{Before: "nonsense"}); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("a cursor of nobody: %v", err)
	}
}

func numbers(found []models.StoredClip) string {
	var said []string
	for _, c := range found {
		said = append(said, string(c.ID[strings.LastIndexByte(string(c.ID), '-')+1:]))
	}
	return strings.Join(said, " ")
}

func clipSeals(t *testing.T, x ClipIndex) {
	ctx := t.Context()
	key, err := models.NewSigningKey()
	must(t, err)
	prev := models.NoHash
	for i := range 3 {
		id := models.ClipID(fmt.Sprint("seal-", i))
		start := Noon().Add(-time.Duration(i) * time.Hour)
		_, err := x.Register(ctx, []models.Fact{Filmed("sealed", string(id), start, models.TriggerSample)})
		must(t, err)
		for range 2 { // the second time nothing happens
			must(t, x.Seal(ctx, id, key, Noon()))
		}
		text, err := x.Manifest(ctx, id)
		must(t, err)
		var m models.Manifest
		hash, signed, err := models.Unseal(models.SignedManifest, text, &m, key.Public())
		must(t, err)
		if !signed || m.Seq != int64(i+1) || m.Prev != prev || m.ID != id || m.Camera != "sealed" ||
			len(m.Crossings) != 1 {
			t.Errorf("manifest %d is %+v", i, m)
		}
		prev = hash
	}
	chains, err := x.Chains(ctx, Noon())
	must(t, err)
	for _, c := range chains.Cameras {
		if c.Camera == "sealed" && c.Seq != 0 {
			t.Errorf("nothing is published, but the list says %+v", c)
		}
	}
	if err := x.Seal(ctx, "nobody", key, Noon()); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("seal what is not there: %v", err)
	}
}

func clipHolds(t *testing.T, x ClipIndex) {
	ctx := t.Context()
	_, err := x.Register(ctx, []models.Fact{Filmed("held", "hold-1", Noon(), models.TriggerSample)})
	must(t, err)
	ada := models.AuditActor{Kind: "person", ID: "u7", Name: "Ada"}
	hold := models.ClipHold{Reason: "court \x00 case", By: ada, Since: Noon()}
	must(t, x.Hold(ctx, "hold-1", hold))
	c, err := x.Clip(ctx, "hold-1")
	must(t, err)
	if c.Hold == nil || c.Hold.Reason != "court \uFFFD case" || c.Hold.By != hold.By || !c.Hold.Since.Equal(Noon()) {
		t.Errorf("it is held as %+v", c.Hold)
	}
	must(t, x.Release(ctx, "hold-1"))
	c, err = x.Clip(ctx, "hold-1")
	must(t, err)
	if c.Hold != nil {
		t.Error("it is still held")
	}
	if err := x.Hold(ctx, "hold-1", models.ClipHold{}); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("a hold without a reason: %v", err)
	}
	if err := x.Hold(ctx, "nobody", hold); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("hold what is not there: %v", err)
	}
}

func clipRecordings(t *testing.T, x ClipIndex) {
	ctx := t.Context()
	r := models.Recording{
		ID: "t-rec-1", Camera: "rec", Kind: models.TriggerPlanned, From: Noon(), To: Noon().Add(time.Minute),
		Reason: "audit", By: models.AuditActor{Kind: "person", ID: "u7"}, Made: Noon().Add(-time.Hour),
	}
	must(t, x.AddRecording(ctx, r))
	other := r
	other.ID, other.Camera = "t-rec-2", "rec-2"
	must(t, x.AddRecording(ctx, other))
	_, err := x.Register(ctx, []models.Fact{
		Filmed("rec", "rec-1", Noon(), models.TriggerPlanned),
		Filmed("rec", "rec-9", Noon(), models.TriggerPlanned), // of a recording that nobody knows
	})
	must(t, err)
	found, err := x.Recordings(ctx, []models.CameraID{"rec"}, Noon())
	must(t, err)
	r.Clips = []models.ClipID{"rec-1"}
	if len(found) != 1 || fmt.Sprint(found[0]) != fmt.Sprint(r) {
		t.Errorf("found %+v, want %+v", found, r)
	}
	if found, err = x.Recordings(ctx, nil, Noon().Add(time.Minute)); err != nil || len(found) > 0 {
		t.Errorf("after their end there are %v (%v)", found, err)
	}
	for name, bad := range map[string]models.Recording{
		"backwards": {ID: "b", Camera: "rec", Kind: models.TriggerPlanned, From: Noon(), To: Noon()},
		"too long":  {ID: "b", Camera: "rec", Kind: models.TriggerPlanned, From: Noon(), To: Noon().Add(2 * time.Hour)},
		"by lot":    {ID: "b", Camera: "rec", Kind: models.TriggerSample, From: Noon(), To: Noon().Add(time.Second)},
	} {
		if err := x.AddRecording(ctx, bad); !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func clipReviews(t *testing.T, x ClipIndex) {
	ctx := t.Context()
	_, err := x.Register(ctx, []models.Fact{
		Filmed("rev", "rev-1", Noon(), models.TriggerSample), Filmed("rev", "rev-2", Noon(), models.TriggerCrossing),
	})
	must(t, err)
	ada, bob := models.AuditActor{Kind: "person", ID: "ada"}, models.AuditActor{Kind: "person", ID: "bob"}
	tap := []models.Tap{{At: 5500 * time.Millisecond, Direction: models.In}}
	review := func(id string, clip models.ClipID, line string, by models.AuditActor) models.Review {
		t.Helper()
		r, err := x.AddReview(ctx, models.Review{ID: id, Clip: clip, Line: line, At: Noon(), By: by, Taps: tap})
		must(t, err)
		return r
	}
	first := review("r1", "rev-1", "door", ada)
	agreed := models.Discrepancy{Human: 1, System: 1, Matched: 1}
	if !first.Blind || !first.Sample || first.Camera != "rev" || first.Comparison.In != agreed {
		t.Errorf("the first count became %+v", first)
	}
	if r := review("r2", "rev-1", "gate", ada); !r.Blind {
		t.Error("one line was seen, but not the other")
	}
	if r := review("r3", "rev-1", "door", ada); r.Blind {
		t.Error("who counted before has seen the system's count")
	}
	must(t, x.Reveal(ctx, "rev-1", bob, Noon()))
	if r := review("r4", "rev-1", "gate", bob); r.Blind {
		t.Error("who was shown it is not blind")
	}
	if r := review("r5", "rev-2", "door", bob); !r.Blind || r.Sample {
		t.Errorf("another clip: %+v", r)
	}
	seen, err := x.Revealed(ctx, "rev-1", ada)
	must(t, err)
	want(t, fmt.Sprint(seen), "[door gate]")
	for name, q := range map[string]models.ReviewQuery{
		"r2 r1": {Clip: "rev-1", Fair: true}, "r3 r1": {Clip: "rev-1", Line: "door"},
		"r5 r4 r3 r2 r1": {Cameras: []models.CameraID{"rev"}},
		"":               {From: Noon().Add(1), Cameras: []models.CameraID{"rev"}},
	} {
		found, err := x.Reviews(ctx, q)
		must(t, err)
		var said []string
		for _, r := range found {
			said = append(said, r.ID)
		}
		want(t, strings.Join(said, " "), name)
	}
	late := []models.Tap{{At: time.Hour, Direction: models.In}}
	for name, bad := range map[string]models.Review{
		"no such line": {ID: "b", Clip: "rev-1", Line: "roof"},
		"outside":      {ID: "b", Clip: "rev-1", Line: "door", Taps: late},
	} {
		if _, err := x.AddReview(ctx, bad); !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
