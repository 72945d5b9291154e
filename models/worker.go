package models

import "time"

// WorkerStatus is the present of one worker process, as the server sees it. It is stored nowhere.
type WorkerStatus struct {
	Name        string
	Online      bool // heard from lately
	Version     string
	Cameras     []CameraID    // those it holds a lease for
	ClockOffset time.Duration // how far its clock is ahead of the server's
	Outbox      int64         // facts that it has not got rid of yet
	LastHeard   time.Time
	Spool       *SpoolStatus // nil: it makes no clips, or has not said
}

// SpoolStatus is how a worker's clips that wait for the store are doing.
type SpoolStatus struct {
	Clips    int       `json:"clips"` // that wait
	Bytes    int64     `json:"bytes"`
	Oldest   time.Time `json:"oldest,omitzero"`   // the end of the one that waits longest; zero: none waits
	Sent     uint64    `json:"sent"`              // since the worker's start
	Lost     uint64    `json:"lost"`              // there was no room, or the disk has not kept them
	Failures uint64    `json:"failures"`          // attempts at sending one
	Trouble  string    `json:"trouble,omitempty"` // why the last attempt failed; empty when it did not
}
