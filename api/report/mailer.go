package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Security is how the way to the mail server is protected.
type Security int

// The ways.
const (
	STARTTLS Security = iota // required
	TLS                      // from the first byte
	Plain
)

// Mailer sends mail through one server. Each mail takes a connection of its own: there are a few a day.
type Mailer struct {
	Server   string // HOST:PORT
	Security Security
	TLS      *tls.Config // nil: the system's
	User     string      // empty: nobody asks
	Password string
	From     string
	Version  string // of the program
}

// sendWithin is how long one mail may take.
const sendWithin = 2 * time.Minute

// outcome is what came of sending a mail.
type outcome int

const (
	sent    outcome = iota
	later           // it was not taken; it may be the next time
	refused         // it will not be taken
	unknown         // it was handed over, and no answer came
)

// send sends a report to one person. The id of the mail is made of what it is, so that a repetition can be told.
func (m Mailer) send(ctx context.Context, r Report, to string) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	message, err := m.write(r, to)
	if err != nil {
		return refused, err
	}
	client, err := m.client()
	if err != nil {
		return refused, err
	}
	err = client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() {
		return sent, nil // what went wrong after it was taken is nobody's concern
	}
	var failure *mail.SendError
	switch {
	case !errors.As(err, &failure):
		return later, fmt.Errorf("send mail through %s: %w", m.Server, err)
	case failure.Reason == mail.ErrSMTPDataClose && failure.ErrorCode() == 0:
		return unknown, fmt.Errorf("send mail through %s: the connection broke while the answer was awaited", m.Server)
	case failure.IsTemp(), failure.ErrorCode() < 500:
		return later, fmt.Errorf("send mail through %s: %w", m.Server, err)
	}
	return refused, fmt.Errorf("send mail through %s: %w", m.Server, err)
}

func (m Mailer) client() (*mail.Client, error) {
	host, port, err := net.SplitHostPort(m.Server)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	trusted := &tls.Config{MinVersion: tls.VersionTLS12}
	if m.TLS != nil {
		trusted = m.TLS.Clone()
	}
	trusted.ServerName = host
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(30 * time.Second), mail.WithTLSConfig(trusted)}
	switch m.Security {
	case TLS:
		options = append(options, mail.WithSSL())
	case Plain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case STARTTLS:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User),
			mail.WithPassword(m.Password))
	}
	return mail.NewClient(host, options...)
}

// write makes the mail: plain text and HTML of the same, and the table.
func (m Mailer) write(r Report, to string) (*mail.Msg, error) {
	message := mail.NewMsg()
	if err := errors.Join(message.From(m.From), message.To(to)); err != nil {
		return nil, fmt.Errorf("write mail to %s: %w", to, err)
	}
	page, err := r.HTML()
	if err != nil {
		return nil, err
	}
	table, err := r.CSV()
	if err != nil {
		return nil, err
	}
	kind := "Visitors of "
	message.Subject(kind + r.Title())
	message.SetDate()
	message.SetMessageIDWithValue(m.id(r, to))
	message.SetUserAgent("footfall/" + m.Version)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	message.SetBodyString(mail.TypeTextPlain, r.Text())
	message.AddAlternativeString(mail.TypeTextHTML, page)
	name := "visitors-" + r.Period.From.Format(time.DateOnly) + ".csv"
	err = message.AttachReader(name, bytes.NewReader(table), mail.WithFileContentType("text/csv; charset=utf-8"))
	return message, err
}

// id is the same for the same report to the same person.
func (m Mailer) id(r Report, to string) string {
	from, until := r.Period.From.Format(time.RFC3339), r.Period.To.Format(time.RFC3339)
	sum := sha256.Sum256([]byte(to + "\n" + from + "\n" + until))
	domain := "footfall.invalid"
	if sender, err := netmail.ParseAddress(m.From); err == nil {
		domain = sender.Address[strings.LastIndexByte(sender.Address, '@')+1:]
	}
	return hex.EncodeToString(sum[:12]) + ".footfall@" + domain
}
