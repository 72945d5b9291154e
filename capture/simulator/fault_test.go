package simulator

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"golang.org/x/sys/unix"
)

// brisk is a camera at ten times its pace: a loop of the street takes 1.2 s, and a frame 900 ticks.
func brisk(t *testing.T, more func(*CameraOptions)) *Camera {
	t.Helper()
	options := CameraOptions{Clip: street(t), Speed: 10}
	if more != nil {
		more(&options)
	}
	return startCamera(t, options)
}

const briskFrame = clockRate / 10 / 10

func breakCamera(t *testing.T, camera *Camera, fault Fault) {
	t.Helper()
	if err := camera.Break(fault); err != nil {
		t.Fatal(err)
	}
}

func heal(t *testing.T, camera *Camera) {
	t.Helper()
	if err := camera.Heal(); err != nil {
		t.Fatal(err)
	}
}

// pictureOf is true of every picture of a clip.
func pictureOf(clip *Clip) func(shown) bool {
	return func(picture shown) bool {
		for i := range clip.pictures {
			if unit, err := clip.unit(i); err == nil && picture.same(shown{unit: unit}) {
				return true
			}
		}
		return false
	}
}

func TestSilentSendsNothingAndHealsAtAKeyFrame(t *testing.T) {
	t.Parallel()
	loops := make(chan Loop, 1000)
	camera := brisk(t, func(o *CameraOptions) { o.OnLoop = func(l Loop) { loops <- l } })
	watcher := watch(t, camera)
	before := watcher.next(1)[0]

	breakCamera(t, camera, Silent)
	sent := camera.Stats().FramesSent
	for len(loops) > 0 {
		<-loops
	}
	<-loops // the clip goes on all the while
	<-loops
	if now := camera.Stats(); now.FramesSent != sent || now.Readers != 1 {
		t.Errorf("a silent camera sent %d frames to %d readers", now.FramesSent-sent, now.Readers)
	}
	heal(t, camera)
	gap := func(p shown) bool {
		return int32(p.stamp-before.stamp) >= briskFrame*int32(camera.options.Clip.Frames())
	}
	if first := watcher.until(gap); !first.key {
		t.Error("the first picture after the gap is no key frame")
	}
}

func TestFrozenRepeatsOnePictureWhileTimeGoesOn(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil)
	watcher := watch(t, camera)
	watcher.next(1)
	breakCamera(t, camera, Frozen)
	last := watcher.next(1)[0]
	last = watcher.until(func(p shown) bool { // the first repetition: what was under way has come in
		repeated := p.key && p.same(last)
		last = p
		return repeated
	})
	for _, picture := range watcher.next(30) { // three times the distance of key frames
		if !picture.same(last) {
			t.Fatal("another picture came from a frozen camera")
		}
		if picture.stamp-last.stamp != briskFrame {
			t.Errorf("the time stamp went on by %d ticks, not %d", picture.stamp-last.stamp, briskFrame)
		}
		last = picture
	}
	heal(t, camera)
	first := watcher.until(func(p shown) bool { return !p.same(last) })
	if !first.key || !pictureOf(camera.options.Clip)(first) {
		t.Error("a healed camera did not begin with a key frame of its clip")
	}
}

func TestFFmpegDecodesFrozenAndBlack(t *testing.T) {
	t.Parallel()
	clip := street(t)
	for fault, brightest := range map[Fault]byte{Frozen: 255, Black: 0} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			camera := startCamera(t, CameraOptions{Clip: clip, Speed: 4})
			breakCamera(t, camera, fault)
			pictures, err := command(t, "ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", camera.URL(),
				"-frames:v", "12", "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-")
			if err != nil {
				t.Fatal(err)
			}
			size := clip.Width() * clip.Height()
			if len(pictures) != 12*size {
				t.Fatalf("ffmpeg decoded %d bytes, not 12 pictures of %d", len(pictures), size)
			}
			for picture := range slices.Chunk(pictures, size) {
				if !bytes.Equal(picture, pictures[:size]) {
					t.Fatal("two pictures differ")
				}
			}
			if got := slices.Max(pictures); got > brightest {
				t.Errorf("the brightest pixel is %d, want at most %d", got, brightest)
			}
			if fault == Frozen && slices.Max(pictures) < darkestGround {
				t.Error("a frozen camera shows a black picture")
			}
		})
	}
}

func TestGarbageIsWellFormedRTPWithoutAPicture(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil)
	watcher := watch(t, camera)
	isClip := pictureOf(camera.options.Clip)
	watcher.next(1)
	breakCamera(t, camera, Garbage)
	ctx := within(t)
	previous := watcher.packet(ctx)
	frames := 0
	for frames < 25 {
		packet := watcher.packet(ctx)
		if packet.SequenceNumber != previous.SequenceNumber+1 {
			t.Errorf("packet %d came after packet %d", packet.SequenceNumber, previous.SequenceNumber)
		}
		if packet.Timestamp != previous.Timestamp {
			frames++
		}
		if previous.Marker != (packet.Timestamp != previous.Timestamp) {
			t.Error("the marker is not on the last packet of a time stamp")
		}
		previous = packet
	}
	if picture := watcher.picture(ctx); isClip(picture) {
		t.Error("a picture of the clip came out of garbage")
	}
	heal(t, camera)
	if first := watcher.until(isClip); !first.key {
		t.Error("a healed camera did not begin with a key frame")
	}
}

