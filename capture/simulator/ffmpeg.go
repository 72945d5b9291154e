package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// ffmpegRun is one run of the ffmpeg program.
type ffmpegRun struct {
	program   string // empty = ffmpeg on the PATH
	folder    string // where it writes
	arguments []string
	pictures  io.Reader     // its standard input, or nil
	duration  time.Duration // of the source; 0 = ffmpeg will say
	limit     time.Duration // 0 = none
	progress  func(float64)
}

// wait runs ffmpeg to its end. When ctx ends first, ffmpeg is killed and waited for.
func (r *ffmpegRun) wait(ctx context.Context) error {
	program := r.program
	if program == "" {
		program = "ffmpeg"
	}
	said := &ffmpegTalk{}
	said.duration.Store(int64(r.duration))
	cmd := exec.CommandContext(ctx, program, r.arguments...)
	cmd.Dir = r.folder
	cmd.Stdin = r.pictures
	cmd.Stderr = &lines{each: said.hear}
	cmd.Stdout = &lines{each: func(line string) { r.tell(line, said) }}
	// A child of the child could hold the pipes open.
	cmd.WaitDelay = 5 * time.Second

	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return ErrNoFFmpeg
	}
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		return fmt.Errorf("run %s: %w", program, err)
	}
	return said.reason(err)
}

// tell passes a line of ffmpeg's report of progress on.
func (r *ffmpegRun) tell(line string, said *ffmpegTalk) {
	micros, found := strings.CutPrefix(line, "out_time_us=")
	if !found || r.progress == nil {
		return
	}
	done, err := strconv.ParseInt(micros, 10, 64)
	total := time.Duration(said.duration.Load())
	if r.limit > 0 {
		total = min(total, r.limit)
	}
	if err != nil || total <= 0 { // "N/A" before the first picture
		return
	}
	r.progress(min(max(float64(done)*float64(time.Microsecond)/float64(total), 0), 1))
}

// ffmpegTalk is what ffmpeg said, as far as it matters.
type ffmpegTalk struct {
	duration  atomic.Int64 // of the source, in nanoseconds: heard on one stream, used on another
	readInput bool
	unable    bool   // it lacks what is asked of it
	complaint string // the last one
}

var (
	durationLine  = regexp.MustCompile(`Duration: (\d+):(\d\d):(\d\d)\.(\d\d)`)
	complaintLine = regexp.MustCompile(`^(?:\[[^\]]*\] )?\[(?:error|fatal|panic)\] (?:file:.*: )?(.+)$`)
)

func (t *ffmpegTalk) hear(line string) {
	if strings.Contains(line, "Input #0") {
		t.readInput = true
	}
	if strings.Contains(line, "Option not found") || strings.Contains(line, "Unknown encoder") {
		t.unable = true
	}
	// What FFmpeg 7 says after that is about its options.
	if m := complaintLine.FindStringSubmatch(line); m != nil && m[1] != "Conversion failed!" && !t.noVideo() {
		t.complaint = strings.TrimRight(m[1], ". ")
	}
	if m := durationLine.FindStringSubmatch(line); m != nil && t.duration.Load() == 0 {
		var n [4]int64
		for i := range n {
			n[i], _ = strconv.ParseInt(m[i+1], 10, 64) // digits, by the pattern
		}
		t.duration.Store(int64(time.Second)*(n[0]*3600+n[1]*60+n[2]) + int64(10*time.Millisecond)*n[3])
	}
}

// noVideo reports whether there was nothing to choose a video stream from.
func (t *ffmpegTalk) noVideo() bool { return strings.Contains(t.complaint, "matches no streams") }

// reason makes one line of a run that failed.
func (t *ffmpegTalk) reason(exit error) error {
	complaint := t.complaint
	if complaint == "" {
		complaint = exit.Error()
	}
	if t.unable {
		return fmt.Errorf("this ffmpeg cannot do it (5.1 or newer, with libx264, can): %s", complaint)
	}
	if !t.readInput || t.noVideo() {
		return fmt.Errorf("%w that ffmpeg can read: %s", ErrNotVideo, complaint)
	}
	return fmt.Errorf("ffmpeg: %s", complaint)
}

// lines is a writer that hands on whole lines.
type lines struct {
	each func(string)
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexAny(l.rest, "\n\r")
		if end < 0 {
			return len(p), nil
		}
		l.each(string(l.rest[:end]))
		l.rest = l.rest[end+1:]
	}
}
