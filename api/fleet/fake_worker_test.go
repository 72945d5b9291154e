package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"footfall/api/link"
	"footfall/models"
	"footfall/storage/outbox"
)

// The test binary is also the worker processes that the tests start: this variable says which kind.
const fakeWorkerEnv = "FOOTFALL_FAKE_WORKER"

// fakeWorker is the main function of such a process. The variables NAME, ADDRESS and FOLDER say the rest.
func fakeWorker() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ctx, end := UntilOrphaned(ctx, os.Stdin)
	defer end()
	switch kind := os.Getenv(fakeWorkerEnv); kind {
	case "worker":
		return watchCameras(ctx)
	case "caller": // announces itself and waits for its end
		conn := call()
		<-ctx.Done()
		_ = conn.Close()
		return 0
	case "stubborn": // does not end when asked to
		call()
		select {}
	case "failing":
		call()
		return 3
	case "parent": // has a child of its own that would outlive it
		child := reexec("stubborn", "child", os.Getenv("ADDRESS"), "")
		if err := child.Start(); err != nil {
			return 4
		}
		call()
		select {}
	case "supervisor":
		s := NewSupervisor(SupervisorConfig{Workers: []string{"w1"}, Command: func(name string) *exec.Cmd {
			return reexec("stubborn", name, os.Getenv("ADDRESS"), "")
		}}, &fakeWatch{}, slog.New(slog.DiscardHandler))
		_ = s.Run(ctx)
	}
	return 0
}

// reexec is the command of such a process.
func reexec(kind, name, address, folder string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fakeWorkerEnv+"="+kind, "NAME="+name, "ADDRESS="+address, "FOLDER="+folder)
	return cmd
}

// call connects to the test and says which process it is. The connection ends with the process.
func call() net.Conn {
	conn, err := net.Dial("tcp", os.Getenv("ADDRESS"))
	if err != nil {
		os.Exit(5)
	}
	_, _ = fmt.Fprintf(conn, "%s %d\n", os.Getenv("NAME"), os.Getpid())
	return conn
}

// watchCameras is a worker without pictures: real link, real outbox, and somebody crosses every line all the time.
func watchCameras(ctx context.Context) int {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	name, folder := os.Getenv("NAME"), os.Getenv("FOLDER")
	box, err := outbox.Open(ctx, filepath.Join(folder, name+".db"), outbox.Limits{})
	if err != nil {
		log.Error("open outbox", "error", err)
		return 6
	}
	defer func() { _ = box.Close() }() //nolint:contextcheck // it is closed although ctx has ended
	watching := &fakeDuty{watched: map[models.CameraID]models.Lease{}}
	client, err := link.NewClient(link.ClientConfig{
		// The process id, so that a test knows whom to kill; with something that no other process has.
		URL: os.Getenv("ADDRESS"), Worker: name, Incarnation: fmt.Sprintf("%d.%d", os.Getpid(), time.Now().UnixNano()),
		Capacity: 8, Every: 100 * time.Millisecond,
	}, watching, box, log)
	if err != nil {
		log.Error("make client", "error", err)
		return 7
	}
	stopped := make(chan struct{})
	linked, unlink := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(stopped)
		if err := client.Run(linked); err != nil {
			log.Error("link", "error", err)
			os.Exit(8)
		}
	}()
	watching.cross(ctx, box, filepath.Join(folder, name+".journal"))
	unlink()
	<-stopped
	return 0
}

// fakeDuty dies of a camera named poison and hangs because of one named hang.
type fakeDuty struct {
	mu      sync.Mutex
	watched map[models.CameraID]models.Lease
}

func (d *fakeDuty) Assign(list []link.Assignment, _ json.RawMessage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.watched)
	for _, a := range list {
		switch {
		case strings.HasPrefix(string(a.Camera.ID), "poison"):
			os.Exit(134)
		case strings.HasPrefix(string(a.Camera.ID), "hang"):
			select {}
		}
		d.watched[a.Camera.ID] = a.Lease
	}
}

func (d *fakeDuty) Statuses() []models.CameraStatus {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []models.CameraStatus
	for id := range d.watched {
		list = append(list, models.CameraStatus{Camera: id, State: models.Online})
	}
	return list
}

// cross makes facts until ctx ends. The ids of those that the outbox has taken are written to a journal: none of them
// may be missing in the end.
func (d *fakeDuty) cross(ctx context.Context, box *outbox.Outbox, journal string) {
	file, err := os.OpenFile(journal, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		os.Exit(9)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		for _, fact := range d.facts() {
			if err := box.Append(context.WithoutCancel(ctx), fact); err != nil {
				os.Exit(10)
			}
			if _, err := fmt.Fprintf(file, "%s %s\n", fact.ID, fact.Lease); err != nil {
				os.Exit(11)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func (d *fakeDuty) facts() []models.Fact {
	d.mu.Lock()
	defer d.mu.Unlock()
	var facts []models.Fact
	for id, lease := range d.watched {
		facts = append(facts, models.Fact{
			ID: models.FactID(uuid.NewString()), Camera: id, Lease: lease.ID,
			Crossing: &models.Crossing{
				Line: "door", Direction: models.In, Class: models.Person, Time: time.Now().UTC(),
			},
		})
	}
	return facts
}
