package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"footfall/api/access"
	"footfall/models"
	"footfall/models/config"
)

// lastStart is the configuration of the last start, as data_dir/configured.json keeps it: what may be shown of it, and
// marks by which a change of the rest is seen.
type lastStart struct {
	Salt     string             `json:"salt"` // what the marks are made with
	Settings map[string]setting `json:"settings"`
}

type setting struct {
	Shown string `json:"shown"`
	Mark  string `json:"mark"` // of all of it, secrets included
}

// another is added to what is shown of a secret that is another one now.
const another = " (another)"

// noteConfiguration writes down what is configured otherwise than at the last start: in the file, in the environment or
// on the command line. The first start has nothing to compare with.
func (h *house) noteConfiguration(ctx context.Context) error {
	path := filepath.Join(h.cfg.DataDir, "configured.json")
	was, first, err := readConfigured(path)
	if err != nil {
		return err
	}
	is := lastStart{Salt: was.Salt, Settings: map[string]setting{}}
	for name, s := range h.cfg.Settings() {
		is.Settings[name] = setting{s.Shown, markOf(s, was.Salt)}
	}
	before, after := was.differences(is)
	switch {
	case first:
	case len(before)+len(after) == 0:
		return nil
	default:
		h.deeds.Note(ctx, access.Deed{
			Who:    models.Principal{Kind: "system", Name: "configuration"},
			Action: "configuration.change", Before: before, After: after,
		})
	}
	text, err := json.Marshal(is)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("keep the configuration to compare with: %w", err)
	}
	return nil
}

// readConfigured is what the last start wrote, or a new salt. A file that cannot be understood is begun anew: it says
// nothing that is not known otherwise.
func readConfigured(path string) (was lastStart, first bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return was, false, fmt.Errorf("read the configuration to compare with: %w", err)
	}
	if json.Unmarshal(text, &was) == nil && was.Salt != "" {
		return was, false, nil
	}
	return lastStart{Salt: rand.Text()}, true, nil
}

func markOf(s config.Setting, salt string) string {
	mark := hmac.New(sha256.New, []byte(salt))
	mark.Write([]byte(s.Whole))
	return hex.EncodeToString(mark.Sum(nil))
}

// differences are the settings that changed, as they may be shown.
func (was lastStart) differences(is lastStart) (before, after map[string]string) {
	before, after = map[string]string{}, map[string]string{}
	for name, s := range was.Settings {
		if is.Settings[name].Mark != s.Mark {
			before[name] = s.Shown
		}
	}
	for name, s := range is.Settings {
		if was.Settings[name].Mark == s.Mark {
			continue
		}
		after[name] = s.Shown
		if old, there := was.Settings[name]; there && old.Shown == s.Shown {
			after[name] += another
		}
	}
	return before, after
}
