package vision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/capture/matroska"
)

// Encoding says what an Encoder makes of pictures.
type Encoding struct {
	Width, Height int     // of the pictures, in pixels, even
	FPS           float64 // about as many pictures a second as will come
	BitsPerSecond int     // at most, over half a second
	Codec         Codec   // empty means Software
	Device        string  // of VAAPI and V4L2; empty means the first
	FFmpeg        string  // the program; empty means ffmpeg, wherever the system finds it
}

// Codec is what does the work of encoding.
type Codec string

// The codecs. All but Software need hardware and an ffmpeg that was built for it.
const (
	Software Codec = "software" // libx264
	VAAPI    Codec = "vaapi"    // Intel and AMD
	NVENC    Codec = "nvenc"    // NVIDIA
	V4L2     Codec = "v4l2m2m"  // small boards
)

// Unit is one encoded picture: an access unit of H.264 in Annex B form, parameter sets before every key frame.
type Unit struct {
	Data []byte // its own
	Key  bool   // can be decoded without those before it
	At   time.Time
}

// Encoder makes H.264 of pictures as they come, through the ffmpeg program: constrained baseline, no B-frames, each
// unit given out as soon as its picture is encoded, key frames when they are asked for. Write is for one goroutine.
//
// Pictures go in as Matroska and units come out as FLV, because both are simple and say where a picture ends: a unit
// need not wait for the next one to begin. A picture's time also carries the wish for a key frame, see stampOf.
type Encoder struct {
	encoding Encoding
	command  *exec.Cmd
	pictures io.WriteCloser
	said     *lastWords
	planes   gocv.Mat
	header   []byte
	origin   time.Time
	last     int64
	ended    chan struct{} // closed when no unit comes any more

	mu      sync.Mutex
	waiting []stamped // pictures whose units have not come out yet
	err     error
}

// stamped is a picture inside ffmpeg.
type stamped struct {
	milliseconds int64
	at           time.Time
}

// StartEncoder starts ffmpeg, which ends with ctx at the latest. deliver gets every unit, one after the other, from a
// goroutine of the encoder. Close must be called.
func StartEncoder(ctx context.Context, encoding Encoding, deliver func(Unit)) (*Encoder, error) {
	e := &Encoder{encoding: encoding, said: &lastWords{}, ended: make(chan struct{}), last: -1}
	if encoding.Width < 2 || encoding.Height < 2 || encoding.Width%2 != 0 || encoding.Height%2 != 0 ||
		!(encoding.FPS > 0) || encoding.BitsPerSecond < 1 {
		return nil, fmt.Errorf("start encoder: %dx%d at %v pictures and %d bits a second is not possible",
			encoding.Width, encoding.Height, encoding.FPS, encoding.BitsPerSecond)
	}
	units, err := e.start(ctx)
	if err != nil {
		return nil, fmt.Errorf("start encoder: %w", err)
	}
	e.planes = frame.NewMat()
	go func() {
		defer close(e.ended)
		e.read(units, deliver)
	}()
	return e, nil
}

func (e *Encoder) start(ctx context.Context) (io.Reader, error) {
	program, err := findFFmpeg(e.encoding.FFmpeg)
	if err != nil {
		return nil, err
	}
	arguments, err := e.encoding.arguments()
	if err != nil {
		return nil, err
	}
	e.command = exec.CommandContext(ctx, program, arguments...)
	e.command.Stderr = e.said
	e.command.WaitDelay = 5 * time.Second
	// A terminal's Ctrl-C goes to the whole group. However we die, the encoder's input ends with us, and that ends it.
	e.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if e.pictures, err = e.command.StdinPipe(); err != nil {
		return nil, err
	}
	units, err := e.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return units, e.command.Start()
}

// arguments of ffmpeg. Nothing may wait: not the demuxer to find out more, not the encoder for pictures to come, not
// the muxer for its buffer to fill.
func (g Encoding) arguments() ([]string, error) {
	args := []string{
		"-hide_banner", "-loglevel", "error", "-nostats", "-nostdin",
		"-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0",
	}
	device := func(otherwise string) string {
		if g.Device != "" {
			return g.Device
		}
		return otherwise
	}
	rate := strconv.Itoa(g.BitsPerSecond)
	half := strconv.Itoa(g.BitsPerSecond / 2)
	var codec []string
	filter := "format=yuv420p"
	switch g.Codec {
	case Software, "":
		codec = []string{
			"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads", "1",
			"-crf", "25", "-maxrate", rate, "-bufsize", half,
		}
	case VAAPI:
		args = append(args, "-vaapi_device", device("/dev/dri/renderD128"))
		filter = "format=nv12,hwupload"
		codec = []string{"-c:v", "h264_vaapi", "-b:v", rate, "-maxrate", rate, "-bufsize", half}
	case NVENC:
		codec = []string{
			"-c:v", "h264_nvenc", "-preset", "p1", "-tune", "ull", "-zerolatency", "1", "-delay", "0",
			"-b:v", rate, "-maxrate", rate, "-bufsize", half,
		}
	case V4L2:
		codec = []string{"-c:v", "h264_v4l2m2m", "-b:v", rate}
	default:
		return nil, fmt.Errorf("codec %q is unknown; use software, vaapi, nvenc or v4l2m2m", g.Codec)
	}
	args = append(args,
		"-f", "matroska", "-i", "pipe:0", "-map", "0:v:0", "-vf", filter,
		"-fps_mode", "passthrough", "-enc_time_base", "1:1000")
	args = append(args, codec...)
	if g.Codec != V4L2 { // whose drivers choose
		profile := "baseline"
		if g.Codec == VAAPI {
			profile = "constrained_baseline"
		}
		args = append(args, "-profile:v", profile)
	}
	return append(args,
		"-bf", "0", "-g", strconv.Itoa(max(1, int(10*g.FPS))), "-sc_threshold", "0", "-forced-idr", "1",
		"-force_key_frames", "expr:eq(mod(round(t*1000),2),1)",
		//nolint:misspell // ffmpeg's spelling
		"-color_range", "tv", "-colorspace", "smpte170m", "-color_primaries", "smpte170m", "-color_trc", "smpte170m",
		"-flags", "+global_header", "-f", "flv", "-flvflags", "no_duration_filesize+no_metadata",
		"-flush_packets", "1", "pipe:1"), nil
}

