package main

import (
	"context"
	"fmt"
	"time"

	"footfall/capture/frame"
	"footfall/vision"
	"footfall/vision/pipeline"
)

// film is the annotated video of a count. It begins with the first picture, because only that tells the size.
type film struct {
	file   string
	fps    float64
	rules  counting
	writer *vision.VideoWriter
	origin time.Time
}

// show draws what is known at a frame onto it, and keeps it. Nobody looks at the frame again afterwards.
func (v *film) show(ctx context.Context, f *frame.Frame, turn pipeline.Turn, totals totals) error {
	if v.writer == nil {
		video := vision.Video{File: v.file, Width: f.Width(), Height: f.Height(), FPS: v.fps}
		writer, err := vision.CreateVideo(ctx, video)
		if err != nil {
			return err
		}
		v.writer, v.origin = writer, f.Stamp()
	}
	vision.Draw(&f.Mat, vision.Scene{
		Stamp: clockTime(f.Stamp().Sub(v.origin)), View: turn.View, Tracks: turn.Tracks,
		Anchor: v.rules.anchor, Lines: v.rules.lines, Totals: totals.lines,
		Zones: v.rules.zones, Inside: totals.zones,
	})
	return v.writer.Write(&f.Mat)
}

// finish completes the video, or leaves none.
func (v *film) finish(ok bool) error {
	switch {
	case v.writer == nil:
		return nil
	case !ok:
		v.writer.Abort()
		return nil
	}
	return v.writer.Close()
}

// clockTime writes a time into a video as 1:02:03.4.
func clockTime(d time.Duration) string {
	s := d.Seconds()
	return fmt.Sprintf("%d:%02d:%04.1f", int(s)/3600, int(s)/60%60, s-float64(int(s)/60*60))
}
