// Package access is who may do what: who is asking (people with sessions, programs with tokens), what each operation of
// the API needs, and where somebody's permissions hold.
//
// Everything denies by default. An operation without a rule does not start (see Rules), a request without a principal
// is nobody's, and a context without a scope reaches nothing.
package access
