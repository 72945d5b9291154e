package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"

	"footfall/api"
	"footfall/api/access"
	"footfall/models"
	"footfall/models/config"
	"footfall/storage/accounts"
	"footfall/storage/audit"
	"footfall/storage/sql"
)

// people is who may come in, as the commands of this machine see it: through the server while one runs, which has the
// database open, and else in the database itself.
type people interface {
	Users(ctx context.Context) ([]api.User, error)
	AddUser(ctx context.Context, u api.NewUser) (api.User, error)
	ResetUser(ctx context.Context, name string) (once string, err error)
	RemoveUser(ctx context.Context, name string) error
	Tokens(ctx context.Context) ([]api.Token, error)
	AddToken(ctx context.Context, t api.NewToken) (api.Token, error)
	RemoveToken(ctx context.Context, id string) error
}

// who says where people are to be changed.
type who struct {
	Config string `help:"Configuration file of the server; without one, the defaults." placeholder:"FILE" type:"path"`
	Data   string `help:"Folder for the database and all that is kept (data_dir)." placeholder:"FOLDER" type:"path"`
	URL    string `help:"Where the server is, if not here; a token for it stands in FOOTFALL_TOKEN." placeholder:"URL"`
}

// with lets do change people.
func (w who) with(ctx context.Context, do func(context.Context, people) error) (err error) {
	flags := map[string]string{}
	if w.Data != "" {
		flags["data_dir"] = w.Data
	}
	cfg, err := configured(w.Config, flags)
	if err != nil {
		return err
	}
	key, err := keyFor(w.URL, cfg)
	if err == nil {
		if err = do(ctx, far{key}); !errors.Is(err, errNotRunning) || w.URL != "" {
			return err
		}
	} else if !errors.Is(err, errNotRunning) {
		return err
	}
	near, err := openNear(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, near.database.Close()) }()
	return do(access.AsConsole(ctx), near)
}

// far is people behind a server.
type far struct{ server consoleKey }

func saidBy[T any](text []byte, err error) (answer T, _ error) {
	if err != nil {
		return answer, err
	}
	return answer, json.Unmarshal(text, &answer)
}

func (f far) Users(ctx context.Context) ([]api.User, error) {
	list, err := saidBy[api.Users](f.server.ask(ctx, http.MethodGet, "/api/v1/users", nil))
	return list.Items, err
}

func (f far) AddUser(ctx context.Context, u api.NewUser) (api.User, error) {
	return saidBy[api.User](f.server.ask(ctx, http.MethodPost, "/api/v1/users", u))
}

func (f far) ResetUser(ctx context.Context, name string) (string, error) {
	path := "/api/v1/users/" + url.PathEscape(name) + "/reset"
	answer, err := saidBy[api.OneTimePassword](f.server.ask(ctx, http.MethodPost, path, nil))
	return answer.OneTimePassword, err
}

func (f far) RemoveUser(ctx context.Context, name string) error {
	_, err := f.server.ask(ctx, http.MethodDelete, "/api/v1/users/"+url.PathEscape(name), nil)
	return err
}

func (f far) Tokens(ctx context.Context) ([]api.Token, error) {
	list, err := saidBy[api.Tokens](f.server.ask(ctx, http.MethodGet, "/api/v1/tokens", nil))
	return list.Items, err
}

func (f far) AddToken(ctx context.Context, t api.NewToken) (api.Token, error) {
	return saidBy[api.Token](f.server.ask(ctx, http.MethodPost, "/api/v1/tokens", t))
}

func (f far) RemoveToken(ctx context.Context, id string) error {
	_, err := f.server.ask(ctx, http.MethodDelete, "/api/v1/tokens/"+url.PathEscape(id), nil)
	return err
}

// near is people in a database that no server has open.
type near struct {
	cfg      config.Config
	log      *slog.Logger
	database *sql.DB
	desk     *access.Desk
}

