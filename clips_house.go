package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"footfall/api/link"
	"footfall/models"
	"footfall/models/config"
	archive "footfall/storage/clips"
	"footfall/storage/clips/stamp"
)

// openBucket is the configured bucket.
func openBucket(c config.Clips) (*archive.S3, error) {
	u, err := url.Parse(c.S3Endpoint)
	if err != nil {
		return nil, fmt.Errorf("clips.s3_endpoint: %w", err)
	}
	var roots *x509.CertPool
	if c.S3CAFile != "" {
		trusted, err := trusting(c.S3CAFile)
		if err != nil {
			return nil, fmt.Errorf("clips.s3_ca_file: %w", err)
		}
		roots = trusted.RootCAs
	}
	return archive.NewS3(archive.S3Options{
		Endpoint: u.Host, TLS: u.Scheme == "https", RootCAs: roots, Region: c.S3Region, Bucket: c.S3Bucket,
		Prefix: c.S3Prefix, AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey.Reveal(), Encrypt: c.S3Encrypt,
		Lock: c.S3Lock,
	})
}

// evidenceKey is what manifests, exports and bundles are signed with, in data_dir/evidence.key; made at the first
// start. Its public half lies beside it, for whoever checks them.
func evidenceKey(folder string) (models.SigningKey, error) {
	path := filepath.Join(folder, "evidence.key")
	var made error
	text, err := kept(path, func() string {
		key, err := models.NewSigningKey()
		if err != nil {
			made = err
			return ""
		}
		pem, err := key.PEM()
		made = err
		return string(pem)
	})
	if err := errors.Join(err, made); err != nil {
		return models.SigningKey{}, fmt.Errorf("keep the key of the evidence: %w", err)
	}
	key, err := models.ParseSigningKey([]byte(text))
	if err != nil {
		return key, fmt.Errorf("read %s: %w; restore it from a backup", path, err)
	}
	public, err := key.Public().PEM()
	if err != nil {
		return key, err
	}
	//nolint:gosec // G306: it is public
	if err := os.WriteFile(filepath.Join(folder, "evidence.pub"), public, 0o644); err != nil {
		return key, fmt.Errorf("keep the public key of the evidence: %w", err)
	}
	return key, nil
}

// lotterySecret is what the moments of the day are drawn with, in data_dir/lottery.key; made at the first start.
func lotterySecret(folder string) ([]byte, error) {
	text, err := kept(filepath.Join(folder, "lottery.key"), func() string {
		secret := make([]byte, 32)
		_, _ = rand.Read(secret) // it never fails: see crypto/rand
		return hex.EncodeToString(secret)
	})
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(text)
}

// openClips makes what keeps clips and the log of who looked at them.
func (h *house) openClips(ctx context.Context) (err error) {
	if h.evidence, err = evidenceKey(h.cfg.DataDir); err != nil {
		return err
	}
	if h.public, err = h.evidence.Public().PEM(); err != nil {
		return err
	}
	if h.clips, err = archive.NewIndex(ctx, h.database, h.cfg.Clips.RetentionFor); err != nil {
		return fmt.Errorf("open the clips: %w", err)
	}
	store, err := openClipStore(h.cfg.Clips)
	if err != nil {
		return err
	}
	h.clipStore = archive.Retry(store, archive.Patience{
		First: 200 * time.Millisecond, Most: 2 * time.Second, For: 10 * time.Second, Each: time.Minute,
	})
	h.archive = &archive.Archive{
		Store: h.clipStore, Index: h.clips, Signer: h.evidence, Audit: h.deeds.record, Now: time.Now, Log: h.log,
	}
	if h.cfg.Clips.TSAURL != "" {
		h.archive.Stamper = stamp.Authority{URL: h.cfg.Clips.TSAURL}
	}
	return nil
}

// keepClips says what the store can do, and keeps the clips in it.
func (h *house) keepClips(ctx context.Context) error {
	if !h.cfg.Clips.Enabled {
		return nil
	}
	can, err := h.clipStore.Abilities(ctx)
	if err != nil {
		h.log.Warn("what the store of clips can do is not known", "store", h.clipStore, "error", err)
	} else {
		h.log.Info("clips are kept", "store", h.clipStore, "retention", h.cfg.Clips.Retention, "it is", can.Detail)
	}
	return h.archive.Run(ctx)
}

// recordingGrace is how long after its end a recording is still told to workers: one may have been started anew.
const recordingGrace = 2 * time.Minute

// followRecordings tells the fleet what people want recorded now.
func (h *house) followRecordings(ctx context.Context) error {
	changes, stop := h.clips.Subscribe()
	defer stop()
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		now := time.Now()
		recordings, err := h.clips.Recordings(ctx, nil, now.Add(-recordingGrace))
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			h.log.Error("workers are not told of recordings", "error", err)
		default:
			// What lies far ahead is told when it is near.
			h.fleet.SetRecordings(slices.DeleteFunc(recordings, func(r models.Recording) bool {
				return r.From.Sub(now) > time.Minute
			}))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-changes:
		}
	}
}

// acceptClips takes what workers tell of clips into the index, and says what became of it; the other facts are left.
func (i intake) acceptClips(
	ctx context.Context, facts []models.Fact,
) (others []models.Fact, r link.Receipt, err error) {
	isClip := func(f models.Fact) bool { return f.Clip != nil }
	if !slices.ContainsFunc(facts, isClip) {
		return facts, r, nil
	}
	var told []models.Fact
	for _, f := range facts {
		if isClip(f) {
			told = append(told, f)
		} else {
			others = append(others, f)
		}
	}
	receipt, err := i.clips.Register(ctx, told)
	if err != nil {
		return nil, r, err
	}
	r.Accepted = receipt.Accepted
	for _, refusal := range receipt.Refused {
		r.Refused = append(r.Refused, link.Refusal{ID: refusal.ID, Reason: refusal.Reason})
	}
	return others, r, nil
}
