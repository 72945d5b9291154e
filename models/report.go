package models

// ReportMail is one report to one person.
type ReportMail struct {
	Report    string // daily or weekly
	Day       string // the first day that it is about: 2026-03-10
	Recipient string
}

// MailState is what has become of a mail.
type MailState string

// The states of a mail. One that was being sent when the server died is Unknown and is not sent again: nobody gets a
// report twice.
const (
	MailPending MailState = "pending"
	MailSending MailState = "sending"
	MailSent    MailState = "sent"
	MailRefused MailState = "refused"
	MailUnknown MailState = "unknown"
)
