package registry

import (
	"context"

	"footfall/storage/seal"
	"footfall/storage/sql"
)

// Reseal seals all addresses, and the text that a key is tried with, with another key. It says how many there were.
func Reseal(ctx context.Context, tx *sql.Tx, from, to seal.Seal) (int, error) {
	n, err := seal.Column{
		Table: "cameras", ID: "id", Name: "address", Owner: func(id string) string { return id },
	}.Move(ctx, tx, from, to)
	if err == nil {
		_, err = tx.ExecContext(ctx, `update registry_state set sealed = $1`, to.Close(stateOwner, stateText))
	}
	return n, err
}
