package main

import (
	"context"
	"strings"
	"time"

	"footfall/api"
)

type tokensCmd struct {
	List   tokensListCmd   `cmd:"" help:"Tokens of programs and workers, without what opens anything."`
	Add    tokensAddCmd    `cmd:"" help:"Make a token and print it, this once."`
	Revoke tokensRevokeCmd `cmd:"" help:"Revoke a token."`
}

type tokensListCmd struct {
	who

	JSON bool `name:"json" help:"As JSON."`
}

// Run lists tokens.
func (cmd *tokensListCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, func(ctx context.Context, p people) error {
		tokens, err := p.Tokens(ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return c.json(api.Tokens{Items: tokens})
		}
		c.say("%-17s %-20s %-18s %-24s %-24s %-17s %s", "id", "for", "begins with", "may", "where", "used", "expires")
		for _, t := range tokens {
			may := strings.Join(append(t.Roles, t.Permissions...), ",")
			if t.Kind == api.TokenKindWorker {
				may = "(worker)"
			}
			c.say("%-17s %-20s %-18s %-24s %-24s %-17s %s", t.Id, t.Name, t.Prefix, may, scopeText(t.Sites, t.Cameras),
				since(t.Used), since(t.Expires))
		}
		return nil
	})
}

type tokensAddCmd struct {
	who
	grantFlags

	Name   string        `arg:"" help:"What it is for; with --worker, the name of the worker." placeholder:"NAME"`
	Worker bool          `help:"For a worker elsewhere: it opens the link and nothing else. The address for the worker is printed, too."`
	For    time.Duration `help:"How long it is good, such as 2160h; for ever if not given." placeholder:"TIME"`
}

// Run makes a token.
func (cmd *tokensAddCmd) Run(ctx context.Context, c *console) error {
	if err := cmd.validate(); err != nil {
		return err
	}
	token := api.NewToken{
		Name: cmd.Name, Roles: some(cmd.Role), Permissions: some(cmd.Permission), Sites: some(cmd.Site),
		Cameras: some(cmd.Camera),
	}
	if cmd.Worker {
		kind := api.NewTokenKindWorker
		token.Kind = &kind
	}
	if cmd.For > 0 {
		expires := time.Now().Add(cmd.For)
		token.Expires = &expires
	}
	return cmd.with(ctx, func(ctx context.Context, p people) error {
		made, err := p.AddToken(ctx, token)
		if err != nil {
			return err
		}
		c.say("%s", *made.Secret)
		if made.Link != nil {
			c.say("FOOTFALL_LINK_URL='%s'", *made.Link)
		}
		return nil
	})
}

type tokensRevokeCmd struct {
	who

	ID string `arg:"" help:"Its id, from tokens list." placeholder:"ID"`
}

// Run revokes a token.
func (cmd *tokensRevokeCmd) Run(ctx context.Context, _ *console) error {
	return cmd.with(ctx, func(ctx context.Context, p people) error { return p.RemoveToken(ctx, cmd.ID) })
}
