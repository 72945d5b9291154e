package accounts

import (
	"context"

	"footfall/storage/seal"
	"footfall/storage/sql"
)

// Reseal seals the secrets of all second factors with another key, and says how many there were.
func Reseal(ctx context.Context, tx *sql.Tx, from, to seal.Seal) (int, error) {
	all := 0
	for _, field := range []string{"totp", "pending"} {
		owner := func(name string) string { return sealedFor(name, field) }
		n, err := seal.Column{Table: "accounts", ID: "name", Name: field, Owner: owner}.Move(ctx, tx, from, to)
		if err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}
