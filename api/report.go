package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"footfall/api/access"
	"footfall/api/reports"
	"footfall/models"
)

// reportParams are those of every report: the generated types differ in their names only.
type reportParams = GetFootfallParams

// GetFootfall is GET /reports/footfall.
func (h totals) GetFootfall(c echo.Context, params GetFootfallParams) error {
	return h.days(c, params, reports.Columns{Earlier: true})
}

// GetPeak is GET /reports/peak.
func (h totals) GetPeak(c echo.Context, params GetPeakParams) error {
	return h.days(c, reportParams(params), reports.Columns{Peak: true})
}

// GetBalance is GET /reports/balance.
func (h totals) GetBalance(c echo.Context, params GetBalanceParams) error {
	return h.days(c, reportParams(params), reports.Columns{})
}

// GetDwell is GET /reports/dwell.
func (h totals) GetDwell(c echo.Context, params GetDwellParams) error {
	return h.days(c, reportParams(params), reports.Columns{Dwell: true})
}

// GetCapture is GET /reports/capture.
func (h totals) GetCapture(c echo.Context, params GetCaptureParams) error {
	return h.days(c, reportParams(params), reports.Columns{Capture: true})
}

// GetDays is GET /reports/days.
func (h totals) GetDays(c echo.Context, params GetDaysParams) error {
	return h.days(c, reportParams(params), reports.AllColumns())
}

// GetDaysCSV is GET /reports/days.csv.
func (h totals) GetDaysCSV(c echo.Context, params GetDaysCSVParams) error {
	return h.days(c, reportParams(params), reports.AllColumns())
}

// asked is a report's question with its subjects.
type asked struct {
	subjects []reports.Subject
	from, to time.Time // days, as midnights in UTC
	reports.Question
}

// ask reads what every report is asked.
func (h totals) ask(ctx context.Context, params reportParams) (asked, error) {
	var a asked
	var err error
	if a.subjects, err = h.subjects(ctx, params); err != nil {
		return a, err
	}
	loc := time.UTC // "today" is that of the first subject
	if len(a.subjects) > 0 {
		loc = a.subjects[0].Site.Location()
	}
	a.from, a.to = daysAsked(h.now(), loc, params.From, params.To)
	a.Question = reports.Question{From: a.from, To: a.to, At: h.now()}
	set(&a.Open, params.Open)
	set(&a.Shared, params.Shared)
	return a, nil
}

// maxCells bounds the rows of one report.
const maxCells = 100_000

// subjects are the sites and areas that are asked about.
func (h totals) subjects(ctx context.Context, params reportParams) ([]reports.Subject, error) {
	sites, err := h.places.places.Sites(ctx)
	if err != nil {
		return nil, err
	}
	areas, err := h.places.places.Areas(ctx, "")
	if err != nil {
		return nil, err
	}
	byID := make(map[string]models.Site, len(sites))
	var all []string
	reach := access.Reach(ctx)
	for _, s := range sites {
		if byID[s.ID] = s; reach.Site(s.ID) {
			all = append(all, s.ID)
		}
	}
	wanted := all
	if params.Site != nil || params.Area != nil {
		wanted = nil
	}
	if params.Site != nil {
		wanted = *params.Site
	}
	var subjects []reports.Subject
	for _, id := range wanted {
		site, there := byID[id]
		if !there {
			return nil, models.Invalidf("site", "there is no site %s", id)
		}
		own := slices.DeleteFunc(slices.Clone(areas), func(a models.Area) bool { return a.Site != id })
		subjects = append(subjects, reports.OfSite(site, own))
	}
	if params.Area == nil {
		return subjects, nil
	}
	for _, id := range *params.Area {
		i := slices.IndexFunc(areas, func(a models.Area) bool { return a.ID == id })
		if i < 0 {
			return nil, models.Invalidf("area", "there is no area %s", id)
		}
		subjects = append(subjects, reports.OfArea(byID[areas[i].Site], areas[i]))
	}
	return subjects, nil
}

