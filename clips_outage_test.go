package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"footfall/api"
	"footfall/capture/simulator"
	"footfall/models"
	"footfall/models/config"
	archive "footfall/storage/clips"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

// outage is how long the store of clips is away: FOOTFALL_OUTAGE=10m go test -run StoreGoes -timeout 30m -v .
func outage(t *testing.T) time.Duration {
	t.Helper()
	wanted := os.Getenv("FOOTFALL_OUTAGE")
	if wanted == "" {
		return 8 * time.Second
	}
	length, err := time.ParseDuration(wanted)
	if err != nil {
		t.Fatal(err)
	}
	return length
}

// inBucket is the configuration of clips of every crossing in a bucket.
func inBucket(server *storetest.MinIO, bucket, more string) string {
	return fmt.Sprintf("clips: {crossings_percent: 100, before: 2s, after: 1s, sample_count: 0, s3_endpoint: %q, s3_bucket: %s, "+
		"s3_access_key: %s, s3_secret_key: %s, s3_prefix: mall%s}\n", "http://"+server.Address, bucket, server.AccessKey,
		server.SecretKey, more)
}

// While somebody crosses a line every second and every crossing becomes a clip, the object store is killed, and started
// again later. Nobody who counts notices; the clips wait on disk and then arrive: every crossing that was counted is in
// a clip that is signed and has the right hash. Memory is what it was.
func TestTheStoreGoesAway(t *testing.T) {
	t.Parallel()
	away := outage(t)
	server := storetest.StartMinIO(t)
	bucket := server.Bucket(t, true)
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, inBucket(server, bucket, ", s3_links: 1m")+watching(1, map[string]*simulator.Camera{"door": camera}))
	online := s.online("door").Since
	s.eventually("a clip is stored", func() bool { return len(s.listClips("?state=stored")) > 0 })

	s.playsFor("berta", s.listClips("?state=stored")[0]) // from the bucket itself
	if log := s.fetch("/api/v1/audit/export.jsonl?reason=monthly+check"); !bytes.Contains(log, []byte(`"action":"clip.link"`)) {
		t.Errorf("the log does not say that an address was given: %s", log)
	}

	var memory []float64
	look := func() {
		memory = append(memory, s.measures("worker_resident_memory_bytes")["worker_resident_memory_bytes"]/1e6)
	}
	look()
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	down, seen := time.Now(), s.observed("door")
	tick := time.NewTicker(max(time.Second, away/40))
	defer tick.Stop()
	for time.Since(down) < away {
		<-tick.C
		look()
	}
	s.eventually("clips are waiting", func() bool { return len(s.listClips("?state=awaited&limit=1000")) > 0 })
	waiting := len(s.listClips("?state=awaited&limit=1000"))
	s.eventually("the worker says that clips wait, and why", func() bool {
		c := s.spooled()
		return c.Waiting > 0 && c.Bytes > 0 && c.Failures > 0 && c.Oldest != nil && c.Trouble != nil &&
			strings.Contains(*c.Trouble, "connection refused")
	})
	if m := s.measures("worker_clips_waiting", "worker_clips_waiting_bytes", "worker_clips_oldest_seconds",
		"worker_clips_failures_total"); len(m) != 4 || slices.Min(slices.Collect(maps.Values(m))) <= 0 {
		t.Errorf("the metrics say %v", m)
	}
	s.eventually("the coverage has come up to the present", func() bool {
		return s.observed("door") > time.Since(online)-checkpoint
	})
	look()
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	up := time.Now()
	s.storedAround(up)
	drained := time.Since(up)
	s.eventually("the worker says that all is well", func() bool { return s.spooled().Trouble == nil })
	if c := s.spooled(); c.Lost > 0 || c.Sent < int64(waiting) {
		t.Errorf("the worker says %+v", c)
	}
	look()
	if got := s.observed("door") - seen; got < away-checkpoint {
		t.Errorf("while it was away for %s, %s were observed", away, got)
	}
	s.stop()

	book := s.read("door", busyLines...)
	meanwhile, lost := coveredByClips(t, s, book, down, up)
	if names := book.twice(); len(names) > 0 || int64(len(book.crossings)) != book.total() {
		t.Errorf("%d crossings make a total of %d; twice: %s", len(book.crossings), book.total(), names)
	}
	if meanwhile == 0 || lost > 0 {
		t.Errorf("of %d crossings while it was away, %d are in no stored clip", meanwhile, lost)
	}
	verified := verifyBucket(t, s, server, bucket)
	t.Logf("away for %s: %d crossings counted meanwhile, %d of them in no clip; %d clips waited and were stored after %s; %s; "+
		"memory of the worker in MB: %.0f before, %.0f at the end of it, %.0f to %.0f meanwhile", time.Since(down)-drained, meanwhile,
		lost, waiting, drained.Round(time.Second), verified, memory[0], memory[len(memory)-2], slices.Min(memory), slices.Max(memory))
	if slices.Min(memory) <= 0 || memory[len(memory)-1] > memory[0]+100 {
		t.Errorf("memory grew: %.0f MB", memory)
	}
}

