package matroska

import (
	"encoding/binary"
	"math"
)

// The elements of Matroska that a stream of pictures is made of.
const (
	ebmlHeader      = 0x1A45DFA3
	ebmlDocType     = 0x4282
	mkvSegment      = 0x18538067
	mkvInfo         = 0x1549A966
	mkvTickLength   = 0x2AD7B1 // nanoseconds
	mkvTracks       = 0x1654AE6B
	mkvTrack        = 0xAE
	mkvNumber       = 0xD7
	mkvUID          = 0x73C5
	mkvType         = 0x83
	mkvCodec        = 0x86
	mkvPictureTime  = 0x23E383 // nanoseconds
	mkvVideo        = 0xE0
	mkvWidth        = 0xB0
	mkvHeight       = 0xBA
	mkvColourSpace  = 0x2EB524
	mkvCluster      = 0x1F43B675
	mkvClusterTime  = 0xE7
	mkvSimpleBlock  = 0xA3
	unknownSize     = 0x01FFFFFFFFFFFFFF // of an element that goes on until the stream ends
	videoTrack      = 1
	blockHeaderSize = 4 // track number, relative time, flags
	keyBlock        = 0x80
)

// Track is what the pictures of a stream are.
type Track struct {
	Width, Height int // in pixels
	// Colours is the layout of raw pictures, such as I420; empty: they are JPEG.
	Colours string
	// FPS is how many a second are expected; 0: their times say it.
	FPS float64
}

// AppendStart appends what comes before the first picture.
func AppendStart(to []byte, t Track) []byte {
	video := appendNumber(nil, mkvWidth, uint64(t.Width))
	video = appendNumber(video, mkvHeight, uint64(t.Height))
	codec := "V_MJPEG"
	if t.Colours != "" {
		codec = "V_UNCOMPRESSED"
		video = appendElement(video, mkvColourSpace, []byte(t.Colours))
	}
	track := appendNumber(nil, mkvNumber, 1)
	track = appendNumber(track, mkvUID, 1)
	track = appendNumber(track, mkvType, videoTrack)
	track = appendElement(track, mkvCodec, []byte(codec))
	if t.FPS > 0 {
		track = appendNumber(track, mkvPictureTime, uint64(math.Round(1e9/t.FPS)))
	}
	track = appendElement(track, mkvVideo, video)

	to = appendElement(to, ebmlHeader, appendElement(nil, ebmlDocType, []byte("matroska")))
	to = appendID(to, mkvSegment)
	to = binary.BigEndian.AppendUint64(to, unknownSize)
	to = appendElement(to, mkvInfo, appendNumber(nil, mkvTickLength, 1_000_000))
	return appendElement(to, mkvTracks, appendElement(nil, mkvTrack, track))
}

// AppendPicture appends what comes before each picture of so many bytes, at a time since the stream's beginning: a
// cluster with nothing but this one.
func AppendPicture(to []byte, milliseconds int64, size int) []byte {
	cluster := appendNumber(nil, mkvClusterTime, uint64(milliseconds))
	cluster = appendID(cluster, mkvSimpleBlock)
	cluster = appendSize(cluster, uint64(blockHeaderSize+size))
	cluster = append(cluster, 0x81, 0, 0, keyBlock) // track 1, at the cluster's time
	to = appendID(to, mkvCluster)
	to = appendSize(to, uint64(len(cluster)+size))
	return append(to, cluster...)
}

func appendElement(to []byte, id uint32, content []byte) []byte {
	to = appendID(to, id)
	to = appendSize(to, uint64(len(content)))
	return append(to, content...)
}

func appendNumber(to []byte, id uint32, n uint64) []byte {
	return appendElement(to, id, binary.BigEndian.AppendUint64(nil, n))
}

// appendID writes an id, whose length is in its first bits, without leading zeros.
func appendID(to []byte, id uint32) []byte {
	started := false
	for shift := 24; shift >= 0; shift -= 8 {
		b := byte(id >> shift)
		if started = started || b != 0; started {
			to = append(to, b)
		}
	}
	return to
}

// appendSize writes a size in eight bytes, which is always allowed.
func appendSize(to []byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64(to, 1<<56|size)
}
