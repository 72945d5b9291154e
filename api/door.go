package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// Entrance knows who sends a request.
type Entrance interface {
	// Enter is models.ErrSignIn when a request shows nothing of its sender, or nothing that holds.
	Enter(ctx context.Context, shown access.Shown) (access.Visit, error)
	// Hold lets a stream go on, of a kind of which one may have most at once. end is called when it must stop, and must
	// not wait; letGo must be called when it has.
	Hold(v access.Visit, kind string, most int, end func()) (letGo func(), err error)
}

// closed is an entrance through which nobody comes.
type closed struct{}

// Enter implements Entrance.
func (closed) Enter(context.Context, access.Shown) (access.Visit, error) {
	return access.Visit{}, models.ErrSignIn
}

// Hold implements Entrance.
func (closed) Hold(access.Visit, string, int, func()) (func(), error) { return nil, models.ErrSignIn }

// door is what every request comes through: it finds the rule of what is asked for, and asks it. There is no other way
// to a handler.
type door struct {
	rules    map[string]access.Rule // by method and path as Echo writes them
	names    map[string]string      // of the operations, by the same
	methods  map[string]bool        // the paths
	entrance Entrance
	journal  access.Journal
	proxies  proxies
	limits   Limits
	strange  *meter
	each     *meter
	now      func() time.Time
	said     *said
}

// newDoor finds the rule of every route. A route without one is an error.
func newDoor(
	routes []*echo.Route, description *openapi3.T, rules map[string]access.Rule, o Options,
) (*door, error) {
	d := &door{
		rules: map[string]access.Rule{}, names: map[string]string{}, methods: map[string]bool{},
		entrance: o.Entrance, journal: o.Journal, proxies: o.Proxies, now: o.Now,
		said: &said{about: map[string]bool{}}, limits: o.Limits.orUsual(),
	}
	d.strange, d.each = newMeter(d.limits.Strangers), newMeter(d.limits.Each)
	if d.entrance == nil {
		d.entrance = closed{}
	}
	operations := map[string]string{}
	for path, item := range description.Paths.Map() {
		for method, operation := range item.Operations() {
			path := strings.NewReplacer("{", ":", "}", "").Replace(path)
			operations[method+" /api/v1"+path] = operation.OperationID
		}
	}
	for _, r := range routes {
		key := r.Method + " " + r.Path
		name := operations[key]
		if name == "" {
			name = key
		}
		rule, err := access.RuleOf(rules, name)
		if err != nil {
			return nil, fmt.Errorf("open the API: %w", err)
		}
		d.rules[key], d.names[key], d.methods[r.Path] = rule, name, true
	}
	return d, nil
}

// admit lets a request through to its handler, or not.
func (d *door) admit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		key := r.Method + " " + c.Path()
		rule, there := d.rules[key]
		if !there {
			if d.methods[c.Path()] {
				return echo.ErrMethodNotAllowed
			}
			return echo.ErrNotFound
		}
		c.Set(operationOf, d.names[key])
		if rule.Anybody {
			if !strings.Contains(d.names[key], " ") { // pages cost nothing, and a thousand people may share an address
				if err := d.stranger(r); err != nil {
					return err
				}
			}
			c.SetRequest(r.WithContext(access.Enter(r.Context(), access.Visit{Address: d.proxies.client(r)})))
			return next(c)
		}
		if err := d.enter(c, rule); err != nil {
			return err
		}
		if err := d.limited(c, rule, next); err != nil || rule.Note == nil {
			return err
		}
		d.note(c, rule)
		return nil
	}
}

// enter finds out who sends a request, and asks the rule.
func (d *door) enter(c echo.Context, rule access.Rule) error {
	r := c.Request()
	shown := d.shown(r)
	visit, err := d.entrance.Enter(r.Context(), shown)
	if err == nil {
		c.SetRequest(r.WithContext(access.Enter(r.Context(), visit)))
		err = rule.Admit(visit, access.Request{ID: c.Param("id"), Query: c.QueryParams()})
	}
	if errors.Is(err, models.ErrSignIn) {
		if tooMany := d.stranger(r); tooMany != nil {
			return tooMany
		}
	}
	if err != nil && shown.Cookie+shown.Bearer != "" { // who shows nothing at all has only not signed in yet
		d.refused(c, err)
	}
	return err
}

// stranger counts a request of nobody who is known.
func (d *door) stranger(r *http.Request) error {
	return d.strange.take(access.Network(d.proxies.client(r)), time.Now())
}

// note writes down what was done, where its rule says so.
func (d *door) note(c echo.Context, rule access.Rule) {
	r := c.Request()
	if action := rule.Note(c.QueryParams()); action != "" {
		name, _ := c.Get(operationOf).(string)
		deed := access.Deed{Action: action, Object: name, Detail: r.URL.RawQuery}
		if rule.Where == access.AtCamera {
			deed.Camera = models.CameraID(c.Param("id"))
		}
		d.journal.Note(r.Context(), deed)
	}
}

// admitBody lets a body through that names nothing which is not within reach.
func (d *door) admitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		rule, scope := d.rules[r.Method+" "+c.Path()], access.Reach(r.Context())
		if !rule.LooksAtBody(scope) {
			return next(c)
		}
		body, err := io.ReadAll(r.Body) // asDescribed has bounded it
		if err != nil {
			return refused(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := rule.AdmitBody(scope, body); err != nil {
			d.refused(c, err)
			return err
		}
		return next(c)
	}
}

// operationOf is where a request's context keeps the name of its operation.
const operationOf = "operation"

// sessionCookie opens a session; deviceCookie tells a browser that has signed in before from others.
const (
	sessionCookie = "footfall_session"
	deviceCookie  = "footfall_device"
)

// shown is what a request shows of its sender.
func (d *door) shown(r *http.Request) access.Shown {
	s := access.Shown{Address: d.proxies.client(r)}
	if scheme, token, found := strings.Cut(r.Header.Get(echo.HeaderAuthorization), " "); found &&
		strings.EqualFold(scheme, "Bearer") {
		s.Bearer = strings.TrimSpace(token)
	}
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		s.Cookie = cookie.Value
	}
	return s
}

// refused writes down that somebody who shows something was not let in. What is said again and again is written once a
// minute.
func (d *door) refused(c echo.Context, why error) {
	if !errors.Is(why, models.ErrSignIn) && !errors.Is(why, models.ErrForbidden) {
		return
	}
	ctx := c.Request().Context()
	name, _ := c.Get(operationOf).(string)
	deed := access.Deed{
		Action: "request.refuse", Object: name, Refused: true, Detail: why.Error(),
		Address: d.proxies.client(c.Request()),
	}
	if id := c.Param("id"); id != "" && models.ValidateID("id", id) == nil {
		deed.Object += " " + id
	}
	if d.said.first(d.now(), access.Who(ctx).String()+"|"+deed.Object+"|"+deed.Detail+"|"+deed.Address) {
		d.journal.Note(ctx, deed)
	}
}

// said is what was said in this minute.
type said struct {
	mu     sync.Mutex
	minute time.Time
	about  map[string]bool
}

// mostSaid bounds what is remembered, and so what is written in a minute.
const mostSaid = 1000

func (s *said) first(now time.Time, what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(s.minute) {
		s.minute = minute
		clear(s.about)
	}
	if s.about[what] || len(s.about) >= mostSaid {
		return false
	}
	s.about[what] = true
	return true
}
