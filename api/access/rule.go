package access

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"footfall/models"
)

// Where says which places an operation touches, and so what must be within reach of who asks for it.
type Where int

// The places. The zero value is none that was thought about, and such a rule is refused.
const (
	nowhere    Where = iota
	Own              // what belongs to who asks
	Everywhere       // all there is: only for those whose reach is not limited
	Listed           // a list, or a stream, that is narrowed to what is within reach
	AtCamera         // the camera that the path names as {id}
	AtSite           // the site that the path names as {id}
	AtArea           // the area that the path names as {id}
	Named            // what the body names
)

// Rule is what an operation needs. The zero value lets nobody in.
type Rule struct {
	// Anybody may, signed in or not.
	Anybody bool
	// SignedIn: whoever is known may, whatever they may else.
	SignedIn bool
	// Needs is what one must have, all of it.
	Needs []models.Permission
	Where Where
	// Also is what a request needs besides, because of its query.
	Also func(query url.Values) []models.Permission
	// Topics: it is a stream of events, of which each kind needs what Topic says.
	Topics bool
	// Changing: also those may who must set another password first.
	Changing bool
	// Costly: it may take the database long; one may have only some of these open at once.
	Costly bool
	// Note names what is written down when it was done, because of its query; nil or empty: nothing is. Changes are
	// written down where they are made, with what was before.
	Note func(query url.Values) (action string)
}

// complete reports whether somebody has thought about everything.
func (r Rule) complete() bool {
	return r.Anybody || r.Where != nowhere && (r.SignedIn || r.Topics || len(r.Needs) > 0)
}

// Request is what a request asks for, as far as rules look at it.
type Request struct {
	ID    string // the {id} of its path
	Query url.Values
}

// Admit says whether a visit may do what a request asks for; the body, where the rule looks at it, is for AdmitBody.
func (r Rule) Admit(v Visit, q Request) error {
	if r.Anybody {
		return nil
	}
	if v.Who.Kind == "" {
		return models.ErrSignIn
	}
	if v.MustChange && !r.Changing {
		return fmt.Errorf("set a password of your own first (PUT /session/password): %w", models.ErrForbidden)
	}
	if v.Who.Kind == models.KindWorker || !r.complete() {
		return models.ErrForbidden
	}
	if err := r.permits(v.Who, q.Query); err != nil {
		return err
	}
	return r.reaches(v.Scope, q)
}

func (r Rule) permits(who models.Principal, query url.Values) error {
	needs := r.Needs
	if r.Also != nil {
		needs = append(needs[:len(needs):len(needs)], r.Also(query)...)
	}
	for _, p := range needs {
		if who.May(p) {
			continue
		}
		if p == models.MayReadSmall {
			return fmt.Errorf("this shows small counts, which needs %s; sites, areas and reports can be asked with "+
				"shared=true: %w", p, models.ErrForbidden)
		}
		return fmt.Errorf("this needs %s: %w", p, models.ErrForbidden)
	}
	if !r.Topics {
		return nil
	}
	for _, kind := range query["type"] {
		if _, known := Topic(kind); known && !MayHear(who, kind) {
			return fmt.Errorf("events of type %s are not for you: %w", kind, models.ErrForbidden)
		}
	}
	if !slices.ContainsFunc(Topics(), func(kind string) bool { return MayHear(who, kind) }) {
		return fmt.Errorf("there are no events for you: %w", models.ErrForbidden)
	}
	return nil
}

