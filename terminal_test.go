package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footfall/capture/simulator"
)

// terminal is a pseudo-terminal: what is written to its inner end can be read from its outer one.
func terminal(t *testing.T) (outer, inner *os.File) {
	t.Helper()
	outer, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = outer.Close() })
	if err := unix.IoctlSetPointerInt(int(outer.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(outer.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	inner, err = os.OpenFile(filepath.Join("/dev/pts", strconv.Itoa(number)), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inner.Close() })
	return outer, inner
}

const ctrlC = "\x03" // as the terminal gets it

// onTerminal runs a command whose stderr is a terminal. press is called with all that has been shown so far whenever
// there is more, and answers with the keys that are pressed.
func onTerminal(t *testing.T, command *exec.Cmd, press func(text string) (keys string)) outcome {
	t.Helper()
	outer, inner := terminal(t)
	var stdout, all bytes.Buffer
	command.Stdout, command.Stderr = &stdout, inner
	// Ctrl-C reaches everybody whose terminal it is: the program and the programs that it has started.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = inner.Close() // ours: reading ends when the program has closed its own
	part := make([]byte, 4096)
	for {
		n, err := outer.Read(part)
		all.Write(part[:n])
		if err != nil {
			break // EIO: nobody has the inner end any more
		}
		if _, err := outer.WriteString(press(all.String())); err != nil {
			t.Error(err)
		}
	}
	_ = command.Wait() // the exit code tells
	return outcome{command.ProcessState.ExitCode(), stdout.String(), all.String()}
}

// lastLine is what stands on the last line of a terminal after these bytes: a return, or erasing the line, begins it anew.
func lastLine(text string) string {
	for _, begin := range []string{"\r", "\n", "\x1b[K", "\x1b[2K"} {
		text = text[strings.LastIndex(text, begin)+1:]
	}
	return strings.TrimSpace(strings.NewReplacer("[K", "", "[2K", "").Replace(text))
}

// On a terminal a bar shows how far the count is, and is gone in the end; stdout has the result only.
func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	command := program(t.Context(), "count", "frames", "--lines", "lines.yaml", "--detections", "street.txt", "--json")
	command.Dir = drawnStreet(t)
	got := onTerminal(t, command, func(string) string { return "" })
	if !strings.Contains(got.stderr, "counting") || !strings.Contains(got.stderr, "/120") {
		t.Errorf("shows no bar: %q", got.stderr)
	}
	if left := lastLine(got.stderr); left != "" {
		t.Errorf("leaves %q of %q", left, got.stderr)
	}
	checkStreet(t, decode[countJSON](t, outcome{got.code, got.stdout, ""}))
}

// When a count fails the bar is gone before the reason is told.
func TestFailureOnATerminal(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	other := simulator.StreetScene()
	other.Width, other.Height = 160, 120
	paint(t, filepath.Join(folder, "frames", "60.png"), other, 60)
	command := program(t.Context(), "count", "frames", "--lines", "lines.yaml", "--detections", "street.txt")
	command.Dir = folder
	got := onTerminal(t, command, func(string) string { return "" })
	const says = "footfall: read frames: 60.png is 160x120, but the first picture is 320x240; all must have one size"
	if said := lastLine(strings.TrimSpace(got.stderr)); got.code != 1 || said != says || got.stdout != "" {
		t.Errorf("ends with %d, says %q of %q and prints %q", got.code, said, got.stderr, got.stdout)
	}
}

var wellUnderWay = regexp.MustCompile(`\([2-9]\d/795`)

// Ctrl-C in the middle of a file prints what was counted so far, and says so.
func TestInterruptedFile(t *testing.T) {
	t.Parallel()
	lines, err := filepath.Abs(footage(t, "truth/PETS09-S2L1.json"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	events, seen := filepath.Join(folder, "events.jsonl"), filepath.Join(folder, "seen.mp4")
	command := program(t.Context(), "count", footage(t, "sequences/PETS09-S2L1.mp4"), "--lines", lines,
		"--model", testModel(t, "yolox_nano.onnx"), "--events", events, "--annotate", seen, "--json")
	pressed := false
	got := onTerminal(t, command, func(text string) (keys string) {
		if pressed || !wellUnderWay.MatchString(text) {
			return ""
		}
		pressed = true
		return ctrlC + ctrlC // the impatient press twice, and the program timeout always does
	})
	const says = "footfall: interrupted: this is what the first "
	if said := lastLine(strings.TrimSpace(got.stderr)); got.code != exitInterrupted || !strings.HasPrefix(said, says) {
		t.Errorf("ends with %d and says %q", got.code, said)
	}
	c := decode[countJSON](t, outcome{0, got.stdout, ""})
	if !c.Interrupted || c.Frames < 1 || c.Frames >= 795 || len(c.Lines) != 5 {
		t.Errorf("%+v", c)
	}
	checkEvents(t, events, c)
	if left := listing(t, folder); !slices.Equal(left, []string{"events.jsonl", "seen.mp4"}) {
		t.Errorf("left behind: %q", left)
	}
}

// Ctrl-C is how the count of a camera ends.
func TestInterruptedCamera(t *testing.T) {
	t.Parallel()
	camera := play(t, simulator.CameraOptions{Clip: scene(t), OnDemand: true})
	command := program(t.Context(), "count", camera.URL(), "--lines", "lines.yaml", "--detections", "street.txt", "--json")
	command.Dir = drawnStreet(t)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for camera.Stats().FramesSent < 20 && time.Now().Before(deadline) {
		<-tick.C
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // the exit code tells
	c := decode[countJSON](t, outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()})
	if c.Interrupted || c.Frames < 1 || len(c.Lines) != 1 {
		t.Errorf("%+v", c)
	}
}
