package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"footfall/models"
)

// Sources is where a configuration comes from, besides the defaults. The zero value is none.
type Sources struct {
	File    string            // path of the YAML file; empty: no file. A file that is named must be there
	Environ []string          // KEY=VALUE, as os.Environ has it; only FOOTFALL_ variables are looked at
	Flags   map[string]string // key path ("server.listen") to value, as given on the command line; lists by commas
}

// Load puts the configuration together and validates it. Its errors are one line each and are models.ErrInvalid,
// unless a file could not be read.
func Load(s Sources) (Config, error) {
	var d document
	if s.File != "" {
		var err error
		if d, err = readDocument(s.File); err != nil {
			return Config{}, fmt.Errorf("load configuration: %w", err)
		}
	}
	c, err := build(d, s.Environ, s.Flags)
	if err != nil {
		return Config{}, fmt.Errorf("load configuration: %w", err)
	}
	return c, nil
}

// build is Load on a file that has been read.
func build(d document, environ []string, flags map[string]string) (Config, error) {
	c := bare()
	l := loader{config: &c, fields: c.fields(), places: map[string]string{}}
	if err := l.fromFile(d); err != nil {
		return Config{}, err
	}
	if err := l.fromEnvironment(environ); err != nil {
		return Config{}, err
	}
	if err := l.fromFlags(flags); err != nil {
		return Config{}, err
	}
	if err := l.validate(); err != nil {
		return Config{}, err
	}
	c.fillPaths()
	return c, nil
}

// loader is a configuration while it is being put together.
type loader struct {
	config *Config
	fields []field
	places map[string]string // key path to where its value was read, for errors about values that do not fit together
}

// field is the one of a path.
func (l *loader) field(path string) (field, bool) {
	i := slices.IndexFunc(l.fields, func(f field) bool { return f.path == path })
	if i < 0 {
		return field{}, false
	}
	return l.fields[i], true
}

// give sets a field, remembering the place the value came from.
func (l *loader) give(f field, place string, values []string) error {
	if err := f.give(values); err != nil {
		return refuse(place, f.path, "%s", err)
	}
	l.places[f.path] = place
	return nil
}

// fromFile walks the sections of the file.
func (l *loader) fromFile(d document) error {
	return l.section(d, "", d.root)
}

