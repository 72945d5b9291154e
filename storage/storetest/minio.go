package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"footfall/storage/clips"
)

// MinIO is a real object store on this machine, for one test.
type MinIO struct {
	Address   string // HOST:PORT
	AccessKey string
	SecretKey string

	folder  string
	program string
	process *exec.Cmd
	client  *minio.Client
	buckets int
}

// minioVersion is the one that Makefile installs.
const minioVersion = "7aac2a2c5b7c"

// minioProgram is where make test has put the program.
func minioProgram() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(cache, "footfall", "tools", "minio-"+minioVersion)
	_, err = os.Stat(program)
	return program, err
}

// StartMinIO starts an object store that is stopped when the test ends. Without the program the test is skipped, except
// in CI.
func StartMinIO(t testing.TB) *MinIO {
	t.Helper()
	program, err := minioProgram()
	switch {
	case err != nil && os.Getenv("CI") != "true":
		t.Skip("MinIO is not installed, make test does that: ", err)
	case err != nil:
		t.Fatal("MinIO is not installed: ", err)
	}
	m := &MinIO{
		AccessKey: "footfall-test", SecretKey: rand.Text(), folder: t.TempDir(), program: program,
	}
	var listen net.ListenConfig
	free, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.Address = free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Stop(); err != nil {
			t.Error("stop MinIO: ", err)
		}
	})
	if err := m.Start(t.Context()); err != nil {
		t.Fatal("start MinIO: ", err)
	}
	transport, err := minio.DefaultTransport(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	m.client, err = minio.New(m.Address, &minio.Options{
		Creds: credentials.NewStaticV4(m.AccessKey, m.SecretKey, ""), Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Start starts the server, again after Stop, and waits until it answers.
func (m *MinIO) Start(ctx context.Context) error {
	m.process = exec.CommandContext(context.WithoutCancel(ctx), m.program, "server", "--quiet", "--address", m.Address,
		"--console-address", "127.0.0.1:0", m.folder)
	m.process.Env = append(os.Environ(), "MINIO_ROOT_USER="+m.AccessKey, "MINIO_ROOT_PASSWORD="+m.SecretKey,
		"MINIO_BROWSER=off", "MINIO_UPDATE=off", "GOMAXPROCS=1")
	m.process.SysProcAttr = tied()
	var said strings.Builder
	m.process.Stdout, m.process.Stderr = &said, &said
	if err := m.process.Start(); err != nil {
		return err
	}
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.Address+"/minio/health/live", nil)
		if err != nil {
			return err
		}
		if answer, err := client.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		<-time.After(50 * time.Millisecond)
	}
	return fmt.Errorf("it does not answer: %s", said.String())
}

// Stop stops the server, as a power cut would.
func (m *MinIO) Stop() error {
	if m.process == nil {
		return nil
	}
	err := m.process.Process.Signal(syscall.SIGKILL)
	_ = m.process.Wait() // it was killed
	m.process = nil
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Bucket makes an empty bucket, with object lock or without.
func (m *MinIO) Bucket(t testing.TB, lock bool) string {
	t.Helper()
	m.buckets++
	name := fmt.Sprintf("clips-%d", m.buckets)
	if err := m.client.MakeBucket(t.Context(), name, minio.MakeBucketOptions{ObjectLocking: lock}); err != nil {
		t.Fatal("make a bucket: ", err)
	}
	return name
}

// Store opens a bucket for the length of the test.
func (m *MinIO) Store(t testing.TB, o clips.S3Options) *clips.S3 {
	t.Helper()
	if o.Endpoint == "" {
		o.Endpoint = m.Address
	}
	if o.AccessKey == "" {
		o.AccessKey, o.SecretKey = m.AccessKey, m.SecretKey
	}
	s, err := clips.NewS3(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
