package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"footfall/api"
	"footfall/capture/simulator"
	"footfall/models"
	"footfall/storage/storetest"
)

// clipPath is a path of the API about a clip, with a reason where one is asked for.
func clipPath(id, what string) string { return "/api/v1/clips/" + id + what + "?reason=monthly+check" }

// listClips is the clips that the API lists.
func (s *service) listClips(query string) []api.Clip {
	s.t.Helper()
	var list api.ClipList
	s.get("/api/v1/clips"+query, &list)
	return list.Items
}

// fetch is what a path answers.
func (s *service) fetch(path string) []byte {
	s.t.Helper()
	body, status := s.request(http.MethodGet, path, "")
	if status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return body
}

// An auditor's day on live video: people cross a line, a clip of it appears, and somebody saves the last seconds. The
// auditor plays it in a browser, counts, sees what the system counted, holds it, takes a bundle home and checks it and
// the log of all this with the public key alone. After kill -9 all of it is there.
func TestAnAuditorsDay(t *testing.T) {
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	tsa := storetest.StartTSA(t)
	s := serve(t, "clips: {crossings_percent: 100, before: 2s, after: 1s, sample_count: 0, tsa_url: "+tsa.URL+"}\n"+
		declared(map[string]string{"lobby": camera.URL()}))
	s.eventually("somebody crosses, and a clip of it is stored", func() bool {
		return len(s.listClips("?state=stored&trigger=crossing&line=middle")) > 0
	})
	clip := s.listClips("?state=stored&trigger=crossing")[0]
	if clip.Counts != nil || clip.Crossings != nil || len(clip.Revealed) > 0 || clip.Triggers[0].Id != nil {
		t.Errorf("before anybody has counted, the system's count is shown: %+v", clip)
	}
	if clip.Seconds < 2 || clip.Privacy.Pixelate == nil || *clip.Privacy.Pixelate != "heads" || clip.Chain == nil {
		t.Errorf("the clip is %+v", clip)
	}
	saved := s.change(http.MethodPost, "/api/v1/cameras/lobby/recordings", `{"last_seconds": 5, "reason": "a quarrel"}`, http.StatusCreated)
	var recording api.Recording
	if err := json.Unmarshal([]byte(saved), &recording); err != nil {
		t.Fatal(err)
	}

	// 1. Count first, then see.
	if body, status := s.request(http.MethodGet, "/api/v1/clips/"+clip.Id+"/video.mp4", ""); status != http.StatusBadRequest {
		t.Errorf("without a reason: %d %s", status, body)
	}
	said := s.change(http.MethodPost, "/api/v1/clips/"+clip.Id+"/reviews", `{"line": "middle", "taps": []}`, http.StatusCreated)
	var review api.Review
	if err := json.Unmarshal([]byte(said), &review); err != nil {
		t.Fatal(err)
	}
	if !review.Blind || review.Sample || review.In.System+review.Out.System == 0 || review.In.Human != 0 {
		t.Errorf("the review is %+v", review)
	}
	var seen api.Clip
	s.get("/api/v1/clips/"+clip.Id, &seen)
	if seen.Crossings == nil || int64(len(*seen.Crossings)) != review.In.System+review.Out.System {
		t.Errorf("after counting one sees %+v", seen)
	}
	// 2. Look, hold, take home.
	video := s.fetch(clipPath(clip.Id, "/video.mp4"))
	if int64(len(video)) != clip.Bytes {
		t.Errorf("the video has %d bytes, not %d", len(video), clip.Bytes)
	}
	if picture := s.fetch(clipPath(clip.Id, "/thumbnail.jpg")); !bytes.HasPrefix(picture, []byte("\xff\xd8\xff")) {
		t.Errorf("the picture begins with %x", picture[:4])
	}
	s.playsFor("berta", clip)
	s.change(http.MethodPut, "/api/v1/clips/"+clip.Id+"/hold", `{"reason": "court"}`, http.StatusOK)
	s.eventually("what was saved is there", func() bool {
		var list api.RecordingList
		s.get("/api/v1/recordings", &list)
		return len(list.Items) == 1 && len(list.Items[0].Clips) > 0
	})
	stamped := filepath.Join(s.folder, "data", "clips", models.ClipKey("lobby", models.ClipID(clip.Id), clip.Start)+".tsr")
	s.eventually("the clip is time-stamped", func() bool { _, err := os.Stat(stamped); return err == nil })
	s.checkEvidence(clip, tsa)

	// 3. A power cut.
	s.kill()
	s.start()
	s.get("/api/v1/clips/"+clip.Id, &seen)
	if seen.State != "stored" || seen.Hold == nil || seen.Hold.Reason != "court" {
		t.Errorf("after a power cut it is %+v", seen)
	}
	s.eventually("clips are made again", func() bool {
		return s.listClips("?state=stored")[0].Start.After(recording.Made.Add(10 * time.Second))
	})
	s.stop()
	folder := filepath.Join(s.folder, "data")
	checked(t, 0, "0 findings", "clips", "verify", filepath.Join(folder, "clips"), "--key", filepath.Join(folder, "evidence.pub"))
	listed := checked(t, 0, "", "clips", "list", "--data", folder)
	if !strings.Contains(listed, clip.Id) {
		t.Errorf("the list is\n%s", listed)
	}
	checked(t, 0, "0 clips in folder", "clips", "list", "--data", folder, "--older-than", "72h")
	path := filepath.Join(folder, "clips", models.ClipKey("lobby", models.ClipID(clip.Id), clip.Start)+".mp4")
	if err := os.WriteFile(path, video[:len(video)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	checked(t, 1, "altered: lobby/", "clips", "verify", filepath.Join(folder, "clips"), "--key", filepath.Join(folder, "evidence.pub"))
}

// checkEvidence takes a bundle and the audit log and checks them with the key that the API gives.
func (s *service) checkEvidence(clip api.Clip, tsa *storetest.TSA) {
	s.t.Helper()
	t := s.t.(*testing.T)
	folder := t.TempDir()
	keep := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key := keep("key.pem", s.fetch("/api/v1/clips/key.pem"))
	body, status := s.request(http.MethodPost, "/api/v1/clips/bundle", fmt.Sprintf(`{"clips": [%q], "reason": "for the judge"}`, clip.Id))
	if status != http.StatusOK {
		t.Fatalf("bundle: %d %s", status, body)
	}
	bundle := keep("bundle.zip", body)
	checked(t, 0, "1 time stamps of whoever they say", "clips", "verify", bundle, "--key", key)
	checked(t, 0, "1 sound clips of 1 cameras, 1 time stamps, 0 findings", "clips", "verify", bundle, "--key", key,
		"--tsa-ca", keep("ca.pem", tsa.CA))
	checked(t, 1, "nobody who is trusted has signed it", "clips", "verify", bundle, "--key", key,
		"--tsa-ca", keep("other.pem", storetest.StartTSA(t).CA))
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if index, err := archive.Open("index.html"); err != nil {
		t.Error(err)
	} else {
		_ = index.Close()
	}
	name := []byte(`"name":"berta"`)
	log := s.fetch("/api/v1/audit/export.jsonl?reason=monthly+check")
	checked(t, 0, "0 findings", "clips", "verify", keep("log.jsonl", log), "--key", key)
	for _, action := range []string{"clip.view", "clip.glance", "clip.review", "clip.hold", "clip.export", "clip.reveal", "recording.add", "audit.export"} {
		if !bytes.Contains(log, []byte(`"action":"`+action+`"`)) {
			t.Errorf("the log does not speak of %s", action)
		}
	}
	if n := bytes.Count(log, []byte(`"clip.view"`)); n != 2 {
		t.Errorf("two people have looked, and there are %d looks", n)
	}
	if !bytes.Contains(log, name) {
		t.Error("the log does not say who it was")
	}
	lines := bytes.SplitAfter(log, []byte("\n"))
	without := append(append([]byte{}, lines[0]...), bytes.Join(lines[2:], nil)...)
	checked(t, 1, "missing: entry 1", "clips", "verify", keep("cut.jsonl", without), "--key", key)
}

// checked runs a command that ends with a code and says something.
func checked(t *testing.T, code int, says string, args ...string) string {
	t.Helper()
	o := footfall(t, args...)
	if o.code != code || !strings.Contains(o.stdout, says) {
		t.Errorf("%s: ended with %d and said %s%s", strings.Join(args, " "), o.code, o.stdout, o.stderr)
	}
	return o.stdout
}

// playsFor lets an auditor sign in with a real browser and play a clip in it to its end.
func (s *service) playsFor(auditor string, clip api.Clip) {
	s.t.Helper()
	browser, stop := context.WithTimeout(chromium(s.t), patience)
	defer stop()
	ask := func(script string) string {
		s.t.Helper()
		text, err := chromedp.Run(browser, chromedp.Evaluate[string](script))
		if err != nil {
			s.t.Fatal(err)
		}
		return text
	}
	if _, err := chromedp.Run(browser, chromedp.Navigate(s.url+"/preview")); err != nil {
		s.t.Fatal(err)
	}
	ask(fmt.Sprintf(`(() => {
		const send = (method, path, body) => fetch('/api/v1' + path, {method, body: JSON.stringify(body),
			headers: {'Content-Type': 'application/json'}}).then(a => { if (!a.ok) throw new Error(path + ' ' + a.status) });
		const once = %[2]q;
		window.said = '';
		send('POST', '/session', {name: %[1]q, password: once})
			.then(() => send('PUT', '/session/password', {old: once, password: 'nine auditors count by night'}))
			.then(() => {
				const v = document.createElement('video');
				v.id = 'clip'; v.muted = true; v.src = %[3]q;
				document.body.append(v); v.playbackRate = 8;
				return v.play() })
			.catch(e => { window.said = String(e) });
		return '' })()`, auditor, s.newcomer(auditor, "auditor"), clipPath(clip.Id, "/video.mp4")))
	var state struct {
		Width, Height int
		Duration      float64
		Ended         bool
		Error         string
	}
	s.eventually("the clip has played", func() bool {
		text := ask(`(() => { const v = document.getElementById('clip') || {};
			return JSON.stringify({Width: v.videoWidth, Height: v.videoHeight, Duration: v.duration || 0, Ended: !!v.ended,
			Error: (v.error ? v.error.message : '') + window.said}) })()`)
		if err := json.Unmarshal([]byte(text), &state); err != nil {
			s.t.Fatal(err)
		}
		return state.Ended || state.Error != ""
	})
	if !state.Ended || state.Width != clip.Width || state.Height != clip.Height || state.Duration < clip.Seconds-0.5 {
		s.t.Errorf("the browser says %+v of a clip of %.1f s, %dx%d", state, clip.Seconds, clip.Width, clip.Height)
	}
}
