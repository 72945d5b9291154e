// Package web is the web app of Footfall, and serves it.
//
// The app is written in TypeScript, with a toolchain of its own (package.json): src/ has a folder for each room of the
// app (live, counts, setup, sign-in) and beside them ui (components and the one file of tokens), api (what is asked of
// the server, with types made from openapi.yaml) and words (what is said, in every language). `make web` builds it into
// site/app, which is embedded and not committed. A binary that was built without it has a page instead that says so.
//
// The app asks the API for everything, as any other client would: this package knows files only, and starts nothing.
package web
