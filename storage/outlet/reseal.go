package outlet

import (
	"context"

	"footfall/models"
	"footfall/storage/seal"
	"footfall/storage/sql"
)

// Reseal seals all addresses and secrets with another key, and says how many there were.
func Reseal(ctx context.Context, tx *sql.Tx, from, to seal.Seal) (int, error) {
	all := 0
	for _, column := range []string{"url", "secret"} {
		owner := func(id string) string { return sealedFor(models.WebhookID(id), column) }
		n, err := seal.Column{Table: "webhooks", ID: "id", Name: column, Owner: owner}.Move(ctx, tx, from, to)
		if err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}
