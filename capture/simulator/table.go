package simulator

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// openClip opens what encode made ffmpeg write into folder. The folder may be removed afterwards.
func openClip(name, folder string) (clip *Clip, err error) {
	table, err := os.Open(filepath.Join(folder, tableFile))
	if err != nil {
		return nil, err
	}
	defer func() { _ = table.Close() }() // it was only read
	clip = &Clip{name: name}
	if clip.pictures, clip.length, err = readTable(table); err != nil {
		return nil, err
	}
	if clip.spool, err = os.Open(filepath.Join(folder, spoolFile)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = clip.spool.Close() // the reason it is given up matters more
		}
	}()
	info, err := clip.spool.Stat()
	if err != nil {
		return nil, err
	}
	last := clip.pictures[len(clip.pictures)-1]
	if end := last.offset + int64(last.size); end != info.Size() {
		return nil, fmt.Errorf("ffmpeg wrote %d bytes and a table of %d", info.Size(), end)
	}
	return clip, clip.readParameters()
}

// readTable reads a table of ffmpeg's framecrc format, a packet a line:
//
//	stream, dts, pts, duration, size, checksum[, S=..., F=...]
//
// Times are in the unit that the line "#tb 0: 1/90000" tells; a packet with F=0x0 is no key frame, for the flag of
// key frames is the usual one and left out.
func readTable(table io.Reader) (pictures []picture, length int64, err error) {
	var start, lastDuration int64
	scanner := bufio.NewScanner(table)
	for scanner.Scan() {
		line := scanner.Text()
		if unit, found := strings.CutPrefix(line, "#tb 0: "); found && unit != "1/90000" {
			return nil, 0, fmt.Errorf("ffmpeg counted time in units of %s s", unit)
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		pts, duration, size, key, err := readPacket(line)
		if err != nil {
			return nil, 0, err
		}
		next := picture{size: size, key: key}
		if n := len(pictures); n == 0 {
			start = pts
		} else {
			last := pictures[n-1]
			next.offset = last.offset + int64(last.size)
			next.at = max(pts-start, last.at+1) // time stands still in some files
		}
		lastDuration = duration
		pictures = append(pictures, next)
	}
	if err := scanner.Err(); err != nil {
		return nil, 0, err
	}
	if len(pictures) == 0 {
		return nil, 0, fmt.Errorf("%w: it has no pictures", ErrNotVideo)
	}
	if !pictures[0].key {
		return nil, 0, errors.New("ffmpeg did not begin with a key frame")
	}
	return pictures, loopLength(pictures, lastDuration), nil
}

// loopLength is when the first picture is due again: the last one stands for as long as it says itself, and if it
// does not, for as long as the others on average.
func loopLength(pictures []picture, lastDuration int64) int64 {
	last := pictures[len(pictures)-1].at
	switch {
	case lastDuration > 0:
		return last + lastDuration
	case last > 0:
		return last + last/int64(len(pictures)-1)
	}
	return clockRate
}

func readPacket(line string) (pts, duration int64, size int, key bool, err error) {
	fields := strings.Split(line, ",")
	if len(fields) < 6 {
		return 0, 0, 0, false, fmt.Errorf("ffmpeg wrote %q into the table of frames", line)
	}
	var n [5]int64
	for i := range n {
		if n[i], err = strconv.ParseInt(strings.TrimSpace(fields[i]), 10, 64); err != nil {
			return 0, 0, 0, false, fmt.Errorf("ffmpeg wrote %q into the table of frames: %w", line, err)
		}
	}
	key = true
	for _, field := range fields[6:] {
		if strings.TrimSpace(field) == "F=0x0" {
			key = false
		}
	}
	return n[2], n[3], int(n[4]), key, nil
}
