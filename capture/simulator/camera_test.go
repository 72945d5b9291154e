package simulator

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
)

func TestEveryReaderBeginsWithAKeyFrameAndSeesTheSame(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		camera := brisk(t, func(o *CameraOptions) { o.TLS = secure })
		early := watch(t, camera)
		early.next(4) // past the key frame: the next reader comes in the middle
		late := watch(t, camera)
		first := late.next(1)[0]
		if !first.key {
			t.Error("a late reader did not begin with a key frame")
		}
		if w, h := first.size(t); w != 320 || h != 240 {
			t.Errorf("the key frame's SPS says %dx%d", w, h)
		}
		theirs := early.until(func(p shown) bool { return p.stamp == first.stamp })
		for i, mine := range append([]shown{first}, late.next(20)...) {
			if !theirs.same(mine) || theirs.stamp != mine.stamp {
				t.Fatalf("picture %d differs between readers (secure: %v)", i, secure)
			}
			theirs = early.next(1)[0]
		}
	}
}

func TestLoopsFollowEachOtherWithoutASeam(t *testing.T) {
	t.Parallel()
	loops := make(chan Loop, 1000)
	camera := brisk(t, func(o *CameraOptions) {
		o.OnDemand = true
		o.OnLoop = func(l Loop) { loops <- l }
	})
	clip := camera.options.Clip
	if camera.Loop().Number != 0 {
		t.Error("the clip began before anybody asked for it")
	}
	asked := time.Now()
	pictures := watch(t, camera).next(2*clip.Frames() + 5)
	for i, picture := range pictures {
		unit, err := clip.unit(i % clip.Frames())
		if err != nil {
			t.Fatal(err)
		}
		if !picture.same(shown{unit: unit}) {
			t.Fatalf("picture %d is not frame %d of the clip", i+1, i%clip.Frames()+1)
		}
		if want := uint32(i) * briskFrame; picture.stamp-pictures[0].stamp != want {
			t.Fatalf("picture %d has time stamp %d, not %d", i+1, picture.stamp-pictures[0].stamp, want)
		}
	}
	first := <-loops
	if first.Number != 1 || first.At.Before(asked) || first.At.After(time.Now()) {
		t.Errorf("the first loop was announced as %+v", first)
	}
	for n := 2; n <= 3; n++ {
		loop := <-loops
		if want := first.At.Add(time.Duration(n-1) * clip.Duration() / 10); loop.Number != n || !loop.At.Equal(want) {
			t.Errorf("loop %d was announced as %+v, want it at %s", n, loop, want)
		}
	}
	if camera.Loop().Number < 3 {
		t.Errorf("the camera says it is in loop %+v", camera.Loop())
	}
}

func TestOnceEnds(t *testing.T) {
	t.Parallel()
	ended := make(chan time.Time, 1)
	camera, err := NewCamera(CameraOptions{
		Clip: street(t), Once: true, OnDemand: true, Speed: 20, OnEnd: func(at time.Time) { ended <- at },
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- camera.Run(within(t)) }()
	if sums, err := ffmpegFrames(t, camera.URL(), "tcp"); err != nil || len(sums) != camera.options.Clip.Frames() {
		t.Errorf("ffmpeg saw %d frames, %v", len(sums), err)
	}
	if err := <-done; err != nil {
		t.Errorf("Run = %v", err)
	}
	begun := camera.Loop().At
	if at := <-ended; at.Sub(begun) != camera.options.Clip.Duration()/20 {
		t.Errorf("the end was announced %s after the start", at.Sub(begun))
	}
	if _, err := net.Dial("tcp", camera.gate.address.String()); err == nil {
		t.Error("the port is still open")
	}
}

func TestOnceEndsWithoutReaders(t *testing.T) {
	t.Parallel()
	camera, err := NewCamera(CameraOptions{Clip: street(t), Once: true, Speed: 100})
	if err != nil {
		t.Fatal(err)
	}
	if err := camera.Run(within(t)); err != nil {
		t.Errorf("Run = %v", err)
	}
	if loop := camera.Loop(); loop.Number != 1 {
		t.Errorf("it played loop %+v", loop)
	}
}

func TestAnotherPathIsNotFound(t *testing.T) {
	t.Parallel()
	camera := brisk(t, nil)
	var status liberrors.ErrClientBadStatusCode
	_, err := tryToWatch(t, camera, camera.URL()+"s")
	if !errors.As(err, &status) || status.Code != 404 {
		t.Errorf("another path was answered with %v, want 404", err)
	}
}

func TestAddressShowsNoPassword(t *testing.T) {
	t.Parallel()
	camera := brisk(t, func(o *CameraOptions) { o.User, o.Password = "admin", "secret" })
	if !strings.Contains(camera.URL(), "admin:secret@") {
		t.Errorf("URL = %s", camera.URL())
	}
	if address := camera.Address(); strings.Contains(address, "secret") || strings.Contains(address, "admin") {
		t.Errorf("Address = %s", address)
	}
	if err := camera.Break("on fire"); strings.Contains(err.Error(), "secret") {
		t.Errorf("an error shows the password: %v", err)
	}
}

func TestASlowReaderLosesPicturesAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	camera := brisk(t, func(o *CameraOptions) { o.Speed = 1000 })
	slow := watch(t, camera)
	blocked := make(chan struct{})
	t.Cleanup(func() { close(blocked) })
	slow.block(blocked)
	quick := watch(t, camera)
	lost := func() bool { return camera.Stats().PacketsLost > 0 }
	quick.until(func(shown) bool { return lost() })
	if stats := camera.Stats(); stats.Readers != 2 || stats.ReadersServed != 2 {
		t.Errorf("stats = %+v, want both readers", stats)
	}
}

func TestNewCameraTakesAPortAndCloseGivesItBack(t *testing.T) {
	t.Parallel()
	camera, err := NewCamera(CameraOptions{Clip: street(t)})
	if err != nil {
		t.Fatal(err)
	}
	address := camera.gate.address.String()
	if _, err := NewCamera(CameraOptions{Clip: street(t), Listen: address}); err == nil {
		t.Error("two cameras have one port")
	}
	if err := camera.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := NewCamera(CameraOptions{Clip: street(t), Listen: address})
	if err != nil {
		t.Fatalf("the port was not given back: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := again.Run(ctx); err != nil {
		t.Errorf("Run with a context that has ended = %v", err)
	}
}

func TestNewCameraRefuses(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]CameraOptions{
		"no clip": {},
		"speed":   {Clip: street(t), Speed: -1},
		"address": {Clip: street(t), Listen: "nowhere.invalid:1"},
	} {
		if _, err := NewCamera(options); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
