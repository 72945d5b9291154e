package mqtt

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"footfall/models"
)

// Registry knows the cameras.
type Registry interface {
	All(ctx context.Context) ([]models.Camera, error)
}

// Statuses knows how cameras are doing.
type Statuses interface {
	Status(id models.CameraID) models.CameraStatus
}

// Book knows what all lines counted in [from, to), ordered by camera, line and start; an empty step is one row a line.
type Book interface {
	Rows(ctx context.Context, from, to time.Time, step models.Step, in *time.Location) iter.Seq2[models.Bucket, error]
}

// Options is what a herald is made of.
type Options struct {
	URL      string // mqtt://HOST:PORT or mqtts://HOST:PORT
	User     string
	Password string
	TLS      *tls.Config // nil: the system's
	ClientID string
	Topic    string // what all topics begin with
	// Discovery is what Home Assistant's discovery topics begin with; empty: no discovery.
	Discovery string
	Location  *time.Location // whose days "today" is of
	Registry  Registry
	Statuses  Statuses
	Book      Book
	Insides   Insides
	Version   string        // of the program
	Every     time.Duration // how often is looked for changes; 0 is five seconds
	Now       func() time.Time
	Log       *slog.Logger
}

// Herald tells a broker. Make it with New, run it with Run.
type Herald struct {
	options Options
	broker  *url.URL
	up      chan struct{} // holds a token when there is a new connection

	mu       sync.Mutex
	told     map[string][]byte // what the broker has been told on this connection, by topic
	foreign  map[string]bool   // discovery topics of ours that the broker holds, from this or an earlier life
	troubled bool              // the last attempt to connect failed, and that was said
}

const (
	lookEvery    = 5 * time.Second
	keepAlive    = 30 // seconds
	publishIn    = 10 * time.Second
	longestPause = time.Minute
)

// New makes a herald. It starts nothing.
func New(o Options) (*Herald, error) {
	broker, err := url.Parse(o.URL)
	if err != nil {
		return nil, models.Invalidf("mqtt.url", "cannot be read as an address")
	}
	if broker.Port() == "" {
		broker.Host += map[string]string{"mqtt": ":1883", "mqtts": ":8883"}[broker.Scheme]
	}
	if o.Every <= 0 {
		o.Every = lookEvery
	}
	return &Herald{options: o, broker: broker, up: make(chan struct{}, 1), foreign: map[string]bool{}}, nil
}

// node is our name in discovery topics and ids.
func (h *Herald) node() string {
	return "footfall_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, h.options.ClientID)
}

func (h *Herald) topic(words ...string) string {
	return h.options.Topic + "/" + strings.Join(words, "/")
}

func (h *Herald) cameraTopic(id models.CameraID) string { return h.topic("cameras", string(id)) }

func (h *Herald) lineTopic(id models.CameraID, line string) string {
	return h.topic("cameras", string(id), "lines", line)
}

// Run tells the broker how things are until ctx ends, and then that we are gone.
func (h *Herald) Run(ctx context.Context) error {
	connected, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	connection, err := autopaho.NewConnection(connected, h.connection())
	if err != nil {
		return fmt.Errorf("mqtt: %w", err)
	}
	ticker := time.NewTicker(h.options.Every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-h.up:
			h.greet(ctx, connection)
			h.tell(ctx, connection)
		case <-ticker.C:
			h.tell(ctx, connection)
		}
	}
	h.goodbye(connected, connection)
	hangUp()
	<-connection.Done()
	return nil
}

// connection is how the library connects, and connects again.
func (h *Herald) connection() autopaho.ClientConfig {
	return autopaho.ClientConfig{
		ServerUrls: []*url.URL{h.broker}, TlsCfg: h.options.TLS, KeepAlive: keepAlive,
		CleanStartOnInitialConnection: true, ConnectTimeout: publishIn,
		ReconnectBackoff: autopaho.NewExponentialBackoff(time.Second, longestPause, 2*time.Second, 2),
		ConnectUsername:  h.options.User, ConnectPassword: []byte(h.options.Password),
		WillMessage: &paho.WillMessage{Topic: h.topic("status"), Payload: []byte("offline"), QoS: 1, Retain: true},
		OnConnectionUp: func(*autopaho.ConnectionManager, *paho.Connack) {
			h.mu.Lock()
			h.told, h.troubled = nil, false
			h.mu.Unlock()
			select {
			case h.up <- struct{}{}:
			default:
			}
		},
		OnConnectError: h.trouble,
		ClientConfig: paho.ClientConfig{
			ClientID:          h.options.ClientID,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){h.received},
		},
	}
}

// trouble says once that the broker cannot be reached, not with every attempt.
func (h *Herald) trouble(err error) {
	h.mu.Lock()
	first := !h.troubled
	h.troubled = true
	h.mu.Unlock()
	if first {
		h.options.Log.Warn("the MQTT broker cannot be reached; it is tried again", "broker", h.broker.Redacted(),
			"error", err)
	}
}

// received notes which discovery topics of ours the broker holds, so that those of removed lines can be taken back even
// when they were removed while we were away.
func (h *Herald) received(p paho.PublishReceived) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(p.Packet.Payload) > 0 {
		h.foreign[p.Packet.Topic] = true
	} else {
		delete(h.foreign, p.Packet.Topic)
	}
	return true, nil
}

