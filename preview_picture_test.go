package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"footfall/capture/simulator"
)

// BenchmarkWallPicture takes the pictures of the live page, bright and dark, and of a camera's, of a drawn place; see
// docs/picture.py. It measures nothing.
func BenchmarkWallPicture(b *testing.B) {
	file, folder := os.Getenv("FOOTFALL_WALL_CLIP"), os.Getenv("FOOTFALL_SCREENSHOTS")
	if file == "" || folder == "" {
		b.Skip("without FOOTFALL_WALL_CLIP and FOOTFALL_SCREENSHOTS")
	}
	clip, err := clips.File(b.Context(), file)
	if err != nil {
		b.Fatal(err)
	}
	s := serve(b, "workers: {local: 1}\n")
	const lines = `"lines": [{"id": "platform", "name": "Platform", "points": [[0.47, 0.99], [0.52, 0.50]]},
		{"id": "shops", "name": "Shops", "points": [[0.58, 0.70], [0.98, 0.73]]}]`
	var last *simulator.Camera
	for _, camera := range []string{`"id": "concourse", "name": "Concourse"`, `"id": "hall", "name": "North hall"`, `"id": "stairs", "name": "Stairs"`} {
		last = play(b, simulator.CameraOptions{Clip: clip})
		if answer, status := s.request(http.MethodPost, "/api/v1/cameras", `{`+camera+`, "url": "`+last.URL()+`", `+lines+`}`); status != http.StatusCreated {
			b.Fatalf("%d %s", status, answer)
		}
	}
	for _, id := range []string{"concourse", "hall", "stairs"} {
		s.online(id)
	}
	s.browse("setup-picture.mjs", append(s.guest(), "FOOTFALL_SETUP_PICTURE="+filepath.Join(folder, "setup.png"))...)
	for name, scheme := range map[string]string{"wall.png": "1", "wall-dark.png": "0"} {
		browser := chromium(b, chromedp.Flag("blink-settings", "preferredColorScheme="+scheme), chromedp.WindowSize(1280, 660))
		openWall(b, browser, s, "guard"+scheme)
		<-time.After(12 * time.Second) // long enough for people to cross
		if err := last.Break(simulator.Refused); err != nil {
			b.Fatal(err)
		}
		<-time.After(8 * time.Second)
		screenshot(browser, b, folder+"/"+name)
		if err := last.Heal(); err != nil {
			b.Fatal(err)
		}
		s.online("stairs")
	}
}
