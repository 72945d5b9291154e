// Package audit is the log of who did what: append-only, and chained by hashes, so that what was written cannot be
// changed, taken out or put elsewhere without being seen.
//
// A record is a line of JSON, and its hash is the SHA-256 of exactly these bytes. Every record holds the hash of the
// one before and a number that grows by one. The head, the number and hash of the last record, is kept beside the log,
// and is changed in the same transaction: a log that lost its end is found out too. Appends are serialised by the
// database's one writer, so however many append at once, there is one chain.
//
// Nothing changes a record; triggers in the database refuse it, to this program too. Retention removes the oldest
// stretch, whole: Prune leaves the number and hash of the last record that it removed as an anchor, on which the rest
// of the chain stands, and writes down what it did.
//
// An export is a file of these lines under a signed header that says how many there are, where they begin and where
// they end. Verify checks it with the public key and nothing else. What hashes cannot show is a log that was replaced
// as a whole by somebody who holds the signing key; who must rule that out keeps exports elsewhere.
//
// The package owns the tables audit_log and audit_state. It starts no goroutine.
package audit
