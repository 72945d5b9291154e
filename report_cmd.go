package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"footfall/models"
)

type reportCmd struct {
	Day    string `arg:"" optional:"" help:"The day, such as 2026-03-10; yesterday when left out." placeholder:"DATE"`
	Week   bool   `help:"The week from Monday that the day lies in."`
	Send   bool   `help:"Mail it to everybody in report.to, whether or not they have it." xor:"do"`
	Print  bool   `help:"Print it as text (what happens without --send, too)." xor:"do"`
	HTML   bool   `help:"Print it as the page that is mailed." xor:"do"`
	Config string `help:"Configuration file of the server; without one, the defaults." placeholder:"FILE" type:"path"`
	URL    string `help:"Where the server is, if not here; a token for it stands in FOOTFALL_TOKEN." placeholder:"URL"`
}

// Run asks a running server: its database is open in one place only.
func (cmd *reportCmd) Run(ctx context.Context, c *console) error {
	if cmd.Day == "" {
		cmd.Day = time.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	}
	if _, err := time.Parse(time.DateOnly, cmd.Day); err != nil {
		return models.Invalidf("day", "%q is not a date such as 2026-03-10", cmd.Day)
	}
	cfg, err := configured(cmd.Config, nil)
	if err != nil {
		return err
	}
	key, err := keyFor(cmd.URL, cfg)
	if err != nil {
		return err
	}
	path, method := "/api/v1/summaries/"+cmd.Day, http.MethodGet
	if cmd.Send {
		path, method = path+"/send", http.MethodPost
	}
	path += "?period=" + map[bool]string{false: "day", true: "week"}[cmd.Week]
	if !cmd.Send && !cmd.HTML {
		path += "&as=text"
	}
	text, err := key.ask(ctx, method, path, nil)
	if err != nil {
		return fmt.Errorf("report of %s: %w", cmd.Day, err)
	}
	if cmd.Send {
		text = []byte("The report of " + cmd.Day + " was sent.\n")
	}
	c.say("%s", text)
	return nil
}
