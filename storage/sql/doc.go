// Package sql opens the database, SQLite in a file or PostgreSQL, and brings its tables up to date. It owns how a
// transaction is made durable and who may write; what the tables mean belongs to the rooms that own them, each of
// which hands in its own migrations.
//
// There is one writer at a time in both databases: in SQLite because it knows no other way, in PostgreSQL through an
// advisory lock held for the length of the transaction. Rules that span rows ("leases of one camera never overlap")
// are then a query and an insert in one transaction, the same text for both, instead of two dialects' ways to win a
// race. A commit takes a disk flush either way, so writers gain from batching, not from company.
//
// Statements are written once: placeholders are $1, $2 (SQLite numbers them like PostgreSQL), "insert ... on conflict"
// and "returning" mean the same in both, instants are whole numbers (nanoseconds or minutes since 1970), and SQLite
// takes the type names of PostgreSQL.
//
// Backup and Restore copy a SQLite file whole, while it may be in use.
//
// The package starts no goroutine of its own; database/sql keeps one per pool until Close.
package sql