// greet begins a connection.
func (h *Herald) greet(ctx context.Context, connection *autopaho.ConnectionManager) {
	h.options.Log.Info("connected to the MQTT broker", "broker", h.broker.Redacted())
	if h.options.Discovery == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, publishIn)
	defer cancel()
	_, err := connection.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{
		{Topic: h.options.Discovery + "/+/" + h.node() + "/+/config", QoS: 1},
	}})
	if err != nil && ctx.Err() == nil {
		h.options.Log.Warn("what is left at the MQTT broker of earlier could not be asked for", "error", err)
	}
}

// goodbye says that we are gone, as the broker would if it had to find out by itself.
func (h *Herald) goodbye(ctx context.Context, connection *autopaho.ConnectionManager) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if h.publish(ctx, connection, h.topic("status"), []byte("offline")) == nil {
		_ = connection.Disconnect(ctx) // it is over anyway
	}
}

// tell tells the broker what has changed since it was told last on this connection.
func (h *Herald) tell(ctx context.Context, connection *autopaho.ConnectionManager) {
	ctx, cancel := context.WithTimeout(ctx, publishIn)
	defer cancel()
	wanted, err := h.now(ctx)
	if err != nil {
		if ctx.Err() == nil {
			h.options.Log.Error("the MQTT broker was not told", "error", err)
		}
		return
	}
	h.mu.Lock()
	if h.told == nil {
		h.told = map[string][]byte{}
	}
	told := h.told
	for topic := range h.foreign {
		if _, stays := wanted[topic]; !stays {
			wanted[topic] = nil
		}
	}
	h.mu.Unlock()
	// Discovery before states, so that Home Assistant knows what they are; the status last.
	for _, topic := range slices.SortedFunc(maps.Keys(wanted), h.order) {
		if have, known := told[topic]; known && bytes.Equal(have, wanted[topic]) {
			continue
		}
		if h.publish(ctx, connection, topic, wanted[topic]) != nil {
			return // the connection is down; all is told again when it is up
		}
		told[topic] = wanted[topic]
	}
}

func (h *Herald) order(a, b string) int {
	rank := func(topic string) int {
		switch {
		case topic == h.topic("status"):
			return 2
		case strings.HasPrefix(topic, h.options.Topic+"/"):
			return 1
		}
		return 0
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

func (h *Herald) publish(ctx context.Context, to *autopaho.ConnectionManager, topic string, payload []byte) error {
	_, err := to.Publish(ctx, &paho.Publish{Topic: topic, Payload: payload, QoS: 1, Retain: true})
	return err
}

// count is what a line's topic holds; null: no data.
type count struct {
	Start    time.Time `json:"start"` // of today
	In       *int64    `json:"in"`
	Out      *int64    `json:"out"`
	RawIn    *int64    `json:"raw_in"`
	RawOut   *int64    `json:"raw_out"`
	Coverage float64   `json:"coverage"` // of today until now
}

// state is what a camera's topic holds.
type state struct {
	State    models.CameraState `json:"state"`
	Reason   models.Reason      `json:"reason,omitempty"`
	Detail   string             `json:"detail,omitempty"`
	Since    time.Time          `json:"since"`
	Coverage *float64           `json:"coverage_today"`
}

// now is what the broker should hold: topic to payload.
func (h *Herald) now(ctx context.Context) (map[string][]byte, error) {
	cameras, err := h.options.Registry.All(ctx)
	if err != nil {
		return nil, err
	}
	now := h.options.Now()
	today := models.Day.Floor(now, h.options.Location)
	rows := map[string]models.Bucket{}
	watched := map[models.CameraID]float64{}
	to := models.Minute.Floor(now, time.UTC).Add(time.Minute)
	for b, err := range h.options.Book.Rows(ctx, today, to, "", h.options.Location) {
		if err != nil {
			return nil, err
		}
		rows[h.lineTopic(b.Camera, b.Line)] = b
		watched[b.Camera] = rounded(b.Coverage())
	}
	wanted := map[string]any{}
	for _, c := range cameras {
		status := h.options.Statuses.Status(c.ID)
		s := state{State: status.State, Reason: status.Reason, Detail: status.Detail, Since: status.Since.UTC()}
		if coverage, known := watched[c.ID]; known {
			s.Coverage = &coverage
		}
		wanted[h.cameraTopic(c.ID)] = s
		for _, l := range c.Lines {
			b := rows[h.lineTopic(c.ID, l.ID)]
			n := count{Start: today, Coverage: rounded(b.Coverage())}
			if b.HasData() {
				n.In, n.Out, n.RawIn, n.RawOut = &b.In, &b.Out, &b.RawIn, &b.RawOut
			}
			wanted[h.lineTopic(c.ID, l.ID)] = n
		}
		maps.Copy(wanted, h.discovery(c))
	}
	if err := h.areas(ctx, wanted); err != nil {
		return nil, err
	}
	payloads := map[string][]byte{h.topic("status"): []byte("online")}
	for topic, about := range wanted {
		if payloads[topic], err = json.Marshal(about); err != nil {
			return nil, fmt.Errorf("write %s: %w", topic, err)
		}
	}
	return payloads, nil
}

// rounded is a coverage in hundredths: finer, it would be told again with every minute.
func rounded(coverage float64) float64 { return float64(int(100*coverage+0.5)) / 100 }
