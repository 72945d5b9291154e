package main

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footfall/capture/simulator"
)

// middle is where the line of a drawn street stands.
const middle = 0.5

// drawnStreet is a folder with a drawn street as pictures (frames/), what a perfect detector sees on them
// (street.txt), a line in the middle (lines.yaml), and who really crossed it (truth.yaml).
func drawnStreet(t *testing.T) string {
	t.Helper()
	street := simulator.StreetScene()
	var detections, truth strings.Builder
	line := fmt.Sprintf("lines: {middle: [[%v, 1], [%v, 0]]}\n", middle, middle)
	fmt.Fprintf(&truth, "%sfps: %v\nframes: %d\nevents:\n", line, street.FPS, street.Frames())
	for _, c := range street.Crossings(middle) {
		fmt.Fprintf(&truth, "  - {line: middle, frame: %d, direction: %s}\n", c.Frame, c.Direction)
	}
	for frame := 1; frame <= street.Frames(); frame++ {
		for _, d := range street.Detections(frame) {
			w, h := float64(street.Width), float64(street.Height)
			fmt.Fprintf(&detections, "%d,-1,%f,%f,%f,%f,1\n", frame, d.Box.X*w, d.Box.Y*h, d.Box.W*w, d.Box.H*h)
		}
	}
	folder := folderOf(t, map[string]string{
		"lines.yaml": line, "truth.yaml": truth.String(), "street.txt": detections.String(), "frames/": "",
		"frames/seqinfo.ini": fmt.Sprintf("[Sequence]\nframeRate=%v\n", street.FPS),
	})
	for frame := 1; frame <= street.Frames(); frame++ {
		paint(t, filepath.Join(folder, "frames", fmt.Sprintf("%d.png", frame)), street, frame)
	}
	return folder
}

// paint writes a frame of a scene: bright rectangles on dark ground.
func paint(t *testing.T, name string, street simulator.Scene, frame int) {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, street.Width, street.Height))
	w, h := float64(street.Width), float64(street.Height)
	for _, d := range street.Detections(frame) {
		box := image.Rect(int(d.Box.X*w), int(d.Box.Y*h), int((d.Box.X+d.Box.W)*w), int((d.Box.Y+d.Box.H)*h))
		draw.Draw(picture, box, image.White, image.Point{}, draw.Src)
	}
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
