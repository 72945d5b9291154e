package clip

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"footfall/models"
)

// Report is what a check of clips saw.
type Report struct {
	Clips    int // whose video and manifest are as they were made
	Stamped  int // manifests with a sound time stamp
	Cameras  int
	Findings []models.Finding
}

// Verify checks a store of clips, or a bundle that was handed out, with nothing but its files and the public key. The
// error is of reading; what is wrong with the clips is in the report.
func Verify(files fs.FS, key models.Verifier) (Report, error) { return VerifyStamped(files, key, nil) }

// Stamps checks time stamps (RFC 3161); storage/clips/stamp does.
type Stamps interface {
	// Check returns when a stamp confirms that a message was there.
	Check(stamp, message []byte) (time.Time, error)
	// Required reports whether every manifest must have one.
	Required() bool
}

// VerifyStamped checks the time stamps of manifests besides; nil passes them over.
func VerifyStamped(files fs.FS, key models.Verifier, stamps Stamps) (Report, error) {
	c := checking{
		files: files, key: key, stamps: stamps, seen: map[string]bool{}, chains: map[models.CameraID]*chainCheck{},
	}
	names, err := c.names()
	if err != nil {
		return Report{}, err
	}
	if slices.Contains(names, models.BundleKey) {
		err = c.bundle(names)
	} else {
		err = c.store(names)
	}
	return c.report, err
}

// checking is one verification under way.
type checking struct {
	files  fs.FS
	key    models.Verifier
	stamps Stamps // nil: they are passed over
	report Report
	seen   map[string]bool // files that belong there
	chains map[models.CameraID]*chainCheck
}

// chainCheck is what was found of one camera's chain.
type chainCheck struct {
	bySeq map[int64]placed
	ids   map[models.ClipID]string
}

// placed is a manifest in its place.
type placed struct{ file, hash, prev string }

func (c *checking) find(kind models.FindingKind, what, detail string) {
	c.report.Findings = append(c.report.Findings, models.Finding{Kind: kind, What: what, Detail: detail})
}

// upload is what the names of files begin with that a store is still writing.
const upload = ".upload-"

