package link

import (
	"context"
	"crypto/subtle"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Credentials knows the tokens of workers.
type Credentials interface {
	// Worker is the name of the worker that a token lets onto the link; an error when it lets none.
	Worker(ctx context.Context, token string) (name string, err error)
}

// inboxOf is where the answers to a worker come, which no other worker can listen to: they hold passwords of cameras.
func inboxOf(worker string) string { return "footfall.inbox." + worker }

// workerIn is the worker that a subject names.
func workerIn(subject string) string {
	parts := strings.SplitN(subject, ".", 4)
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}

// may is what a worker may say and hear: what is its own.
func may(worker string) *server.Permissions {
	return &server.Permissions{
		Publish: &server.SubjectPermission{
			Allow: []string{subjectBeat + worker, subjectFacts + worker, subjectShot + worker + ".>"},
		},
		Subscribe: &server.SubjectPermission{
			Allow: []string{
				subjectWake + worker, subjectWanted + worker, subjectLines + worker, inboxOf(worker) + ".>",
			},
		},
		// It may answer what it is asked, once.
		Response: &server.ResponsePermission{MaxMsgs: 1, Expires: linesPatience},
	}
}

// gatekeeper lets onto the link who knows the common token, as the server and its own workers do, or a worker's. It
// implements server.Authentication.
type gatekeeper struct {
	token   string
	workers Credentials // nil: there are none but the common token

	mu     sync.Mutex
	inside map[uint64]string // tokens of workers, by connection
}

// checkPatience is how long a token may take to be looked up.
const checkPatience = 2 * time.Second

// Check implements server.Authentication.
func (g *gatekeeper) Check(c server.ClientAuthentication) bool {
	token := c.GetOpts().Token
	if subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) == 1 {
		return true
	}
	name, ok := g.known(context.Background(), token) // NATS has none for us
	if !ok {
		return false
	}
	c.RegisterUser(&server.User{Username: "worker " + name, Permissions: may(name)})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside[c.GetID()] = token
	return true
}

func (g *gatekeeper) known(ctx context.Context, token string) (name string, ok bool) {
	if g.workers == nil || token == "" {
		return "", false
	}
	ctx, done := context.WithTimeout(ctx, checkPatience)
	defer done()
	name, err := g.workers.Worker(ctx, token)
	return name, err == nil
}

// recheckEvery is how long a worker may stay on the link after its token was revoked.
const recheckEvery = 5 * time.Second

// recheck shows workers out whose tokens are not good any more, until ctx ends.
func (g *gatekeeper) recheck(ctx context.Context, ns *server.Server) {
	tick := time.NewTicker(recheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			g.showOut(ctx, ns)
		}
	}
}

func (g *gatekeeper) showOut(ctx context.Context, ns *server.Server) {
	g.mu.Lock()
	inside := make(map[uint64]string, len(g.inside))
	for id, token := range g.inside {
		inside[id] = token
	}
	g.mu.Unlock()
	for id, token := range inside {
		if ns.GetClient(id) != nil {
			if _, ok := g.known(ctx, token); ok || ctx.Err() != nil {
				continue
			}
			_ = ns.DisconnectClientByID(id) // one that has gone meanwhile is no error
		}
		g.mu.Lock()
		delete(g.inside, id)
		g.mu.Unlock()
	}
}
