package link

import (
	"fmt"
	"log/slog"
)

// brokerLog is the logger that the NATS server wants, onto slog.
type brokerLog struct {
	log   *slog.Logger
	fatal chan<- error
}

// Noticef is of no interest to a shop owner: who listens where, who connected.
func (l *brokerLog) Noticef(format string, args ...any) { l.log.Debug(fmt.Sprintf(format, args...)) }

// Warnf passes a warning on.
func (l *brokerLog) Warnf(format string, args ...any) { l.log.Warn(fmt.Sprintf(format, args...)) }

// Errorf passes an error on; authentication failures are among them.
func (l *brokerLog) Errorf(format string, args ...any) { l.log.Error(fmt.Sprintf(format, args...)) }

// Debugf drops what is for the developers of NATS.
func (l *brokerLog) Debugf(string, ...any) {}

// Tracef drops the messages themselves.
func (l *brokerLog) Tracef(string, ...any) {}

// Fatalf reports the end of the server; the first reason is the one that counts.
func (l *brokerLog) Fatalf(format string, args ...any) {
	select {
	case l.fatal <- fmt.Errorf(format, args...):
	default:
	}
}