func (c *checking) names() (names []string, err error) {
	err = fs.WalkDir(c.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		base := name[strings.LastIndexByte(name, '/')+1:]
		if !entry.IsDir() && !strings.HasPrefix(base, upload) {
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

// store checks all clips of a store, and that none of a chain is missing.
func (c *checking) store(names []string) error {
	for _, name := range names {
		if strings.HasSuffix(name, models.ManifestEnding) && name != models.ChainsKey {
			if err := c.manifest(name); err != nil {
				return err
			}
		}
	}
	if err := c.list(); err != nil {
		return err
	}
	c.others(names)
	return nil
}

// others finds files that nothing speaks of.
func (c *checking) others(names []string) {
	for _, name := range names {
		if c.seen[name] {
			continue
		}
		if strings.HasSuffix(name, models.VideoEnding) {
			c.find(models.Unsigned, name, "no manifest speaks of it")
		} else {
			c.find(models.Foreign, name, "it is no part of the store")
		}
	}
}

// manifest checks a manifest and the video that it speaks of.
func (c *checking) manifest(name string) error {
	c.seen[name] = true
	stem := strings.TrimSuffix(name, models.ManifestEnding)
	c.seen[stem+models.VideoEnding] = true // what is wrong with it is said here
	c.seen[stem+models.StampEnding] = true
	text, err := fs.ReadFile(c.files, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	var m models.Manifest
	hash, signed, err := models.Unseal(models.SignedManifest, text, &m, c.key)
	switch {
	case err != nil || m.Format != models.ManifestFormat:
		c.find(models.Altered, name, "it is not what was signed")
		return nil //nolint:nilerr // that is what was looked for
	case !signed:
		c.find(models.Unsigned, name, "the signature is missing, of another key, or of another manifest")
		return nil
	case m.Key != stem+models.VideoEnding || models.ClipKey(m.Camera, m.ID, m.Start) != stem:
		c.find(models.Reordered, name, "it belongs to "+m.Key)
		return nil
	}
	if !c.place(m, name, hash) {
		return nil
	}
	if err := c.stamp(m, text, stem+models.StampEnding); err != nil {
		return err
	}
	return c.video(m)
}

// earliest is how far the clock of who sealed may be ahead of that of who stamped.
const earliest = 10 * time.Minute

// stamp checks the time stamp of a manifest, where there is one.
func (c *checking) stamp(m models.Manifest, text []byte, name string) error {
	if c.stamps == nil {
		return nil
	}
	token, err := fs.ReadFile(c.files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.stamps.Required():
		c.find(models.Missing, name, "the manifest has no time stamp")
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", name, err)
	}
	at, err := c.stamps.Check(token, text)
	switch {
	case err != nil:
		c.find(models.Altered, name, err.Error())
	case at.Before(m.Sealed.Add(-earliest)):
		c.find(models.Altered, name, "it is of "+at.Format(time.RFC3339)+", before the manifest says that it was made")
	default:
		c.report.Stamped++
	}
	return nil
}

// place puts a manifest into the chain of its camera.
func (c *checking) place(m models.Manifest, name, hash string) bool {
	chain := c.chains[m.Camera]
	if chain == nil {
		chain = &chainCheck{bySeq: map[int64]placed{}, ids: map[models.ClipID]string{}}
		c.chains[m.Camera] = chain
	}
	if other, twice := chain.bySeq[m.Seq]; twice {
		c.find(models.Replayed, name, fmt.Sprintf("number %d of camera %s is %s", m.Seq, m.Camera, other.file))
		return false
	}
	chain.bySeq[m.Seq] = placed{name, hash, m.Prev}
	return true
}

// video checks that a video is the one that its manifest speaks of.
func (c *checking) video(m models.Manifest) error {
	hash, size, err := hashFile(c.files, m.Key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.find(models.Missing, m.Key, "")
	case err != nil:
		return fmt.Errorf("read %s: %w", m.Key, err)
	case hash != m.SHA256 || size != m.Bytes:
		c.find(models.Altered, m.Key, "its hash is not the one that was signed")
	default:
		c.report.Clips++
	}
	return nil
}

func hashFile(files fs.FS, name string) (hash string, size int64, err error) {
	file, err := files.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	if size, err = io.Copy(sum, file); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(sum.Sum(nil)), size, nil
}

// list checks the chains against the signed list of them. In a store that is in use a clip may come between the two:
// who checks such a one looks twice.
func (c *checking) list() error {
	text, err := fs.ReadFile(c.files, models.ChainsKey)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if len(c.chains) > 0 || len(c.seen) > 0 {
			c.find(models.Missing, models.ChainsKey, "whether all clips are there cannot be told")
		}
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", models.ChainsKey, err)
	}
	c.seen[models.ChainsKey] = true
	var all models.Chains
	_, signed, err := models.Unseal(models.SignedChains, text, &all, c.key)
	switch {
	case err != nil || all.Format != models.ChainsFormat:
		c.find(models.Altered, models.ChainsKey, "it is not what was signed")
		return nil //nolint:nilerr // that is what was looked for
	case !signed:
		c.find(models.Unsigned, models.ChainsKey, "the signature is missing, of another key, or of another list")
		return nil
	}
	listed := map[models.CameraID]bool{}
	for _, chain := range all.Cameras {
		listed[chain.Camera] = true
		c.chain(chain, c.chains[chain.Camera])
	}
	c.report.Cameras = len(listed)
	for _, camera := range slices.Sorted(maps.Keys(c.chains)) {
		if !listed[camera] {
			c.find(models.Replayed, "camera "+string(camera), "the list of chains is older than its clips")
		}
	}
	return nil
}

// chain checks one chain: every number is there once, or is gone, and each follows the one before.
func (c *checking) chain(chain models.Chain, have *chainCheck) {
	if have == nil {
		have = &chainCheck{bySeq: map[int64]placed{}}
	}
	gone := chain.Gone
	before, known := models.NoHash, true
	for seq := int64(1); seq <= chain.Seq; seq++ {
		p, there := have.bySeq[seq]
		if len(gone) > 0 && seq == gone[0].First {
			for ; seq <= gone[0].Last; seq++ {
				if p, there := have.bySeq[seq]; there {
					c.find(models.Replayed, p.file, "its time was over, and it was deleted")
				}
				delete(have.bySeq, seq)
			}
			seq = gone[0].Last
			before, known = gone[0].Hash, true
			gone = gone[1:]
			continue
		}
		delete(have.bySeq, seq)
		switch {
		case !there:
			c.find(models.Missing, fmt.Sprintf("clip %d of camera %s", seq, chain.Camera),
				"no sound manifest of it is there")
		case known && p.prev != before:
			c.find(models.Altered, p.file, "it does not follow the clip before it")
		}
		before, known = p.hash, there
	}
	if known && before != chain.Hash {
		c.find(models.Altered, "camera "+string(chain.Camera), "the newest clip is not the one that was signed for")
	}
	for _, seq := range slices.Sorted(maps.Keys(have.bySeq)) {
		c.find(models.Replayed, have.bySeq[seq].file, "the list of chains is older than this clip")
	}
}
