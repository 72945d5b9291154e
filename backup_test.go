package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A backup of the running service, restored elsewhere, serves the same.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	s := serve(t, declared(nil))
	site := `{"id":"mall","zone":"Europe/Berlin"}`
	if body, status := s.request(http.MethodPost, "/api/v1/sites", site); status != http.StatusCreated {
		t.Fatalf("add a site: %d %s", status, body)
	}
	data, backup := filepath.Join(s.folder, "data"), filepath.Join(s.folder, "backup.db")
	if o := footfall(t, "backup", backup, "--data", data); o.code != 0 || !strings.Contains(o.stdout, "camera.key") {
		t.Fatalf("backup: %+v", o)
	}
	if o := footfall(t, "backup", backup, "--data", data); o.code != 1 || !strings.Contains(o.stderr, "is there already") {
		t.Errorf("over a backup: %+v", o)
	}
	if o := footfall(t, "restore", backup, "--data", data); o.code != 1 || !strings.Contains(o.stderr, "is there already") {
		t.Errorf("over the live database: %+v", o)
	}
	s.stop()
	if err := os.Remove(filepath.Join(data, "footfall.db")); err != nil {
		t.Fatal(err)
	}
	if o := footfall(t, "restore", backup, "--data", data); o.code != 0 {
		t.Fatalf("restore: %+v", o)
	}
	s.start()
	var sites struct{ Items []struct{ ID string } }
	s.get("/api/v1/sites", &sites)
	if len(sites.Items) != 1 || sites.Items[0].ID != "mall" {
		t.Errorf("after the restoration: %+v", sites)
	}
	o := footfall(t, "backup", filepath.Join(s.folder, "x.db"), "--config", folderOf(t, map[string]string{
		"pg.yaml": `storage: {postgresql: "postgres://u:s3cret@127.0.0.1/x"}`,
	})+"/pg.yaml")
	if o.code != 2 || !strings.Contains(o.stderr, "pg_dump") || strings.Contains(o.stderr, "s3cret") {
		t.Errorf("of PostgreSQL: %+v", o)
	}
}
