// Package storetest holds the contract suites of the stores and the real databases to run them on: a SQLite file and a
// PostgreSQL server that is started for the tests of a package. It is imported by tests only.
package storetest
