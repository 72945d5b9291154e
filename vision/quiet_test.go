package vision

import (
	"bytes"
	"strings"
	"testing"
)

func TestPassOnKeepsWhatIsNotNoise(t *testing.T) {
	noise := schemaNoise + " Abs (domain:  version: 1) from file old.cc line 2729, but it is already registered\n\n"
	for name, test := range map[string]struct{ said, want string }{
		"nothing":         {"", ""},
		"only noise":      {strings.Repeat(noise, 3), ""},
		"words between":   {noise + "a message\n" + noise + noise, "a message\n"},
		"paragraphs":      {"a\n\nb\n" + noise, "a\n\nb\n"},
		"no last newline": {noise + "cut", "cut"},
	} {
		var heard bytes.Buffer
		passOn(strings.NewReader(test.said), &heard)
		if heard.String() != test.want {
			t.Errorf("%s: passed on %q, want %q", name, heard.String(), test.want)
		}
	}
}
