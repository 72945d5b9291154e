package capture

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"footfall/capture/frame"
	"footfall/models"
)

// sequenceFile stands in the folders of the MOT challenges, beside or inside the folder of pictures, and tells their
// rate.
const sequenceFile = "seqinfo.ini"

// maxPictureBytes bounds what is read into memory for one picture.
const maxPictureBytes = 256 << 20

// folder is a Source made of pictures in a folder, in natural order: 2.jpg before 10.jpg.
type folder struct {
	name     string // as the user wrote it
	pictures []string
	next     int
	info     SourceInfo
	times    timeline
	at       time.Time // the moment of the last picture
	data     []byte    // the file of the picture being decoded, reused
}

func openFolder(spec Spec) (Source, error) {
	where, fps, err := sequenceOf(spec.Location)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", spec.Location, err)
	}
	entries, err := os.ReadDir(where)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", spec.Location, reasonOf(err))
	}
	f := &folder{name: spec.Location}
	for _, e := range entries {
		if !e.IsDir() && isPicture(e.Name()) {
			f.pictures = append(f.pictures, filepath.Join(where, e.Name()))
		}
	}
	if len(f.pictures) == 0 {
		return nil, models.Invalidf("source", "%s is a folder without pictures (.jpg, .jpeg, .png)", spec.Location)
	}
	slices.SortFunc(f.pictures, naturally)
	f.info = SourceInfo{FPS: plausibleFPS(fps, spec.FPS), Frames: len(f.pictures)}
	f.times = newTimeline(spec.Origin, f.info.FPS)
	return f, f.measure()
}

// measure reads the first picture to learn the size, so that a folder of files that only call themselves pictures is
// refused when it is opened, like a video.
func (f *folder) measure() error {
	pool := frame.NewPool(1)
	defer pool.Close()
	first, _ := pool.Take()
	defer first.Release()
	if err := f.decode(first, f.pictures[0]); err != nil {
		return fmt.Errorf("open %s: %w", f.name, err)
	}
	f.info.Width, f.info.Height = first.Width(), first.Height()
	return nil
}

func isPicture(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".png":
		return !strings.HasPrefix(name, ".")
	}
	return false
}

// sequenceOf finds the folder that the pictures lie in and their rate. A folder with seqinfo.ini and an image folder is
// a MOT sequence; given the image folder itself, the file beside it is used. No file, no rate: 0.
func sequenceOf(location string) (where string, fps float64, err error) {
	for _, dir := range []string{location, filepath.Dir(filepath.Clean(location))} {
		data, readErr := os.ReadFile(filepath.Join(dir, sequenceFile))
		if readErr != nil {
			continue
		}
		settings := sequenceSettings(data)
		fps, err = strconv.ParseFloat(settings["framerate"], 64)
		if err != nil || !(fps > 0 && fps <= 1000) {
			return "", 0, models.Invalidf(sequenceFile, "frameRate %q is not a number of frames a second",
				settings["framerate"])
		}
		images := settings["imdir"]
		if about, statErr := os.Stat(filepath.Join(dir, images)); dir == location && images != "" &&
			filepath.IsLocal(images) && statErr == nil && about.IsDir() {
			return filepath.Join(dir, images), fps, nil
		}
		return location, fps, nil
	}
	return location, 0, nil
}

// sequenceSettings reads the "key=value" lines of an INI file; keys are lower case.
func sequenceSettings(data []byte) map[string]string {
	settings := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		if key, value, found := strings.Cut(lines.Text(), "="); found {
			settings[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	return settings
}

// naturally orders names as people do: runs of digits by their value, everything else by its bytes.
func naturally(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		if isDigit(x[0]) && isDigit(y[0]) {
			m, n := digits(x), digits(y)
			p, q := strings.TrimLeft(m, "0"), strings.TrimLeft(n, "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
				return c
			}
			x, y = x[len(m):], y[len(n):]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b)) // 01.jpg and 1.jpg: some order, always the same
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digits is the run of digits that s begins with.
func digits(s string) string {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return s[:i]
		}
	}
	return s
}

// Info implements Source.
func (f *folder) Info() SourceInfo { return f.info }

// Close implements Source; no file stays open between pictures.
func (f *folder) Close() {}

// Skip implements Source. It costs nothing: the picture is not even opened.
func (f *folder) Skip() (time.Time, error) {
	if f.next == len(f.pictures) {
		return time.Time{}, io.EOF
	}
	stamp := time.Duration(float64(f.next) / f.info.FPS * float64(time.Second))
	f.next++
	f.at = f.times.at(stamp)
	return f.at, nil
}

// Read implements Source.
func (f *folder) Read(into *frame.Frame) error {
	if _, err := f.Skip(); err != nil {
		return err
	}
	return f.Fill(into)
}

// Fill implements Source.
func (f *folder) Fill(into *frame.Frame) error {
	if err := f.decode(into, f.pictures[f.next-1]); err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	if into.Width() != f.info.Width || into.Height() != f.info.Height {
		return fmt.Errorf("read %s: %s is %dx%d, but the first picture is %dx%d; all must have one size", f.name,
			filepath.Base(f.pictures[f.next-1]), into.Width(), into.Height(), f.info.Width, f.info.Height)
	}
	into.At, into.Seq = f.at, uint64(f.next)
	return nil
}

func (f *folder) decode(into *frame.Frame, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), reasonOf(err))
	}
	defer func() { _ = file.Close() }() // opened for reading: closing cannot lose anything
	content := bytes.NewBuffer(f.data[:0])
	n, err := content.ReadFrom(io.LimitReader(file, maxPictureBytes+1))
	f.data = content.Bytes()
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", filepath.Base(path), reasonOf(err))
	case n > maxPictureBytes:
		return fmt.Errorf("%s is larger than %d MiB", filepath.Base(path), maxPictureBytes>>20)
	case !decodePicture(f.data, into):
		return fmt.Errorf("%s is not a picture that can be read; repair it or take it out of the folder",
			filepath.Base(path))
	}
	return nil
}
