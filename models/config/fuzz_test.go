package config

import (
	"strings"
	"testing"

	"footfall/models"
)

// FuzzLoad: whatever a file, the environment or the command line say, the answer is a configuration or one line; and
// a configuration that is written out and read again is the same.
func FuzzLoad(f *testing.F) {
	f.Add(Sample(), "", "", "")
	f.Add("cameras: [{id: a, url: 'rtsp://u:p@h/', lines: {d: [[0, 1], [1, 0]]}}]", "FOOTFALL_LOG_LEVEL=warn", "", "")
	f.Add("cameras: [{id: a, url: rtsp://h/, classes: [hot dog], zones: {d: [[0, 1], [1, 0], [0, 0]]}}]", "", "", "")
	f.Add("cameras: [{id: a, name: \"\\u263a: #\", url: rtsp://h}]", "", "capture.allow_addresses", "10.0.0.0/8,::1")
	f.Add("a: &x [*x]\n? b", "FOOTFALL_SERVER_LISTN=1", "detector.model", "\x7f: \"")
	f.Fuzz(func(t *testing.T, text, environ, flag, value string) {
		if strings.Contains(environ, "_FILE") {
			return // would read files of this machine
		}
		flags := map[string]string{}
		if flag != "" {
			flags[flag] = value
		}
		d, err := parseDocument("footfall.yaml", []byte(text))
		var c Config
		if err == nil {
			c, err = build(d, []string{environ}, flags)
		}
		if err != nil {
			mustBeOneLine(t, err)
			return
		}
		again, err := buildText(c.render(true))
		if err != nil {
			t.Fatalf("%v in\n%s", err, c.render(true))
		}
		if got, want := again.render(true), c.render(true); got != want {
			t.Errorf("read again it is\n%s\ninstead of\n%s", got, want)
		}
	})
}

// FuzzLines: no file of lines or truth does more than be refused in one line, and lines that are read are valid.
func FuzzLines(f *testing.F) {
	f.Add("lines: {door: [[0.1, 0.6], [0.9, 0.6]]}")
	f.Add("lines: [{id: door, name: x, points: [[0.1, 0.6], [0.9, 0.6]]}]")
	f.Add("zones: [{id: hall, name: x, points: [[0, 0], [1, 0], [0.5, 1]]}]")
	f.Add(`{"lines": {"a": [[0,0],[1,1]]}, "range": [1, 2], "fps": 1e1, "events": [{"line": "a", "frame": 1, "direction": "in"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := parseDocument("lines.yaml", []byte(text))
		if err != nil {
			mustBeOneLine(t, err)
			return
		}
		drawing, err := drawingOf(d)
		if err != nil {
			mustBeOneLine(t, err)
		} else if err := models.ValidateLines(drawing.Lines); err != nil || len(drawing.Lines)+len(drawing.Zones) == 0 {
			t.Errorf("%+v: %v", drawing, err)
		} else if err := models.ValidateZones(drawing.Zones); err != nil {
			t.Errorf("%+v: %v", drawing, err)
		}
		if _, err := truthOf(d); err != nil {
			mustBeOneLine(t, err)
		}
	})
}

func mustBeOneLine(t *testing.T, err error) {
	t.Helper()
	if strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("an error of several lines: %q", err)
	}
}
