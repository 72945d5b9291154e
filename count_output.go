package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"footfall/models"
)

// outputs makes sure, before the work begins, that what is asked for can be written and overwrites nothing that is
// read. It begins the file of events.
func (cmd *countCmd) outputs() (*eventsFile, error) {
	if cmd.Annotate != "" && cmd.Annotate == cmd.Events {
		return nil, models.Invalidf("--events", "is the same file as --annotate; give another")
	}
	for flag, output := range map[string]string{"--annotate": cmd.Annotate, "--events": cmd.Events} {
		for _, input := range []string{cmd.Source, cmd.Lines, cmd.Detections, cmd.Model} {
			if sameFile(output, input) {
				return nil, models.Invalidf(flag, "%s would overwrite %s, which is read; give another", output, input)
			}
		}
	}
	if cmd.Annotate != "" { // a film is begun by another program, when the first picture is there
		_, done, err := create(cmd.Annotate)
		if err == nil {
			err = done(false)
		}
		if err != nil {
			return nil, err
		}
	}
	if cmd.Events == "" {
		return &eventsFile{}, nil
	}
	file, done, err := create(cmd.Events)
	return &eventsFile{file, done}, err
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// eventsFile is the file that --events names; the zero value is none.
type eventsFile struct {
	file io.Writer
	done func(ok bool) error
}

// finish writes the events of a result, or leaves no file when there is none.
func (f *eventsFile) finish(result *counted) error {
	if f.file == nil {
		return nil
	}
	if result == nil {
		return f.done(false)
	}
	for _, e := range result.events() {
		if err := json.NewEncoder(f.file).Encode(e); err != nil {
			return errors.Join(fmt.Errorf("write events: %w", err), f.done(false))
		}
	}
	return f.done(true)
}

// event is one crossing in the file that --events names.
type event struct {
	Seconds   float64          `json:"seconds"`         // of the source's own time
	Frame     int              `json:"frame,omitempty"` // counting from 1; none where the rate is not known
	Line      string           `json:"line"`
	Direction models.Direction `json:"direction"`
	Class     models.Class     `json:"class"`
	Number    uint64           `json:"number"`
	Reverses  uint64           `json:"reverses,omitempty"` // number of the crossing that this U-turn undoes
	Carrying  []models.Class   `json:"carrying,omitempty"` // what a person had along, of the classes asked for
}

func (r *counted) events() []event {
	events := make([]event, 0, len(r.passages))
	for _, p := range r.passages {
		at := p.At.Sub(r.origin).Seconds()
		e := event{
			Seconds: round(at, 3), Line: p.Line, Direction: p.Direction, Class: p.Class, Number: p.Seq,
			Reverses: p.Reverses, Carrying: p.Carrying,
		}
		if r.fps > 0 {
			e.Frame = 1 + int(math.Round(at*r.fps))
		}
		events = append(events, e)
	}
	return events
}

// create makes a file that appears under its name only when it is whole: done(true) makes it, done(false) leaves none.
func create(name string) (file *os.File, done func(ok bool) error, err error) {
	if about, err := os.Stat(name); err == nil && about.IsDir() {
		return nil, nil, models.Invalidf(name, "is a folder; name a file to write")
	}
	part := name + ".part"
	if file, err = os.Create(part); err != nil {
		if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
			err = failed.Err
		}
		return nil, nil, fmt.Errorf("write %s: %w; its folder must be there, and writable", name, err)
	}
	return file, func(ok bool) error {
		err := file.Close()
		if ok && err == nil {
			err = os.Rename(part, name)
		}
		if !ok || err != nil {
			err = errors.Join(err, os.Remove(part))
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		return nil
	}, nil
}
