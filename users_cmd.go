package main

import (
	"context"
	"strings"

	"footfall/api"
)

type usersCmd struct {
	List   usersListCmd   `cmd:"" help:"Who may sign in."`
	Add    usersAddCmd    `cmd:"" help:"Add a person; prints a password to be used once."`
	Reset  usersResetCmd  `cmd:"" help:"Give a person a password to be used once, and take the second factor away."`
	Remove usersRemoveCmd `cmd:"" help:"Remove a person, who is signed out everywhere."`
}

type usersListCmd struct {
	who

	JSON bool `name:"json" help:"As JSON."`
}

// Run lists people.
func (cmd *usersListCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, func(ctx context.Context, p people) error {
		users, err := p.Users(ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return c.json(api.Users{Items: users})
		}
		c.say("%-20s %-24s %-28s %-17s %s", "name", "may", "where", "signed in", "")
		for _, u := range users {
			notes := ""
			for _, note := range []struct {
				is   bool
				text string
			}{
				{u.Disabled, " switched off"},
				{u.External, " signs in at the provider"},
				{u.SecondFactor, " second factor"},
				{u.MustChangePassword, " one-time password"},
			} {
				if note.is {
					notes += note.text
				}
			}
			c.say("%-20s %-24s %-28s %-17s%s", u.Name, strings.Join(append(u.Roles, u.Permissions...), ","),
				scopeText(u.Sites, u.Cameras), since(u.SignedIn), notes)
		}
		return nil
	})
}

type usersAddCmd struct {
	who
	grantFlags

	Name     string `arg:"" help:"What is typed to sign in: a-z, 0-9 and .-_@" placeholder:"NAME"`
	FullName string `help:"For people." placeholder:"NAME"`
}

// Run adds a person.
func (cmd *usersAddCmd) Run(ctx context.Context, c *console) error {
	if err := cmd.validate(); err != nil {
		return err
	}
	return cmd.with(ctx, func(ctx context.Context, p people) error {
		user, err := p.AddUser(ctx, api.NewUser{
			Name: cmd.Name, FullName: given(cmd.FullName), Roles: some(cmd.Role), Permissions: some(cmd.Permission),
			Sites: some(cmd.Site), Cameras: some(cmd.Camera),
		})
		if err != nil {
			return err
		}
		c.say("%s", *user.OneTimePassword)
		return nil
	})
}

// some is a list, or nil when it is empty.
func some(list []string) *[]string {
	if len(list) == 0 {
		return nil
	}
	return &list
}

// given is a text, or nil when there is none.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

type usersResetCmd struct {
	who

	Name string `arg:"" help:"Whose password." placeholder:"NAME"`
}

// Run gives a person another password.
func (cmd *usersResetCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, func(ctx context.Context, p people) error {
		once, err := p.ResetUser(ctx, cmd.Name)
		if err == nil {
			c.say("%s", once)
		}
		return err
	})
}

type usersRemoveCmd struct {
	who

	Name string `arg:"" help:"Who." placeholder:"NAME"`
}

// Run removes a person.
func (cmd *usersRemoveCmd) Run(ctx context.Context, _ *console) error {
	return cmd.with(ctx, func(ctx context.Context, p people) error { return p.RemoveUser(ctx, cmd.Name) })
}
