// Package api is the HTTP door of Footfall: an Echo server described by openapi.yaml, with one file a resource.
//
// It owns the requests and answers, the checks of what comes in against the description, and the translation of errors
// into status codes (problem.go, the only place). It does not know how anything is stored, watched or counted: it
// says in small interfaces what it needs. types.gen.go is generated from openapi.yaml by `make generate`.
//
// Server.Run serves until its context ends and then waits for the requests in flight. Readers of /events are served by
// the goroutines of their requests; Feed only holds their channels.
package api