// reaches is the one place where it is decided whether something is within somebody's reach. What is not is refused
// whether it exists or not.
func (r Rule) reaches(s Scope, q Request) error {
	if s.Everywhere() || r.Where == Own {
		return nil
	}
	far := func(what, id string) error {
		return fmt.Errorf("%s %s is not within your reach: %w", what, id, models.ErrForbidden)
	}
	switch r.Where {
	case AtCamera:
		if !s.Camera(models.CameraID(q.ID)) {
			return far("camera", q.ID)
		}
	case AtSite:
		if !s.Site(q.ID) {
			return far("site", q.ID)
		}
	case AtArea:
		if !s.Area(q.ID) {
			return far("area", q.ID)
		}
	case Listed, Named:
	default:
		return fmt.Errorf("this is about everything, and your reach is limited: %w", models.ErrForbidden)
	}
	for _, id := range q.Query["camera"] {
		if !s.Camera(models.CameraID(id)) {
			return far("camera", id)
		}
	}
	for _, id := range q.Query["site"] {
		if !s.Site(id) {
			return far("site", id)
		}
	}
	for _, id := range q.Query["area"] {
		if !s.Area(id) {
			return far("area", id)
		}
	}
	return nil
}

// named is what bodies name: areas their site and their cameras, cameras and sites themselves.
type named struct {
	ID    string `json:"id"`
	Site  string `json:"site"`
	Doors []struct {
		Camera string `json:"camera"`
	} `json:"doors"`
	Passing []struct {
		Camera string `json:"camera"`
	} `json:"passing"`
	Zones json.RawMessage `json:"zones"`
}

// LooksAtBody reports whether AdmitBody must be asked, too.
func (r Rule) LooksAtBody(s Scope) bool {
	return !s.Everywhere() && (r.Where == Named || r.Where == AtArea && slices.Contains(r.Needs, models.MayEditSites))
}

// AdmitBody says whether what a body names is within reach. Without that, whoever may edit the areas of a site could
// take anybody's camera into it.
func (r Rule) AdmitBody(s Scope, body []byte) error {
	if !r.LooksAtBody(s) {
		return nil
	}
	var n named
	if err := json.Unmarshal(body, &n); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	if slices.Contains(r.Needs, models.MayEditCameras) {
		return Rule{Where: AtCamera}.reaches(s, Request{ID: n.ID})
	}
	query := url.Values{"site": {n.Site}}
	for _, d := range n.Doors {
		query.Add("camera", d.Camera)
	}
	for _, p := range n.Passing {
		query.Add("camera", p.Camera)
	}
	var zones []struct {
		Camera string `json:"camera"`
	}
	if len(n.Zones) > 0 {
		if err := json.Unmarshal(n.Zones, &zones); err != nil {
			return models.Invalidf("zones", "cannot be read")
		}
	}
	for _, z := range zones {
		query.Add("camera", z.Camera)
	}
	return Rule{Where: Listed}.reaches(s, Request{Query: query})
}

// Topics is the kinds of events that there are.
func Topics() []string { return []string{"count", "crossing", "camera", "occupancy"} }

// Topic is what one must have to hear events of a kind; false for a kind that nobody has thought about.
func Topic(kind string) (models.Permission, bool) {
	switch kind {
	case "count", "crossing", "occupancy":
		return models.MaySeeLive, true
	case "camera":
		return models.MaySeeCameras, true
	}
	return "", false
}

// MayHear reports whether somebody may hear events of a kind at all; of which places, their reach says.
func MayHear(who models.Principal, kind string) bool {
	needs, known := Topic(kind)
	return known && who.May(needs)
}

// clean is what a picture with people as they are needs besides.
func clean(query url.Values) []models.Permission {
	for _, value := range query["clean"] {
		if value != "false" { // when in doubt
			return []models.Permission{models.MayWatchClean}
		}
	}
	return nil
}

// noteClean writes down that somebody saw people as they are.
func noteClean(query url.Values) string {
	if len(clean(query)) > 0 {
		return "preview.clean"
	}
	return ""
}

// noteExport writes down that somebody took numbers away.
func noteExport(url.Values) string { return "counts.export" }

// small is what an answer with small counts needs besides: all are that are not asked to be without.
func small(query url.Values) []models.Permission {
	if shared := query["shared"]; len(shared) == 1 && shared[0] == "true" {
		return nil
	}
	return []models.Permission{models.MayReadSmall}
}