// The disk of the spool is full while the store is away: counting goes on, what has fitted is not lost, and when the
// store is back clips are made again.
func TestTheSpoolsDiskIsFull(t *testing.T) {
	t.Parallel()
	server := storetest.StartMinIO(t)
	bucket := server.Bucket(t, false)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := prepare(t, inBucket(server, bucket, ", fps: 3")+declared(map[string]string{"door": camera.URL()}))
	storetest.SmallDisk(t, filepath.Join(s.folder, "data", "workers", "local-1.clips"), "400k")
	s.start()
	s.online("door")
	s.eventually("the disk is full", func() bool { return strings.Contains(s.log.String(), "no space left on device") })
	told := len(s.listClips("?state=awaited"))
	seen, counted := s.observed("door"), s.total("door")
	s.eventually("counting goes on", func() bool { return s.observed("door") > seen+2*checkpoint && s.total("door") > counted })
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	up := time.Now()
	s.storedAround(up)
	s.stop()
	early := 0
	for _, clip := range s.storedClips() {
		if clip.End.Before(up) {
			early++
		}
	}
	if told == 0 || early < told {
		t.Errorf("%d clips had fitted when the disk was full, and %d of that time are stored", told, early)
	}
	t.Logf("%d clips fitted, %d of that time are stored; %s", told, early, verifyBucket(t, s, server, bucket))
}

// spooled is what the worker says of its clips that wait.
func (s *service) spooled() api.WorkerClips {
	s.t.Helper()
	var workers api.Workers
	s.get("/api/v1/workers", &workers)
	if len(workers.Items) != 1 || workers.Items[0].Clips == nil {
		s.t.Fatalf("the workers are %+v", workers.Items)
	}
	return *workers.Items[0].Clips
}

// storedAround waits until a clip that began after a moment is stored, and all that began before it.
func (s *service) storedAround(moment time.Time) {
	s.t.Helper()
	begun := func(state string, is func(time.Time) bool) bool {
		return slices.ContainsFunc(s.listClips("?limit=1000&state="+state), func(c api.Clip) bool { return is(c.Start) })
	}
	s.eventually("clips are made and stored again, and those that waited are stored", func() bool {
		return begun("stored", moment.Before) && !begun("awaited", moment.After)
	})
}

// coveredByClips is how many crossings were counted in a time, and how many of these no stored clip has.
func coveredByClips(t *testing.T, s *service, b book, from, to time.Time) (counted, lost int) {
	t.Helper()
	filmed := map[models.FactID]bool{}
	for _, clip := range s.storedClips() {
		for _, c := range clip.Crossings {
			filmed[c.ID] = true
		}
	}
	for _, c := range b.crossings {
		if c.Time.After(from) && c.Time.Before(to) {
			counted++
			if !filmed[c.ID] {
				lost++
				t.Logf("in no clip: %+v", c)
			}
		}
	}
	return counted, lost
}

// verifyBucket checks all that is in a bucket with the public key alone.
func verifyBucket(t *testing.T, s *service, server *storetest.MinIO, bucket string) string {
	t.Helper()
	command := program(t.Context(), "clips", "verify", "s3://"+bucket+"/mall", "--config", s.config, "--key",
		filepath.Join(s.folder, "data", "evidence.pub"))
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil || !strings.Contains(said.String(), "0 findings") {
		t.Errorf("verify: %v\n%s", err, &said)
	}
	return strings.TrimSpace(said.String())
}

// storedClips are those in the database of a service that has ended.
func (s *service) storedClips() []models.StoredClip {
	s.t.Helper()
	database, err := sql.Open(s.t.Context(), filepath.Join(s.folder, "data", "footfall.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	index, err := archive.NewIndex(s.t.Context(), database, config.Clips{}.RetentionFor)
	if err != nil {
		s.t.Fatal(err)
	}
	found, err := index.Clips(s.t.Context(), models.ClipQuery{States: []models.ClipState{models.ClipStored}, Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}
