package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"footfall/api"
	"footfall/models"
)

type reportCmd struct {
	Day    string `arg:"" optional:"" help:"The day, such as 2026-03-10; yesterday when left out." placeholder:"DATE"`
	Week   bool   `help:"The week from Monday that the day lies in."`
	Send   bool   `help:"Mail it to everybody in report.to, whether or not they have it." xor:"do"`
	Print  bool   `help:"Print it as text (what happens without --send, too)." xor:"do"`
	HTML   bool   `help:"Print it as the page that is mailed." xor:"do"`
	Config string `help:"Configuration file of the server; without one, the defaults." placeholder:"FILE" type:"path"`
	URL    string `help:"Where the server is, if not at server.listen." placeholder:"URL"`
}

// Run asks a running server: its database is open in one place only.
func (cmd *reportCmd) Run(ctx context.Context, c *console) error {
	if cmd.Day == "" {
		cmd.Day = time.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	}
	if _, err := time.Parse(time.DateOnly, cmd.Day); err != nil {
		return models.Invalidf("day", "%q is not a date such as 2026-03-10", cmd.Day)
	}
	if cmd.URL == "" {
		cfg, err := configured(cmd.Config, nil)
		if err != nil {
			return err
		}
		host, port, err := net.SplitHostPort(cfg.Server.Listen)
		if err != nil {
			return err
		}
		if address := net.ParseIP(host); host == "" || address != nil && address.IsUnspecified() {
			host = "127.0.0.1"
		}
		cmd.URL = "http://" + net.JoinHostPort(host, port)
	}
	path, method := cmd.URL+"/api/v1/summaries/"+cmd.Day, http.MethodGet
	if cmd.Send {
		path, method = path+"/send", http.MethodPost
	}
	path += "?period=" + map[bool]string{false: "day", true: "week"}[cmd.Week]
	if !cmd.Send && !cmd.HTML {
		path += "&as=text"
	}
	text, err := askServer(ctx, method, path)
	if err != nil {
		return fmt.Errorf("report of %s: %w", cmd.Day, err)
	}
	if cmd.Send {
		text = "The report of " + cmd.Day + " was sent.\n"
	}
	c.say("%s", text)
	return nil
}

// askServer is the answer of a server, or the reason that it gives for having none.
func askServer(ctx context.Context, method, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("is footfall serve running there? %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	const most = 16 << 20
	body, err := io.ReadAll(io.LimitReader(answer.Body, most))
	switch {
	case err != nil:
		return "", err
	case answer.StatusCode < 300:
		return string(body), nil
	}
	var problem api.Problem
	if json.Unmarshal(body, &problem) == nil && problem.Detail != "" {
		return "", errors.New(problem.Detail)
	}
	return "", errors.New(answer.Status)
}
