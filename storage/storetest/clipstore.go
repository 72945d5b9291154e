package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/clips"
)

// Video is content of so many bytes that nobody could play.
func Video(bytesLong int, seed string) ([]byte, clips.Content) {
	data := bytes.Repeat([]byte(seed+"-"), bytesLong/(len(seed)+1)+1)[:bytesLong]
	sum := sha256.Sum256(data)
	return data, clips.Content{
		Body: bytes.NewReader(data), Bytes: int64(bytesLong), SHA256: hex.EncodeToString(sum[:]), Type: "video/mp4",
	}
}

// ClipStore is what every store of clips must do. It needs an empty one for itself.
func ClipStore(t *testing.T, s clips.Store) {
	t.Run("what is put comes back", func(t *testing.T) { clipRoundTrip(t, s) })
	t.Run("what arrives otherwise is refused", func(t *testing.T) { clipDiffers(t, s) })
	t.Run("objects are listed", func(t *testing.T) { clipList(t, s) })
	t.Run("what is gone is gone", func(t *testing.T) { clipRemoval(t, s) })
	t.Run("keys stay inside", func(t *testing.T) { clipKeys(t, s) })
	t.Run("many at once", func(t *testing.T) { clipsAtOnce(t, s) })
}

func clipRoundTrip(t *testing.T, s clips.Store) {
	ctx := t.Context()
	for _, size := range []int{1, 1000, 12 << 20} { // the last in three parts where there are parts
		key := fmt.Sprintf("trip/2026/03/10/%d.mp4", size)
		data, content := Video(size, "trip")
		must(t, s.Put(ctx, key, content))
		object, err := s.Stat(ctx, key)
		must(t, err)
		if object.Key != key || object.Bytes != int64(size) || time.Since(object.Modified).Abs() > time.Minute {
			t.Errorf("%+v, want %d bytes of now", object, size)
		}
		reader, object, err := s.Get(ctx, key)
		must(t, err)
		got, err := io.ReadAll(reader)
		must(t, err)
		if !bytes.Equal(got, data) || object.Bytes != int64(size) {
			t.Errorf("%d bytes came back of %d, or others", len(got), size)
		}
		at, err := reader.Seek(int64(size/2), io.SeekStart)
		must(t, err)
		part := make([]byte, min(100, size-int(at)))
		_, err = io.ReadFull(reader, part)
		must(t, err)
		if !bytes.Equal(part, data[at:int(at)+len(part)]) {
			t.Error("a part from the middle is another")
		}
		must(t, reader.Close())
	}
	data, content := Video(500, "other")
	must(t, s.Put(ctx, "trip/2026/03/10/1000.mp4", content)) // replaces
	must(t, s.Put(ctx, "trip/2026/03/10/1000.mp4", content)) // again, from the same reader
	want(t, read(t, s, "trip/2026/03/10/1000.mp4"), string(data))
}

func read(t *testing.T, s clips.Store, key string) string {
	t.Helper()
	reader, _, err := s.Get(t.Context(), key)
	must(t, err)
	text, err := io.ReadAll(reader)
	must(t, errors.Join(err, reader.Close()))
	return string(text)
}

func clipDiffers(t *testing.T, s clips.Store) {
	_, content := Video(1000, "a")
	other, _ := Video(1000, "b")
	content.Body = bytes.NewReader(other)
	if err := s.Put(t.Context(), "differs/x.mp4", content); !errors.Is(err, clips.ErrDiffers) {
		t.Errorf("other bytes than promised: %v", err)
	}
}

func clipList(t *testing.T, s clips.Store) {
	ctx := t.Context()
	keys := []string{"list/a/1.mp4", "list/a/2.json", "list/b/1.mp4", "listed.json"}
	for _, key := range keys {
		must(t, s.Put(ctx, key, clips.Text([]byte(key), "text/plain")))
	}
	list := func(prefix string) string {
		var found []string
		must(t, s.List(ctx, prefix, func(o clips.Object) error {
			if o.Bytes != int64(len(o.Key)) {
				t.Errorf("%+v", o)
			}
			found = append(found, o.Key)
			return nil
		}))
		if !slices.IsSorted(found) {
			t.Errorf("%v is in no order", found)
		}
		return strings.Join(found, " ")
	}
	want(t, list("list"), strings.Join(keys, " "))
	want(t, list("list/a"), "list/a/1.mp4 list/a/2.json")
	want(t, list("nothing"), "")
	enough := errors.New("enough")
	if err := s.List(ctx, "list", func(clips.Object) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("stopped with %v", err)
	}
}

func clipRemoval(t *testing.T, s clips.Store) {
	ctx := t.Context()
	_, content := Video(1000, "gone")
	must(t, s.Put(ctx, "gone/x.mp4", content))
	must(t, s.Put(ctx, "gone/x.mp4.not", content))
	must(t, s.Remove(ctx, "gone/x.mp4"))
	must(t, s.Remove(ctx, "gone/x.mp4"))
	_, err := s.Stat(ctx, "gone/x.mp4")
	_, _, getErr := s.Get(ctx, "gone/x.mp4")
	for what, err := range map[string]error{"stat": err, "get": getErr} {
		if !errors.Is(err, models.ErrNotFound) || !strings.Contains(err.Error(), "gone/x.mp4") {
			t.Errorf("%s of what is gone: %v", what, err)
		}
	}
	_, err = s.Stat(ctx, "gone/x.mp4.not")
	must(t, err)
}

func clipKeys(t *testing.T, s clips.Store) {
	ctx := t.Context()
	_, content := Video(10, "key")
	for _, key := range []string{"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "a\x00b", `a\b`} {
		_, err := s.Stat(ctx, key)
		for what, err := range map[string]error{
			"put": s.Put(ctx, key, content), "stat": err, "remove": s.Remove(ctx, key),
		} {
			if !errors.Is(err, models.ErrInvalid) {
				t.Errorf("%s of %q: %v", what, key, err)
			}
		}
	}
}

func clipsAtOnce(t *testing.T, s clips.Store) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, content := Video(100_000+i%4, "many") // two bring each: one was told to do it again
			if err := s.Put(context.Background(), fmt.Sprintf("many/%d.mp4", i%4), content); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range 4 {
		object, err := s.Stat(t.Context(), fmt.Sprintf("many/%d.mp4", i))
		must(t, err)
		if object.Bytes != int64(100_000+i) {
			t.Errorf("object %d has %d bytes", i, object.Bytes)
		}
	}
}
