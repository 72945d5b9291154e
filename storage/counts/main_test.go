package counts_test

import (
	"os"
	"testing"
	_ "time/tzdata" // the zones of the tests, also where the system has none

	"footfall/storage/counts"
	"footfall/storage/storetest"
)

var databases storetest.Databases

func TestMain(m *testing.M) {
	if address := os.Getenv(crashAddress); address != "" {
		ingestForEver(address)
	}
	os.Exit(databases.Main(m))
}

// open is a store in the database at address, for the length of the test.
func open(t testing.TB, address string) *counts.Store {
	t.Helper()
	s, err := counts.New(t.Context(), storetest.Open(t, address))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		s := open(t, address)
		storetest.Leases(t, s)
		storetest.Counts(t, s)
	})
}

func TestBook(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		clock := storetest.NewClock(storetest.Noon())
		s, err := counts.New(t.Context(), storetest.Open(t, address), counts.Clock(clock.Now))
		if err != nil {
			t.Fatal(err)
		}
		storetest.Book(t, s, clock)
		storetest.Occupancy(t, s, clock)
	})
}
