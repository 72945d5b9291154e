package api_test

import (
	"context"

	"footfall/api"
	"footfall/api/access"
	"footfall/models"
)

// doorman lets everybody in as one and the same.
type doorman struct {
	grants models.Grants
	areas  []models.Area
}

// boss may do everything.
func boss() *doorman {
	return &doorman{grants: models.Grants{Permissions: models.Permissions()}}
}

func (d *doorman) visit() access.Visit {
	who := models.Principal{Kind: models.KindToken, ID: "kim", Name: "Kim", Grants: d.grants}
	return access.Visit{Who: who, Scope: access.ScopeOf(d.grants, d.areas)}
}

func (d *doorman) Enter(context.Context, access.Shown) (access.Visit, error) { return d.visit(), nil }

func (d *doorman) Hold(access.Visit, string, int, func()) (func(), error) { return func() {}, nil }

// silent is a journal that keeps nothing.
type silent struct{}

func (silent) Note(context.Context, access.Deed) {}

// unlimited is for tests that ask more than anybody.
func unlimited() api.Limits {
	lots := api.Rate{PerSecond: 1e9, Burst: 1e9}
	return api.Limits{Strangers: lots, Each: lots}
}
