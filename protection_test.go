package main

import (
	"testing"

	"footfall/api"
)

// What is kept, for how long and by how many it may be seen, is what the configuration and the accounts say.
func TestDataProtectionIsToldAsItIsSet(t *testing.T) {
	t.Parallel()
	s := serve(t, `workers: {local: 0}
storage: {facts_retention: 36h, audit_retention: 0}
clips: {retention: 24h, retention_of: [till=2h]}
privacy: {small_count: 7}
cameras:
  - {id: lobby, url: "rtsp://127.0.0.1:9/a", privacy: {pixelate: bodies, masks: [[[0, 0], [0.2, 0], [0, 0.3]]]}}
  - {id: till, url: "rtsp://127.0.0.1:9/b"}
`)
	s.newcomer("anna", "viewer")
	s.newcomer("berta", "auditor")
	s.tokenOf(t) // a manager's
	var facts api.DataProtection
	s.get("/api/v1/data-protection", &facts)
	if facts.FactsDays == nil || *facts.FactsDays != 1.5 || facts.AuditDays != nil || facts.SmallCount != 7 || !facts.Clips {
		t.Errorf("%+v", facts)
	}
	if len(facts.Cameras) != 2 || facts.Cameras[0].ClipsHours == nil || facts.Cameras[1].ClipsHours == nil {
		t.Fatalf("%+v", facts.Cameras)
	}
	if c := facts.Cameras[0]; c.Id != "lobby" || c.Pixelate != "bodies" || c.Masks != 1 || *c.ClipsHours != 24 {
		t.Errorf("%+v", c)
	}
	if c := facts.Cameras[1]; c.Id != "till" || c.Pixelate != "heads" || c.Masks != 0 || *c.ClipsHours != 2 {
		t.Errorf("%+v", c)
	}
	held := map[string][2]int{}
	for _, h := range facts.Access {
		held[h.Permission] = [2]int{h.People, h.Programs}
	}
	for permission, want := range map[string][2]int{ // the first administrator is one of the people
		"preview.watch": {2, 0}, "preview.clean": {0, 0}, "clips.read": {2, 0}, "counts.read": {2, 1}, "users.edit": {1, 0},
	} {
		if held[permission] != want {
			t.Errorf("%s: %v, want %v", permission, held[permission], want)
		}
	}
}
