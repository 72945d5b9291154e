package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"footfall/storage/outbox"
)

// A full disk is said when it begins, when it gets worse and when it is over, and not with every fact.
func TestJournalSaysEachTroubleOnce(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	j := newJournal(nil, slog.New(slog.NewTextHandler(&said, nil)))
	held, full := fmt.Errorf("disk: %w", outbox.ErrHeld), errors.New("full")
	for _, step := range []struct{ trouble, detail error }{
		{nil, nil},
		{outbox.ErrHeld, held},
		{outbox.ErrHeld, held},
		{outbox.ErrFull, full},
		{outbox.ErrFull, full},
		{nil, nil},
		{nil, nil},
	} {
		j.say(step.trouble, step.detail)
	}
	var levels []string
	for line := range strings.Lines(said.String()) {
		_, rest, _ := strings.Cut(line, "level=")
		level, _, _ := strings.Cut(rest, " ")
		levels = append(levels, level)
	}
	if got := strings.Join(levels, " "); got != "WARN ERROR INFO" {
		t.Errorf("said %q:\n%s", got, said.String())
	}
}
