package main

import (
	"maps"
	"slices"
	"time"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/vision"
	"footfall/vision/pipeline"
)

// showing is the worker's side of previews, over all its cameras.
type showing struct {
	preview config.Preview
	send    func(models.Shot)
	counts  func() (sent, dropped uint64)
}

// Want tells every post what is wanted of it, all of it.
func (d *duty) Want(wanted []models.Wanted, until time.Time) {
	byCamera := map[models.CameraID][]models.Wanted{}
	for _, w := range wanted {
		byCamera[w.Camera] = append(byCamera[w.Camera], w)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.posts {
		p.want(byCamera, until)
	}
}

// want passes on what is wanted of the camera, now and when its watch begins anew.
func (p *post) want(byCamera map[models.CameraID][]models.Wanted, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted, p.wantedUntil = byCamera[p.current.Camera.ID], until
	if p.studio != nil {
		p.studio.Want(p.wanted, until)
	}
}

// newStudio makes the studio of a watch, which is wanted what the one before it was.
func (p *post) newStudio(camera models.Camera, keep *vision.Keeping) *vision.Studio {
	show := p.duty.showing
	studio := vision.NewStudio(vision.StudioConfig{
		Camera: camera, Codec: vision.Codec(show.preview.Encoder), Device: show.preview.EncoderDevice,
		Deliver: show.send, Keep: keep, Log: p.log,
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	studio.Want(p.wanted, p.wantedUntil)
	p.studio = studio
	return studio
}

// stage shows a studio what a watch has analysed, and remembers it for a while.
type stage struct {
	studio *vision.Studio
	watch  *pipeline.Watch[*frame.Frame]
	recent *pipeline.Recent
}

// Show implements pipeline.Audience.
func (s stage) Show(f *frame.Frame, turn pipeline.Turn) {
	s.recent.Saw(turn, f.Aspect())
	var inside []models.ZoneTotal
	for _, zone := range s.watch.Inside() {
		for _, class := range slices.Sorted(maps.Keys(zone.Inside)) {
			inside = append(inside, models.ZoneTotal{Zone: zone.ID, Class: class, Inside: zone.Inside[class]})
		}
	}
	s.studio.Show(f, vision.Analysis{
		View: turn.View, Found: turn.Detections, Tracks: turn.Tracks, Inside: inside,
	})
}

// shown is how many encoders run now, and how many pictures went out to viewers and did not.
func (d *duty) shown() (encoders int, sent, dropped uint64) {
	sent, dropped = d.showing.counts()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.posts {
		p.mu.Lock()
		if p.studio != nil {
			encoders += p.studio.Tally().Encoders
		}
		p.mu.Unlock()
	}
	return encoders, sent, dropped
}
