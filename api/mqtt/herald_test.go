package mqtt_test

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"
	"go.uber.org/goleak"

	"footfall/api/mqtt"
	"footfall/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house has one or two cameras and what they counted today.
type house struct {
	mu      sync.Mutex
	cameras []models.Camera
	row     models.Bucket
	people  int64 // in the hall, which holds 50
	state   models.CameraState
}

func (h *house) All(context.Context) ([]models.Camera, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cameras, nil
}

func (h *house) Status(id models.CameraID) models.CameraStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	return models.CameraStatus{Camera: id, State: h.state, Since: noon()}
}

func (h *house) Rows(
	_ context.Context, from, to time.Time, _ models.Step, in *time.Location,
) iter.Seq2[models.Bucket, error] {
	return func(yield func(models.Bucket, error) bool) {
		h.mu.Lock()
		defer h.mu.Unlock()
		row := h.row
		row.Start, row.End = from, to
		if from.In(in).Hour() != 0 {
			panic("today begins at " + from.In(in).String())
		}
		yield(row, nil)
	}
}

func (h *house) Insides(context.Context, time.Time) ([]mqtt.Inside, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hall, people := models.Area{ID: "hall", Capacity: 50}, h.people
	return []mqtt.Inside{{Area: hall, Occupancy: models.Occupancy{
		Area: hall.ID, People: &people, Capacity: 50, Fill: hall.Fill(people),
	}}}, nil
}

func (h *house) change(do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	do()
}

func noon() time.Time { return time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) }

// reader is another client, which keeps what is retained.
type reader struct {
	t       *testing.T
	mu      sync.Mutex
	holds   map[string]string
	changed chan struct{}
}

func (b *broker) read() *reader {
	b.t.Helper()
	r := &reader{t: b.t, holds: map[string]string{}, changed: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.Background())
	address, _ := url.Parse("mqtts://" + b.address)
	connection, err := autopaho.NewConnection(ctx, autopaho.ClientConfig{
		ServerUrls: []*url.URL{address}, TlsCfg: b.trusted, KeepAlive: 20, ConnectUsername: "reader",
		ConnectPassword: []byte("reading"), ReconnectBackoff: autopaho.NewConstantBackoff(20 * time.Millisecond),
		OnConnectionUp: func(c *autopaho.ConnectionManager, _ *paho.Connack) {
			go func() {
				_, _ = c.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "#", QoS: 1}}})
			}()
		},
		ClientConfig: paho.ClientConfig{
			ClientID: "reader",
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
				r.mu.Lock()
				defer r.mu.Unlock()
				if r.holds[p.Packet.Topic] = string(p.Packet.Payload); len(p.Packet.Payload) == 0 {
					delete(r.holds, p.Packet.Topic)
				}
				select {
				case r.changed <- struct{}{}:
				default:
				}
				return true, nil
			}},
		},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		stop()
		<-connection.Done()
	})
	return r
}

// until waits for what the broker tells to be so.
func (r *reader) until(what string, is func(holds map[string]string) bool) {
	r.t.Helper()
	late := time.After(30 * time.Second)
	for {
		r.mu.Lock()
		now := maps.Clone(r.holds)
		r.mu.Unlock()
		if is(now) {
			return
		}
		select {
		case <-r.changed:
		case <-late:
			r.t.Fatalf("%s: not so after 30 s; the broker holds %q", what, slices.Sorted(maps.Keys(now)))
		}
	}
}

