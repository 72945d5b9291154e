package link

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"footfall/models"
)

// A worker with a token of its own is asked about lines, and answers; whoever cannot is unavailable.
func TestWorkersSayWhatLinesWouldHaveCounted(t *testing.T) {
	t.Parallel()
	tokens := &book{tokens: map[string]string{"footworker_one": "w1"}}
	broker, err := NewBroker(BrokerConfig{Token: testToken, Workers: tokens}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	start(t, broker.Run)
	own := urlOf(t, broker)
	hub, _ := startHub(t, own, newFleet(), newLedger())
	lines := []models.Line{{ID: "door", Points: []models.Point{{X: 0.5}, {X: 0.5, Y: 1}}}}
	if _, err := hub.TryLines(t.Context(), "w1", "lobby", lines); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("nobody listens: %v", err)
	}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	want := models.LineTrial{
		From: noon, To: noon.Add(time.Minute), Observed: 59 * time.Second,
		Lines:     []models.LineTotal{{Line: "door", In: 1, RawIn: 1}},
		Crossings: []models.TriedCrossing{{Line: "door", Direction: models.In, Time: noon.Add(time.Second)}},
	}
	connected := make(chan struct{}, 100)
	c, err := NewClient(ClientConfig{
		URL: strings.Replace(own, testToken+"@", "footworker_one@", 1), Worker: "w1", Incarnation: "1", Capacity: 1,
		TryLines: func(camera models.CameraID, asked []models.Line) (models.LineTrial, error) {
			if camera != "lobby" || !reflect.DeepEqual(asked, lines) {
				return models.LineTrial{}, models.ErrUnavailable
			}
			return want, nil
		},
		Resources: func() Resources { poke(connected); return Resources{} },
	}, newDuty(), openOutbox(t), quiet())
	if err != nil {
		t.Fatal(err)
	}
	start(t, c.Run)
	<-connected // it beats, so it listens
	var got models.LineTrial
	for got, err = hub.TryLines(t.Context(), "w1", "lobby", lines); errors.Is(err, models.ErrUnavailable); {
		got, err = hub.TryLines(t.Context(), "w1", "lobby", lines)
	}
	ahead := want.From.Sub(got.From) // the clocks of one machine, as far as they are known
	want = *inServerTime(want, ahead)
	if err != nil || ahead.Abs() > time.Minute || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, got %+v, want %+v", err, got, want)
	}
	if _, err := hub.TryLines(t.Context(), "w1", "yard", lines); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("of a camera that it does not watch: %v", err)
	}
	if _, err := hub.TryLines(t.Context(), "w1", "lobby", lines[:0]); err == nil {
		t.Error("without lines there is an answer")
	}
	lines[0].Points = lines[0].Points[:1]
	if _, err := hub.TryLines(t.Context(), "w1", "lobby", lines); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("of a line with one point: %v", err)
	}
}
