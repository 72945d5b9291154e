package counts

import (
	"context"
	"fmt"

	"footfall/storage/sql"
)

// partitionMinutes is how long a partition of the buckets is in PostgreSQL: thirty days.
const partitionMinutes = 43_200

// partitionedTables are those that are cut by time there.
func partitionedTables() []string {
	return []string{"line_buckets", "coverage_buckets", "zone_buckets"}
}

// partitionsOf are the partitions that a tally falls into.
func partitionsOf(t tally) map[int64]bool {
	wanted := make(map[int64]bool)
	for at := range t.lines {
		wanted[at.minute/partitionMinutes] = true
	}
	for at := range t.coverage {
		wanted[at.minute/partitionMinutes] = true
	}
	for at := range t.zones {
		wanted[at.minute/partitionMinutes] = true
	}
	return wanted
}

// makeRoom makes the partitions that a tally falls into, where there are none yet. SQLite needs none. The longest span
// divides a partition, so a longer bucket lies in that of its minutes.
func (s *Store) makeRoom(ctx context.Context, tx *sql.Tx, t tally) error {
	if s.db.Dialect() != sql.PostgreSQL {
		return nil
	}
	for number := range partitionsOf(t) {
		if _, known := s.partitions.Load(number); known {
			continue
		}
		for _, table := range partitionedTables() {
			_, err := tx.ExecContext(ctx, fmt.Sprintf(
				`create table if not exists %[1]s_%[2]d partition of %[1]s for values from (%[3]d) to (%[4]d)`,
				table, number, number*partitionMinutes, (number+1)*partitionMinutes))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// roomMade remembers the partitions of a batch that was committed.
func (s *Store) roomMade(t tally) {
	for number := range partitionsOf(t) {
		s.partitions.Store(number, true)
	}
}
