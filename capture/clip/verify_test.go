package clip_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"footfall/capture/clip"
	"footfall/models"
	"footfall/storage/storetest"
)

// shelf is a store of clips in memory, as an archive makes it.
type shelf struct {
	key    models.SigningKey
	files  fstest.MapFS
	chains models.Chains
}

// add makes a clip of a camera, the next in its chain.
func (s *shelf) add(t *testing.T, camera models.CameraID, seq int64, prev string) (hash string) {
	t.Helper()
	id := models.ClipID(fmt.Sprintf("%s-%d", camera, seq))
	video := bytes.Repeat([]byte(id), 20)
	sum := sha256.Sum256(video)
	start := noon().Add(time.Duration(seq) * 7 * time.Hour)
	m := models.Manifest{
		Format: models.ManifestFormat, ID: id, Camera: camera, Seq: seq, Prev: prev, Sealed: start,
		Clip: models.Clip{
			Start: start, End: start.Add(time.Minute), Bytes: int64(len(video)), SHA256: hex.EncodeToString(sum[:]),
			Key: models.ClipKey(camera, id, start) + models.VideoEnding, Crossings: []models.ClipCrossing{{ID: "x", Line: "door"}},
		},
	}
	text, hash, err := models.Seal(models.SignedManifest, m, s.key)
	must(t, err)
	s.files[m.Key] = &fstest.MapFile{Data: video}
	s.files[strings.TrimSuffix(m.Key, models.VideoEnding)+models.ManifestEnding] = &fstest.MapFile{Data: text}
	return hash
}

// remove takes a clip out, as retention does.
func (s *shelf) remove(camera models.CameraID, seq int64) {
	for name := range s.files {
		if strings.Contains(name, fmt.Sprintf("/%s-%d.", camera, seq)) {
			delete(s.files, name)
		}
	}
}

func (s *shelf) list(t *testing.T) {
	t.Helper()
	text, _, err := models.Seal(models.SignedChains, s.chains, s.key)
	must(t, err)
	s.files[models.ChainsKey] = &fstest.MapFile{Data: text}
}

// fullShelf has two cameras, one with a hole and one without its beginning, and what it was two clips before.
func fullShelf(t *testing.T) (now, before fstest.MapFS, key models.SigningKey) {
	t.Helper()
	key, err := models.NewSigningKey()
	must(t, err)
	s := &shelf{key: key, files: fstest.MapFS{}, chains: models.Chains{Format: models.ChainsFormat, At: noon()}}
	for _, camera := range []models.CameraID{"gate", "lobby"} {
		hashes := []string{models.NoHash}
		for seq := int64(1); seq <= 8; seq++ {
			hashes = append(hashes, s.add(t, camera, seq, hashes[seq-1]))
		}
		chain := models.Chain{Camera: camera, Seq: 8, Hash: hashes[8]}
		if camera == "gate" {
			chain.Gone = []models.Gone{{First: 1, Last: 2, Hash: hashes[2]}}
		} else {
			chain.Gone = []models.Gone{{First: 2, Last: 2, Hash: hashes[2]}, {First: 4, Last: 5, Hash: hashes[5]}}
		}
		for _, g := range chain.Gone {
			for seq := g.First; seq <= g.Last; seq++ {
				s.remove(camera, seq)
			}
		}
		s.chains.Cameras = append(s.chains.Cameras, chain)
	}
	s.list(t)
	before = maps.Clone(s.files)
	for i, camera := range []models.CameraID{"gate", "lobby"} {
		chain := &s.chains.Cameras[i]
		chain.Seq, chain.Hash = 9, s.add(t, camera, 9, chain.Hash)
	}
	s.list(t)
	return s.files, before, key
}

