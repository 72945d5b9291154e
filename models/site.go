package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Site is a place with one clock and one set of opening hours; its areas are what is counted there.
type Site struct {
	ID         string      `json:"id"`
	Name       string      `json:"name,omitempty"`
	Zone       string      `json:"zone"`        // IANA, such as Europe/Berlin
	WeekStarts Weekday     `json:"week_starts"` // empty is Monday
	Hours      []DayHours  `json:"hours,omitempty"`
	Exceptions []Exception `json:"exceptions,omitempty"`

	Declared bool  `json:"declared"` // it stands in the configuration file and can only be changed there
	Version  int64 `json:"version"`  // grows with every change
}

// Weekday is a day of the week as it is written: its English name in lower case, or the first three letters of it.
type Weekday string

// Day is the day that w means, false when it means none.
func (w Weekday) Day() (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if string(w) == name || string(w) == name[:3] {
			return d, true
		}
	}
	return 0, false
}

// DayHours is when a site is open on some days of the week, as local times "09:00-18:30". An end at or before its
// beginning, such as "20:00-02:00", is on the day after; "00:00-24:00" is the whole day.
type DayHours struct {
	Days []Weekday `json:"days"`
	Open []string  `json:"open"`
}

// Exception is when a site is open on one day, instead of its usual hours; without hours it is closed.
type Exception struct {
	Date string   `json:"date"` // 2026-12-24
	Open []string `json:"open"`
	Note string   `json:"note,omitempty"`
}

const (
	minutesOfDay  = 24 * 60
	maxExceptions = 2000
	maxSpans      = 10
	dateLayout    = "2006-01-02"
)

// WithDefaults is the site with what was left out filled in.
func (s Site) WithDefaults() Site {
	if s.Name == "" {
		s.Name = s.ID
	}
	if s.WeekStarts == "" {
		s.WeekStarts = "monday"
	}
	return s
}

// Location is the site's zone, UTC when it is none.
func (s Site) Location() *time.Location {
	loc, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// FirstDay is the day that the site's weeks begin with.
func (s Site) FirstDay() time.Weekday {
	if d, ok := s.WeekStarts.Day(); ok {
		return d
	}
	return time.Monday
}

// Validate refuses a site that makes no sense. Fields are named as they are written.
func (s Site) Validate() error {
	if err := ValidateID("id", s.ID); err != nil {
		return err
	}
	if len(s.Name) > maxName {
		return Invalidf("name", "is longer than %d bytes", maxName)
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		return Invalidf("zone", "%q is no IANA time zone, such as Europe/Berlin or UTC", s.Zone)
	}
	if _, ok := s.WeekStarts.Day(); !ok && s.WeekStarts != "" {
		return Invalidf("week_starts", "%q is no day of the week; write monday or sunday", string(s.WeekStarts))
	}
	if err := s.validateHours(); err != nil {
		return err
	}
	if len(s.Exceptions) > maxExceptions {
		return Invalidf("exceptions", "are more than %d", maxExceptions)
	}
	seen := map[string]bool{}
	for i, e := range s.Exceptions {
		field := fmt.Sprintf("exceptions[%d]", i)
		if _, err := time.Parse(dateLayout, e.Date); err != nil {
			return Invalidf(field+".date", "%q is no day; write 2026-12-24", e.Date)
		}
		if seen[e.Date] {
			return Invalidf(field+".date", "%s is there twice", e.Date)
		}
		seen[e.Date] = true
		if len(e.Note) > maxName {
			return Invalidf(field+".note", "is longer than %d bytes", maxName)
		}
		if err := validateSpans(field+".open", e.Open); err != nil {
			return err
		}
	}
	return nil
}

func (s Site) validateHours() error {
	seen := map[time.Weekday]bool{}
	for i, h := range s.Hours {
		field := fmt.Sprintf("hours[%d]", i)
		if len(h.Days) == 0 {
			return Invalidf(field+".days", "is empty; write [mon, tue]")
		}
		for _, w := range h.Days {
			d, ok := w.Day()
			if !ok {
				return Invalidf(field+".days", "%q is no day of the week; write mon, tue, ... or sun", string(w))
			}
			if seen[d] {
				return Invalidf(field+".days", "%s is there twice", w)
			}
			seen[d] = true
		}
		if err := validateSpans(field+".open", h.Open); err != nil {
			return err
		}
	}
	return nil
}

func validateSpans(field string, spans []string) error {
	if len(spans) > maxSpans {
		return Invalidf(field, "has more than %d spans", maxSpans)
	}
	for _, text := range spans {
		if _, _, err := parseSpan(text); err != nil {
			return Invalidf(field, "%q %s", text, err)
		}
	}
	return nil
}

// parseClock reads "HH:MM", 24:00 included, as minutes since midnight.
func parseClock(text string) (int, error) {
	var h, m int
	if len(text) != 5 || text[2] != ':' {
		return 0, errors.New("is not a time such as 09:00")
	}
	for i, digit := range []byte{text[0], text[1], text[3], text[4]} {
		if digit < '0' || digit > '9' {
			return 0, errors.New("is not a time such as 09:00")
		}
		n := int(digit - '0')
		switch i {
		case 0, 1:
			h = 10*h + n
		default:
			m = 10*m + n
		}
	}
	if m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, errors.New("is not a time between 00:00 and 24:00")
	}
	return 60*h + m, nil
}

