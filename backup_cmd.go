package main

import (
	"context"
	"os"

	"footfall/models"
	"footfall/models/config"
	"footfall/storage/sql"
)

type backupCmd struct {
	To     string `arg:"" help:"File to write; it must not be there yet." placeholder:"FILE" type:"path"`
	Config string `help:"Configuration file; without one, the defaults." placeholder:"FILE" type:"path"`
	Data   string `help:"Folder for the database and all that is kept (data_dir)." placeholder:"FOLDER" type:"path"`
}

// Run copies the database while the server may be running.
func (cmd *backupCmd) Run(ctx context.Context, c *console) error {
	path, err := databaseFile(cmd.Config, cmd.Data)
	if err != nil {
		return err
	}
	if err := sql.Backup(ctx, path, cmd.To); err != nil {
		return err
	}
	size := int64(0)
	if info, err := os.Stat(cmd.To); err == nil {
		size = info.Size()
	}
	c.say("%s: %d bytes, checked. Cameras' addresses in it are sealed: keep camera.key of the data folder, too, "+
		"in another place.", cmd.To, size)
	return nil
}

type restoreCmd struct {
	From   string `arg:"" help:"Backup to restore." placeholder:"FILE" type:"existingfile"`
	Config string `help:"Configuration file; without one, the defaults." placeholder:"FILE" type:"path"`
	Data   string `help:"Folder for the database and all that is kept (data_dir)." placeholder:"FOLDER" type:"path"`
}

// Run puts a backup where there is no database.
func (cmd *restoreCmd) Run(ctx context.Context, c *console) error {
	path, err := databaseFile(cmd.Config, cmd.Data)
	if err != nil {
		return err
	}
	if err := sql.Restore(ctx, cmd.From, path); err != nil {
		return err
	}
	c.say("%s is restored and checked.", path)
	return nil
}

// databaseFile is the SQLite file of a configuration.
func databaseFile(file, data string) (string, error) {
	flags := map[string]string{}
	if data != "" {
		flags["data_dir"] = data
	}
	cfg, err := configured(file, flags)
	if err != nil {
		return "", err
	}
	return sqliteOnly(cfg.Storage)
}

func sqliteOnly(s config.Storage) (string, error) {
	if s.PostgreSQL != "" {
		return "", models.Invalidf("storage.postgresql",
			"is in use: PostgreSQL has its own programs for that, pg_dump and pg_restore")
	}
	return s.SQLite, nil
}