func TestRefusedClosesThePortAndComesBackAtTheSameOne(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil)
	watcher := watch(t, camera)
	watcher.next(1)
	for range 3 {
		breakCamera(t, camera, Refused)
		if _, err := net.Dial("tcp", camera.gate.address.String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("dialling a camera that refuses = %v, want connection refused", err)
		}
		if err := <-watcher.ended; err == nil {
			t.Fatal("the connection was not cut")
		}
		wantReserved(t, camera.gate.address)
		heal(t, camera)
		watcher = watch(t, camera)
		watcher.next(3)
	}
}

// wantReserved checks that the kernel gives the port to nobody who does not insist on sharing it.
func wantReserved(t *testing.T, address *net.TCPAddr) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer release(fd)
	err = unix.Bind(fd, &unix.SockaddrInet4{Port: address.Port, Addr: [4]byte(address.IP.To4())})
	if !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("binding the closed port = %v, want it in use", err)
	}
}

func TestHungAcceptsAndAnswersOnlyWhenHealed(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil)
	breakCamera(t, camera, Hung)
	conn, err := net.Dial("tcp", camera.gate.address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer closeLater(t, conn)()
	if _, err := io.WriteString(conn, "OPTIONS "+camera.Address()+" RTSP/1.0\r\nCSeq: 1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, len("RTSP/1.0 200 OK"))
	// However short the wait, only a camera that answers fails here.
	if err := conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(answer); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a hung camera said %q, %v", answer[:n], err)
	}
	heal(t, camera)
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "RTSP/1.0 200 OK" {
		t.Fatalf("a healed camera said %q, %v", answer, err)
	}
}

func closeLater(t *testing.T, what io.Closer) func() {
	return func() {
		if err := what.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRunEndsWhileHung(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil) // whose clean-up waits for Run
	watch(t, camera)
	breakCamera(t, camera, Hung)
	conn, err := net.Dial("tcp", camera.gate.address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeLater(t, conn))
	if _, err := io.WriteString(conn, "OPTIONS"); err != nil {
		t.Fatal(err)
	}
}

func TestDropCutsOnce(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil)
	first, second := watch(t, camera), watch(t, camera)
	first.next(1)
	second.next(1)
	camera.Drop()
	for _, watcher := range []*watcher{first, second} {
		if err := <-watcher.ended; err == nil {
			t.Error("a connection survived")
		}
	}
	watch(t, camera).next(1)
}

func TestRequirePassword(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil)
	open := camera.URL()
	watcher := watch(t, camera)
	watcher.next(1)

	camera.RequirePassword("admin", "first")
	if err := <-watcher.ended; err == nil {
		t.Error("a reader without the password stayed")
	}
	wantUnauthorised := func(address string) {
		t.Helper()
		var status liberrors.ErrClientBadStatusCode
		if _, err := tryToWatch(t, camera, address); !errors.As(err, &status) || status.Code != 401 {
			t.Errorf("%s was answered with %v, want 401", address, err)
		}
		if out, err := ffmpegFrames(t, address, "tcp", "-frames:v", "1"); err == nil ||
			!strings.Contains(err.Error(), " 401 ") {
			t.Errorf("ffmpeg reads %s: %v, %v, want 401", address, out, err)
		}
	}
	wantUnauthorised(open)
	wantUnauthorised(strings.Replace(camera.URL(), "first", "wrong", 1))
	watch(t, camera).next(1)

	old := camera.URL()
	camera.RequirePassword("admin", "second")
	wantUnauthorised(old)
	watch(t, camera).next(1)

	heal(t, camera)
	if camera.URL() != open {
		t.Errorf("healed, the camera is at %s, not %s", camera.URL(), open)
	}
	watch(t, camera).next(1)
}

func TestSwitchToAnotherSizeAndBack(t *testing.T) {
	t.Parallel()
	small, err := StreetScene().Encode(within(t), EncodeOptions{Height: 120})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeLater(t, small))
	camera := brisk(t, nil)
	watcher := watch(t, camera)
	watcher.next(1)
	wantSize := func(clip *Clip) {
		t.Helper()
		first := watcher.until(pictureOf(clip))
		if !first.key {
			t.Error("the new size does not begin with a key frame")
		}
		if w, h := first.size(t); w != clip.Width() || h != clip.Height() {
			t.Errorf("the SPS in the stream says %dx%d, the clip is %dx%d", w, h, clip.Width(), clip.Height())
		}
		if late := watch(t, camera); !bytes.Equal(late.sdp.SPS, clip.rawSPS) {
			t.Error("a reader who comes now is told of another size")
		}
	}
	if err := camera.SwitchTo(small); err != nil {
		t.Fatal(err)
	}
	wantSize(small)
	heal(t, camera)
	wantSize(camera.options.Clip)
}

func TestSwitchToRefusesAClipOfOtherMoments(t *testing.T) {
	t.Parallel()
	other, err := StreetScene().Encode(within(t), EncodeOptions{Limit: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeLater(t, other))
	if err := brisk(t, nil).SwitchTo(other); err == nil || !strings.Contains(err.Error(), "has 20 frames and not 120") {
		t.Errorf("SwitchTo = %v", err)
	}
}

func TestBreakRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil)
	for _, fault := range []Fault{Healthy, "on fire"} {
		if err := camera.Break(fault); err == nil {
			t.Errorf("Break(%q) said nothing", fault)
		}
	}
}
