package clips_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footfall/capture/clip"
	"footfall/models"
	"footfall/storage/audit"
	"footfall/storage/clips"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

// vault is an archive at work, on a clock of its own.
type vault struct {
	*clips.Archive
	log   *audit.Log
	clock *storetest.Clock
	key   models.SigningKey
	at    map[string]time.Time // when what is filmed began
}

func aDay(models.CameraID) time.Duration { return 24 * time.Hour }

func openVault(t *testing.T, db *sql.DB, store clips.Store, retention func(models.CameraID) time.Duration) *vault {
	t.Helper()
	v := &vault{clock: storetest.NewClock(storetest.Noon()), at: map[string]time.Time{}}
	var err error
	v.key, err = models.NewSigningKey()
	must(t, err)
	v.log, err = audit.New(t.Context(), db, audit.Clock(v.clock.Now))
	must(t, err)
	index, err := clips.NewIndex(t.Context(), db, retention)
	must(t, err)
	v.Archive = &clips.Archive{
		Store: store, Index: index, Signer: v.key, Audit: v.log, Now: v.clock.Now, Log: quiet(),
	}
	return v
}

// arrives has a worker tell of a clip and bring its bytes.
func (v *vault) arrives(t *testing.T, camera models.CameraID, n int) models.Fact {
	t.Helper()
	fact, data := filmed(camera, id(string(camera), n), v.clock.Now().Add(-time.Minute), 500)
	_, err := v.Index.Register(t.Context(), []models.Fact{fact})
	must(t, err)
	_, content := storetest.Video(500, string(fact.ID))
	content.Body = bytes.NewReader(data)
	must(t, v.Store.Put(t.Context(), fact.Clip.Key, content))
	v.at[fact.Clip.Key] = fact.Clip.End
	return fact
}

// sound checks everything as an auditor would.
func (v *vault) sound(t *testing.T, want int) {
	t.Helper()
	report, err := clip.Verify(clips.Files(t.Context(), v.Store), v.key.Public())
	must(t, err)
	if len(report.Findings) > 0 || report.Clips != want {
		t.Errorf("%d sound clips, want %d: %v", report.Clips, want, report.Findings)
	}
	log, err := v.log.Check(t.Context())
	must(t, err)
	if len(log.Findings) > 0 {
		t.Errorf("the audit log: %v", log.Findings)
	}
}

func TestIndexContract(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		index, err := clips.NewIndex(t.Context(), storetest.Open(t, address), aDay)
		must(t, err)
		storetest.Clips(t, index)
	})
}

// A clip is signed when its bytes are in the store, and not before; then it can be checked, held, and is deleted when its
// time is over, which is written down.
func TestLifeOfAClip(t *testing.T) {
	server := storetest.StartMinIO(t)
	for name, open := range map[string]func(t *testing.T) (clips.Store, string){
		"folder and sqlite": func(t *testing.T) (clips.Store, string) {
			return clips.NewFolder(t.TempDir()), filepath.Join(t.TempDir(), "footfall.db")
		},
		"minio and postgresql": func(t *testing.T) (clips.Store, string) {
			return server.Store(t, clips.S3Options{Bucket: server.Bucket(t, true), Prefix: "a"}), databases.PostgreSQL(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, address := open(t)
			lifeOfAClip(t, openVault(t, storetest.Open(t, address), store, aDay))
		})
	}
}