// days answers a question about days. A table is written subject by subject, a document in one piece.
func (h totals) days(c echo.Context, params reportParams, columns reports.Columns) error {
	ctx := c.Request().Context()
	a, err := h.ask(ctx, params)
	if err != nil {
		return err
	}
	if rows := int(a.to.Sub(a.from)/(24*time.Hour)) * len(a.subjects); rows > maxCells {
		return models.Invalidf("to", "gives %d rows for %d sites and areas, %d at most; ask for less days",
			rows, len(a.subjects), maxCells)
	}
	document := ReportDays{
		From: openapi_types.Date{Time: a.from}, To: openapi_types.Date{Time: a.to}, Items: []ReportDay{},
	}
	var t *table
	for _, s := range a.subjects {
		days, err := h.report.Days(ctx, s, a.Question, columns)
		if err != nil {
			return err
		}
		for _, d := range days {
			document.Items = append(document.Items, showDay(d, columns, a.Shared))
		}
		if !wantsCSV(c) {
			continue
		}
		if t == nil { // not before something can be answered: an error has its own status
			if t, err = newTable(c, dayColumns()...); err != nil {
				return err
			}
		}
		if err := writeDays(t, document.Items); err != nil {
			return err
		}
		document.Items = document.Items[:0]
	}
	if !wantsCSV(c) {
		return answer(c, document)
	}
	if t == nil {
		if t, err = newTable(c, dayColumns()...); err != nil {
			return err
		}
	}
	return t.flush()
}

func showSubject(s reports.Subject) Subject {
	return Subject{Kind: SubjectKind(s.Kind), Id: s.ID, Name: s.Name}
}

// showDay shows the columns that were asked for.
func showDay(d reports.Day, columns reports.Columns, shared bool) ReportDay {
	shown := ReportDay{
		Subject: showSubject(d.Subject), Date: openapi_types.Date{Time: d.Date}, OpenSeconds: d.Length.Seconds(),
		ObservedSeconds: d.Observed.Seconds(), Coverage: d.Coverage(), Revision: d.Revision,
		Flags: showFlags(d.Flags()),
	}
	shown.In, shown.Out = known(d.In, d.InKnown), known(d.Out, d.OutKnown)
	if !shared {
		shown.RawIn, shown.RawOut = known(d.RawIn, d.Data()), known(d.RawOut, d.Data())
	}
	if balance, ok := d.Balance(); ok {
		shown.Balance = &balance
	}
	if columns.Earlier {
		shown.LastWeekIn, shown.LastWeekCoverage, shown.LastWeekChange = earlier(d.Sum, d.LastWeek)
		shown.LastYearIn, shown.LastYearCoverage, shown.LastYearChange = earlier(d.Sum, d.LastYear)
	}
	if d.Peak != nil {
		at := d.Peak.Start.In(d.Subject.Site.Location())
		shown.PeakHour, shown.PeakIn = &at, &d.Peak.In
	}
	if d.Dwell != nil {
		seconds := hundredths(d.Dwell.Seconds())
		shown.AverageDwellSeconds = &seconds
	}
	if p := d.Passing; p != nil {
		coverage := p.Coverage()
		shown.Passing, shown.PassingCoverage = known(p.In+p.Out, p.InKnown && p.OutKnown), &coverage
		if rate, ok := d.CaptureRate(); ok {
			shown.CaptureRate = &rate
		}
	}
	return shown
}

func known(n int64, is bool) *int64 {
	if !is {
		return nil
	}
	return &n
}

// earlier is how a day compares with one before: only when both are known, and the one before was not empty.
func earlier(now, then reports.Sum) (in *int64, coverage, change *float64) {
	part := then.Coverage()
	in = known(then.In, then.InKnown)
	if now.InKnown && then.InKnown && then.In > 0 {
		more := float64(now.In)/float64(then.In) - 1
		change = &more
	}
	return in, &part, change
}

func dayColumns() []string {
	return []string{
		"kind", "id", "name", "date", "open_seconds", "in", "out", "raw_in", "raw_out", "observed_seconds", "coverage",
		"revision", "flags", "last_week_in", "last_week_coverage", "last_week_change", "last_year_in",
		"last_year_coverage", "last_year_change", "peak_hour", "peak_in", "balance", "average_dwell_seconds", "passing",
		"passing_coverage", "capture_rate",
	}
}

func writeDays(t *table, days []ReportDay) error {
	for _, d := range days {
		peak := ""
		if d.PeakHour != nil {
			peak = stamp(*d.PeakHour)
		}
		err := t.row(string(d.Subject.Kind), d.Subject.Id, d.Subject.Name, d.Date.String(), decimal(&d.OpenSeconds, 0),
			whole(d.In), whole(d.Out), whole(d.RawIn), whole(d.RawOut), decimal(&d.ObservedSeconds, 3),
			decimal(&d.Coverage, 4), whole(&d.Revision), words(d.Flags), whole(d.LastWeekIn),
			decimal(d.LastWeekCoverage, 4), decimal(d.LastWeekChange, 4), whole(d.LastYearIn),
			decimal(d.LastYearCoverage, 4), decimal(d.LastYearChange, 4), peak, whole(d.PeakIn), whole(d.Balance),
			decimal(d.AverageDwellSeconds, 2), whole(d.Passing), decimal(d.PassingCoverage, 4),
			decimal(d.CaptureRate, 4))
		if err != nil {
			return err
		}
	}
	return nil
}

