package link

import (
	"errors"
	"fmt"

	"footfall/models"
)

// ErrSuperseded says that another process took over the worker's name. The older one has to end: its facts would be
// refused.
var ErrSuperseded = errors.New("another process runs under this worker's name")

// ErrProtocol says that the other side speaks another protocol. One of the two has to be updated.
var ErrProtocol = errors.New("unknown protocol")

// answerError is a Problem on the asking side.
type answerError struct{ problem Problem }

func (e *answerError) Error() string { return fmt.Sprintf("%s: %s", e.problem.Code, e.problem.Detail) }

// Unwrap lets errors.Is find the reason behind the code.
func (e *answerError) Unwrap() error {
	switch e.problem.Code {
	case CodeSuperseded:
		return ErrSuperseded
	case CodeProtocol:
		return ErrProtocol
	case CodeMessage:
		return models.ErrInvalid
	case CodeUnavailable:
		return models.ErrUnavailable
	}
	return nil
}

// problemOf is the Problem that tells the asking side about err. Anything it cannot act on is "try again later".
func problemOf(err error) *Problem {
	code := CodeUnavailable
	switch {
	case errors.Is(err, ErrSuperseded):
		code = CodeSuperseded
	case errors.Is(err, ErrProtocol):
		code = CodeProtocol
	case errors.Is(err, models.ErrInvalid):
		code = CodeMessage
	}
	return &Problem{Code: code, Detail: err.Error()}
}
