package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"footfall/models"
	"footfall/models/config"
	"footfall/storage/accounts"
	"footfall/storage/outlet"
	"footfall/storage/registry"
	"footfall/storage/seal"
	"footfall/storage/sql"
)

type keysCmd struct {
	Rotate keysRotateCmd `cmd:"" help:"Make another key and seal everything with it; the server must be stopped."`
}

type keysRotateCmd struct {
	Config string `help:"Configuration file of the server; without one, the defaults." placeholder:"FILE" type:"path"`
	Data   string `help:"Folder for the database and all that is kept (data_dir)." placeholder:"FOLDER" type:"path"`
	Next   string `help:"Where the key is configured (storage.key): a file with the next one." placeholder:"FILE" type:"path"`
}

// Run seals everything with another key. The new one is on disk before anything is sealed with it, and takes the place
// of the old one after everything is: whenever this is interrupted, the next start finds the key that fits.
func (cmd *keysRotateCmd) Run(ctx context.Context, c *console) (err error) {
	flags := map[string]string{}
	if cmd.Data != "" {
		flags["data_dir"] = cmd.Data
	}
	cfg, err := configured(cmd.Config, flags)
	if err != nil {
		return err
	}
	fresh, err := cmd.fresh(cfg)
	if err != nil {
		return err
	}
	database, err := sql.Open(ctx, cfg.Storage.Database())
	if err != nil {
		return fmt.Errorf("open the database: %w; stop the server first", err)
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	_, old, err := openRegistry(ctx, database, cfg)
	if err != nil {
		return err
	}
	if cfg.Storage.Key != "" {
		n, err := reseal(ctx, database, old, fresh)
		if err != nil {
			return fmt.Errorf("seal with the new key: %w; the old one is in force", err)
		}
		c.say("%d secrets are sealed with the key of %s. Put it in the place of storage.key before the server starts; "+
			"the old one opens old backups.", n, cmd.Next)
		return nil
	}
	next := cameraKeyFile(cfg.DataDir) + nextKey
	if err := os.WriteFile(next, []byte(hex.EncodeToString(fresh)+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the new key: %w", err)
	}
	n, err := reseal(ctx, database, old, fresh)
	if err != nil {
		return fmt.Errorf("seal with the new key: %w; the old one is in force", err)
	}
	if err := os.Rename(next, cameraKeyFile(cfg.DataDir)); err != nil {
		return fmt.Errorf("put the new key in its place: %w; it is %s", err, next)
	}
	c.say("%d secrets are sealed with another key. Keep a copy of %s apart from the database; the old one opens old "+
		"backups.", n, cameraKeyFile(cfg.DataDir))
	return nil
}

// fresh is the next key: a new one, or that of a file where the key is configured, because only whoever configures it
// can put the next one in its place.
func (cmd *keysRotateCmd) fresh(cfg config.Config) ([]byte, error) {
	switch {
	case cfg.Storage.Key == "" && cmd.Next == "":
		return seal.NewKey(), nil
	case cfg.Storage.Key == "":
		return nil, models.Invalidf("--next", "is for where the key is configured (storage.key); leave it out")
	case cmd.Next == "":
		return nil, models.Invalidf("--next", "is missing: the key is configured (storage.key); name a file with 64 "+
			"hexadecimal digits to seal with from now on")
	}
	return readKey(cmd.Next)
}

// reseal seals everything anew, in one transaction.
func reseal(ctx context.Context, database *sql.DB, old, fresh []byte) (n int, err error) {
	from, err := seal.New(old)
	if err != nil {
		return 0, err
	}
	to, err := seal.New(fresh)
	if err != nil {
		return 0, err
	}
	for _, migrate := range []func() error{
		func() error { _, err := outlet.New(ctx, database, old); return err },
		func() error { _, err := accounts.New(ctx, database, old); return err },
	} {
		if err := migrate(); err != nil {
			return 0, err
		}
	}
	err = database.Write(ctx, func(tx *sql.Tx) error {
		n = 0
		for _, room := range []func(context.Context, *sql.Tx, seal.Seal, seal.Seal) (int, error){
			registry.Reseal, outlet.Reseal, accounts.Reseal,
		} {
			some, err := room(ctx, tx, from, to)
			if err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	return n, err
}

// openRegistry is the registry with the key that fits it: after a rotation that was interrupted, that may be the new
// one, which takes its place then.
func openRegistry(ctx context.Context, database *sql.DB, cfg config.Config) (*registry.Registry, []byte, error) {
	key, err := cameraKey(cfg)
	if err != nil {
		return nil, nil, err
	}
	places, err := registry.New(ctx, database, key)
	if cfg.Storage.Key != "" {
		return places, key, err
	}
	next := cameraKeyFile(cfg.DataDir) + nextKey
	if !errors.Is(err, registry.ErrWrongKey) {
		if err == nil {
			err = removeIfThere(next) // nothing was sealed with it
		}
		return places, key, err
	}
	if _, missing := os.Stat(next); missing != nil {
		return nil, nil, err
	}
	if key, err = readKey(next); err != nil {
		return nil, nil, err
	}
	if places, err = registry.New(ctx, database, key); err != nil {
		return nil, nil, err
	}
	if err := os.Rename(next, cameraKeyFile(cfg.DataDir)); err != nil {
		return nil, nil, fmt.Errorf("put the new key in its place: %w", err)
	}
	return places, key, nil
}
