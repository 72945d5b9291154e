package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

func newConsole(out, err *os.File) *console {
	return &console{out: out, err: err, terminal: term.IsTerminal(int(err.Fd()))}
}

// json prints one object for programs.
func (c *console) json(value any) error {
	e := json.NewEncoder(c.out)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// say prints a line for people.
func (c *console) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.out, format+"\n", args...)
}

// progress is a bar on a terminal, and nothing otherwise.
type progress struct{ bar *progressbar.ProgressBar }

// frames shows how far a count is; a total of 0 is unknown.
func (c *console) frames(what string, total int) *progress {
	if total <= 0 {
		total = -1
	}
	return c.progress(what, int64(total), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("frames"))
}

// bytes shows how much of a file has been dealt with.
func (c *console) bytes(what string) *progress {
	return c.progress(what, -1, progressbar.OptionShowBytes(true))
}

// percent shows a part of the whole.
func (c *console) percent(what string) *progress { return c.progress(what, 1000) }

func (c *console) progress(what string, total int64, options ...progressbar.Option) *progress {
	if !c.terminal {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(total, append(options,
		progressbar.OptionSetWriter(c.err), progressbar.OptionSetDescription(what), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true),
	)...)}
}

func (p *progress) add(n int) {
	if p.bar != nil {
		_ = p.bar.Add(n)
	}
}

// set shows done of total.
func (p *progress) set(done, total int64) {
	if p.bar == nil {
		return
	}
	if p.bar.GetMax64() != total {
		p.bar.ChangeMax64(total)
	}
	_ = p.bar.Set64(done)
}

// part shows a part of the whole, in [0,1].
func (p *progress) part(done float64) { p.set(int64(1000*done), 1000) }

// done takes the bar away, however far it got: what is printed next stands on a line of its own.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Exit()
		_ = p.bar.Clear()
	}
}
