package fleet

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the worker process of the tests: see TestSupervisor.
func TestMain(m *testing.M) {
	if os.Getenv(fakeWorkerEnv) != "" {
		os.Exit(fakeWorker())
	}
	goleak.VerifyTestMain(m)
}
