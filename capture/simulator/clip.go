package simulator

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// clockRate is the number of ticks a second of RTP time stamps of video (RFC 6184), and of all times in a Clip.
const clockRate = 90000

// Clip is an encoded video that cameras can play. It is safe for use by several cameras at once, and holds a file
// that no folder lists any more: it is gone when Close is called or the process ends, however it ends.
type Clip struct {
	name     string
	spool    *os.File
	pictures []picture
	length   int64 // in ticks: until the first picture of the next loop is due
	sps      h264.SPS
	rawSPS   []byte
	rawPPS   []byte
	black    []accessUnit // pictures to alternate, each a key frame
}

// picture says where an encoded picture lies in the spool and in time.
type picture struct {
	offset int64
	size   int
	at     int64 // ticks after the first picture
	key    bool  // can be decoded without any picture before it
}

// accessUnit is one encoded picture as NAL units without start codes.
type accessUnit [][]byte

// Name is the file or scene that the clip was made from.
func (c *Clip) Name() string { return c.name }

// Frames is the number of pictures.
func (c *Clip) Frames() int { return len(c.pictures) }

// Duration is how long one loop takes.
func (c *Clip) Duration() time.Duration { return ticksToDuration(c.length) }

// FPS is the mean number of pictures a second.
func (c *Clip) FPS() float64 { return float64(len(c.pictures)) * clockRate / float64(c.length) }

// Width of the picture in pixels. An odd source has lost its last column.
func (c *Clip) Width() int { return c.sps.Width() }

// Height of the picture in pixels. An odd source has lost its last row.
func (c *Clip) Height() int { return c.sps.Height() }

// FrameTime is when a frame is due, counted from the start of its loop. Frames count from 1, as in truth files.
func (c *Clip) FrameTime(frame int) time.Duration {
	i := min(max(frame-1, 0), len(c.pictures)-1)
	return ticksToDuration(c.pictures[i].at)
}

// Close gives the clip's space on disk back. Cameras that play it must have ended.
func (c *Clip) Close() error {
	if err := c.spool.Close(); err != nil {
		return fmt.Errorf("close clip %s: %w", c.name, err)
	}
	return nil
}

// unit reads picture i.
func (c *Clip) unit(i int) (accessUnit, error) {
	data := make([]byte, c.pictures[i].size)
	if _, err := c.spool.ReadAt(data, c.pictures[i].offset); err != nil {
		return nil, fmt.Errorf("read frame %d of clip %s: %w", i+1, c.name, err)
	}
	unit, err := splitUnit(data)
	if err != nil {
		return nil, fmt.Errorf("read frame %d of clip %s: %w", i+1, c.name, err)
	}
	return unit, nil
}

// keyBefore is the last key frame at or before picture i.
func (c *Clip) keyBefore(i int) int {
	for i > 0 && !c.pictures[i].key {
		i--
	}
	return i
}

// inStepWith refuses another clip whose pictures do not stand for the same moments.
func (c *Clip) inStepWith(other *Clip) error {
	switch {
	case len(other.pictures) != len(c.pictures):
		return fmt.Errorf("has %d frames and not %d", len(other.pictures), len(c.pictures))
	case other.length != c.length:
		return fmt.Errorf("takes %s and not %s", other.Duration(), c.Duration())
	}
	for i := range c.pictures {
		if c.pictures[i].key != other.pictures[i].key {
			return fmt.Errorf("has its key frames in other places (frame %d)", i+1)
		}
	}
	return nil
}

// readParameters keeps what a reader is told about the clip before it sees a picture.
func (c *Clip) readParameters() error {
	first, err := c.unit(0)
	if err != nil {
		return err
	}
	for _, nalu := range first {
		switch h264.NALUType(nalu[0] & 0x1f) {
		case h264.NALUTypeSPS:
			c.rawSPS = nalu
		case h264.NALUTypePPS:
			c.rawPPS = nalu
		default: // slices and remarks
		}
	}
	if c.rawSPS == nil || c.rawPPS == nil {
		return errors.New("the first frame has no SPS or PPS")
	}
	return c.sps.Unmarshal(c.rawSPS)
}

// splitUnit takes the NAL units out of an Annex B access unit and leaves delimiters behind: in RTP the marker bit
// says where a picture ends.
func splitUnit(data []byte) (accessUnit, error) {
	var all h264.AnnexB
	if err := all.Unmarshal(data); err != nil {
		return nil, err
	}
	var unit accessUnit
	for _, nalu := range all {
		if h264.NALUType(nalu[0]&0x1f) != h264.NALUTypeAccessUnitDelimiter {
			unit = append(unit, nalu)
		}
	}
	if len(unit) == 0 {
		return nil, errors.New("the picture is empty")
	}
	return unit, nil
}

func ticksToDuration(ticks int64) time.Duration {
	return time.Duration(ticks/clockRate)*time.Second + time.Duration(ticks%clockRate)*time.Second/clockRate
}