func showHour(s reports.Subject, hour reports.ProfileHour) ProfileHour {
	shown := ProfileHour{
		Subject: showSubject(s), Weekday: ProfileHourWeekday(strings.ToLower(hour.Weekday.String())), Hour: hour.Hour,
		Days: hour.Days, Coverage: hour.Coverage(), Flags: showFlags(hour.Flags()),
	}
	if in, out, ok := hour.Average(); ok {
		in, out = hundredths(in), hundredths(out)
		if hour.InKnown {
			shown.AverageIn = &in
		}
		if hour.OutKnown {
			shown.AverageOut = &out
		}
	}
	return shown
}

// GetProfile is GET /reports/profile.
func (h totals) GetProfile(c echo.Context, params GetProfileParams) error {
	ctx := c.Request().Context()
	a, err := h.ask(ctx, reportParams(params))
	if err != nil {
		return err
	}
	document := Profile{
		From: openapi_types.Date{Time: a.from}, To: openapi_types.Date{Time: a.to}, Items: []ProfileHour{},
	}
	for _, s := range a.subjects {
		hours, err := h.report.Profile(ctx, s, a.Question)
		if err != nil {
			return err
		}
		for _, hour := range hours {
			document.Items = append(document.Items, showHour(s, hour))
		}
	}
	if !wantsCSV(c) {
		return answer(c, document)
	}
	t, err := newTable(c, "kind", "id", "name", "weekday", "hour", "days", "average_in", "average_out", "coverage",
		"flags")
	for _, p := range document.Items {
		if err != nil {
			return err
		}
		err = t.row(string(p.Subject.Kind), p.Subject.Id, p.Subject.Name, string(p.Weekday), strconv.Itoa(p.Hour),
			strconv.Itoa(p.Days), decimal(p.AverageIn, 2), decimal(p.AverageOut, 2), decimal(&p.Coverage, 4),
			words(p.Flags))
	}
	if err != nil {
		return err
	}
	return t.flush()
}

// GetComparison is GET /reports/compare.
func (h totals) GetComparison(c echo.Context, params GetComparisonParams) error {
	ctx := c.Request().Context()
	a, err := h.ask(ctx, reportParams(params))
	if err != nil {
		return err
	}
	compared, err := h.report.Compare(ctx, a.subjects, a.Question)
	if err != nil {
		return err
	}
	slices.SortStableFunc(compared, func(x, y reports.Compared) int { return int(y.In - x.In) })
	document := Comparison{
		From: openapi_types.Date{Time: a.from}, To: openapi_types.Date{Time: a.to}, Items: []Compared{},
	}
	for _, one := range compared {
		shown := Compared{
			Subject: showSubject(one.Subject), Days: one.Days, WatchedDays: one.Watched,
			In: known(one.In, one.InKnown), Out: known(one.Out, one.OutKnown), ObservedSeconds: one.Observed.Seconds(),
			Coverage: one.Coverage(), Revision: one.Revision, Flags: showFlags(one.Flags()),
		}
		if !a.Shared {
			shown.RawIn, shown.RawOut = known(one.RawIn, one.Data()), known(one.RawOut, one.Data())
		}
		if one.Watched > 0 && one.InKnown {
			average := hundredths(float64(one.In) / float64(one.Watched))
			shown.AverageIn = &average
		}
		document.Items = append(document.Items, shown)
	}
	if !wantsCSV(c) {
		return answer(c, document)
	}
	t, err := newTable(c, "kind", "id", "name", "days", "watched_days", "in", "out", "raw_in", "raw_out", "average_in",
		"observed_seconds", "coverage", "revision", "flags")
	for _, n := range document.Items {
		if err != nil {
			return err
		}
		err = t.row(string(n.Subject.Kind), n.Subject.Id, n.Subject.Name, strconv.Itoa(n.Days),
			strconv.Itoa(n.WatchedDays),
			whole(n.In), whole(n.Out), whole(n.RawIn), whole(n.RawOut), decimal(n.AverageIn, 2),
			decimal(&n.ObservedSeconds, 3), decimal(&n.Coverage, 4), whole(&n.Revision), words(n.Flags))
	}
	if err != nil {
		return err
	}
	return t.flush()
}
