// Footfall counts people: cameras in, trustworthy counts out.
//
// This package is the command line. It is the only place that knows every room, and puts them together bottom-up by
// plain constructor calls; what a command does stands in the file NAME_cmd.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // zones on machines that have none

	"github.com/alecthomas/kong"

	"footfall/capture"
	"footfall/models"
)

// version is set when the program is linked.
var version = "dev"

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // what shells make of a program that Ctrl-C ended
)

// errInterrupted ends a command that was stopped before it was through with a file.
var errInterrupted = errors.New("interrupted")

type commands struct {
	Serve   serveCmd   `cmd:"" help:"Everything on this machine: server, database and workers."`
	Worker  workerCmd  `cmd:"" help:"Watch cameras for a server elsewhere."`
	Demo    demoCmd    `cmd:"" help:"A simulated camera on real footage, and the whole service on it."`
	Count   countCmd   `cmd:"" help:"Count people in a video file, a folder of frames or a camera."`
	Eval    evalCmd    `cmd:"" help:"Count, and score against known crossings."`
	Bench   benchCmd   `cmd:"" help:"How fast this machine is: detectors, tracker, cameras a core."`
	Camera  cameraCmd  `cmd:"" help:"Look at one camera."`
	Models  modelsCmd  `cmd:"" help:"The detectors: what there is, fetch, check."`
	Clips   clipsCmd   `cmd:"" help:"Clips: check them, list what is kept."`
	Report  reportCmd  `cmd:"" help:"Read or mail what was counted on a day, from a running server."`
	Users   usersCmd   `cmd:"" help:"People who may sign in."`
	Tokens  tokensCmd  `cmd:"" help:"What programs and workers show instead of signing in."`
	Keys    keysCmd    `cmd:"" help:"The key that secrets are sealed with."`
	Backup  backupCmd  `cmd:"" help:"Copy the database while the server may be running."`
	Restore restoreCmd `cmd:"" help:"Put a copy where there is no database."`
	Version versionCmd `cmd:"" help:"What this is made of."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	capture.Prepare()
	code := run(ctx, os.Args[1:], newConsole(os.Stdout, os.Stderr))
	stop()
	os.Exit(code)
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, c *console) int {
	var cli commands
	exited := -1
	parser, err := kong.New(&cli,
		kong.Name("footfall"),
		kong.Description("Count people: cameras in, trustworthy counts out."),
		kong.Writers(c.out, c.err),
		kong.WithHyphenPrefixedParameters(true), // --fps -1 is a wrong number, not a flag
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(c),
	)
	if err != nil {
		return c.fail(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help has been answered
		return exited
	case err != nil:
		c.complain(misused(err))
		return exitUsage
	}
	switch err := command.Run(); {
	case err == nil:
		return exitDone
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return c.fail(errInterrupted)
	default:
		return c.fail(err)
	}
}

// misused is what kong found wrong with the command line, and where to read how it is right.
func misused(err error) error {
	text, help := err.Error(), "footfall --help"
	if parsing := (*kong.ParseError)(nil); errors.As(err, &parsing) {
		at := parsing.Context.Model.Node
		if chosen := parsing.Context.Selected(); chosen != nil {
			at = chosen
		}
		help = at.FullPath() + " --help"
		if argument, found := strings.CutPrefix(text, "unexpected argument "); found && len(at.Children) > 0 {
			text = "unknown command " + argument
		}
	}
	return fmt.Errorf("%s; see %s", strings.TrimSuffix(text, "?"), help)
}

// fail says in one line what went wrong and returns the exit code for it.
func (c *console) fail(err error) int {
	c.complain(err)
	switch {
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.Is(err, models.ErrInvalid):
		return exitUsage
	}
	return exitFailed
}

func (c *console) complain(err error) {
	_, _ = fmt.Fprintln(c.err, "footfall: "+oneLine(err.Error()))
}

// oneLine folds what libraries said in several lines.
func oneLine(s string) string {
	lines := strings.FieldsFunc(strings.TrimSpace(s), func(r rune) bool { return r == '\n' || r == '\r' })
	return strings.Join(lines, "; ")
}

// console is where a command talks to people and programs.
type console struct {
	out      io.Writer
	err      io.Writer
	terminal bool // err is a terminal: progress may be shown
}
