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
}
