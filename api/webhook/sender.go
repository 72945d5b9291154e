package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"footfall/models"
)

// Addresses says whether an address may be connected to: whoever may add webhooks could otherwise make the server talk
// to services that hide behind it.
type Addresses interface {
	Check(address netip.Addr) error
}

// answer is what came of one attempt.
type answer struct {
	status     int // 0: none
	retryAfter time.Duration
	detail     string // one line for people, about what went wrong; empty if nothing did
}

const (
	// maxAnswer is how much of an answer is read; all that matters is its status.
	maxAnswer = 4 << 10
	// maxExcerpt is how much of it is shown.
	maxExcerpt = 200
	dialWithin = 5 * time.Second
)

// sender sends messages.
type sender struct {
	client *http.Client
	agent  string
}

// newSender makes a sender that connects only where the rules allow. The rules see the address that is really connected
// to, after the name was resolved, so that a name cannot mean one thing when it is checked and another when it is used.
func newSender(rules Addresses, timeout time.Duration, agent string) *sender {
	dialer := &net.Dialer{
		Timeout: dialWithin,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("connect to %s: %w", address, err)
			}
			if err := rules.Check(at.Addr()); err != nil {
				return &refusedError{err}
			}
			return nil
		},
	}
	return &sender{agent: agent, client: &http.Client{
		Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // what is signed for one address is sent to no other
		},
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialWithin,
			MaxIdleConns: sendersAtOnce, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: 64 << 10, // no Proxy: one could connect where we may not
		},
	}}
}

// refusedError is an address that our own rules refuse.
type refusedError struct{ reason error }

func (e *refusedError) Error() string { return e.reason.Error() }
func (e *refusedError) Unwrap() error { return e.reason }

// send makes one attempt.
func (s *sender) send(ctx context.Context, w models.Webhook, id string, body []byte, at time.Time) answer {
	key, err := models.SecretKey(w.Secret)
	if err != nil {
		return answer{detail: err.Error()}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return answer{detail: "the address cannot be used"} // the error repeats it
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": s.agent, "webhook-id": id,
		"webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "webhook-signature": Sign(key, id, at, body),
	} {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return answer{detail: unanswered(err)}
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // an answer that breaks off is an answer
	a := answer{status: response.StatusCode}
	if a.status >= 200 && a.status < 300 {
		return a
	}
	a.retryAfter = waitAsked(response.Header.Get("Retry-After"), at)
	a.detail = fmt.Sprintf("answered %d %s", a.status, http.StatusText(a.status))
	if a.status >= 300 && a.status < 400 {
		a.detail += "; redirects are not followed: change the webhook's address"
	} else if said := excerpt(text); said != "" {
		a.detail += ": " + said
	}
	return a
}

// unanswered says why there is no answer, without the address: its query may hold a token.
func unanswered(err error) string {
	var refused *refusedError
	var outer *url.Error
	switch {
	case errors.As(err, &refused):
		return refused.Error()
	case errors.As(err, &outer) && outer.Timeout():
		return "no answer in time"
	case errors.As(err, &outer):
		return excerpt([]byte(outer.Err.Error()))
	}
	return excerpt([]byte(err.Error()))
}

// waitAsked reads the header Retry-After: seconds, or a date.
func waitAsked(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// excerpt is the beginning of a text in one line, as it may be shown and logged.
func excerpt(text []byte) string {
	said := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return ' '
	}, string(text))
	said = strings.Join(strings.Fields(said), " ")
	if len(said) > maxExcerpt {
		said = strings.ToValidUTF8(said[:maxExcerpt], "") + "…"
	}
	return said
}
