package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"footfall/capture/simulator"
)

// chromium is a browser of its own, or a skip where there is none.
func chromium(t testing.TB, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.WSURLReadTimeout(patience),
		chromedp.WindowSize(1280, 800))
	options = append(options, more...)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		end()
	})
	return ctx
}

// wallCamera is a scene that is grey all over, so that every colour on its picture was drawn there by us.
func wallCamera(t testing.TB) *simulator.Camera {
	t.Helper()
	street := simulator.StreetScene()
	street.Width, street.Height, street.Numbered = 640, 480, true
	clip, err := clips.Scene(t.Context(), street)
	if err != nil {
		t.Fatal(err)
	}
	return play(t, simulator.CameraOptions{Clip: clip})
}

// lookAtVideo says what the first video of the page shows: size, time, a sum of its pixels, and where in it columns are
// coloured, as shares of their height.
const lookAtVideo = `(() => {
  const video = document.querySelector('video'), canvas = document.createElement('canvas');
  if (!video || !video.videoWidth || video.hidden) return JSON.stringify({});
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  const columns = new Array(canvas.width).fill(0);
  for (let i = 0; i < pixels.length; i += 4) {
    sum = (sum * 31 + pixels[i]) % 1000000007;
    const high = Math.max(pixels[i], pixels[i + 1], pixels[i + 2]), low = Math.min(pixels[i], pixels[i + 1], pixels[i + 2]);
    if (high - low > 30) columns[i / 4 % canvas.width] += 1 / canvas.height;
  }
  return JSON.stringify({width: canvas.width, height: canvas.height, time: video.currentTime, sum, columns});
})()`

type seen struct {
	Width, Height int
	Time          float64
	Sum           int64
	Columns       []float64
}

