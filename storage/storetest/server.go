package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

var errNotInstalled = errors.New("PostgreSQL is not installed: apt-get install postgresql")

// server is a PostgreSQL server of our own, in a folder of its own, on a socket in that folder.
type server struct {
	folder   string
	programs string // the folder of the server's programs
	owner    *syscall.SysProcAttr
	process  *exec.Cmd
	drained  chan struct{} // closed when its log has ended
}

// start makes a cluster and starts a server for it; it is there when start returns.
func start() (*server, error) {
	programs, err := find()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "footfall-pg-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder, programs: programs}
	if s.owner, err = s.hand(); err == nil {
		err = s.initialise()
	}
	if err == nil {
		err = s.run()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return s, nil
}

// find is the folder of the newest server's programs.
func find() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errNotInstalled
	}
	return filepath.Dir(slices.Max(found)), nil
}

// hand gives the folder to the user who may run the server: it refuses to be run by root.
func (s *server) hand() (*syscall.SysProcAttr, error) {
	attributes := tied()
	if os.Getuid() != 0 {
		return attributes, nil
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(owner.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(owner.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(s.folder, int(uid), int(gid))
}

// initialise makes the cluster.
func (s *server) initialise() error {
	initdb := exec.Command(filepath.Join(s.programs, "initdb"), //nolint:noctx // it ends by itself within seconds
		"-D", filepath.Join(s.folder, "data"), "-U", "footfall", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = s.folder, s.owner
	if output, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, output)
	}
	return nil
}

// run starts the server; it is there when run returns.
func (s *server) run() error {
	s.drained = make(chan struct{})
	data := filepath.Join(s.folder, "data")
	// The data are gone with the tests, so nothing is flushed; what is tested is our side.
	s.process = exec.Command(filepath.Join(s.programs, "postgres"), //nolint:noctx // stop ends it
		"-D", data, "-k", s.folder, "-c", "listen_addresses=", "-c", "fsync=off")
	s.process.Dir, s.process.SysProcAttr = s.folder, s.owner
	log, err := s.process.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	return s.await(log)
}

// await reads the server's log until it says that it is ready, and goes on reading so that the server never blocks.
func (s *server) await(log io.Reader) error {
	lines := bufio.NewScanner(log)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "ready to accept connections") {
			drained := s.drained
			go func() {
				defer close(drained)
				_, _ = io.Copy(io.Discard, log)
			}()
			return nil
		}
	}
	return fmt.Errorf("it ended: %w: %s", errors.Join(lines.Err(), s.process.Wait()), strings.Join(said, "; "))
}

// crash kills the server as a fault would, and starts it again once what it left has noticed: its other processes end
// by themselves.
func (s *server) crash() error {
	if err := s.process.Process.Kill(); err != nil {
		return err
	}
	<-s.drained          // the last of its processes has closed its log
	_ = s.process.Wait() // it was killed
	return s.run()
}

// stop ends the server and removes its folder.
func (s *server) stop() error {
	err := s.process.Process.Signal(syscall.SIGINT) // fast shutdown: connections are cut
	<-s.drained
	return errors.Join(err, s.process.Wait(), os.RemoveAll(s.folder))
}

func (s *server) address(database string) string {
	return (&url.URL{
		Scheme: "postgres", User: url.User("footfall"), Path: "/" + database,
		RawQuery: url.Values{"host": {s.folder}}.Encode(),
	}).String()
}

func (s *server) create(ctx context.Context, database string) error {
	connection, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		return err
	}
	_, err = connection.Exec(ctx, "create database "+database)
	return errors.Join(err, connection.Close(ctx))
}
