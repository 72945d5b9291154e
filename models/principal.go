package models

import (
	"maps"
	"slices"
)

// PrincipalKind is what somebody who asks for something is.
type PrincipalKind string

// The kinds. The zero value is nobody, who may do nothing.
const (
	KindPerson PrincipalKind = "person" // signed in with a password, or through a provider of identities
	KindToken  PrincipalKind = "token"  // a program with an API token; the console of this machine, too
	KindWorker PrincipalKind = "worker" // a worker on the link; it may do nothing over HTTP
)

// Permission is one thing that may be done. What a program may act on is a constant word.
type Permission string

// The permissions.
const (
	MayWatch       Permission = "preview.watch" // live pictures, as everybody may see them
	MayWatchClean  Permission = "preview.clean" // live pictures with people as they are; in no role
	MaySeeCameras  Permission = "cameras.read"  // which cameras and lines there are, and how they are doing
	MayEditCameras Permission = "cameras.edit"  // and their addresses, lines, zones, privacy
	MaySeeSites    Permission = "sites.read"    // sites, areas, doors
	MayEditSites   Permission = "sites.edit"
	MaySeeLive     Permission = "counts.live"    // what is counted now: events, how many are inside
	MayReadCounts  Permission = "counts.read"    // counts of the past and reports, without small counts
	MayReadSmall   Permission = "counts.small"   // those too that are below the small-count rule
	MayCorrect     Permission = "counts.correct" // say how many are inside
	MayReadClips   Permission = "clips.read"
	MayHoldClips   Permission = "clips.hold" // keep them longer than they are kept, with a reason
	MayReadAudit   Permission = "audit.read"
	MayEditHooks   Permission = "webhooks.edit"
	MaySendReports Permission = "reports.send"
	MaySeeSystem   Permission = "system.read" // workers, metrics
	MayEditUsers   Permission = "users.edit"  // people, tokens, sessions of others
)

// Permissions is all that there are, in order.
func Permissions() []Permission {
	return []Permission{
		MayReadAudit, MayEditCameras, MaySeeCameras, MayHoldClips, MayReadClips, MayCorrect, MaySeeLive, MayReadCounts,
		MayReadSmall, MayWatchClean, MayWatch, MaySendReports, MayEditSites, MaySeeSites, MaySeeSystem, MayEditUsers,
		MayEditHooks,
	}
}

// Valid reports whether there is such a permission.
func (p Permission) Valid() bool { return slices.Contains(Permissions(), p) }

// Role is a bundle of permissions that a kind of people needs.
type Role string

// The roles. They combine: whoever has two has the permissions of both.
const (
	RoleViewer  Role = "viewer"  // security staff: live pictures and what is counted now
	RoleManager Role = "manager" // counts and reports
	RoleAuditor Role = "auditor" // clips and the log of who did what; no live pictures
	RoleAdmin   Role = "admin"   // everything but clean pictures, which must be given by name
)

// Roles is all that there are.
func Roles() []Role { return []Role{RoleViewer, RoleManager, RoleAuditor, RoleAdmin} }

// Valid reports whether there is such a role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Permissions is what the role brings.
func (r Role) Permissions() []Permission {
	switch r {
	case RoleViewer:
		return []Permission{MayWatch, MaySeeCameras, MaySeeSites, MaySeeLive}
	case RoleManager:
		return []Permission{MaySeeCameras, MaySeeSites, MaySeeLive, MayReadCounts, MayReadSmall}
	case RoleAuditor:
		return []Permission{
			MaySeeCameras, MaySeeSites, MayReadCounts, MayReadSmall, MayReadClips, MayHoldClips, MayReadAudit,
		}
	case RoleAdmin:
		return slices.DeleteFunc(Permissions(), func(p Permission) bool { return p == MayWatchClean })
	}
	return nil
}

// Grants is what somebody may do, and where. Without sites and cameras it is everywhere; with some it is there only: at
// those sites with their areas and the cameras of these, and at those cameras.
type Grants struct {
	Roles       []Role       `json:"roles"`
	Permissions []Permission `json:"permissions"` // beside those of the roles
	Sites       []string     `json:"sites"`
	Cameras     []CameraID   `json:"cameras"`
}

// Everywhere reports whether nothing is out of reach because of where it is.
func (g Grants) Everywhere() bool { return len(g.Sites) == 0 && len(g.Cameras) == 0 }

// All is every permission, of the roles and besides, in order and once.
func (g Grants) All() []Permission {
	all := map[Permission]bool{}
	for _, r := range g.Roles {
		for _, p := range r.Permissions() {
			all[p] = true
		}
	}
	for _, p := range g.Permissions {
		all[p] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// May reports whether a permission is among them. Where it holds is another question.
func (g Grants) May(p Permission) bool {
	return slices.Contains(g.Permissions, p) ||
		slices.ContainsFunc(g.Roles, func(r Role) bool { return slices.Contains(r.Permissions(), p) })
}

// Validate refuses roles and permissions that there are not. That sites and cameras exist is not asked: what is gone
// may come back.
func (g Grants) Validate() error {
	const most = 1000
	for _, r := range g.Roles {
		if !r.Valid() {
			return Invalidf("roles", "%q is unknown; use viewer, manager, auditor or admin", string(r))
		}
	}
	for _, p := range g.Permissions {
		if !p.Valid() {
			return Invalidf("permissions", "%q is unknown; there are %v", string(p), Permissions())
		}
	}
	if len(g.Sites) > most || len(g.Cameras) > most {
		return Invalidf("sites", "more than %d sites or cameras; leave both empty for everywhere", most)
	}
	for _, s := range g.Sites {
		if err := ValidateID("sites", s); err != nil {
			return err
		}
	}
	for _, c := range g.Cameras {
		if err := ValidateID("cameras", string(c)); err != nil {
			return err
		}
	}
	return nil
}

// Principal is who asks for something. The zero value is nobody.
type Principal struct {
	Kind PrincipalKind
	ID   string // of the account or token
	Name string // for people who read a log
	Grants
}

// String names a principal in a log: "person anna".
func (p Principal) String() string {
	if p.Kind == "" {
		return "nobody"
	}
	return string(p.Kind) + " " + p.ID
}
