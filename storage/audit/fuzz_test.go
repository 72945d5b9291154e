package audit_test

import (
	"bytes"
	"testing"

	"footfall/models"
	"footfall/storage/audit"
)

// FuzzVerify: whatever is given to the check of an export, it comes to an end with a report, and finds nothing wrong
// with nothing but an export of this key.
func FuzzVerify(f *testing.F) {
	key, err := models.NewSigningKey()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(""))
	f.Add([]byte("\n\n"))
	f.Add([]byte(`{"log":"footfall audit log, version 1","first":1,"entries":1,"prev":"` + models.NoHash + `"}` + "\n" +
		`{"hash":"","entry":{"seq":1}}` + "\n"))
	f.Add([]byte(`{"hash":"x","entry":{}}` + "\n" + `{"hash":"x","entry":{}}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		report, err := audit.Verify(bytes.NewReader(text), key.Public())
		if err == nil && len(report.Findings) == 0 {
			t.Errorf("nothing is wrong with %q", text)
		}
	})
}
