package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	cut "footfall/capture/clip"
	"footfall/models"
	"footfall/storage/audit"
	archive "footfall/storage/clips"
	"footfall/storage/clips/stamp"
)

type clipsCmd struct {
	Verify clipsVerifyCmd `cmd:"" help:"Check clips, a bundle or an export of the audit log with the public key, offline."`
	List   clipsListCmd   `cmd:"" help:"What lies in the store of clips, and how old it is."`
}

type clipsVerifyCmd struct {
	What   string `arg:"" help:"Folder of clips, bundle (.zip), export of the audit log (.jsonl), or s3://BUCKET/PREFIX of clips.s3_endpoint." placeholder:"FOLDER|FILE|URL"`
	Key    string `required:"" help:"The public key: evidence.pub in the server's data folder." placeholder:"FILE" type:"existingfile"`
	TSACA  string `name:"tsa-ca" help:"Certificates (PEM) of the time-stamping authorities that are trusted; every clip must have a stamp of one then." placeholder:"FILE" type:"existingfile"`
	Config string `help:"Configuration file, where s3:// says how to get there." placeholder:"FILE" type:"path"`
	JSON   bool   `name:"json" help:"Print one object."`
}

// errTampered ends a check that found something.
var errTampered = errors.New("the evidence is not as it was made")

// verified is what a check prints.
type verified struct {
	What     string           `json:"what"`
	Kind     string           `json:"kind"` // clips or audit
	Clips    int              `json:"clips"`
	Cameras  int              `json:"cameras"`
	Stamped  int              `json:"stamped"` // clips with a sound time stamp
	Entries  int64            `json:"entries"`
	Findings []models.Finding `json:"findings"`
}

// Run checks, and fails when anything is found.
func (cmd *clipsVerifyCmd) Run(ctx context.Context, c *console) error {
	pem, err := os.ReadFile(cmd.Key)
	if err != nil {
		return fmt.Errorf("read the public key: %w", err)
	}
	key, err := models.ParseVerifyingKey(pem)
	if err != nil {
		return fmt.Errorf("read the public key %s: %w", cmd.Key, err)
	}
	var trust stamp.Trust
	if cmd.TSACA != "" {
		trusted, err := trusting(cmd.TSACA)
		if err != nil {
			return fmt.Errorf("read the certificates of --tsa-ca: %w", err)
		}
		trust.Roots = trusted.RootCAs
	}
	result, err := cmd.check(ctx, key, trust)
	if err != nil {
		return fmt.Errorf("verify %s: %w", cmd.What, err)
	}
	result.What = cmd.What
	if result.Findings == nil {
		result.Findings = []models.Finding{}
	}
	if cmd.JSON {
		if err := c.json(result); err != nil {
			return err
		}
	} else {
		for _, f := range result.Findings {
			c.say("%s", f)
		}
		if result.Kind == "audit" {
			c.say("%d entries, %d findings", result.Entries, len(result.Findings))
		} else {
			c.say("%d sound clips of %d cameras%s, %d findings", result.Clips, result.Cameras,
				result.stamps(trust), len(result.Findings))
		}
	}
	if len(result.Findings) > 0 {
		return fmt.Errorf("verify %s: %w (%d findings)", cmd.What, errTampered, len(result.Findings))
	}
	return nil
}

// stamps is what there is to say about time stamps.
func (v verified) stamps(trust stamp.Trust) string {
	switch {
	case trust.Roots != nil:
		return fmt.Sprintf(", %d time stamps", v.Stamped)
	case v.Stamped > 0:
		return fmt.Sprintf(", %d time stamps of whoever they say (see --tsa-ca)", v.Stamped)
	}
	return ""
}

func (cmd *clipsVerifyCmd) check(ctx context.Context, key models.VerifyingKey, trust stamp.Trust) (verified, error) {
	if bucket, isBucket := strings.CutPrefix(cmd.What, "s3://"); isBucket {
		cfg, err := configured(cmd.Config, nil)
		if err != nil {
			return verified{}, err
		}
		cfg.Clips.S3Bucket, cfg.Clips.S3Prefix, _ = strings.Cut(strings.TrimSuffix(bucket, "/"), "/")
		store, err := openBucket(cfg.Clips)
		if err != nil {
			return verified{}, err
		}
		defer store.Close()
		return checkClips(ctx, archive.Files(ctx, store), key, trust)
	}
	info, err := os.Stat(cmd.What)
	switch {
	case err != nil:
		return verified{}, fmt.Errorf("%w; give a folder of clips, a bundle, or an export of the audit log", err)
	case info.IsDir():
		return checkClips(ctx, os.DirFS(cmd.What), key, trust)
	}
	return checkFile(ctx, cmd.What, key, trust)
}