func (b *broker) herald(h *house, password string) (*mqtt.Herald, *lockedText) {
	b.t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.t.Fatal(err)
	}
	log := &lockedText{}
	herald, err := mqtt.New(mqtt.Options{
		URL: "mqtts://" + b.wire.listener.Addr().String(), User: "counter", Password: password, TLS: b.trusted,
		ClientID: "site.1", Topic: "mall/footfall", Discovery: "homeassistant", Location: berlin, Registry: h, Statuses: h,
		Book: h, Insides: h, Version: "test", Every: 20 * time.Millisecond, Now: noon, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return herald, log
}

type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// begin runs a herald until stop.
func begin(t *testing.T, h *mqtt.Herald) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func lobby() *house {
	return &house{
		cameras: []models.Camera{{ID: "lobby", Name: "Lobby", Lines: []models.Line{{ID: "door", Name: "Main door"}, {ID: "gate"}}}},
		row: models.Bucket{
			Camera: "lobby", Line: "door", In: 41, Out: 12, RawIn: 43, RawOut: 14, Observed: 12 * time.Hour,
		},
		state: models.Online,
	}
}

const (
	status   = "mall/footfall/status"
	doorNow  = "mall/footfall/cameras/lobby/lines/door"
	gateNow  = "mall/footfall/cameras/lobby/lines/gate"
	lobbyNow = "mall/footfall/cameras/lobby"
	hallNow  = "mall/footfall/areas/hall"
	doorIn   = "homeassistant/sensor/footfall_site_1/lobby_door_in/config"
	gateRaw  = "homeassistant/sensor/footfall_site_1/lobby_gate_raw_out/config"
)

// A day with a broker: told, changed, cut off, started anew, changed while we were away, and left.
func TestTheBrokerHoldsHowThingsAre(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	r := b.read()
	h := lobby()
	herald, _ := b.herald(h, "hunter2-mqtt")
	stop := begin(t, herald)
	told := func(holds map[string]string) bool {
		return holds[status] == "online" && strings.Contains(holds[doorNow], `"in":41,"out":12,"raw_in":43,"raw_out":14`) &&
			strings.Contains(holds[gateNow], `"in":null`) && strings.Contains(holds[lobbyNow], `"state":"online"`) &&
			holds[hallNow] == `{"people":0,"capacity":50,"fill":"free","coverage":1}` && len(holds) == 17
	}
	r.until("all is told", told)
	r.entities(r.holds)

	// 1. What changes is told; a line that is gone is taken back from Home Assistant.
	h.change(func() {
		h.row.In, h.state, h.people = 42, models.Offline, 50
		h.cameras[0].Lines = h.cameras[0].Lines[:1]
	})
	r.until("the change is told", func(holds map[string]string) bool {
		_, stays := holds[gateRaw]
		return strings.Contains(holds[doorNow], `"in":42`) && strings.Contains(holds[lobbyNow], `"offline"`) && !stays &&
			strings.Contains(holds[hallNow], `"people":50,"capacity":50,"fill":"full"`)
	})

	// 2. The wire is cut: the broker says that we are gone. It is mended, and all is as it is then.
	b.wire.sever()
	r.until("we are gone", func(holds map[string]string) bool { return holds[status] == "offline" })
	h.change(func() { h.row.In = 43 })
	b.wire.mend()
	r.until("we are back", func(holds map[string]string) bool {
		return holds[status] == "online" && strings.Contains(holds[doorNow], `"in":43`)
	})

	// 3. The broker dies and has forgotten everything.
	b.kill()
	r.mu.Lock()
	clear(r.holds)
	r.mu.Unlock()
	b.start()
	r.until("a new broker is told", func(holds map[string]string) bool {
		return holds[status] == "online" && strings.Contains(holds[doorNow], `"in":43`) && holds[doorIn] != ""
	})

	// 4. We leave, and a camera is removed before we are there again.
	stop()
	r.until("we have left", func(holds map[string]string) bool { return holds[status] == "offline" })
	h.change(func() { h.cameras = nil })
	herald, _ = b.herald(h, "hunter2-mqtt")
	stop = begin(t, herald)
	r.until("what was left of earlier is taken back", func(holds map[string]string) bool {
		return holds[status] == "online" && holds[doorIn] == ""
	})
	stop()
}

// entities checks what Home Assistant is told.
func (r *reader) entities(holds map[string]string) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := map[string]bool{}
	for topic, text := range holds {
		if !strings.HasPrefix(topic, "homeassistant/") {
			continue
		}
		var e struct {
			UniqueID          string `json:"unique_id"`
			StateTopic        string `json:"state_topic"`
			StateClass        string `json:"state_class"`
			LastReset         string `json:"last_reset_value_template"`
			AvailabilityTopic string `json:"availability_topic"`
			Name              string
			Device            struct{ Identifiers []string }
		}
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			r.t.Fatalf("%s: %v in %s", topic, err, text)
		}
		if ids[e.UniqueID] || e.AvailabilityTopic != status || holds[e.StateTopic] == "" ||
			!slices.Contains([]string{"footfall_site_1_lobby", "footfall_site_1_area_hall"}, e.Device.Identifiers[0]) || (e.StateClass == "total") != (e.LastReset != "") {
			r.t.Errorf("%s holds %s", topic, text)
		}
		ids[e.UniqueID] = true
		if topic == doorIn && (e.Name != "Main door in today" || e.StateClass != "total") {
			r.t.Errorf("%s holds %s", topic, text)
		}
	}
	if len(ids) != 12 {
		r.t.Errorf("%d entities, want 2 of the camera, 4 of each line and 2 of the area", len(ids))
	}
}

// A wrong password is said once, without it, and is no reason to stop the house.
func TestAWrongPasswordIsSaidOnce(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	herald, log := b.herald(lobby(), "wrong-secret")
	stop := begin(t, herald)
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(log.String(), "cannot be reached"); {
		if time.Now().After(deadline) {
			t.Fatalf("nothing was said: %s", log)
		}
		<-time.After(10 * time.Millisecond)
	}
	stop()
	if said := log.String(); strings.Count(said, "cannot be reached") != 1 || strings.Contains(said, "wrong-secret") {
		t.Errorf("said %s", said)
	}
}
