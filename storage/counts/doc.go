// Package counts turns facts into counts that can be trusted: leases, the ingest of facts, buckets by the minute and
// their sums, and the single crossings for an audit.
//
// Why nothing is counted twice. A fact has an id, and the database keeps every id it has seen: a known one is
// acknowledged again and changes nothing. A fact carries a lease, and is taken only if its time lies inside it; leases
// of one camera never overlap, so two workers can never both be right about one moment. Single facts are pruned after
// a while; from then on facts of that age are refused, because they might have been counted before.
//
// Why the order of facts does not matter. Totals only add up. A U-turn's way back is never in the clean totals; the way
// there leaves them when both are known, whichever came first. If the way there never comes, or came back after it was
// pruned, nothing is taken out. Observed time adds up to at most the 60 seconds of its minute.
//
// Buckets are kept for 1, 15, 30 and 60 minutes of UTC, changed in the same transaction as the fact is stored. An
// answer in days of a time zone sums hours where the zone is whole hours from UTC, halves or quarters where it is not,
// and minutes at the edges. Revision is the number of the ingest that last changed anything in a bucket, so it grows
// with every change, and is the same however a bucket is summed.
//
// The package owns the tables leases, facts, line_counts, camera_coverage and counts_state. It does not own which lines
// exist (registry) nor who watches what (api/fleet). It starts no goroutine and tells nobody: what an ingest changed
// is in its Receipt, for the caller to publish.
package counts
