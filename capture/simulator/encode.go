package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// EncodeOptions says how a source becomes a Clip. The zero value takes it as it is.
type EncodeOptions struct {
	// Width and Height of the picture in pixels, rounded down to even numbers. 0 keeps the source's own; one alone
	// keeps the shape.
	Width, Height int
	// Limit cuts the clip off after so long. 0 takes all of it.
	Limit time.Duration
	// KeyFrames is the longest time from one key frame to the next, and so the longest that a reader who joins late
	// waits for a picture. 0 is a second.
	KeyFrames time.Duration
	// Lossless keeps every pixel as the source has it, at several times the bits: for who compares what is counted on
	// the camera with what is counted on the file.
	Lossless bool
	// Progress is told how much is done, in [0,1], several times a second, and 1 at the end.
	Progress func(done float64)
	// FFmpeg is the program to run; empty means ffmpeg on the PATH.
	FFmpeg string
	// TempDir is where the clip lies while it is encoded; empty means the system's.
	TempDir string
}

// videoFormats are the kinds of file that ffmpeg may take a source for. Without the list it would read a text as a
// drawing on a terminal, and a play list as an order to fetch what it names.
const videoFormats = "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm,mpegts,mpeg,mpegvideo,m4v,h264,hevc,mjpeg,flv,asf," +
	"ogg,nut,ivf,gif,mxf,dv,wtv,yuv4mpegpipe"

// Encode makes a clip of a video file. The error is an ErrNoFFmpeg, an ErrNotVideo, that of opening the file, or
// what ffmpeg said.
func Encode(ctx context.Context, file string, options EncodeOptions) (*Clip, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("encode clip %s: %w", file, err)
	}
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("encode clip %s: %w", file, err)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("encode clip %s: it is not a file: %w", file, ErrNotVideo)
	}
	// "file:" so that no name is taken for an option or an address.
	input := []string{
		"-protocol_whitelist", "file", "-format_whitelist", videoFormats, "-i", "file:" + path, "-map", "0:v:0",
	}
	clip, err := encode(ctx, source{name: file, arguments: input}, options)
	if err != nil {
		return nil, fmt.Errorf("encode clip %s: %w", file, err)
	}
	return clip, nil
}

// source is what ffmpeg reads: by the arguments, and from pictures when they say so.
type source struct {
	name      string
	arguments []string
	pictures  io.Reader
	duration  time.Duration // 0 = ffmpeg will say
	still     bool          // every picture is a key frame
}

// encode runs ffmpeg on a source and opens what it wrote.
func encode(ctx context.Context, from source, options EncodeOptions) (*Clip, error) {
	clip, err := encodePictures(ctx, from, options)
	if err != nil {
		return nil, err
	}
	if clip.black, err = encodeBlack(ctx, clip, options); err != nil {
		_ = clip.Close() // the reason it is given up matters more
		return nil, fmt.Errorf("make a black picture: %w", err)
	}
	if options.Progress != nil {
		options.Progress(1)
	}
	return clip, nil
}

func encodePictures(ctx context.Context, from source, options EncodeOptions) (clip *Clip, err error) {
	folder, err := os.MkdirTemp(options.TempDir, "footfall-clip-")
	if err != nil {
		return nil, err
	}
	// The open file outlives its name: no crash of ours can leave a clip behind that was being played.
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	run := ffmpegRun{
		program: options.FFmpeg, folder: folder, arguments: arguments(from, options), pictures: from.pictures,
		duration: from.duration, progress: options.Progress, limit: options.Limit,
	}
	if err := run.wait(ctx); err != nil {
		return nil, err
	}
	return openClip(from.name, folder)
}

// The names of what ffmpeg writes: the pictures in a row, and a table of their times and sizes.
const (
	spoolFile = "clip.h264"
	tableFile = "clip.table"
)

// arguments of ffmpeg. Every picture of the source becomes one of the clip, at its own time: no frame rate is imposed.
func arguments(from source, options EncodeOptions) []string {
	keyFrames := options.KeyFrames
	if keyFrames <= 0 {
		keyFrames = time.Second
	}
	// A millisecond early, for multiples of a fraction are not always what they should be.
	keyRule := fmt.Sprintf("expr:gte(t,n_forced*%g-0.001)", keyFrames.Seconds())
	if from.still {
		keyRule = "expr:1"
	}
	quality := []string{"-crf", "20"}
	if options.Lossless {
		quality = []string{"-qp", "0"}
	}
	args := []string{"-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info", "-progress", "pipe:1"}
	args = append(args, from.arguments...)
	if options.Limit > 0 {
		args = append(args, "-t", strconv.FormatFloat(options.Limit.Seconds(), 'f', 6, 64))
	}
	args = append(args,
		"-an", "-sn", "-dn", "-threads", "2",
		"-vf", scaling(options.Width, options.Height),
		"-fps_mode", "passthrough", "-enc_time_base", "1:90000",
		// No key frames but by the rule, so that two sizes of one source have theirs in the same places.
		"-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "1000000", "-sc_threshold", "0",
		"-force_key_frames", keyRule, "-forced-idr", "1", "-x264-params", "repeat-headers=1:aud=1",
	)
	args = append(args, quality...)
	// One encoder, two files: the table has the time, the size and the kind of every packet in the spool.
	return append(args, "-f", "tee", "[f=h264]"+spoolFile+"|[f=framecrc]"+tableFile)
}

// scaling is the filter that brings pictures to a size with even sides, which H.264 in 4:2:0 needs.
func scaling(width, height int) string {
	side := func(n int) string {
		if n <= 0 {
			return "-2" // even, and in the shape of the source
		}
		return strconv.Itoa(n &^ 1)
	}
	filters := []string{"crop=trunc(iw/2)*2:trunc(ih/2)*2"}
	if width > 0 || height > 0 {
		filters = append(filters, "scale="+side(width)+":"+side(height))
	}
	return strings.Join(append(filters, "format=yuv420p"), ",")
}

// encodeBlack makes what a camera with a covered lens sends: two pictures, because two key frames in a row must not
// have the same idr_pic_id (H.264, 7.4.3).
func encodeBlack(ctx context.Context, clip *Clip, options EncodeOptions) (units []accessUnit, err error) {
	const pictures = 2
	dark, err := encodePictures(ctx, source{
		name:      clip.name,
		arguments: rawInput(clip.Width(), clip.Height(), clip.FPS()),
		pictures:  io.LimitReader(darkness{}, int64(pictures*clip.Width()*clip.Height())),
		still:     true,
	}, EncodeOptions{FFmpeg: options.FFmpeg, TempDir: options.TempDir})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dark.Close()) }()
	for i := range dark.pictures {
		unit, err := dark.unit(i)
		if err != nil {
			return nil, err
		}
		units = append(units, unit)
	}
	return units, nil
}

// darkness is an endless row of black pixels.
type darkness struct{}

func (darkness) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// rawInput makes ffmpeg read grey pictures, a byte a pixel, from its standard input.
func rawInput(width, height int, fps float64) []string {
	return []string{
		"-protocol_whitelist", "pipe", "-f", "rawvideo", "-pixel_format", "gray",
		"-video_size", fmt.Sprintf("%dx%d", width, height), "-framerate", strconv.FormatFloat(fps, 'f', -1, 64),
		"-i", "pipe:0", "-map", "0:v:0",
	}
}
