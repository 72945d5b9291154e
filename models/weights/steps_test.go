package weights

import "testing"

func TestStepsGoFromTheCheapestUp(t *testing.T) {
	t.Parallel()
	shelf, err := NewShelf("")
	if err != nil {
		t.Fatal(err)
	}
	steps := shelf.Steps()
	if len(steps) < 2 || steps[0].Work != 1 {
		t.Fatalf("%+v", steps)
	}
	for i := range steps[1:] {
		if steps[i].Work >= steps[i+1].Work {
			t.Errorf("%+v before %+v", steps[i], steps[i+1])
		}
	}
}
