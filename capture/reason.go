package capture

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"

	"footfall/models"
)

// ReasonError is why a camera gives no pictures: a reason for programs and a line for people, without credentials.
type ReasonError struct {
	Reason models.Reason
	Detail string
	Err    error // what it was made of, if anything; its text may hold an address and is not shown
}

func (e *ReasonError) Error() string { return e.Detail }

func (e *ReasonError) Unwrap() error { return e.Err }

// asReason is err as a ReasonError: itself when it is one, else the fallback with err's text.
func asReason(err error, fallback models.Reason) *ReasonError {
	if known := (*ReasonError)(nil); errors.As(err, &known) {
		return known
	}
	return &ReasonError{Reason: fallback, Detail: err.Error(), Err: err}
}

// reasonOfAnswer says what a failed question of the preflight means; nil when the camera answered with something that
// our RTSP library does not understand, which FFmpeg may.
func reasonOfAnswer(err error, asked bool) *ReasonError {
	var status liberrors.ErrClientBadStatusCode
	if errors.As(err, &status) {
		return reasonOfStatus(status.Code, status.Message, asked)
	}
	reason := func(r models.Reason, detail string) *ReasonError {
		return &ReasonError{Reason: r, Detail: detail, Err: err}
	}
	var netErr net.Error
	switch {
	case errors.As(err, new(liberrors.ErrClientAuthSetup)):
		return reason(models.ReasonAuth, "the camera wants a kind of authentication that is not known")
	case errors.Is(err, syscall.ECONNREFUSED):
		return reason(models.ReasonUnreachable, "connection refused: nothing listens at this address and port")
	case errors.As(err, new(liberrors.ErrClientRequestTimedOut)), errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return reason(models.ReasonUnreachable, "no answer in time")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return reason(models.ReasonUnreachable, "there is no way to this address")
	case errors.As(err, new(tls.RecordHeaderError)):
		return reason(models.ReasonUnreachable, "the camera does not speak TLS at this port; try rtsp://")
	case errors.As(err, new(*net.OpError)), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return reason(models.ReasonUnreachable, "the connection was broken off")
	}
	return nil
}

// reasonOfStatus says what a camera's answer other than 200 means. A 401 means something else when we had no user and
// password to show.
func reasonOfStatus(code base.StatusCode, message string, withCredentials bool) *ReasonError {
	answer := fmt.Sprintf("the camera answers %d", code)
	if message != "" {
		answer = fmt.Sprintf("the camera answers %d %s", code, message)
	}
	switch code {
	case base.StatusUnauthorized, base.StatusForbidden, base.StatusProxyAuthRequired:
		detail := "the camera asks for a user and password"
		if withCredentials {
			detail = "the camera refuses this user and password"
		}
		return &ReasonError{Reason: models.ReasonAuth, Detail: detail}
	case base.StatusNotFound, base.StatusGone:
		return &ReasonError{
			Reason: models.ReasonNotFound, Detail: answer + ": it has no stream at this path",
		}
	case base.StatusUnsupportedMediaType, base.StatusUnsupportedTransport, base.StatusNotAcceptable:
		return &ReasonError{Reason: models.ReasonUnsupported, Detail: answer}
	default:
		return &ReasonError{Reason: models.ReasonUnreachable, Detail: answer}
	}
}
