package simulator

import "testing"

func TestNumbersAreReadAsTheyWereDrawn(t *testing.T) {
	t.Parallel()
	scene := StreetScene()
	scene.Numbered = true
	p := &painter{scene: scene, seed: 1}
	for _, frame := range []int{1, 2, 77, 120} {
		p.paint(frame)
		if got := ReadNumber(p.canvas, scene.Width, scene.Height); got != frame {
			t.Errorf("picture %d reads %d", frame, got)
		}
	}
}
