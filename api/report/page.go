package report

import (
	"bytes"
	_ "embed" // the page
	"encoding/csv"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"footfall/api"
)

//go:embed report.html
var pageText string

// none is what is shown where nothing can be said.
const none = "–"

// page is a report as it is shown: all texts are ready.
type page struct {
	Kind, Title, Zone     string
	HasData, Partly       bool
	In, Out, Change, Peak string
	Watched               string
	Doors                 []pageDoor
	ProfileBy             string
	Profile               []pageSlot
	Gaps                  []string
	MoreGaps              int
}

type pageDoor struct {
	Name, Camera, In, Out, Before, Change, Watched string
	Sum                                            bool
}

type pageSlot struct {
	Label, In string
	Width     int // hundredths of the widest
}

// Title is what the report is about: the subject of its mail.
func (r Report) Title() string {
	if !r.Period.Weekly {
		return r.Period.From.Format("Monday, 2 January 2006")
	}
	last := r.Period.To.Add(-time.Hour)
	return r.Period.From.Format("2 January") + " to " + last.Format("2 January 2006")
}

func (r Report) page() page {
	p := page{
		Kind: "Visitors of the day", Title: r.Title(), Zone: r.Period.From.Location().String(),
		HasData: r.Total.HasData,
		In:      number(r.Total.In), Out: number(r.Total.Out), Change: change(r.Total),
		Watched: percent(r.Total.Coverage),
		Partly:  r.Total.Coverage < 0.995, ProfileBy: "hour by hour",
	}
	if r.Period.Weekly {
		p.Kind, p.ProfileBy = "Visitors of the week", "day by day"
	}
	if r.Peak.HasData {
		p.Peak = r.Peak.Start.Format("15:04") + " and " + r.Peak.Start.Add(time.Hour).Format("15:04")
		if r.Period.Weekly {
			p.Peak += " on " + r.Peak.Start.Format("Monday")
		}
	}
	if p.Change == none {
		p.Change = ""
	}
	for _, d := range r.Doors {
		p.Doors = append(p.Doors, showDoor(d))
	}
	if len(r.Doors) > 1 {
		total := showDoor(r.Total)
		total.Name, total.Camera, total.Sum = "All doors", "", true
		p.Doors = append(p.Doors, total)
	}
	p.Profile = r.slots()
	for i, g := range r.Gaps {
		if i == gapsShown {
			p.MoreGaps = len(r.Gaps) - gapsShown
			break
		}
		p.Gaps = append(p.Gaps, g.text(r.Period.Weekly))
	}
	return p
}

// slots are the bars; hours before the first and after the last with anybody are left out.
func (r Report) slots() []pageSlot {
	first, last, most := len(r.Profile), -1, int64(1)
	for i, s := range r.Profile {
		if s.In > 0 || s.Out > 0 || r.Period.Weekly {
			first, last, most = min(first, i), i, max(most, s.In)
		}
	}
	var shown []pageSlot
	for i := first; i <= last; i++ {
		s := r.Profile[i]
		bar := pageSlot{Label: s.Start.Format("15:04"), In: none}
		if r.Period.Weekly {
			bar.Label = s.Start.Format("Mon 2 Jan")
		}
		if s.HasData {
			bar.In, bar.Width = number(s.In), int(100*s.In/most)
			if s.Partly {
				bar.In = "≥ " + bar.In
			}
		}
		shown = append(shown, bar)
	}
	return shown
}

func showDoor(d Door) pageDoor {
	p := pageDoor{
		Name: d.LineName, Camera: d.CameraName, In: none, Out: none, Before: none, Change: change(d),
		Watched: percent(d.Coverage),
	}
	if d.HasData {
		p.In, p.Out = number(d.In), number(d.Out)
	}
	if d.HasBefore {
		p.Before = number(d.Before)
	}
	return p
}

func change(d Door) string {
	hundredths, can := d.Change()
	switch {
	case !can:
		return none
	case hundredths < 0:
		return "−" + strconv.Itoa(-hundredths) + " %"
	}
	return "+" + strconv.Itoa(hundredths) + " %"
}

// percent rounds down: what was not watched whole is never shown as 100 %.
func percent(part float64) string { return strconv.Itoa(int(100*part+1e-9)) + " %" }

// number writes thousands apart.
func number(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func (g Gap) text(weekly bool) string {
	from, to := g.From.Format("15:04"), g.To.Format("15:04")
	if weekly {
		from = g.From.Format("Mon 15:04")
		to = g.To.Format("Mon 15:04")
	}
	length := g.To.Sub(g.From)
	said := fmt.Sprintf("%d min", int(length.Minutes())%60)
	if hours := int(length.Hours()); hours > 0 {
		said = fmt.Sprintf("%d h %s", hours, said)
	}
	return fmt.Sprintf("%s: %s to %s (%s)", g.CameraName, from, to, said)
}

// HTML is the report as a page that needs nothing from elsewhere.
func (r Report) HTML() (string, error) {
	parsed, err := template.New("report").Parse(pageText)
	if err != nil {
		return "", fmt.Errorf("read the report's page: %w", err)
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, r.page()); err != nil {
		return "", fmt.Errorf("write the report's page: %w", err)
	}
	return b.String(), nil
}

// Text is the report for readers that show no HTML.
func (r Report) Text() string {
	p := r.page()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", p.Kind, p.Title)
	if p.HasData {
		fmt.Fprintf(&b, "%s came in, %s went out", p.In, p.Out)
		if p.Change != "" {
			fmt.Fprintf(&b, "; %s against the week before", p.Change)
		}
		b.WriteString(".\n")
		if p.Peak != "" {
			fmt.Fprintf(&b, "Most came between %s.\n", p.Peak)
		}
	} else {
		b.WriteString("Nothing was watched, so nothing was counted. This does not mean that nobody came.\n")
	}
	if p.Partly || len(p.Gaps) > 0 {
		fmt.Fprintf(&b, "%s of the time was watched.\n", p.Watched)
	}
	for _, gap := range p.Gaps {
		b.WriteString("  " + gap + "\n")
	}
	if p.MoreGaps > 0 {
		fmt.Fprintf(&b, "  and %d shorter\n", p.MoreGaps)
	}
	fmt.Fprintf(&b, "\n%-30s %8s %8s %12s %8s %8s\n", "door", "in", "out", "week before", "change", "watched")
	for _, d := range p.Doors {
		name := d.Name
		if d.Camera != "" {
			name += ", " + d.Camera
		}
		fmt.Fprintf(&b, "%-30s %8s %8s %12s %8s %8s\n", name, d.In, d.Out, d.Before, d.Change, d.Watched)
	}
	fmt.Fprintf(&b, "\nTimes are of %s. %s means: not watched, or not watched enough to compare.\n", p.Zone, none)
	return b.String()
}

// CSV is every line hour by hour, in the columns of /counts.csv.
func (r Report) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{api.CountColumns()}
	for _, row := range r.Rows {
		rows = append(rows, api.CountRow(row, r.Period.From.Location()))
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write the report's table: %w", err)
	}
	return b.Bytes(), nil
}
