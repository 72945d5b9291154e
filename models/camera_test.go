package models_test

import (
	"strings"
	"testing"

	"footfall/models"
)

func TestRedactURL(t *testing.T) {
	for raw, want := range map[string]string{
		"rtsp://10.0.0.7/s1":                       "rtsp://10.0.0.7/s1",
		"rtsp://user:secret@10.0.0.7:554/s1":       "rtsp://***@10.0.0.7:554/s1",
		"rtsp://user@10.0.0.7/":                    "rtsp://***@10.0.0.7/",
		"rtsp://h/s?user=a&password=secret":        "rtsp://h/s?***",
		"rtsp://u:secret@h/s?token=secret#secret":  "rtsp://***@h/s?***",
		"rtsp://u:p%zz@h/":                         "***",
		"mailto:secret":                            "***",
		"rtsps://us%40er:p%40ss@cam.example/a%20b": "rtsps://***@cam.example/a%20b",
	} {
		got := models.RedactURL(raw)
		if got != want {
			t.Errorf("%s shown as %s, want %s", raw, got, want)
		}
		if strings.Contains(got, "secret") {
			t.Errorf("%s shows the secret", got)
		}
	}
}

func TestCameraValidate(t *testing.T) {
	good := models.Camera{
		ID: "lobby", URL: "rtsp://h/", Lines: []models.Line{{ID: "door", Points: []models.Point{{X: 0, Y: 0}, {X: 1, Y: 1}}}},
	}.WithDefaults()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*models.Camera){
		`id: "a b" is not an id: use 1 to 64 letters, digits, '-' and '_', a letter or digit first`: func(c *models.Camera) { c.ID = "a b" },
		`url: is missing; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH`:              func(c *models.Camera) { c.URL = "" },
		`url: scheme "http" is not allowed; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH`: func(c *models.Camera) {
			c.URL = "http://h/"
		},
		`url: has no host; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH`:       func(c *models.Camera) { c.URL = "rtsp:///s" },
		`url: cannot be read as an address; a special character in a password is written %XX`: func(c *models.Camera) { c.URL = "rtsp://u:p%zz@h/" },
		`transport: "smoke" is unknown; use tcp or udp`:                                       func(c *models.Camera) { c.Transport = "smoke" },
		`max_fps: -1 is not between 0 (every frame) and 1000`:                                 func(c *models.Camera) { c.MaxFPS = -1 },
		`anchor: "head" is unknown; use bottom_centre or centre`:                              func(c *models.Camera) { c.Anchor = "head" },
		`line door: has 1 point(s), a line needs at least 2`:                                  func(c *models.Camera) { c.Lines[0].Points = c.Lines[0].Points[:1] },
		`line door, point 2: (1.5, 0) lies outside the picture; x and y are fractions from 0 to 1`: func(c *models.Camera) {
			c.Lines[0].Points = []models.Point{{X: 0, Y: 0}, {X: 1.5, Y: 0}}
		},
		`line door, point 2: is the same place as the point before it`: func(c *models.Camera) {
			c.Lines[0].Points = []models.Point{{X: 0, Y: 0}, {X: 0, Y: 0}}
		},
		`line door: is there twice; ids must differ`: func(c *models.Camera) { c.Lines = append(c.Lines, c.Lines[0]) },
	} {
		bad := good
		bad.Lines = append([]models.Line(nil), good.Lines...)
		change(&bad)
		if err := bad.Validate(); err == nil || err.Error() != want {
			t.Errorf("refused with %v, want %s", err, want)
		}
	}
}
