package stamp_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"footfall/storage/clips/stamp"
	"footfall/storage/storetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What an authority has stamped is believed with its CA; nothing else is.
func TestStamps(t *testing.T) {
	t.Parallel()
	authority, other := storetest.StartTSA(t), storetest.StartTSA(t)
	message, began := []byte("a manifest"), time.Now().Truncate(time.Second)
	var stamped time.Time
	token, err := stamp.Authority{URL: authority.URL}.Stamp(t.Context(), message)
	must(t, err)
	for _, roots := range []*x509.CertPool{nil, authority.Roots} {
		at, err := stamp.Check(token, message, roots)
		if err != nil || at.Before(began) || at.After(time.Now()) {
			t.Errorf("it says %s (%v)", at, err)
		}
		stamped = at
	}
	if _, err := stamp.Check(token, []byte("another"), nil); !errors.Is(err, stamp.ErrOther) {
		t.Errorf("for another manifest: %v", err)
	}
	if _, err := stamp.Check(token, message, other.Roots); err == nil || !strings.Contains(err.Error(), "nobody who is trusted") {
		t.Errorf("with another CA: %v", err)
	}
	found := 0
	for at := range token { // whichever byte is changed, it does not pass as another time
		spoilt := bytes.Clone(token)
		spoilt[at] ^= 1
		when, err := stamp.Check(spoilt, message, authority.Roots)
		if err != nil {
			found++
		} else if !when.Equal(stamped) {
			t.Errorf("byte %d changes the time to %s", at, when)
		}
	}
	if found < len(token)*9/10 {
		t.Errorf("of %d bytes that were changed one by one, %d were noticed", len(token), found)
	}
}

// openssl, which knows nothing of us, believes the same stamp.
func TestOpenSSLBelievesIt(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("without openssl")
	}
	authority := storetest.StartTSA(t)
	message, folder := []byte("a manifest"), t.TempDir()
	token, err := stamp.Authority{URL: authority.URL}.Stamp(t.Context(), message)
	must(t, err)
	for name, text := range map[string][]byte{"manifest": message, "stamp": token, "ca.pem": authority.CA} {
		must(t, os.WriteFile(filepath.Join(folder, name), text, 0o600))
	}
	check := exec.CommandContext(t.Context(), program, "ts", "-verify", "-data", "manifest", "-in", "stamp", "-token_in", "-CAfile", "ca.pem")
	check.Dir = folder
	if said, err := check.CombinedOutput(); err != nil || !bytes.Contains(said, []byte("Verification: OK")) {
		t.Errorf("%v: %s", err, said)
	}
}

// An authority that is away, answers another question, or stamps something else is not believed.
func TestBadAuthorities(t *testing.T) {
	t.Parallel()
	for says, spoil := range map[string]func(*storetest.TSA){
		"503":              func(a *storetest.TSA) { a.Away.Store(true) },
		"another question": func(a *storetest.TSA) { a.Spoil = func(r *timestamp.Request) { r.Nonce = big.NewInt(7) } },
		"something else":   func(a *storetest.TSA) { a.Spoil = func(r *timestamp.Request) { r.HashedMessage[0] ^= 1 } },
		"who signed it":    func(a *storetest.TSA) { a.Spoil = func(r *timestamp.Request) { r.Certificates = false } },
	} {
		authority := storetest.StartTSA(t)
		spoil(authority)
		_, err := stamp.Authority{URL: authority.URL}.Stamp(t.Context(), []byte("a manifest"))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), authority.URL) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
