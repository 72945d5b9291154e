package main

import (
	"context"
	"errors"
	"fmt"

	"footfall/models/config"
)

type serveCmd struct {
	Config string `help:"Configuration file; without one, the defaults." placeholder:"FILE" type:"path"`
	Listen string `help:"Address of the HTTP server (server.listen)." placeholder:"HOST:PORT"`
	Data   string `help:"Folder for the database and all that is kept (data_dir)." placeholder:"FOLDER" type:"path"`
	Model  string `help:"Name or file of the detector (detector.model)." placeholder:"NAME|FILE"`
	Engine string `help:"What runs it: auto, onnxruntime or opencv (detector.engine)." placeholder:"ENGINE"`
	Check  bool   `help:"Read the configuration, show it with secrets as stars, and stop."`
	Sample bool   `help:"Print a configuration file with every key explained, and stop."`
}

// Run serves until ctx ends.
func (cmd *serveCmd) Run(ctx context.Context, c *console) (err error) {
	if cmd.Sample {
		c.say("%s", config.Sample())
		return nil
	}
	cfg, err := configured(cmd.Config, cmd.overrides())
	if err != nil {
		return err
	}
	if cmd.Check {
		c.say("%s", cfg.YAML())
		return nil
	}
	var workerArgs []string
	if cmd.Config != "" {
		workerArgs = []string{"--config", cmd.Config}
	}
	log := newLog(c, cfg.Log)
	h, err := openHouse(ctx, cfg, workerArgs, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	password, err := h.desk.FirstAccount(ctx, firstAdmin, false)
	if err != nil {
		return fmt.Errorf("make the first administrator: %w", err)
	}
	if password != "" {
		c.say("The first administrator is %s, with the password %s - sign in at %s and set another within a week.",
			firstAdmin, password, h.http.URL())
	}
	if cfg.Server.Encrypts() && cfg.Server.TLSCert == "" {
		c.say("Browsers will warn of the certificate, which was made here. Its SHA-256 is %s; server.tls_cert takes "+
			"another one.", h.shown.fingerprint())
	}
	if dial := h.workerAddress("TOKEN"); cfg.Link.Encrypts() && dial != "" {
		c.say("Workers elsewhere dial %s, which `footfall tokens add NAME --worker` prints with a token.", dial)
	} else if cfg.Link.Listen != "" && !cfg.Link.Encrypts() && !config.OnlyHere(cfg.Link.Listen) {
		log.Warn("workers elsewhere can connect and the link is not encrypted: their tokens and the passwords of "+
			"cameras can be read on the way", "link.tls", cfg.Link.TLS)
	}
	if !cfg.Server.Encrypts() && !config.OnlyHere(cfg.Server.Listen) {
		log.Warn("the server can be reached from other machines and does not encrypt: passwords can be read on the "+
			"way, unless a proxy in front encrypts", "server.tls", cfg.Server.TLS)
	}
	log.Info("serving", "url", h.http.URL(), "docs", h.http.URL()+"/api/docs", "cameras declared", len(cfg.Cameras),
		"local workers", h.localWorkers(), "data", cfg.DataDir, "version", version)
	return h.Run(ctx, nil)
}

func (cmd *serveCmd) overrides() map[string]string {
	flags := map[string]string{}
	for key, value := range map[string]string{
		"server.listen": cmd.Listen, "data_dir": cmd.Data, "detector.model": cmd.Model, "detector.engine": cmd.Engine,
	} {
		if value != "" {
			flags[key] = value
		}
	}
	return flags
}
