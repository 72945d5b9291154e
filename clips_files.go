package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"footfall/api"
	archive "footfall/storage/clips"
)

// videos is the store of clips as the API wants it.
type videos struct {
	store     archive.Store
	retention time.Duration
	lending   time.Duration // how long an address of a video is good for; 0: none is given
}

// Link implements api.ClipFiles.
func (v videos) Link(ctx context.Context, key string) (string, time.Time, error) {
	if v.lending <= 0 {
		return "", time.Time{}, nil
	}
	until := time.Now().Add(v.lending)
	address, err := v.store.Link(ctx, key, v.lending)
	return address, until, err
}

// Open implements api.ClipFiles.
func (v videos) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	reader, _, err := v.store.Get(ctx, key)
	return reader, err
}

// Describe implements api.ClipFiles.
func (v videos) Describe(ctx context.Context) (api.ClipStorage, error) {
	can, err := v.store.Abilities(ctx)
	return api.ClipStorage{
		Name: v.store.String(), Lock: can.Lock, Hold: can.Hold, Detail: can.Detail, Retention: v.retention,
	}, err
}

// thumbnailPatience is how long ffmpeg may take for one picture.
const thumbnailPatience = 20 * time.Second

// Thumbnail implements api.ClipFiles, with ffmpeg. The video comes through a pipe: its index is at its beginning.
func (v videos) Thumbnail(ctx context.Context, key string, at time.Duration) (_ []byte, err error) {
	video, err := v.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, video.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, thumbnailPatience)
	defer cancel()
	var said strings.Builder
	command := exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-loglevel", "error", "-threads", "1",
		"-f", "mp4", "-i", "pipe:0", "-ss", strconv.FormatFloat(at.Seconds(), 'f', 3, 64), "-frames:v", "1",
		"-vf", "scale='min(320,iw)':-2", "-f", "mjpeg", "pipe:1")
	command.Stdin, command.Stderr = video, &said
	command.WaitDelay = time.Second
	picture, err := command.Output()
	if len(picture) > 0 {
		return picture, nil // what ffmpeg did not read any more is no trouble
	}
	return nil, fmt.Errorf("ffmpeg: %s (%w)", oneLine(said.String()), err)
}
