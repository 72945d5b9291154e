package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// Cameras are steadied unless somebody says otherwise, and changing something else does not change that.
func TestSteadyIsSwitchedPerCamera(t *testing.T) {
	d := open(t)
	if _, _, body := d.ask(t, "POST", "/api/v1/cameras", lobby); !strings.Contains(body, `"steady":true`) {
		t.Errorf("a new camera: %s", body)
	}
	for change, want := range map[string]bool{`{"steady":false}`: true, `{"name":"Foyer"}`: true} {
		if status, _, body := d.ask(t, "PATCH", "/api/v1/cameras/a", `{"steady":false}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		_, _, body := d.ask(t, "PATCH", "/api/v1/cameras/a", change)
		if d.cameras["a"].NoSteady != want || !strings.Contains(body, `"steady":false`) {
			t.Errorf("after %s: %s", change, body)
		}
	}
	if d.ask(t, "PATCH", "/api/v1/cameras/a", `{"steady":true}`); d.cameras["a"].NoSteady {
		t.Error("it cannot be switched on again")
	}
}
