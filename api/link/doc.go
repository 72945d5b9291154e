// Package link is how the server and its workers talk, both ends of it, over NATS.
//
// Two conversations, asked by the worker and answered by the server, so that a worker needs no open port:
//
//   - the beat, about once a second: "this is who I am, this is how my cameras are" - "these are your cameras". The
//     server may say "wake up" in between, which only means: do not wait for the next beat.
//   - facts: "these crossings and coverages happened" - "these are in the database, keep those, those I will never
//     take". A fact leaves the worker's outbox only after one of the two final answers.
//
// And one question that the server asks, on which nothing depends: what would these lines have counted on what you have
// seen lately?
//
// NATS carries the messages and nothing more: no persistence of it is used, a lost message is asked again. Every
// message says which protocol it is written in; another one is refused with a clear answer, never guessed at.
//
// What the messages mean is decided elsewhere: leases and assignments by a Fleet (api/fleet), facts by an Ingest
// (storage/counts), watching by a Duty (the worker command). The pieces:
//
//   - Broker: the NATS server inside footfall, for one machine. A cluster of NATS servers takes its place later.
//   - Hub: the server's end. Its Run reads the two subjects, and one goroutine passes on wake-up calls.
//   - Client: the worker's end. Its Run beats, and one goroutine drains the outbox.
//
// Nothing here starts a goroutine before Run, and Run has waited for all of them when it returns.
package link