// Whatever is done to a set of clips is found, and nothing is found on one that nobody touched.
func TestChangesOfClips(t *testing.T) {
	t.Parallel()
	now, before, key := fullShelf(t)
	for name, files := range map[string]fstest.MapFS{"now": now, "before": before} {
		report, err := clip.Verify(files, key.Public())
		must(t, err)
		if len(report.Findings) > 0 || report.Cameras != 2 || report.Clips == 0 {
			t.Fatalf("%s, untouched: %+v", name, report)
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	changed := 0
	rounds := storetest.Changes(2000)
	for range rounds {
		files, what := spoil(random, now, before)
		if same(files, now) || same(files, before) {
			continue
		}
		changed++
		report, err := clip.Verify(files, key.Public())
		must(t, err)
		if len(report.Findings) == 0 {
			t.Fatalf("%s was not found", what)
		}
	}
	if changed < rounds*9/10 {
		t.Errorf("only %d changes changed anything", changed)
	}
}

func same(a, b fstest.MapFS) bool {
	return maps.EqualFunc(a, b, func(x, y *fstest.MapFile) bool { return bytes.Equal(x.Data, y.Data) })
}

// spoil changes a set of clips in one way.
func spoil(random *rand.Rand, now, before fstest.MapFS) (fstest.MapFS, string) {
	files := maps.Clone(now)
	names := slices.Sorted(maps.Keys(files))
	name, other := names[random.IntN(len(names))], names[random.IntN(len(names))]
	data := files[name].Data
	put := func(name string, data []byte) { files[name] = &fstest.MapFile{Data: data} }
	switch random.IntN(8) {
	case 0:
		at := random.IntN(len(data))
		data = bytes.Clone(data)
		data[at] ^= 1 << random.IntN(8)
		put(name, data)
		return files, fmt.Sprintf("a bit of byte %d of %s", at, name)
	case 1:
		at := random.IntN(len(data))
		put(name, data[:at])
		return files, fmt.Sprintf("%s cut at %d", name, at)
	case 2:
		put(name, append(bytes.Clone(data), byte(random.IntN(256))))
		return files, name + " with a byte more"
	case 3:
		files[name], files[other] = files[other], files[name]
		return files, name + " and " + other + " swapped"
	case 4:
		delete(files, name)
		return files, name + " removed"
	case 5:
		files[other] = files[name]
		return files, name + " in place of " + other
	case 6:
		files[strings.Replace(name, "/2026/", "/2027/", 1)+".copy"] = files[name]
		put("lobby/2026/03/11/x"+name[strings.LastIndexByte(name, '.'):], data)
		return files, name + " replayed"
	default:
		old := slices.Sorted(maps.Keys(before))
		from := old[random.IntN(len(old))]
		files[name] = before[from]
		return files, "the older " + from + " in place of " + name
	}
}

// A verdict names what is wrong.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	now, before, key := fullShelf(t)
	other, err := models.NewSigningKey()
	must(t, err)
	find := func(part string) string {
		for _, name := range slices.Sorted(maps.Keys(now)) {
			if strings.Contains(name, part) {
				return name
			}
		}
		t.Fatal("there is no ", part)
		return ""
	}
	six := find("lobby-6.mp4")
	for name, test := range map[string]struct {
		change func(fstest.MapFS)
		key    models.VerifyingKey
		says   string
	}{
		"another key":       {func(fstest.MapFS) {}, other.Public(), "unsigned: gate/"},
		"a video":           {func(f fstest.MapFS) { f[six] = &fstest.MapFile{Data: []byte("x")} }, key.Public(), "altered: " + six},
		"no video":          {func(f fstest.MapFS) { delete(f, six) }, key.Public(), "missing: " + six},
		"no manifest":       {func(f fstest.MapFS) { delete(f, find("lobby-6.json")) }, key.Public(), "missing: clip 6 of camera lobby"},
		"two places":        {func(f fstest.MapFS) { f[find("lobby-7.json")] = f[find("lobby-6.json")] }, key.Public(), "reordered: lobby/"},
		"the newest":        {func(f fstest.MapFS) { delete(f, find("gate-9.json")); delete(f, find("gate-9.mp4")) }, key.Public(), "missing: clip 9 of camera gate"},
		"an older list":     {func(f fstest.MapFS) { f[models.ChainsKey] = before[models.ChainsKey] }, key.Public(), "replayed: "},
		"no list":           {func(f fstest.MapFS) { delete(f, models.ChainsKey) }, key.Public(), "missing: chains.json"},
		"a video of nobody": {func(f fstest.MapFS) { f["lobby/x.mp4"] = &fstest.MapFile{} }, key.Public(), "unsigned: lobby/x.mp4"},
		"something else":    {func(f fstest.MapFS) { f["notes.txt"] = &fstest.MapFile{} }, key.Public(), "foreign: notes.txt"},
	} {
		files := maps.Clone(now)
		test.change(files)
		report, err := clip.Verify(files, test.key)
		must(t, err)
		if !strings.Contains(fmt.Sprint(report.Findings), test.says) {
			t.Errorf("%s: found %v, want %q", name, report.Findings, test.says)
		}
	}
	report, err := clip.Verify(fstest.MapFS{}, key.Public())
	must(t, err)
	if len(report.Findings) > 0 || report.Clips > 0 {
		t.Errorf("an empty store: %+v", report)
	}
}

// A camera that is gone as a whole is missed too, and a forger's chain that is sound in itself is not believed.
func TestForgedClips(t *testing.T) {
	t.Parallel()
	now, _, key := fullShelf(t)
	forged, _, _ := fullShelf(t)
	report, err := clip.Verify(forged, key.Public())
	must(t, err)
	if len(report.Findings) == 0 || report.Clips > 0 {
		t.Errorf("a forger's store: %+v", report)
	}
	for name := range now {
		if strings.HasPrefix(name, "gate/") {
			delete(now, name)
		}
	}
	report, err = clip.Verify(now, key.Public())
	must(t, err)
	if len(report.Findings) != 7 {
		t.Errorf("without one camera: %v", report.Findings)
	}
}

// A bundle is checked file by file.
func TestBundle(t *testing.T) {
	t.Parallel()
	now, _, key := fullShelf(t)
	files := fstest.MapFS{"index.html": {Data: []byte("<p>index")}, "key.pem": {Data: []byte("key")}}
	for name, file := range now {
		if strings.Contains(name, "lobby-6") {
			files[name] = file
		}
	}
	list := models.Bundle{Format: models.BundleFormat, Made: noon(), Reason: "court"}
	for name, file := range files {
		sum := sha256.Sum256(file.Data)
		list.Files = append(list.Files, models.BundleFile{
			Name: name, Bytes: int64(len(file.Data)), SHA256: hex.EncodeToString(sum[:]),
		})
	}
	text, _, err := models.Seal(models.SignedBundle, list, key)
	must(t, err)
	files[models.BundleKey] = &fstest.MapFile{Data: text}
	report, err := clip.Verify(files, key.Public())
	must(t, err)
	if len(report.Findings) > 0 || report.Clips != 1 {
		t.Fatalf("untouched: %+v", report)
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		spoilt, what := spoil(random, files, files)
		if same(spoilt, files) {
			continue
		}
		report, err := clip.Verify(spoilt, key.Public())
		must(t, err)
		if len(report.Findings) == 0 {
			t.Fatalf("%s was not found", what)
		}
	}
}
