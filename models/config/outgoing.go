package config

import (
	"errors"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Sending is how webhooks are told.
type Sending struct {
	Timeout        time.Duration // of one attempt
	GiveUpAfter    time.Duration // a message that nobody takes
	AllowAddresses []netip.Prefix
	AllowLoopback  Switch
}

// MQTT is the broker that is told of counts and cameras; an empty URL is none.
type MQTT struct {
	URL       string
	User      string
	Password  Secret
	CAFile    string // PEM of who signed the broker's certificate; empty: the system's
	ClientID  string
	Topic     string // what our topics begin with
	Discovery string // what Home Assistant's discovery topics begin with; empty: no discovery
	TZ        string // whose days "today" is of
}

// Mail is how mail is sent; an empty Server is not at all.
type Mail struct {
	Server   string // HOST:PORT
	Security MailSecurity
	CAFile   string
	User     string
	Password Secret
	From     string
}

// MailSecurity is how the way to the mail server is protected.
type MailSecurity string

// The ways. MailPlain is for a server on this machine.
const (
	MailSTARTTLS MailSecurity = "starttls" // required, not tried: a mail that must not be read is not sent instead
	MailTLS      MailSecurity = "tls"      // from the first byte
	MailPlain    MailSecurity = "none"
)

// Report is the mail that says what was counted; without anybody in To there is none.
type Report struct {
	To    []string
	Every ReportEvery
	At    time.Duration // after midnight by the clock of TZ
	TZ    string
}

// ReportEvery is how often a report is sent.
type ReportEvery string

// Every day about the day before, or every Monday about the week before.
const (
	ReportDaily  ReportEvery = "day"
	ReportWeekly ReportEvery = "week"
)

// LoopbackWebhooks reports whether a webhook may be on this machine itself; auto means the same as for cameras.
func (c Config) LoopbackWebhooks() bool {
	if c.Sending.AllowLoopback == SwitchAuto {
		return OnlyHere(c.Server.Listen)
	}
	return c.Sending.AllowLoopback == SwitchOn
}

func (c *Config) outgoingFields() []field {
	return []field{
		durationField("sending.timeout", &c.Sending.Timeout, time.Second, time.Minute),
		durationField("sending.give_up_after", &c.Sending.GiveUpAfter, time.Minute, 30*day),
		listField("sending.allow_addresses", &c.Sending.AllowAddresses, parseNetwork, netip.Prefix.String),
		wordField("sending.allow_loopback", &c.Sending.AllowLoopback, SwitchAuto, SwitchOn, SwitchOff),
		textField("mqtt.url", &c.MQTT.URL, isEmptyOrBroker),
		textField("mqtt.user", &c.MQTT.User, isAnything),
		passwordField("mqtt.password", &c.MQTT.Password),
		textField("mqtt.ca_file", &c.MQTT.CAFile, isAnything),
		textField("mqtt.client_id", &c.MQTT.ClientID, isGivenText),
		textField("mqtt.topic", &c.MQTT.Topic, isTopic),
		textField("mqtt.discovery", &c.MQTT.Discovery, isEmptyOrTopic),
		textField("mqtt.tz", &c.MQTT.TZ, isZone),
		textField("mail.server", &c.Mail.Server, isEmptyOrHostPort),
		wordField("mail.security", &c.Mail.Security, MailSTARTTLS, MailTLS, MailPlain),
		textField("mail.ca_file", &c.Mail.CAFile, isAnything),
		textField("mail.user", &c.Mail.User, isAnything),
		passwordField("mail.password", &c.Mail.Password),
		textField("mail.from", &c.Mail.From, isEmptyOrAddress),
		listField("report.to", &c.Report.To, parseMailAddress, func(a string) string { return a }),
		wordField("report.every", &c.Report.Every, ReportDaily, ReportWeekly),
		clockField("report.at", &c.Report.At),
		textField("report.tz", &c.Report.TZ, isZone),
	}
}

// validateOutgoing refuses values that do not fit together.
func (l *loader) validateOutgoing() error {
	c := l.config
	if len(c.Report.To) > 0 && (c.Mail.Server == "" || c.Mail.From == "") {
		return refuse(l.places["report.to"], "report.to",
			"is given, but nobody can send to it; set mail.server and mail.from, too")
	}
	if c.Mail.Security == MailPlain && c.Mail.Password != "" && !OnlyHere(c.Mail.Server) {
		return refuse(l.places["mail.security"], "mail.security",
			`"none" would send mail.password over the network for all to read; use starttls or tls`)
	}
	return nil
}

// passwordField takes a secret of somebody else's, as it is.
func passwordField(path string, to *Secret) field {
	f := one(path, func(text string) error {
		*to = Secret(text)
		return nil
	}, func() string { return string(*to) })
	f.secret = true
	return f
}

// clockField is a time of day.
func clockField(path string, to *time.Duration) field {
	const layout = "15:04"
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	set := func(text string) error {
		at, err := time.Parse(layout, text)
		if err != nil {
			return errors.New("is not a time of day from 00:00 to 23:59")
		}
		*to = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
		return nil
	}
	return one(path, set, func() string { return midnight.Add(*to).Format(layout) })
}

func isGivenText(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("is empty")
	}
	return nil
}

func isEmptyOrBroker(text string) error {
	if text == "" {
		return nil
	}
	const want = "is not mqtt://HOST:PORT or mqtts://HOST:PORT"
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "mqtt" && u.Scheme != "mqtts" || u.Hostname() == "" {
		return errors.New(want)
	}
	if u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return errors.New(want + "; user and password have keys of their own")
	}
	return nil
}

func isEmptyOrTopic(text string) error {
	if text == "" {
		return nil
	}
	return isTopic(text)
}

// isTopic accepts the beginning of MQTT topics, without wildcards.
func isTopic(text string) error {
	if text == "" || len(text) > 200 || strings.ContainsAny(text, "+#\x00 ") || strings.Trim(text, "/") != text ||
		text[0] == '$' {
		return errors.New("is not the beginning of a topic; " +
			"write words with / between them: footfall, or site/footfall")
	}
	return nil
}

func isZone(text string) error {
	if _, err := time.LoadLocation(text); err != nil || text == "" || text == "Local" {
		return errors.New("is no IANA time zone, such as Europe/Berlin or UTC")
	}
	return nil
}

func isEmptyOrAddress(text string) error {
	if text == "" {
		return nil
	}
	_, err := parseMailAddress(text)
	return err
}

// parseMailAddress reads a mail address, with a name or without (RFC 5322).
func parseMailAddress(text string) (string, error) {
	if _, err := mail.ParseAddress(text); err != nil || strings.ContainsAny(text, "\r\n") {
		return "", errors.New("is not a mail address; ada@example.org and Ada <ada@example.org> are")
	}
	return text, nil
}