// A security guard opens the page: the video plays over WebRTC, its pixels change, the overlay is where the API says
// the line is, and the page says how old the picture is. The camera dies, and the page says so and why; it comes back,
// and so does the picture, without a reload.
func TestTheWallInABrowser(t *testing.T) {
	t.Parallel()
	browser := chromium(t)
	app(t)
	camera := wallCamera(t)
	s := serve(t, "workers: {local: 1}\ncapture: {stall_timeout: 2s}\n")
	// All that can be told apart in the drawn scene is its number, which changes: a machine that is so busy that it sees
	// few pictures takes that for the camera's own motion, and draws the line where the number has gone.
	s.change(http.MethodPost, "/api/v1/cameras", `{"id": "door", "name": "Main door", "url": "`+camera.URL()+`", "steady": false,
		"lines": [{"id": "middle", "points": [[0.5, 1], [0.5, 0]]}]}`, http.StatusCreated)
	s.online("door")
	openWall(t, browser, s, "guard")
	look := func() seen {
		text, err := chromedp.Run(browser, chromedp.Evaluate[string](lookAtVideo))
		if err != nil {
			t.Fatal(err)
		}
		var now seen
		if err := json.Unmarshal([]byte(text), &now); err != nil {
			t.Fatal(err)
		}
		return now
	}
	says := func(selector string) string {
		text, err := chromedp.Run(browser, chromedp.Evaluate[string](`document.querySelector('`+selector+`')?.textContent ?? ''`))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	// The first look may be at a video that plays and has painted nothing yet; what differs from it was painted.
	var first, shown seen
	s.eventually("the video plays", func() bool { first = look(); return first.Time > 0 })
	s.eventually("its pixels change", func() bool {
		shown = look()
		return shown.Time > first.Time && shown.Sum != first.Sum
	})
	if shown.Width != 640 || shown.Height != 480 { // alone on the wall, it is as large as it comes
		t.Errorf("the picture is %dx%d, want 640x480", shown.Width, shown.Height)
	}
	line := s.camera("door").Lines[0].Points[0][0] // where the API says
	at := int(line * float64(shown.Width))
	best := 0.0
	for x := at - 2; x <= at+2; x++ {
		best = max(best, shown.Columns[x])
	}
	if best < 0.6 || shown.Columns[at/2] > 0.3 || shown.Columns[at*3/2] > 0.3 {
		t.Errorf("colour covers %.2f of the line's column, %.2f and %.2f beside it", best, shown.Columns[at/2], shown.Columns[at*3/2])
	}
	s.eventually("the page says how old the picture is", func() bool { return strings.HasSuffix(says(".age"), " s") })
	s.eventually("the page shows the counts", func() bool { return strings.Contains(says(".lines"), " in") })

	if err := camera.Break(simulator.Refused); err != nil {
		t.Fatal(err)
	}
	s.eventually("the page says that the camera is gone, and why", func() bool {
		return strings.Contains(says(".blind"), "cannot be reached") && strings.Contains(says("#summary"), "blind") &&
			strings.Contains(says(".alarms"), "Main door")
	})
	if err := camera.Heal(); err != nil {
		t.Fatal(err)
	}
	before := look()
	s.eventually("the picture comes back by itself", func() bool {
		now := look()
		return now.Time > before.Time && now.Sum != before.Sum && says(".blind") == ""
	})
	if !strings.Contains(says(".alarms"), "Main door") {
		t.Error("the alarm went by itself, before anybody took note of it")
	}
	if folder := os.Getenv("FOOTFALL_SCREENSHOTS"); folder != "" { // to look at
		screenshot(browser, t, folder+"/wall.png")
	}
}

func screenshot(browser context.Context, t testing.TB, name string) {
	t.Helper()
	picture, err := chromedp.Run(browser, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A client that is written against the draft gets the picture, hears of the camera's death within moments, and is told
// what a client expects when its session is gone.
func TestWHEPClient(t *testing.T) {
	t.Parallel()
	camera := wallCamera(t)
	s := serve(t, "workers: {local: 1}\n")
	s.change(http.MethodPost, "/api/v1/cameras", `{"id": "door", "url": "`+camera.URL()+`"}`, http.StatusCreated)
	s.online("door")
	v := watch(t, s.whep("door", "tile"))
	numbers := make(chan int, 1000)
	v.decoder = develop(t, 360, 270, func(grey []byte, _ time.Time) { numbers <- simulator.ReadNumber(grey, 360, 270) })
	last := 0
	for grown := 0; grown < 5; { // pictures of the camera, in their order
		v.decoder.write(v.picture(t).data)
		select {
		case n := <-numbers:
			if n > last {
				grown++
			}
			last = n
		default:
		}
	}
	v.told(t, "the picture is live", func(news map[string]any) bool { return news["picture"] == "live" && news["state"] == "online" })
	if err := camera.Break(simulator.Silent); err != nil {
		t.Fatal(err)
	}
	v.told(t, "nothing moves any more", func(news map[string]any) bool { return news["picture"] == "stalled" })
	if err := camera.Heal(); err != nil {
		t.Fatal(err)
	}
	for len(v.pictures) > 0 {
		<-v.pictures
	}
	v.picture(t)

	// Trickling and its refusals, by the status codes of RFC 9725.
	trickle := func(tag string) int {
		_, answer, err := send(t.Context(), http.MethodPatch, v.session, "application/trickle-ice-sdpfrag",
			"a=ice-ufrag:x\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n", tag)
		if err != nil {
			t.Fatal(err)
		}
		return answer.status
	}
	for tag, want := range map[string]int{v.tag: 204, `"another"`: 412, "": 428} {
		if got := trickle(tag); got != want {
			t.Errorf("PATCH with If-Match %q: %d, want %d", tag, got, want)
		}
	}
	// The server is started anew: sessions are gone, and another one works.
	s.stop()
	s.start()
	old := v.session
	_, path, _ := strings.Cut(old, "/api/")
	v.session = s.url + "/api/" + path
	if got := trickle(v.tag); got != http.StatusNotFound {
		t.Errorf("PATCH after a restart: %d, want 404", got)
	}
	s.online("door")
	again := watch(t, s.whep("door", "full"))
	again.picture(t)
}