func openNear(ctx context.Context, cfg config.Config) (_ near, err error) {
	if _, err := os.Stat(cfg.DataDir); errors.Is(err, fs.ErrNotExist) {
		return near{}, fmt.Errorf("%w, and there is no data folder %s; name it with --data or --config", errNotRunning,
			cfg.DataDir)
	}
	database, err := sql.Open(ctx, cfg.Storage.Database())
	if err != nil {
		return near{}, fmt.Errorf("open the database: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, database.Close())
		}
	}()
	places, key, err := openRegistry(ctx, database, cfg)
	if err != nil {
		return near{}, err
	}
	store, err := accounts.New(ctx, database, key)
	if err != nil {
		return near{}, err
	}
	record, err := audit.New(ctx, database)
	if err != nil {
		return near{}, err
	}
	cfg.Log.Level = slog.LevelError // a command says in one line what was refused
	log := newLog(&console{err: os.Stderr}, cfg.Log)
	desk, err := newDesk(store, places, deeds{record, log}, key, cfg)
	return near{cfg, log, database, desk}, err
}

func (n near) Users(ctx context.Context) ([]api.User, error) {
	found, err := n.desk.Accounts(ctx)
	shown := make([]api.User, 0, len(found))
	for _, a := range found {
		shown = append(shown, api.UserOf(a))
	}
	return shown, err
}

func (n near) AddUser(ctx context.Context, u api.NewUser) (api.User, error) {
	a, once, err := n.desk.AddAccount(ctx, u.Account(), "")
	shown := api.UserOf(a)
	shown.OneTimePassword = &once
	return shown, err
}

func (n near) ResetUser(ctx context.Context, name string) (string, error) {
	return n.desk.Reset(ctx, name)
}

func (n near) RemoveUser(ctx context.Context, name string) error {
	return n.desk.RemoveAccount(ctx, name)
}

func (n near) Tokens(ctx context.Context) ([]api.Token, error) {
	found, err := n.desk.Tokens(ctx)
	shown := make([]api.Token, 0, len(found))
	for _, t := range found {
		shown = append(shown, api.TokenOf(t))
	}
	return shown, err
}

func (n near) AddToken(ctx context.Context, t api.NewToken) (api.Token, error) {
	made, secret, err := n.desk.AddToken(ctx, t.APIToken())
	if err != nil {
		return api.Token{}, err
	}
	address, err := n.workerAddress(secret)
	return api.NewTokenOf(made, secret, address), err
}

func (n near) RemoveToken(ctx context.Context, id string) error { return n.desk.RemoveToken(ctx, id) }

// since is a time for people; never when it is none.
func since(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// scopeText is where grants hold, for people.
func scopeText(sites, cameras []string) string {
	if len(sites)+len(cameras) == 0 {
		return "everywhere"
	}
	text := ""
	for _, s := range sites {
		text += " site:" + s
	}
	for _, c := range cameras {
		text += " camera:" + c
	}
	return text[1:]
}

// grantFlags are what somebody is given on the command line.
type grantFlags struct {
	Role       []string `help:"viewer, manager, auditor or admin; may be repeated." placeholder:"ROLE"`
	Permission []string `help:"Beside those of the roles, such as preview.clean; may be repeated." placeholder:"PERMISSION"`
	Site       []string `help:"Only there; may be repeated. Everywhere when neither sites nor cameras are given." placeholder:"ID"`
	Camera     []string `help:"Only there; may be repeated." placeholder:"ID"`
}

func (g grantFlags) validate() error {
	grants := models.Grants{Sites: g.Site}
	for _, r := range g.Role {
		grants.Roles = append(grants.Roles, models.Role(r))
	}
	for _, p := range g.Permission {
		grants.Permissions = append(grants.Permissions, models.Permission(p))
	}
	for _, c := range g.Camera {
		grants.Cameras = append(grants.Cameras, models.CameraID(c))
	}
	return grants.Validate()
}
