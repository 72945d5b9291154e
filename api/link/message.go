package link

import (
	"encoding/json"
	"time"

	"footfall/models"
)

// Protocol is the version of everything in this file. It grows when an older reader would misunderstand a message;
// a new optional field is no reason.
const Protocol = 1

// The subjects. Ids of workers are models.ValidateID-clean, so that they are one token of a subject.
const (
	subjectBeat  = "footfall.beat." // + name of the worker, as all of them: the broker sees to it that it is its own
	subjectFacts = "footfall.facts."
	subjectWake  = "footfall.wake."
)

// Beat is what a worker says about itself, about once a second.
type Beat struct {
	Protocol    int    `json:"protocol"`
	Worker      string `json:"worker"`      // stays the same when the process is restarted
	Incarnation string `json:"incarnation"` // one per process
	Version     string `json:"version"`     // of the program
	Capacity    int    `json:"capacity"`    // how many cameras it can watch

	Sent  time.Time `json:"sent"`            // by the worker's clock
	Clock *Clock    `json:"clock,omitempty"` // absent until the first answer came

	Holds    []models.LeaseID      `json:"holds,omitempty"` // the leases it works under
	Statuses []models.CameraStatus `json:"statuses,omitempty"`
	Outbox   int                   `json:"outbox"` // facts not committed yet

	Resources Resources `json:"resources,omitzero"`

	// Leaving: the worker stops in good order. This is its last word; its cameras are free at once.
	Leaving bool `json:"leaving,omitempty"`
}

// Resources are what a worker's process holds of its machine. With the same cameras they stay the same: what grows
// leaks. All are 0 where nobody measures them.
type Resources struct {
	Goroutines    int   `json:"goroutines"`
	OpenMats      int64 `json:"open_mats"` // OpenCV's matrices, which no garbage collector frees
	Threads       int   `json:"threads"`
	Files         int   `json:"files"` // open file descriptors
	ResidentBytes int64 `json:"resident_bytes"`

	Encoders     int    `json:"encoders,omitempty"` // that run for viewers
	Shots        uint64 `json:"shots,omitempty"`    // pictures sent to viewers
	ShotsDropped uint64 `json:"shots_dropped,omitempty"`

	Spool *models.SpoolStatus `json:"spool,omitempty"` // of clips
}

// Clock compares the worker's clock with the server's.
type Clock struct {
	Offset    time.Duration `json:"offset_ns"`     // worker minus server: positive = the worker's clock is ahead
	RoundTrip time.Duration `json:"round_trip_ns"` // the offset is true to about half of this
}

// Orders is the answer to a beat.
type Orders struct {
	Protocol int      `json:"protocol"`
	Problem  *Problem `json:"problem,omitempty"` // set: nothing below is

	Received time.Time `json:"received"` // by the server's clock
	Sent     time.Time `json:"sent"`

	Assignments []Assignment    `json:"assignments,omitempty"`
	Settings    json.RawMessage `json:"settings,omitempty"` // the same for every worker; link does not look inside
}

// Assignment tells a worker to watch a camera under a lease. The camera carries its credentials.
type Assignment struct {
	Lease  models.Lease  `json:"lease"`
	Camera models.Camera `json:"camera"`
	// Recordings are the clips that people want of the camera, those included that the worker has made already.
	Recordings []models.Recording `json:"recordings,omitempty"`
}

// Batch is a number of facts, oldest first.
type Batch struct {
	Protocol int           `json:"protocol"`
	Worker   string        `json:"worker"`
	Facts    []models.Fact `json:"facts"`
}

// Receipt is the answer to a Batch. A fact it does not mention is to be sent again.
type Receipt struct {
	Protocol int      `json:"protocol"`
	Problem  *Problem `json:"problem,omitempty"` // set: no fact of the batch was looked at

	Accepted []models.FactID `json:"accepted,omitempty"` // committed, now or by an earlier attempt
	Later    []models.FactID `json:"later,omitempty"`    // their lease does not cover them yet: keep them, try again
	Refused  []Refusal       `json:"refused,omitempty"`  // never: they must be given up
}

// Refusal says why a fact will never be taken.
type Refusal struct {
	ID     models.FactID `json:"id"`
	Reason string        `json:"reason"`
}

// Problem is why a message was not handled at all.
type Problem struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail"` // one line for people
}

// Code is a Problem that a program can act on.
type Code string

// The codes.
const (
	CodeMessage     Code = "bad_message"      // cannot be read, or breaks a rule
	CodeProtocol    Code = "unknown_protocol" // written in a protocol that the reader does not speak
	CodeSuperseded  Code = "superseded"       // another process runs under the worker's name
	CodeUnavailable Code = "unavailable"      // not now; try again later
)
