package main

import (
	"context"
	"crypto/hmac"
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
)

// lastStart is the configuration of the last start, as data_dir/configured.json keeps it: what may be shown of it, and
// marks by which a change of the rest is seen. They are made with the key of the house, so that nobody who has the file
// alone can try out which password has such a mark.
type lastStart struct {
	Key      string             `json:"key"` // a mark of the key itself
	Settings map[string]setting `json:"settings"`
}

type setting struct {
	Shown string `json:"shown"`
	Mark  string `json:"mark"` // of all of it, secrets included
}

// another is added to what is shown of a secret that is another one now.
const another = " (another)"

// sealingKey is the setting that the key of the house is noted as, wherever it comes from.
const sealingKey = "storage.key"

// noteConfiguration writes down what is configured otherwise than at the last start: in the file, in the environment or
// on the command line. The first start has nothing to compare with.
func (h *house) noteConfiguration(ctx context.Context, key []byte) error {
	path := filepath.Join(h.cfg.DataDir, "configured.json")
	was, first, err := readConfigured(path)
	if err != nil {
		return err
	}
	marking, err := derived(key, "marks of the configuration")
	if err != nil {
		return err
	}
	is := lastStart{Key: markOf("", marking), Settings: map[string]setting{}}
	for name, s := range h.cfg.Settings() {
		is.Settings[name] = setting{s.Shown, markOf(s.Whole, marking)}
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
		err = replaceFile(path, text)
	}
	if err != nil {
		return fmt.Errorf("keep the configuration to compare with: %w", err)
	}
	return nil
}

// readConfigured is what the last start wrote. A file that cannot be understood is begun anew: it says
// nothing that is not known otherwise.
func readConfigured(path string) (was lastStart, first bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return was, false, fmt.Errorf("read the configuration to compare with: %w", err)
	}
	if json.Unmarshal(text, &was) == nil && was.Key != "" {
		return was, false, nil
	}
	return lastStart{}, true, nil
}

func markOf(text string, key []byte) string {
	mark := hmac.New(sha256.New, key)
	mark.Write([]byte(text))
	return hex.EncodeToString(mark.Sum(nil))
}

// differences are the settings that changed, as they may be shown. Marks that were made with another key say nothing:
// of secrets is then known only that the key is another one.
func (was lastStart) differences(is lastStart) (before, after map[string]string) {
	before, after = map[string]string{}, map[string]string{}
	same := func(name string) bool {
		a, there := was.Settings[name]
		b, still := is.Settings[name]
		switch {
		case there != still || a.Shown != b.Shown:
			return false
		case was.Key != is.Key:
			return name != sealingKey
		}
		return a.Mark == b.Mark
	}
	for name, s := range was.Settings {
		if !same(name) {
			before[name] = s.Shown
		}
	}
	for name, s := range is.Settings {
		if same(name) {
			continue
		}
		after[name] = s.Shown
		if old, there := was.Settings[name]; there && old.Shown == s.Shown {
			after[name] += another
		}
	}
	return before, after
}
