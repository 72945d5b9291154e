package preview

import (
	"runtime"
	"testing"

	"github.com/pion/webrtc/v4"
)

// What sessions hold they give back: a thousand that came and went leave no more behind than a hundred did. It runs
// alone, because memory is the process's.
func TestSessionsLeaveNothingBehind(t *testing.T) {
	g, _ := openGate(t, nil)
	_, sdp := offer(t, webrtc.RTPCodecTypeVideo)
	round := func(n int) (bytes uint64, goroutines int) {
		for range n {
			if _, err := g.Open(tile(), sdp, func() {}); err != nil {
				t.Fatal(err)
			}
			if c := g.Counts(); c.Sessions >= 50 {
				for _, s := range g.all() {
					s.end()
				}
			}
		}
		for _, s := range g.all() {
			s.end()
		}
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	bytes, goroutines := round(100)
	bytesLater, goroutinesLater := round(1000)
	t.Logf("after 100 sessions %d kB and %d goroutines, after 1100 %d kB and %d", bytes>>10, goroutines, bytesLater>>10, goroutinesLater)
	const tolerance = 8 << 20 // a session that is held has 300 kB
	if bytesLater > bytes+tolerance {
		t.Errorf("a thousand sessions left %d kB behind", (bytesLater-bytes)>>10)
	}
	if goroutinesLater > goroutines+100 {
		t.Errorf("a thousand sessions left %d goroutines behind", goroutinesLater-goroutines)
	}
}
