package weights

import "testing"

// Who puts other weights in must measure them: figures go by the hash, and built-in models without any would be left
// out of the comparison that people choose by.
func TestBuiltInModelsAreMeasured(t *testing.T) {
	t.Parallel()
	shelf, err := NewShelf("")
	if err != nil {
		t.Fatal(err)
	}
	items, err := shelf.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		m := i.Measured
		switch {
		case i.Place != inBinary && i.Name != "yolox-nano":
			if m != nil {
				t.Errorf("%s has figures, and nobody measured it: %+v", i.Name, *m)
			}
		case m == nil:
			t.Errorf("%s has no figures", i.Name)
		case !(m.Time > 0 && m.F1Sequence > 0.5 && m.F1Sequence <= 1 && m.F1Clips > 0.5 && m.F1Clips <= 1) ||
			m.FalseFrames < 0 || m.FalseFrames > 1000:
			t.Errorf("%s: %+v", i.Name, *m)
		}
	}
}
