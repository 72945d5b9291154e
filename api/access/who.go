package access

import (
	"context"

	"footfall/models"
)

type whoKey struct{}

// asker is what a request's context knows of its sender.
type asker struct {
	who   models.Principal
	scope Scope
}

// With is ctx of a request that this principal sends. The scope says what its grants reach: see ScopeOf.
func With(ctx context.Context, who models.Principal, scope Scope) context.Context {
	return context.WithValue(ctx, whoKey{}, asker{who, scope})
}

// Who sends the request of this context; nobody when none was said.
func Who(ctx context.Context) models.Principal {
	found, _ := ctx.Value(whoKey{}).(asker)
	return found.who
}

// Reach is what the sender of this context's request may see and touch at all; nothing when none was said.
func Reach(ctx context.Context) Scope {
	found, _ := ctx.Value(whoKey{}).(asker)
	return found.scope
}