// checkFile checks a bundle or an export of the audit log, whichever the file is.
func checkFile(
	ctx context.Context, path string, key models.VerifyingKey, trust stamp.Trust,
) (_ verified, err error) {
	if archive, err := zip.OpenReader(path); err == nil {
		defer func() { _ = archive.Close() }()
		return checkClips(ctx, archive, key, trust)
	}
	file, err := os.Open(path)
	if err != nil {
		return verified{}, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	beginning := make([]byte, 64)
	n, err := io.ReadFull(file, beginning)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return verified{}, err
	}
	if bytes.HasPrefix(beginning[:n], []byte("PK")) {
		return verified{Kind: "clips", Findings: []models.Finding{{
			Kind: models.Altered, What: path, Detail: "the ZIP file cannot be read",
		}}}, nil
	}
	report, err := audit.Verify(io.MultiReader(bytes.NewReader(beginning[:n]), file), key)
	return verified{Kind: "audit", Entries: report.Entries, Findings: report.Findings}, err
}

// checkClips checks a store or a bundle. In a store that is in use a clip may come between two looks, so what is found
// must be found twice.
func checkClips(
	ctx context.Context, files fs.FS, key models.VerifyingKey, trust stamp.Trust,
) (verified, error) {
	report, err := cut.VerifyStamped(files, key, trust)
	if err == nil && len(report.Findings) > 0 {
		select {
		case <-time.After(secondLook):
		case <-ctx.Done():
			return verified{}, ctx.Err()
		}
		first := map[models.Finding]bool{}
		for _, f := range report.Findings {
			first[f] = true
		}
		report, err = cut.VerifyStamped(files, key, trust)
		var both []models.Finding
		for _, f := range report.Findings {
			if first[f] {
				both = append(both, f)
			}
		}
		report.Findings = both
	}
	return verified{
		Kind: "clips", Clips: report.Clips, Cameras: report.Cameras, Stamped: report.Stamped, Findings: report.Findings,
	}, err
}

// secondLook is how long after the first the second look is: longer than a clip is in the store without its manifest,
// and a manifest without its place in the list of chains.
const secondLook = 6 * time.Second

type clipsListCmd struct {
	OlderThan time.Duration `help:"Only what was filmed longer ago." placeholder:"72h"`
	Config    string        `help:"Configuration file, which says where the clips are." placeholder:"FILE" type:"path"`
	Data      string        `help:"Folder for the database and all that is kept (data_dir)." placeholder:"FOLDER" type:"path"`
	JSON      bool          `name:"json" help:"Print one object."`
}

// listedClip is one file of the store.
type listedClip struct {
	Key    string    `json:"key"`
	Bytes  int64     `json:"bytes"`
	Filmed time.Time `json:"filmed"` // begun
}

// Run lists what lies in the store, whatever the database says.
func (cmd *clipsListCmd) Run(ctx context.Context, c *console) error {
	flags := map[string]string{}
	if cmd.Data != "" {
		flags["data_dir"] = cmd.Data
	}
	cfg, err := configured(cmd.Config, flags)
	if err != nil {
		return err
	}
	store, err := openClipStore(cfg.Clips)
	if err != nil {
		return err
	}
	listed, err := listClips(ctx, store, cmd.OlderThan, time.Now())
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(map[string]any{"store": store.String(), "clips": listed})
	}
	for _, l := range listed {
		c.say("%s  %9d  %s", l.Filmed.Format(time.RFC3339), l.Bytes, l.Key)
	}
	c.say("%d clips in %s", len(listed), store)
	return nil
}

// listClips are the videos in a store that were filmed longer ago than a time. When a clip was filmed stands in its id.
func listClips(
	ctx context.Context, store archive.Store, older time.Duration, now time.Time,
) ([]listedClip, error) {
	listed := []listedClip{}
	err := store.List(ctx, "", func(o archive.Object) error {
		if !strings.HasSuffix(o.Key, models.VideoEnding) {
			return nil
		}
		filmed := o.Modified
		id := strings.TrimSuffix(path.Base(o.Key), models.VideoEnding)
		if made, err := uuid.Parse(id); err == nil && made.Version() == 7 {
			filmed = time.Unix(made.Time().UnixTime()).UTC()
		}
		if older == 0 || now.Sub(filmed) > older {
			listed = append(listed, listedClip{o.Key, o.Bytes, filmed})
		}
		return nil
	})
	return listed, err
}