func lifeOfAClip(t *testing.T, v *vault) {
	ctx := t.Context()
	early, _ := filmed("lobby", "lobby-0000", v.clock.Now(), 500)
	_, err := v.Index.Register(ctx, []models.Fact{early})
	must(t, err)
	must(t, v.Round(ctx))
	if c, err := v.Index.Clip(ctx, "lobby-0000"); err != nil || c.State != models.ClipAwaited {
		t.Errorf("before its bytes came it is %s (%v)", c.State, err)
	}
	for n := 1; n <= 3; n++ {
		v.arrives(t, "lobby", n)
	}
	must(t, v.Round(ctx))
	v.sound(t, 3)
	must(t, v.Index.Hold(ctx, "lobby-0002", models.ClipHold{Reason: "court", Since: v.clock.Now()}))
	must(t, v.Round(ctx))

	v.clock.Set(v.clock.Now().Add(25 * time.Hour))
	must(t, v.Round(ctx))
	v.sound(t, 1)
	for id, state := range map[models.ClipID]models.ClipState{
		"lobby-0000": models.ClipLost, "lobby-0001": models.ClipExpired, "lobby-0002": models.ClipStored,
	} {
		if c, err := v.Index.Clip(ctx, id); err != nil || c.State != state {
			t.Errorf("%s is %s (%v), want %s", id, c.State, err, state)
		}
	}
	written, err := v.log.List(ctx, models.AuditQuery{Action: "clip."})
	must(t, err)
	var said []string
	for _, r := range written {
		said = append(said, r.Action+" "+r.Object)
	}
	if got := strings.Join(said, ", "); strings.Count(got, "clip.expire") != 2 || !strings.Contains(got, "clip.lost lobby-0000") {
		t.Errorf("written down is %s", got)
	}
	if err := v.Index.Hold(ctx, "lobby-0001", models.ClipHold{Reason: "too late"}); !errors.Is(err, models.ErrConflict) {
		t.Errorf("hold what is gone: %v", err)
	}
	must(t, v.Index.Release(ctx, "lobby-0002"))
	v.clock.Set(v.clock.Now().Add(time.Hour))
	must(t, v.Round(ctx))
	v.sound(t, 0)
	if left := keys(t, v.Store); len(left) != 1 || left[0] != models.ChainsKey {
		t.Errorf("left behind: %v", left)
	}
	v.arrives(t, "lobby", 4)
	must(t, v.Round(ctx))
	v.sound(t, 1)
}

// A video that is not the one that its worker told of is not signed.
func TestForeignVideo(t *testing.T) {
	t.Parallel()
	v := openVault(t, storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")), clips.NewFolder(t.TempDir()), aDay)
	fact := v.arrives(t, "lobby", 1)
	_, other := storetest.Video(500, "other")
	must(t, v.Store.Put(t.Context(), fact.Clip.Key, other))
	must(t, v.Round(t.Context()))
	if c, err := v.Index.Clip(t.Context(), "lobby-0001"); err != nil || c.State != models.ClipAwaited {
		t.Errorf("it is %s (%v)", c.State, err)
	}
}

// Whenever the server dies between two steps, what is left is taken up: in the end everything is sound, and nothing was
// ever deleted that the signed list still spoke of.
func TestArchiveIsTakenUp(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(8, 9))
	store := &moody{Store: clips.NewFolder(t.TempDir())}
	db := storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db"))
	v := openVault(t, db, store, aDay)
	dies := errors.New("killed")
	for n := range 60 {
		store.set(nil)
		v.arrives(t, []models.CameraID{"gate", "lobby"}[n%2], n)
		store.set(func(what, _ string) error {
			if what != "get" && random.IntN(3) == 0 {
				return dies
			}
			return nil
		})
		if err := v.Round(t.Context()); err != nil && !errors.Is(err, dies) {
			t.Fatal(err)
		}
		if random.IntN(3) == 0 { // another process, which knows only what was written down
			again := openVault(t, db, store, aDay)
			again.clock, again.key = v.clock, v.key
			again.Signer, again.Now, again.log, again.at = v.key, v.clock.Now, v.log, v.at
			v = again
		}
		v.clock.Set(v.clock.Now().Add(time.Hour))
	}
	store.set(nil)
	must(t, v.Round(t.Context()))
	v.clock.Set(v.clock.Now().Add(clips.SweepEvery))
	must(t, v.Round(t.Context()))
	if n := len(keys(t, store)); n < 40 || n > 52 {
		t.Errorf("%d objects are there after two and a half days with a clip an hour", n)
	}
	v.sound(t, (len(keys(t, store))-1)/2)
}

