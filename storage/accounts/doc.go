// Package accounts keeps who may come in: people with what is kept of their passwords, the sessions that they have
// open, the tokens of programs and workers, and what failed attempts have cost. It owns the tables accounts, sessions,
// tokens and penalties. What any of it is good for is decided in api/access.
//
// What a browser or a program shows is stored as its hash (SHA-256: it is random and long, so that nothing slower is
// needed), passwords as Argon2id, secrets of second factors sealed under the key that camera addresses are sealed with:
// a stolen copy of the database opens nothing.
//
// The package starts no goroutine.
package accounts
