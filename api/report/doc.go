// Package report writes what was counted in a day or a week so that a manager reads it in a minute, and mails it: HTML
// that needs no pictures, the same as plain text, and the hours as CSV.
//
// It owns what a report says, how it looks, when it is due and how it is sent. It does not own who may get it
// (models/config) nor what was sent already (storage/outlet).
//
// A report says plainly what was not watched, and compares with the week before only where both were watched.
//
// Postman.Run blocks and starts no goroutine.
package report