// A year: nothing is ever there that is older than its limit, and nothing that is held is ever gone.
func TestYear(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	retention := func(c models.CameraID) time.Duration {
		if c == "till" {
			return 30 * 24 * time.Hour
		}
		return 72 * time.Hour
	}
	store := clips.NewFolder(t.TempDir())
	v := openVault(t, storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")), store, retention)
	random := rand.New(rand.NewPCG(20, 26))
	held := map[models.ClipID]string{}
	n := 0
	for step := range 365 {
		v.clock.Set(v.clock.Now().Add(24 * time.Hour))
		for _, camera := range []models.CameraID{"lobby", "till"} {
			n++
			fact := v.arrives(t, camera, n)
			if random.IntN(25) == 0 {
				must(t, v.Index.Hold(ctx, models.ClipID(fact.ID), models.ClipHold{Reason: "court", Since: v.clock.Now()}))
				held[models.ClipID(fact.ID)] = fact.Clip.Key
			}
		}
		for id := range held {
			if random.IntN(150) == 0 {
				must(t, v.Index.Release(ctx, id))
				delete(held, id)
			}
		}
		must(t, v.Round(ctx))
		v.inTime(t, retention, held)
		if step%60 == 0 {
			v.sound(t, (len(keys(t, store))-1)/2)
		}
	}
	v.sound(t, (len(keys(t, store))-1)/2)
	chains, err := v.Index.Chains(ctx, v.clock.Now())
	must(t, err)
	for _, c := range chains.Cameras {
		if c.Seq != 365 || len(c.Gone) > 40 {
			t.Errorf("the chain of %s has %d clips and %d holes", c.Camera, c.Seq, len(c.Gone))
		}
	}
}

// inTime checks what lies in the store, whatever the database says.
func (v *vault) inTime(t *testing.T, retention func(models.CameraID) time.Duration, held map[models.ClipID]string) {
	t.Helper()
	kept := map[string]bool{}
	for _, key := range held {
		kept[key] = true
	}
	there := map[string]bool{}
	for _, key := range keys(t, v.Store) {
		there[key] = true
		video := strings.TrimSuffix(key, models.ManifestEnding) + models.VideoEnding
		if strings.HasSuffix(key, models.VideoEnding) {
			video = key
		}
		end, known := v.at[video]
		camera, _, _ := strings.Cut(key, "/")
		if age := v.clock.Now().Sub(end); known && !kept[video] && age > retention(models.CameraID(camera)) {
			t.Fatalf("%s is %s old", key, age)
		}
	}
	for id, key := range held {
		if !there[key] || !there[strings.TrimSuffix(key, models.VideoEnding)+models.ManifestEnding] {
			t.Fatalf("clip %s is held and gone", id)
		}
	}
}

// The archive works while others use it, and ends when it is told.
func TestArchiveRuns(t *testing.T) {
	t.Parallel()
	v := openVault(t, storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")), clips.NewFolder(t.TempDir()), aDay)
	started := time.Now()
	v.Now = func() time.Time { return storetest.Noon().Add(100 * time.Since(started)) } // a second is 10 ms
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- v.Run(ctx) }()
	for n := range 5 {
		v.arrives(t, "lobby", n)
	}
	until(t, "all are stored", func() bool {
		found, err := v.Index.Clips(ctx, models.ClipQuery{States: []models.ClipState{models.ClipStored}})
		return err == nil && len(found) == 5
	})
	stop()
	must(t, <-ended)
	must(t, v.Round(t.Context()))
	v.sound(t, 5)
	if _, err := v.Index.Clips(t.Context(), models.ClipQuery{}); err != nil {
		t.Error(fmt.Errorf("after it: %w", err))
	}
}