// parseSpan reads "09:00-18:30" as minutes since midnight; the end may be past 24:00.
func parseSpan(text string) (from, to int, err error) {
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		return 0, 0, errors.New("is not a span of time such as 09:00-18:30")
	}
	if from, err = parseClock(first); err != nil {
		return 0, 0, err
	}
	if to, err = parseClock(last); err != nil {
		return 0, 0, err
	}
	if from >= minutesOfDay {
		return 0, 0, errors.New("begins at the end of the day")
	}
	if to <= from {
		to += minutesOfDay
	}
	return from, to, nil
}

// clockOf is the moment at which the clock of a day has reached a minute of it; minutes past 24:00 are of the day
// after.
// Where the clocks skip that time it is the first moment after.
func clockOf(y int, mo time.Month, d, minute int, loc *time.Location) time.Time {
	at := time.Date(y, mo, d, 0, minute, 0, 0, loc)
	want := time.Date(y, mo, d, 0, minute, 0, 0, time.UTC)
	if at.Hour() == want.Hour() && at.Minute() == want.Minute() {
		return at
	}
	_, end := time.Date(y, mo, d, 0, minute-180, 0, 0, loc).ZoneBounds()
	if end.IsZero() {
		return at
	}
	return end
}

// Span is an interval [From, To).
type Span struct {
	From, To time.Time
}

// HasHours reports whether the site said when it is open; without hours it is open always.
func (s Site) HasHours() bool { return len(s.Hours) > 0 || len(s.Exceptions) > 0 }

// opened is when the site opens and closes on a day, as spans that may reach into the next.
func (s Site) opened(y int, mo time.Month, d int, loc *time.Location) []Span {
	noon := time.Date(y, mo, d, 12, 0, 0, 0, loc)
	y, mo, d = noon.Date()
	var texts []string
	date := noon.Format(dateLayout)
	if i := slices.IndexFunc(s.Exceptions, func(e Exception) bool { return e.Date == date }); i >= 0 {
		texts = s.Exceptions[i].Open
	} else if len(s.Hours) == 0 {
		texts = []string{"00:00-24:00"}
	} else {
		for _, h := range s.Hours {
			for _, w := range h.Days {
				if day, ok := w.Day(); ok && day == noon.Weekday() {
					texts = append(texts, h.Open...)
				}
			}
		}
	}
	var spans []Span
	for _, text := range texts {
		if from, to, err := parseSpan(text); err == nil {
			spans = append(spans, Span{clockOf(y, mo, d, from, loc), clockOf(y, mo, d, to, loc)})
		}
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	return spans
}

// Open is when the site is open in [from, to): spans in order that neither touch nor overlap.
func (s Site) Open(from, to time.Time) []Span {
	if !s.HasHours() {
		return []Span{{from.UTC(), to.UTC()}}
	}
	loc := s.Location()
	var all []Span
	y, mo, d := from.In(loc).Date()
	for i := -1; ; i++ { // the day before may be open past midnight
		noon := time.Date(y, mo, d+i, 12, 0, 0, 0, loc)
		if noon.Add(-36 * time.Hour).After(to) {
			return all
		}
		for _, span := range s.opened(y, mo, d+i, loc) {
			all = joined(all, span.cut(from, to))
		}
	}
}

// cut is the part of the span in [from, to); it may be empty.
func (s Span) cut(from, to time.Time) Span {
	if s.From.Before(from) {
		s.From = from
	}
	if s.To.After(to) {
		s.To = to
	}
	return Span{s.From.UTC(), s.To.UTC()}
}

// joined adds a span that begins no earlier than the last to those before, which it may continue.
func joined(all []Span, next Span) []Span {
	last := len(all) - 1
	switch {
	case !next.From.Before(next.To):
		return all
	case last < 0 || next.From.After(all[last].To):
		return append(all, next)
	case next.To.After(all[last].To):
		all[last].To = next.To
	}
	return all
}

// Closing is when the site closes for the day on the local day of t: the end of its last hours, false when it is closed
// or has no hours.
func (s Site) Closing(t time.Time) (time.Time, bool) {
	loc := s.Location()
	y, mo, d := t.In(loc).Date()
	spans := s.opened(y, mo, d, loc)
	if len(spans) == 0 || !s.HasHours() {
		return time.Time{}, false
	}
	last := spans[0].To
	for _, span := range spans {
		if span.To.After(last) {
			last = span.To
		}
	}
	return last.UTC(), true
}