// stampOf is a picture's time for ffmpeg, in milliseconds since the first: even, or odd to ask for a key frame. It
// always grows.
func (e *Encoder) stampOf(at time.Time, key bool) int64 {
	if e.last < 0 {
		e.origin, e.last = at, 0 // the first picture is a key frame anyway
		return 0
	}
	ms := at.Sub(e.origin).Milliseconds() &^ 1
	if key {
		ms++
	}
	for ms <= e.last {
		ms += 2
	}
	e.last = ms
	return ms
}

// Write encodes a picture of the encoder's size, BGR of 8 bits, taken at a moment. key asks for a key frame. It waits
// until ffmpeg has taken the picture; Kill ends the wait. After an error the encoder is good for nothing but Close.
func (e *Encoder) Write(picture *gocv.Mat, at time.Time, key bool) error {
	if picture.Cols() != e.encoding.Width || picture.Rows() != e.encoding.Height ||
		picture.Type() != gocv.MatTypeCV8UC3 {
		return fmt.Errorf("encode picture: it is %dx%d, the encoder takes %dx%d of BGR", picture.Cols(), picture.Rows(),
			e.encoding.Width, e.encoding.Height)
	}
	const bgrToI420 = 128 // OpenCV's BGR2YUV_I420, which gocv 0.32 has no name for
	gocv.CvtColor(*picture, &e.planes, gocv.ColorConversionCode(bgrToI420))
	pixels, err := e.planes.DataPtrUint8() // a view, written before we return
	if err != nil {
		return fmt.Errorf("encode picture: %w", err)
	}
	first := e.last < 0
	ms := e.stampOf(at, key)
	e.mu.Lock()
	e.waiting = append(e.waiting, stamped{ms, at})
	e.mu.Unlock()
	e.header = e.header[:0]
	if first {
		e.header = matroska.AppendStart(e.header, matroska.Track{
			Width: e.encoding.Width, Height: e.encoding.Height, Colours: "I420", FPS: e.encoding.FPS,
		})
	}
	e.header = matroska.AppendPicture(e.header, ms, len(pixels))
	for _, part := range [][]byte{e.header, pixels} {
		if _, err := e.pictures.Write(part); err != nil {
			return fmt.Errorf("encode picture: %w", err)
		}
	}
	return nil
}

// Waiting is how many pictures were written whose units have not come out. A few are none too many; more mean that
// ffmpeg hangs, or is too slow.
func (e *Encoder) Waiting() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.waiting)
}

// Ended is closed when ffmpeg gives out nothing more.
func (e *Encoder) Ended() <-chan struct{} { return e.ended }

// Kill ends ffmpeg at once. It may be called from any goroutine.
func (e *Encoder) Kill() { _ = e.command.Process.Kill() }

// Close ends ffmpeg and waits for it; the units of the last pictures are given out before it returns. The error says
// why ffmpeg gave up, if it did.
func (e *Encoder) Close() error {
	_ = e.pictures.Close() // ffmpeg learns that this was all
	hung := time.AfterFunc(2*time.Second, e.Kill)
	<-e.ended
	waited := e.command.Wait()
	hung.Stop()
	frame.Close(&e.planes)
	e.mu.Lock()
	defer e.mu.Unlock()
	if waited != nil {
		return fmt.Errorf("encode: %w", e.said.explain(waited))
	}
	return e.err
}

// read gives out units until there are no more.
func (e *Encoder) read(from io.Reader, deliver func(Unit)) {
	units := flvReader{from: from}
	for {
		tag, err := units.next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				e.mu.Lock()
				e.err = fmt.Errorf("read ffmpeg's units: %w", err)
				e.mu.Unlock()
				e.Kill() // or it would wait for ever to be read
			}
			_, _ = io.Copy(io.Discard, from)
			return
		}
		at, known := e.took(tag.milliseconds)
		if known {
			deliver(Unit{Data: tag.data, Key: tag.key, At: at})
		}
	}
}

// took finds the picture that a unit was made of, and forgets those before it.
func (e *Encoder) took(milliseconds int64) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, p := range e.waiting {
		if p.milliseconds == milliseconds {
			e.waiting = append(e.waiting[:0], e.waiting[i+1:]...)
			return p.at, true
		}
	}
	return time.Time{}, false
}
