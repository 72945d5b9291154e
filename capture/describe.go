package capture

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/pion/rtp"

	"footfall/models"
)

// describe reads what the camera announced, and refuses a stream without video. A format that our library does not know
// is left to FFmpeg, which knows more.
func (t *Target) describe() error {
	var kinds []string
	for _, media := range t.medias.Medias {
		kinds = append(kinds, string(media.Type))
		if media.Type != description.MediaTypeVideo || media.IsBackChannel {
			continue
		}
		for _, announced := range media.Formats {
			t.Codec = announced.Codec()
			t.measure(announced)
			return nil
		}
		return nil
	}
	// Some servers announce a multiplex (MPEG-TS) as an application.
	for _, kind := range kinds {
		if kind == string(description.MediaTypeApplication) {
			return nil
		}
	}
	detail := "the camera announces no video"
	if len(kinds) > 0 {
		detail += ", only " + strings.Join(kinds, ", ")
	}
	return &ReasonError{Reason: models.ReasonUnsupported, Detail: detail}
}

// measure takes size and rate from the parameter sets, when the camera announces them.
func (t *Target) measure(announced format.Format) {
	switch f := announced.(type) {
	case *format.H264:
		var sps h264.SPS
		if len(f.SPS) > 0 && sps.Unmarshal(f.SPS) == nil {
			t.Width, t.Height, t.FPS = sps.Width(), sps.Height(), announcedFPS(sps.FPS())
		}
	case *format.H265:
		var sps h265.SPS
		if len(f.SPS) > 0 && sps.Unmarshal(f.SPS) == nil {
			t.Width, t.Height, t.FPS = sps.Width(), sps.Height(), announcedFPS(sps.FPS())
		}
	}
}

// announcedFPS is the rate that parameter sets tell, or 0 when it is the clock's and not the camera's.
func announcedFPS(fps float64) float64 {
	if fps > 0 && fps <= 240 {
		return fps
	}
	return 0
}

// packetsWithin plays the camera's video until a packet has come or the time is over, and reports whether one came. It
// tells a camera that sends nothing from one that sends what no picture can be made of, which look the same from
// behind OpenCV.
func packetsWithin(ctx context.Context, camera CameraAddress, wait time.Duration) (bool, error) {
	target, err := Preflight(ctx, camera)
	if err != nil {
		return false, err
	}
	if target.medias == nil {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	q := &question{camera: camera, url: target.url}
	client, stop, err := q.client(ctx)
	if err != nil {
		return false, err
	}
	defer stop()
	if target.medias, _, err = client.Describe((*base.URL)(q.url)); err != nil {
		return false, asReason(err, models.ReasonStalled)
	}
	for _, media := range target.medias.Medias {
		if media.Type != description.MediaTypeVideo || media.IsBackChannel {
			continue
		}
		if _, err := client.Setup(target.medias.BaseURL, media, 0, 0); err != nil {
			return false, asReason(err, models.ReasonStalled)
		}
		break
	}
	var came atomic.Bool
	client.OnPacketRTPAny(func(*description.Media, format.Format, *rtp.Packet) {
		came.Store(true)
		cancel()
	})
	if _, err := client.Play(nil); err != nil && !came.Load() {
		return false, asReason(err, models.ReasonStalled)
	}
	<-ctx.Done()
	return came.Load(), nil
}
