package access

import (
	"context"
	"time"

	"footfall/models"
)

// Visit is one request, or a stream that it became, as far as it matters who sends it. The zero value is nobody's.
type Visit struct {
	Who     models.Principal
	Scope   Scope
	Address string // where it came from
	// Session is that of a person; its ID is empty for programs.
	Session models.Session
	// MustChange: nothing may be done but to set another password.
	MustChange bool
	Until      time.Time // the visit is over then if nothing happens; zero: when it is revoked

	secondFactor, external bool
}

// HasSecondFactor reports whether the visitor is asked for a code when signing in.
func (v Visit) HasSecondFactor() bool { return v.secondFactor }

// External reports whether the visitor signed in at a provider of identities and has no password here.
func (v Visit) External() bool { return v.external }

// key names what the visit rests on.
func (v Visit) key() string {
	if v.Session.ID != "" {
		return "session " + v.Session.ID
	}
	return v.Who.String()
}

type visitKey struct{}

// Enter is ctx of a request that is this visit.
func Enter(ctx context.Context, v Visit) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

// With is ctx of a request that this principal sends. The scope says what its grants reach: see ScopeOf.
func With(ctx context.Context, who models.Principal, scope Scope) context.Context {
	return Enter(ctx, Visit{Who: who, Scope: scope})
}

// VisitOf is the visit of this context; nobody's when none was said.
func VisitOf(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}

// Who sends the request of this context; nobody when none was said.
func Who(ctx context.Context) models.Principal { return VisitOf(ctx).Who }

// Reach is what the sender of this context's request may see and touch at all; nothing when none was said.
func Reach(ctx context.Context) Scope { return VisitOf(ctx).Scope }
