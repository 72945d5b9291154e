package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/audit"
	"footfall/storage/sql"
)

// record opens the audit log of a service that has been stopped.
func (s *service) record() (*audit.Log, func()) {
	s.t.Helper()
	database, err := sql.Open(s.t.Context(), filepath.Join(s.folder, "data", "footfall.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	log, err := audit.New(s.t.Context(), database)
	if err != nil {
		s.t.Fatal(err)
	}
	return log, func() { _ = database.Close() }
}

// noted are the entries of one action, the oldest first.
func (s *service) noted(action string) (found []models.AuditEntry) {
	s.t.Helper()
	log, closeIt := s.record()
	defer closeIt()
	all, err := log.List(s.t.Context(), models.AuditQuery{Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Action == action {
			found = append(found, all[i].AuditEntry)
		}
	}
	return found
}

// again starts the service with another configuration, and stops it.
func (s *service) again(configuration string) {
	s.t.Helper()
	if err := os.WriteFile(s.config, []byte(configuration), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.start()
	s.stop()
}

// What was changed in the configuration between two starts is in the audit log, before and after, and no secret is.
func TestChangesOfTheConfigurationAreNoted(t *testing.T) {
	t.Parallel()
	const first = nobodyThere + `
privacy: {small_count: 3}
preview: {turn_user: anna, turn_password: t0psecret-one}
cameras: [{id: lobby, url: "rtsp://viewer:t0psecret-two@192.0.2.7/s1"}]
`
	s := serve(t, first)
	s.stop()
	if got := s.noted("configuration.change"); len(got) != 0 {
		t.Errorf("the first start notes %v", got)
	}
	s.again(first)
	if got := s.noted("configuration.change"); len(got) != 0 {
		t.Errorf("a start with the same notes %v", got)
	}
	s.again(strings.NewReplacer("small_count: 3", "small_count: 5", "secret-one", "secret-three", "secret-two", "secret-four").
		Replace(first))
	got := s.noted("configuration.change")
	if len(got) != 1 {
		t.Fatalf("%d changes are noted, want one: %v", len(got), got)
	}
	if who := got[0].Actor; who.Kind != "system" || who.Name != "configuration" {
		t.Errorf("by %+v", who)
	}
	var said struct{ Before, After map[string]string }
	if err := json.Unmarshal(got[0].Details, &said); err != nil {
		t.Fatal(err)
	}
	if said.Before["privacy.small_count"] != "3" || said.After["privacy.small_count"] != "5" {
		t.Errorf("the small count: %v", said)
	}
	if was, is := said.Before["preview.turn_password"], said.After["preview.turn_password"]; was != "***" || is != "***"+another {
		t.Errorf("the password: %q, %q", was, is)
	}
	if _, there := said.After["cameras lobby"]; !there || len(said.After) != 3 || len(said.Before) != 3 {
		t.Errorf("%d settings before, %d after: %v", len(said.Before), len(said.After), said)
	}
	kept, err := os.ReadFile(filepath.Join(s.folder, "data", "configured.json"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(kept)+string(got[0].Details), "t0psecret") {
		t.Errorf("a secret is kept:\n%s\n%s", kept, got[0].Details)
	}
	// Whoever has the file alone cannot try out passwords: nothing in it is what the marks are made with.
	for _, text := range regexp.MustCompile(`"[^"]*"`).FindAllString(string(kept), -1) {
		if strings.Contains(string(kept), markOf("t0psecret-three", []byte(strings.Trim(text, `"`)))) {
			t.Errorf("%s is the key of the marks", text)
		}
	}
	if !strings.Contains(string(kept), s.markOf("t0psecret-three")) {
		t.Error("the mark of the password is not in the file")
	}
}

// markOf is the mark of a secret on a service that has been stopped.
func (s *service) markOf(secret string) string {
	s.t.Helper()
	key, err := readKey(filepath.Join(s.folder, "data", "camera.key"))
	if err == nil {
		key, err = derived(key, "marks of the configuration")
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return markOf(secret, key)
}

// After another key was put in the place of the old one, what may be shown is compared, and the key itself is noted once.
func TestAnotherKeyIsNoted(t *testing.T) {
	t.Parallel()
	const first = nobodyThere + "privacy: {small_count: 3}\npreview: {turn_user: anna, turn_password: t0psecret-one}\n"
	s := serve(t, first)
	s.stop()
	if got := footfall(t, "keys", "rotate", "--config", s.config, "--data", filepath.Join(s.folder, "data")); got.code != exitDone {
		t.Fatalf("%+v", got)
	}
	s.again(strings.Replace(first, "small_count: 3", "small_count: 5", 1))
	s.again(strings.Replace(first, "small_count: 3", "small_count: 5", 1))
	got := s.noted("configuration.change")
	if len(got) != 1 {
		t.Fatalf("%d changes are noted, want one: %v", len(got), got)
	}
	const want = `{"before":{"privacy.small_count":"3","storage.key":""},"after":{"privacy.small_count":"5","storage.key":" (another)"}}`
	if string(got[0].Details) != want {
		t.Errorf("noted is %s, want %s", got[0].Details, want)
	}
	s.again(strings.NewReplacer("small_count: 3", "small_count: 5", "secret-one", "secret-two").Replace(first))
	if got := s.noted("configuration.change"); len(got) != 2 || !strings.Contains(string(got[1].Details), `"preview.turn_password":"***"`) {
		t.Errorf("then are noted %v", got)
	}
}

// storage.audit_retention shortens the log of a running service, which says so in it.
func TestTheAuditLogIsShortened(t *testing.T) {
	t.Parallel()
	for kept, want := range map[string]int{"0": 1, "24h": 0} {
		s := prepare(t, nobodyThere+"storage: {audit_retention: "+kept+"}\n")
		if err := os.Mkdir(filepath.Join(s.folder, "data"), 0o700); err != nil {
			t.Fatal(err)
		}
		log, closeIt := s.record()
		if err := log.Append(t.Context(), models.AuditEntry{
			Time: time.Now().Add(-48 * time.Hour), Action: "site.add", Object: "old", Actor: models.AuditActor{Kind: "person"},
		}); err != nil {
			t.Fatal(err)
		}
		closeIt()
		s.start()
		if want == 0 {
			s.eventually("the log was shortened", func() bool {
				return strings.Contains(s.log.String(), "what is too old was removed")
			})
		}
		s.stop()
		if got := s.noted("site.add"); len(got) != want {
			t.Errorf("kept for %s, there are %d entries of two days ago, want %d", kept, len(got), want)
		}
		if got := s.noted("audit.prune"); len(got) != 1-want {
			t.Errorf("kept for %s, the log says %d times that it was shortened", kept, len(got))
		}
		if got := s.noted("user.add"); len(got) != 1 {
			t.Errorf("kept for %s, %d new accounts are in the log, want the first administrator's", kept, len(got))
		}
		log, closeIt = s.record()
		if report, err := log.Check(t.Context()); err != nil || len(report.Findings) > 0 {
			t.Errorf("kept for %s, the log does not hold together: %v, %v", kept, report.Findings, err)
		}
		closeIt()
	}
}
