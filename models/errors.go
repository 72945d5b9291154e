package models

import (
	"errors"
	"fmt"
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
	// ErrForbidden: whoever asks may not.
	ErrForbidden = errors.New("not allowed")
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
