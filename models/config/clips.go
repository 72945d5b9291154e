package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"footfall/models"
)

// Clips is which clips are made, and where they are kept.
type Clips struct {
	Enabled          bool
	Retention        time.Duration // of a clip that nobody holds
	RetentionOf      []CameraTime  // cameras whose clips are kept for another time
	SampleCount      int           // random moments a day
	SampleLength     time.Duration
	CrossingsPercent int // of the crossings that become clips
	CapacityAlarms   bool
	Before, After    time.Duration
	FPS              int    // pictures a second, at most
	SpoolMB          int    // of a worker: clips that wait for the store
	Folder           string // the store, unless S3Endpoint is given
	S3Endpoint       string // https://HOST:PORT
	S3Bucket         string
	S3Prefix         string
	S3Region         string
	S3AccessKey      string
	S3SecretKey      Secret
	S3Encrypt        string
	S3Lock           bool
	S3CAFile         string
	S3Links          time.Duration // how long the address of a video in the bucket is good for; 0: none is given
	TSAURL           string        // of the time-stamping authority that is asked to stamp manifests; empty: none
}

// CameraTime is a time for one camera.
type CameraTime struct {
	Camera models.CameraID
	Time   time.Duration
}

// RetentionFor is how long the clips of a camera are kept.
func (c Clips) RetentionFor(camera models.CameraID) time.Duration {
	for _, of := range c.RetentionOf {
		if of.Camera == camera {
			return of.Time
		}
	}
	return c.Retention
}

// maxRetention is the longest that a clip is kept which nobody holds.
const maxRetention = 30 * day

func defaultClips() Clips {
	return Clips{
		Enabled: true, Retention: 3 * day, SampleCount: 2, SampleLength: time.Minute, CrossingsPercent: 5,
		CapacityAlarms: true,
		Before:         10 * time.Second, After: 5 * time.Second, FPS: 10, SpoolMB: 2048,
	}
}

func (c *Config) clipsFields() []field {
	s := &c.Clips
	return []field{
		switchField("clips.enabled", &s.Enabled),
		durationField("clips.retention", &s.Retention, time.Hour, maxRetention),
		listField("clips.retention_of", &s.RetentionOf, parseCameraTime, showCameraTime),
		numberField("clips.sample_count", &s.SampleCount, 0, 100),
		durationField("clips.sample_length", &s.SampleLength, 10*time.Second, 10*time.Minute),
		numberField("clips.crossings_percent", &s.CrossingsPercent, 0, 100),
		switchField("clips.capacity_alarms", &s.CapacityAlarms),
		durationField("clips.before", &s.Before, time.Second, 30*time.Second),
		durationField("clips.after", &s.After, time.Second, time.Minute),
		numberField("clips.fps", &s.FPS, 1, 30),
		numberField("clips.spool_mb", &s.SpoolMB, 10, 10_000_000),
		textField("clips.folder", &s.Folder, isAnything),
		textField("clips.s3_endpoint", &s.S3Endpoint, isEndpoint),
		textField("clips.s3_bucket", &s.S3Bucket, isAnything),
		textField("clips.s3_prefix", &s.S3Prefix, isPrefix),
		textField("clips.s3_region", &s.S3Region, isAnything),
		textField("clips.s3_access_key", &s.S3AccessKey, isAnything),
		plainSecretField("clips.s3_secret_key", &s.S3SecretKey),
		textField("clips.s3_encrypt", &s.S3Encrypt, isEncryption),
		switchField("clips.s3_lock", &s.S3Lock),
		textField("clips.s3_ca_file", &s.S3CAFile, isAnything),
		durationField("clips.s3_links", &s.S3Links, 0, time.Hour),
		textField("clips.tsa_url", &s.TSAURL, isWebAddress),
	}
}

func parseCameraTime(text string) (CameraTime, error) {
	camera, length, ok := strings.Cut(text, "=")
	if !ok {
		return CameraTime{}, errors.New("is not of the form CAMERA=TIME, such as lobby=24h")
	}
	if err := models.ValidateID("camera", camera); err != nil {
		return CameraTime{}, errors.New("names no camera; write CAMERA=TIME, such as lobby=24h")
	}
	d, err := parseDuration(length)
	if err != nil {
		return CameraTime{}, err
	}
	if d < time.Hour || d > maxRetention {
		return CameraTime{}, fmt.Errorf("is not between 1h and %s", formatDuration(maxRetention))
	}
	return CameraTime{models.CameraID(camera), d}, nil
}

func showCameraTime(t CameraTime) string { return string(t.Camera) + "=" + formatDuration(t.Time) }

func isEndpoint(text string) error {
	u, err := url.Parse(text)
	if text == "" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" {
		return nil
	}
	return errors.New("is not of the form https://HOST:PORT")
}

func isWebAddress(text string) error {
	u, err := url.Parse(text)
	if text == "" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil {
		return nil
	}
	return errors.New("is not of the form https://HOST/PATH")
}

func isPrefix(text string) error {
	if strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") || strings.Contains(text, "//") {
		return errors.New("has a slash too many; write it like site/clips")
	}
	return nil
}

func isEncryption(text string) error {
	if text == "" || text == "s3" || strings.HasPrefix(text, "kms:") && len(text) > len("kms:") {
		return nil
	}
	return errors.New("is unknown; use s3, or kms:KEY")
}

// validateClips refuses values that do not fit together.
func (l *loader) validateClips() error {
	c := l.config.Clips
	if c.S3Endpoint == "" {
		return nil
	}
	for _, needed := range []struct{ path, value string }{
		{"clips.s3_bucket", c.S3Bucket},
		{"clips.s3_access_key", c.S3AccessKey},
		{"clips.s3_secret_key", string(c.S3SecretKey)},
	} {
		if needed.value == "" {
			return refuse(l.places["clips.s3_endpoint"], needed.path, "is missing, but clips.s3_endpoint is given")
		}
	}
	return nil
}
