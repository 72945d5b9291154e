// Package config owns what the administrator says: the configuration, and the files of lines and of truth that are
// drawn by hand.
//
// A Config is put together once, in this order, each step overriding the one before: defaults, the YAML file, the
// environment (FOOTFALL_SERVER_LISTEN for server.listen), the command line; then it is validated as a whole and
// never changed again. A reload is a new Config. Whatever is refused is refused in one line that says where the value
// came from, which key it is and what would be right; an unknown key is refused too, because a setting that is
// silently ignored is believed to work.
//
// The file is read into a small tree of its own (see document.go) rather than into structs by reflection: that
// is how every error can name its line, a value is taken as it is written (an id 0x10 stays "0x10"), and the order of
// mapping keys survives. What a key is called, what it takes and how it is shown stands in one table, fields.go, which
// the file, the environment, the command line, the printed configuration and the sample share.
//
// Secrets (the link's token, the cameras' addresses) never leave through a print: see Secret and Config.Format.
//
// It does not resolve host names, make folders or start anything; it has no goroutines.
package config
