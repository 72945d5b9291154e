package models

import (
	"errors"
	"fmt"
	"time"
)

// The reasons a request or a value can be refused for, whichever room refuses it. Rooms wrap them with what they
// were doing and to what; the API turns them into status codes in one place.
var (
	// ErrNotFound: the thing named does not exist (any more).
	ErrNotFound = errors.New("not found")
	// ErrConflict: the thing exists already, or changed since the caller read it.
	ErrConflict = errors.New("conflict")
	// ErrInvalid: the value breaks a rule; an *InvalidError says which field and why.
	ErrInvalid = errors.New("invalid")
	// ErrSignIn: nobody knows who asks.
	ErrSignIn = errors.New("sign in first")
	// ErrForbidden: whoever asks may not.
	ErrForbidden = errors.New("not allowed")
	// ErrTooMany: too much was asked for lately; a *LaterError says when it may be asked again.
	ErrTooMany = errors.New("too many requests")
	// ErrReadOnly: the thing is declared in the configuration file and can only be changed there.
	ErrReadOnly = errors.New("read-only")
	// ErrUnavailable: right now it cannot be done; trying again later is right.
	ErrUnavailable = errors.New("unavailable")
)

// InvalidError names the field that breaks a rule and says what the rule is. It is an ErrInvalid.
type InvalidError struct {
	Field  string // as the user wrote it: "lines.door.points[1]"
	Reason string // what is wrong and what would be right
}

func (e *InvalidError) Error() string { return e.Field + ": " + e.Reason }

// Is makes errors.Is(err, ErrInvalid) hold.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// Invalidf makes an InvalidError.
func Invalidf(field, format string, args ...any) error {
	return &InvalidError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// LaterError says how long to wait before asking again. It is an ErrTooMany.
type LaterError struct {
	After  time.Duration
	Reason string // what there was too much of
}

func (e *LaterError) Error() string {
	return fmt.Sprintf("%s; try again in %s", e.Reason, max(time.Second, e.After.Round(time.Second)))
}

// Is makes errors.Is(err, ErrTooMany) hold.
func (e *LaterError) Is(target error) bool { return target == ErrTooMany }
