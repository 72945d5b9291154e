//go:build matprofile

package frame_test

import (
	"testing"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
)

func TestTheLedgerAgreesWithGocvsOwn(t *testing.T) {
	agree := func(when string) {
		t.Helper()
		if ours, theirs := frame.OpenMats(), int64(gocv.MatProfile.Count()); ours != theirs {
			t.Errorf("%s: %d Mats in our ledger, %d in gocv's", when, ours, theirs)
		}
	}
	agree("at the start")
	pool := frame.NewPool(3)
	agree("with a pool")
	kept, _ := pool.Take()
	size := frame.NewMatWithSize(4, 4, gocv.MatTypeCV8UC3)
	copied := frame.Adopt(size.Clone())
	agree("with scratch Mats")
	pool.Close()
	agree("with one frame left of a closed pool")
	kept.Release()
	frame.Close(&size)
	frame.Close(&copied)
	frame.Close(&copied)
	agree("at the end")
	if got := frame.OpenMats(); got != 0 {
		t.Errorf("%d Mats are open at the end", got)
	}
}
