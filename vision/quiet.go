package vision

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// schemaNoise begins each of the thousand lines that Debian 13's ONNX Runtime prints when it makes its first session in
// a process that has OpenCV: both bring the same list of operators, the second registration is refused, and that is
// all.
const schemaNoise = "Schema error: Trying to register schema with name"

// withoutNoise runs start and keeps the noise of a library that is being started off stderr. What anybody else in the
// process writes there meanwhile appears when start has returned.
func withoutNoise(start func() error) (err error) {
	memory, err := unix.MemfdCreate("footfall-stderr", unix.MFD_CLOEXEC)
	if err != nil {
		return start() // noise is no reason to do without
	}
	said := os.NewFile(uintptr(memory), "stderr")
	defer func() { _ = said.Close() }()
	before, err := unix.FcntlInt(uintptr(unix.Stderr), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return start()
	}
	defer func() { _ = unix.Close(before) }()
	if err := unix.Dup3(memory, unix.Stderr, 0); err != nil {
		return start()
	}
	err = start()
	if restored := unix.Dup3(before, unix.Stderr, 0); restored != nil {
		return fmt.Errorf("give stderr back: %w", restored)
	}
	if _, sought := said.Seek(0, io.SeekStart); sought == nil {
		passOn(said, os.Stderr)
	}
	return err
}

// passOn copies the lines that are not noise.
func passOn(said io.Reader, to io.Writer) {
	text, err := io.ReadAll(said)
	if err != nil {
		return
	}
	noisy := false
	for line := range bytes.Lines(text) {
		blank := len(bytes.TrimSpace(line)) == 0
		if bytes.HasPrefix(line, []byte(schemaNoise)) {
			noisy = true
			continue
		}
		if noisy && blank {
			continue // each line of noise ends with an empty one
		}
		noisy = false
		_, _ = to.Write(line)
	}
}
