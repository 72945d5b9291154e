package models

import (
	"fmt"
	"log/slog"
	"regexp"
	"time"
)

// Account is a person who may sign in.
type Account struct {
	Name     string // what is typed, in lower case; it never changes
	FullName string // for people
	Grants
	Disabled bool
	Created  time.Time
	SignedIn time.Time // last; zero: never
	Version  int64     // grows with every change by an administrator

	Password     Password
	SecondFactor SecondFactor
	// Identity is who this is to the provider of identities, as "ISSUER SUBJECT"; empty: it signs in with a password.
	Identity string
}

// Password is what is kept of a password.
type Password struct {
	Hash string // Argon2id, in the form of the PHC; empty: there is none
	// MustChange: somebody else has seen it, so nothing can be done with it but to set another.
	MustChange bool
	Until      time.Time // of a password that somebody else has seen: it is no good after that; zero: for ever
}

// SecondFactor is a time-based one-time password (RFC 6238).
type SecondFactor struct {
	Secret  string // in base 32; empty: there is none
	Pending string // a secret that was not confirmed yet
	Step    int64  // the last 30 seconds that a code was taken of: none is taken twice
}

var validAccount = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)

// ValidateAccountName refuses names that would be hard to type, or to tell apart.
func ValidateAccountName(name string) error {
	if !validAccount.MatchString(name) {
		return Invalidf("name", "%q is no name to sign in with: use 1 to 64 of a-z, 0-9 and .-_@, "+
			"a letter or digit first", name)
	}
	return nil
}

// Validate refuses an account that makes no sense.
func (a Account) Validate() error {
	if err := ValidateAccountName(a.Name); err != nil {
		return err
	}
	if len(a.FullName) > maxName {
		return Invalidf("full_name", "is longer than %d bytes", maxName)
	}
	return a.Grants.Validate()
}

// Principal is the account as it asks for something.
func (a Account) Principal() Principal {
	name := a.FullName
	if name == "" {
		name = a.Name
	}
	return Principal{Kind: KindPerson, ID: a.Name, Name: name, Grants: a.Grants}
}

// String is the account without its secrets.
func (a Account) String() string { return fmt.Sprintf("account %s %v", a.Name, a.Grants) }

// GoString is String.
func (a Account) GoString() string { return a.String() }

// LogValue is the account in a log line.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.Name) }

// Session is a person who has signed in somewhere.
type Session struct {
	ID      string // for lists; it opens nothing
	Key     string // the hash of what the browser holds
	Account string
	Created time.Time
	Seen    time.Time // last, to a minute
	Address string    // from where it was opened
	Agent   string    // with what
	Device  string    // the browser's, which failed attempts are told apart by
}

// APIToken is what a program shows instead of signing in.
type APIToken struct {
	ID      string
	Name    string        // what it is for
	Kind    PrincipalKind // KindToken, or KindWorker for one that opens the link and nothing else
	Prefix  string        // its beginning, by which people recognise it
	Key     string        // the hash of it
	Grants  Grants
	Created time.Time
	By      string    // who made it
	Expires time.Time // zero: never
	Used    time.Time // last, to a minute; zero: never
}

// Validate refuses a token that makes no sense.
func (t APIToken) Validate() error {
	if err := ValidateID("id", t.ID); err != nil {
		return err
	}
	if t.Name == "" || len(t.Name) > maxName {
		return Invalidf("name", "must say what it is for, in 1 to %d bytes", maxName)
	}
	if t.Kind != KindToken && t.Kind != KindWorker {
		return Invalidf("kind", "%q is unknown; use token or worker", string(t.Kind))
	}
	if t.Kind == KindWorker {
		return ValidateID("name", t.Name)
	}
	return t.Grants.Validate()
}

// Principal is the token as it asks for something.
func (t APIToken) Principal() Principal {
	if t.Kind == KindWorker {
		return Principal{Kind: KindWorker, ID: t.Name, Name: t.Name}
	}
	return Principal{Kind: KindToken, ID: t.ID, Name: t.Name, Grants: t.Grants}
}

// Penalty is what failed attempts to sign in have cost somebody.
type Penalty struct {
	Key      string // whose, as a hash: names that were typed may be passwords
	Failures int
	Last     time.Time
	Until    time.Time // no attempt is looked at before
}
