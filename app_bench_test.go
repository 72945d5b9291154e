package main

import (
	"fmt"
	"net/http"
	"testing"
)

// BenchmarkTheApp prints how soon pages show something, and what a wall of nine previews costs the browser and the
// server:
//
//	go test -run xxx -bench TheApp -benchtime 1x .
func BenchmarkTheApp(b *testing.B) {
	app(b)
	s := serve(b, "workers: {local: 1}\n")
	for i := range 9 {
		id := fmt.Sprintf("camera%d", i+1)
		s.change(http.MethodPost, "/api/v1/cameras", `{"id": "`+id+`", "name": "Camera `+fmt.Sprint(i+1)+`", "max_fps": 5,
			"url": "`+wallCamera(b).URL()+`", "lines": [{"id": "middle", "points": [[0.5, 1], [0.5, 0]]}]}`, http.StatusCreated)
		s.online(id)
	}
	guest := s.guest()
	for b.Loop() {
		s.browse("measure.mjs", guest...)
	}
}
