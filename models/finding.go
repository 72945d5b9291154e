package models

import "fmt"

// Finding is what a check of evidence found wrong with one thing.
type Finding struct {
	Kind   FindingKind `json:"kind"`
	What   string      `json:"what"` // the file, entry or clip
	Detail string      `json:"detail,omitempty"`
}

// FindingKind says what is wrong.
type FindingKind string

// What may be wrong with evidence.
const (
	Altered   FindingKind = "altered"   // it is not what was written
	Missing   FindingKind = "missing"   // it was written and is not there
	Reordered FindingKind = "reordered" // it stands where another stood
	Replayed  FindingKind = "replayed"  // it is there twice, or again
	Unsigned  FindingKind = "unsigned"  // nobody, or somebody else, signed it
	Foreign   FindingKind = "foreign"   // nobody wrote it
)

// String is the finding in one line.
func (f Finding) String() string {
	if f.Detail == "" {
		return fmt.Sprintf("%s: %s", f.Kind, f.What)
	}
	return fmt.Sprintf("%s: %s: %s", f.Kind, f.What, f.Detail)
}
