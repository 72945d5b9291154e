package models

import (
	"encoding/json"
	"time"
)

// AuditEntry is one thing that somebody did, or was refused: who, when, what, to what, and why.
type AuditEntry struct {
	Time  time.Time  `json:"time"` // UTC; zero: when it is written down
	Actor AuditActor `json:"actor"`
	// Action is a noun and a verb, lower case with a point between them: clip.view, session.begin, camera.change.
	Action  string       `json:"action"`
	Object  string       `json:"object,omitempty"` // the id of what it was done to
	Camera  CameraID     `json:"camera,omitempty"`
	Site    string       `json:"site,omitempty"`
	Reason  string       `json:"reason,omitempty"`  // what the person gave as the reason
	Address string       `json:"address,omitempty"` // where the request came from
	Outcome AuditOutcome `json:"outcome"`
	// Details is a JSON value with what else there is to say. Whoever makes the entry leaves secrets out.
	Details json.RawMessage `json:"details,omitempty"`
}

// AuditActor is who did it. The name is as it was then: people are renamed and removed, the log stays.
type AuditActor struct {
	Kind string `json:"kind"` // person, token, worker, service or system; nobody for who did not say who he is
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// AuditOutcome is how it ended.
type AuditOutcome string

// The outcomes.
const (
	AuditDone   AuditOutcome = "done"
	AuditDenied AuditOutcome = "denied" // he may not
	AuditFailed AuditOutcome = "failed" // it did not work
)

// AuditRecord is an entry in its place in the log.
type AuditRecord struct {
	Seq int64 `json:"seq"` // from 1, without gaps
	AuditEntry

	Prev string `json:"prev"` // Hash of the record before; of the first, 64 zeros
	Hash string `json:"-"`    // SHA-256 of the record's JSON without it, in hexadecimal
}

// AuditQuery asks for entries of the log, newest first. What is empty does not matter.
type AuditQuery struct {
	From, To time.Time // half-open
	Actor    string    // its id
	Action   string    // itself, or with a point at the end everything that begins so: "clip."
	Object   string
	Cameras  []CameraID // one of them; entries that are about no camera are left out
	Site     string
	Outcome  AuditOutcome
	Before   int64 // only records with a smaller Seq: the cursor; 0: from the newest
	Limit    int   // 0 is 100, more than 1000 is 1000
}