// section sets what stands below a path; "" is the whole file.
func (l *loader) section(d document, path string, n node) error {
	if n.kind == nothing {
		return nil // every key of it is commented out
	}
	if n.kind != mapping {
		return d.refuse(n.line, path, "is %s, but takes %s", n.kind, l.expected(path))
	}
	for _, e := range n.entries {
		key := join(path, e.key)
		var err error
		switch f, known := l.field(key); {
		case known && !strings.Contains(e.key, "."):
			err = l.entry(d, f, e)
		case key == "cameras":
			l.config.Cameras, err = readCameras(d, e.value)
		case key == "groups":
			l.config.Groups, err = readGroups(d, e.value)
			l.places[key] = fmt.Sprintf("%s:%d", d.name, e.line)
		case key == "webhooks":
			l.config.Webhooks, err = readWebhooks(d, e.value)
		case key == "sites":
			l.config.Sites, l.config.Areas, err = readSites(d, e.value)
		case l.isSection(key) && !strings.Contains(e.key, "."):
			err = l.section(d, key, e.value)
		case known:
			section, word, _ := cutLast(key)
			err = d.refuse(e.line, key, "write it as %s: below %s:", word, section)
		default:
			err = d.refuse(e.line, key, "%s", l.unknown(key))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entry sets one key of the file. A key without a value keeps its default.
func (l *loader) entry(d document, f field, e entry) error {
	var values []string
	switch e.value.kind {
	case nothing:
		return nil
	case scalar:
		if f.list {
			return d.refuse(e.line, f.path, "takes a list; write [%s]", oneLine(e.value.text))
		}
		values = []string{e.value.text}
	case list:
		if !f.list {
			return d.refuse(e.line, f.path, "is a list, but takes a single value")
		}
		for _, item := range e.value.items {
			if item.kind != scalar {
				return d.refuse(item.line, f.path, "has an item that is %s; want single values", item.kind)
			}
			values = append(values, item.text)
		}
	case mapping:
		return d.refuse(e.line, f.path, "has keys below it, but takes a value")
	}
	return l.give(f, fmt.Sprintf("%s:%d", d.name, e.line), values)
}

// fromEnvironment sets what FOOTFALL_ variables say. An empty variable counts as not set: that is what container
// tools make of one that nobody gave.
func (l *loader) fromEnvironment(environ []string) error {
	given := map[string]string{}
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); value != "" && strings.HasPrefix(name, envPrefix) {
			given[name] = value
		}
	}
	known := map[string]bool{}
	for _, f := range l.fields {
		name := envName(f.path)
		known[name] = true
		if f.secret {
			known[name+envFileSuffix] = true
			if err := l.fromSecretFile(f, given); err != nil {
				return err
			}
		}
		value, ok := given[name]
		if !ok {
			continue
		}
		if err := l.give(f, "environment "+name, split(f, value)); err != nil {
			return err
		}
	}
	return refuseMistyped(given, known)
}

// fromSecretFile sets a secret whose variable names a file.
func (l *loader) fromSecretFile(f field, given map[string]string) error {
	name := envName(f.path)
	path, ok := given[name+envFileSuffix]
	if !ok {
		return nil
	}
	if _, twice := given[name]; twice {
		return refuse("environment", name, "is set and so is %s%s; one of them must go", name, envFileSuffix)
	}
	place := "environment " + name + envFileSuffix
	secret, err := secretFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	return l.give(f, place, []string{secret})
}

// refuseMistyped refuses a variable that is nearly one of ours. Others that begin with FOOTFALL_ are left alone: they
// may be for another part of the program, and container platforms set FOOTFALL_PORT and the like by themselves.
func refuseMistyped(given map[string]string, known map[string]bool) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if known[name] {
			continue
		}
		if name == envName("cameras") || name == envName("sites") {
			return refuse("environment", name,
				"cameras and sites can only be written in the file, or added through the API")
		}
		if near, edits := nearest(name, slices.Sorted(maps.Keys(known))); edits <= 2 {
			return refuse("environment", name, "unknown variable; did you mean %s?", near)
		}
	}
	return nil
}

// fromFlags sets what the command line says.
func (l *loader) fromFlags(flags map[string]string) error {
	const place = "command line"
	for _, path := range slices.Sorted(maps.Keys(flags)) {
		f, ok := l.field(path)
		if !ok {
			return refuse(place, path, "%s", l.unknown(path))
		}
		if err := l.give(f, place, split(f, flags[path])); err != nil {
			return err
		}
	}
	return nil
}

// validate refuses values that do not fit together.
func (l *loader) validate() error {
	c := l.config
	if (c.Server.TLSCert == "") != (c.Server.TLSKey == "") {
		key := "server.tls_cert"
		if c.Server.TLSCert == "" {
			key = "server.tls_key"
		}
		return refuse(l.places[key], key, "needs the other one, too: a certificate and its key are two files in PEM")
	}
	if err := l.validateClips(); err != nil {
		return err
	}
	if err := l.validateOIDC(); err != nil {
		return err
	}
	return l.validateOutgoing()
}

const (
	envPrefix = "FOOTFALL_"
	// envFileSuffix on a secret's variable makes it the name of a file that holds the secret, as container tools mount
	// secrets: the environment of a process can be read by more people than its files.
	envFileSuffix = "_FILE"
)

// envName is the variable of a key: server.listen is FOOTFALL_SERVER_LISTEN.
func envName(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// secretFile reads a secret from its file, without the line break that editors add.
func secretFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return "", models.Invalidf(path, "is empty; it must hold the secret")
	}
	return text, nil
}

// split makes the values of a field from one text.
func split(f field, text string) []string {
	if !f.list {
		return []string{text}
	}
	var values []string
	for v := range strings.SplitSeq(text, ",") {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	return values
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
