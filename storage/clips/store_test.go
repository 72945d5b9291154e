package clips_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"footfall/storage/clips"
	"footfall/storage/storetest"
)

func TestFolder(t *testing.T) {
	t.Parallel()
	storetest.ClipStore(t, clips.NewFolder(t.TempDir()))
}

func TestMinIO(t *testing.T) {
	t.Parallel()
	server := storetest.StartMinIO(t)
	t.Run("a bucket", func(t *testing.T) {
		storetest.ClipStore(t, server.Store(t, clips.S3Options{Bucket: server.Bucket(t, false), Prefix: "site/clips"}))
	})
	t.Run("a bucket with versions", func(t *testing.T) {
		storetest.ClipStore(t, server.Store(t, clips.S3Options{Bucket: server.Bucket(t, true)}))
	})
	t.Run("links", func(t *testing.T) { links(t, server) })
	t.Run("locks and holds", func(t *testing.T) { locks(t, server) })
	t.Run("refusals", func(t *testing.T) { refusals(t, server) })
	t.Run("faults", func(t *testing.T) { faults(t, server) })
	t.Run("faults under load", func(t *testing.T) { misbehaving(t, server) })
}

// A bucket with object lock refuses to delete before the time, and what is held; one without says so.
func locks(t *testing.T, server *storetest.MinIO) {
	ctx := t.Context()
	s := server.Store(t, clips.S3Options{Bucket: server.Bucket(t, true), Lock: true})
	can, err := s.Abilities(ctx)
	must(t, err)
	if !can.Lock || !can.Hold {
		t.Errorf("it says %+v", can)
	}
	_, content := storetest.Video(1000, "locked")
	content.Until = time.Now().Add(time.Hour)
	must(t, s.Put(ctx, "locked.mp4", content))
	if err := s.Remove(ctx, "locked.mp4"); !errors.Is(err, clips.ErrRefused) {
		t.Errorf("before its time it was deleted: %v", err)
	}
	content.Until = time.Time{}
	must(t, s.Put(ctx, "held.mp4", content))
	must(t, s.Hold(ctx, "held.mp4", true))
	if err := s.Remove(ctx, "held.mp4"); !errors.Is(err, clips.ErrRefused) {
		t.Errorf("while it was held it was deleted: %v", err)
	}
	must(t, s.Hold(ctx, "held.mp4", false))
	must(t, s.Remove(ctx, "held.mp4"))

	plain := server.Store(t, clips.S3Options{Bucket: server.Bucket(t, false), Lock: true})
	can, err = plain.Abilities(ctx)
	must(t, err)
	if can.Lock || can.Hold || !strings.Contains(can.Detail, "without object lock") {
		t.Errorf("a plain bucket says %+v", can)
	}
	content.Until = time.Now().Add(time.Hour)
	must(t, plain.Put(ctx, "x.mp4", content)) // there without a lock is better than not there
	must(t, plain.Hold(ctx, "x.mp4", true))
	must(t, plain.Remove(ctx, "x.mp4"))
}

// What does not heal by waiting is not tried again.
func refusals(t *testing.T, server *storetest.MinIO) {
	ctx := t.Context()
	_, content := storetest.Video(1000, "x")
	for name, o := range map[string]clips.S3Options{
		"no bucket":   {Bucket: "no-such-bucket"},
		"wrong key":   {Bucket: "clips-1", AccessKey: "nobody-here", SecretKey: "wrong-secret"},
		"wrong words": {Bucket: "clips-1", AccessKey: server.AccessKey, SecretKey: "wrong-secret"},
	} {
		s := clips.Retry(server.Store(t, o), clips.Patience{First: time.Hour, Most: time.Hour})
		err := s.Put(ctx, "x.mp4", content)
		if !errors.Is(err, clips.ErrRefused) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whoever has an address of a video can read it, in parts too, and nothing else, and not for long.
func links(t *testing.T, server *storetest.MinIO) {
	s := server.Store(t, clips.S3Options{Bucket: server.Bucket(t, false), Prefix: "mall"})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(address string, header ...string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		must(t, err)
		if len(header) > 0 {
			r.Header.Set(header[0], header[1])
		}
		answer, err := client.Do(r)
		must(t, err)
		body, err := io.ReadAll(answer.Body)
		must(t, errors.Join(err, answer.Body.Close()))
		return answer.StatusCode, string(body)
	}
	data, content := storetest.Video(1000, "lent")
	must(t, s.Put(t.Context(), "lobby/lent.mp4", content))
	must(t, s.Put(t.Context(), "lobby/other.mp4", content))
	address, err := s.Link(t.Context(), "lobby/lent.mp4", time.Minute)
	must(t, err)
	if code, body := ask(address); code != http.StatusOK || body != string(data) {
		t.Errorf("%d and %d bytes", code, len(body))
	}
	if code, body := ask(address, "Range", "bytes=10-19"); code != http.StatusPartialContent || body != string(data[10:20]) {
		t.Errorf("a part: %d %q", code, body)
	}
	if code, _ := ask(strings.Replace(address, "lent.mp4", "other.mp4", 1)); code != http.StatusForbidden {
		t.Errorf("of another video: %d", code)
	}
	short, err := s.Link(t.Context(), "lobby/lent.mp4", time.Second)
	must(t, err)
	until(t, "the address is good no more", func() bool { code, _ := ask(short); return code == http.StatusForbidden })
	if _, err := s.Link(t.Context(), "../lent.mp4", time.Minute); err == nil {
		t.Error("an address outside of the prefix was given")
	}
}
