package main

import (
	"reflect"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
	"footfall/vision/pipeline"
)

// reference is where a camera was when its lines were drawn. It outlives the watches that use it, which come and go
// with every change of the orders: a camera that has sagged meanwhile must not have sagged to its new place.
type reference struct {
	camera   models.Camera // the one that it belongs to
	steadier *steadier
}

// steadier is vision's, and remembers what it said last.
type steadier struct {
	vision.Steadier

	moved bool
}

// Look implements pipeline.Steadier.
func (s *steadier) Look(f *frame.Frame, seen []models.Detection) models.View {
	view := s.Steadier.Look(f, seen)
	s.moved = view.Moved
	return view
}

// of is what holds c against its reference; nil if c is taken for steady. The reference begins anew when something else
// is drawn on the picture, when another camera stands there, and when a camera that was turned away gets new orders:
// whoever gave them has seen what it shows now. It is asked between two watches, never during one, and says whether the
// places of the watch before are not those of the next.
func (r *reference) of(c models.Camera) (steady pipeline.Steadier[*frame.Frame], anew bool) {
	if c.NoSteady {
		anew = r.steadier != nil
		*r = reference{}
		return nil, anew
	}
	if r.steadier == nil || r.steadier.moved || !sameSight(r.camera, c) {
		anew = true
		*r = reference{camera: c, steadier: &steadier{}}
	}
	return r.steadier, anew
}

// sameSight reports whether two cameras show the same with the same drawn on it.
func sameSight(a, b models.Camera) bool {
	return a.URL == b.URL && reflect.DeepEqual(a.Lines, b.Lines) && reflect.DeepEqual(a.Zones, b.Zones)
}

// placed is a camera's status with how it lies against its reference.
func placed(status models.CameraStatus, view models.View) models.CameraStatus {
	if !view.IsHome() {
		status.Shift = models.Point{X: view.X / view.Aspect, Y: view.Y}
	}
	if view.Moved && status.State == models.Online {
		status.State, status.Reason = models.Degraded, models.ReasonMoved
		status.Detail = "the camera was turned or shifted away from its lines; turn it back, or draw the lines anew"
	}
	return status
}
