package storetest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// NothingInTheClear fails when one of the secrets stands in a file of the database in folder. shown is something that
// is kept beside them and stands there: without it the test would look in the wrong place.
func NothingInTheClear(t *testing.T, folder, shown string, secrets ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	seen := false
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		seen = seen || bytes.Contains(content, []byte(shown))
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(file), secret)
			}
		}
	}
	if !seen {
		t.Errorf("%q is in no file: the test looks in the wrong place", shown)
	}
}
