package models

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestZoneIsRefused(t *testing.T) {
	square := []Point{{0.1, 0.1}, {0.9, 0.1}, {0.9, 0.9}, {0.1, 0.9}}
	for name, test := range map[string]struct {
		zone Zone
		want string // part of the error; empty: none
	}{
		"a square":           {Zone{ID: "z", Points: square}, ""},
		"an L":               {Zone{ID: "z", Points: []Point{{0, 0}, {1, 0}, {1, .5}, {.5, .5}, {.5, 1}, {0, 1}}}, ""},
		"a corner on a side": {Zone{ID: "z", Points: []Point{{0, 0}, {.5, 0}, {1, 0}, {1, 1}}}, ""},
		"no id":              {Zone{Points: square}, "zone id"},
		"two points":         {Zone{ID: "z", Points: square[:2]}, "has 2 point(s)"},
		"outside":            {Zone{ID: "z", Points: []Point{{0, 0}, {1, 0}, {1, 1.5}}}, "point 3"},
		"a bow tie":          {Zone{ID: "z", Points: []Point{{0, 0}, {1, 1}, {1, 0}, {0, 1}}}, "cross or touch"},
		"a spike":            {Zone{ID: "z", Points: []Point{{0, 0}, {1, 0}, {.5, 0}}}, "cross or touch"},
		"a point twice":      {Zone{ID: "z", Points: []Point{{0, 0}, {1, 0}, {1, 0}, {1, 1}}}, "cross or touch"},
		"all on a straight":  {Zone{ID: "z", Points: []Point{{0, 0}, {.5, .5}, {1, 1}}}, "cross or touch"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.zone.Validate()
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && (!errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if err := ValidateZones([]Zone{{ID: "z", Points: square}, {ID: "z", Points: square}}); err == nil {
		t.Error("two zones of one id were accepted")
	}
}

func TestDwellClass(t *testing.T) {
	for d, want := range map[time.Duration]int{0: 0, 4999 * time.Millisecond: 0, 5 * time.Second: 1, time.Hour: 9} {
		if got := DwellClass(d); got != want {
			t.Errorf("%s is of class %d, want %d", d, got, want)
		}
	}
	if got := len(DwellBounds()) + 1; got != DwellClasses {
		t.Errorf("the bounds make %d classes, DwellClasses is %d", got, DwellClasses)
	}
}
