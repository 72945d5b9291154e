package report

import (
	"context"
	"iter"
	"time"

	"footfall/models"
)

// Book knows what all lines counted in [from, to), ordered by camera, line and start; an empty step is one row a line.
type Book interface {
	Rows(ctx context.Context, from, to time.Time, step models.Step, in *time.Location) iter.Seq2[models.Bucket, error]
}

// Registry knows what cameras and lines are called.
type Registry interface {
	All(ctx context.Context) ([]models.Camera, error)
}

// Period is what a report is about: [From, To), a day or a week of a time zone.
type Period struct {
	From, To time.Time
	Weekly   bool
}

// Day is the period of the day that an instant lies in.
func Day(at time.Time, in *time.Location) Period {
	from := models.Day.Floor(at, in)
	return Period{From: from, To: models.Day.Next(from, in)}
}

// Week is the period of the week, from Monday, that an instant lies in.
func Week(at time.Time, in *time.Location) Period {
	from := models.Week.Floor(at, in)
	return Period{From: from, To: models.Week.Next(from, in), Weekly: true}
}

// before is the same days a week earlier, by the calendar.
func (p Period) before() Period {
	in := p.From.Location()
	shift := func(t time.Time) time.Time { return models.Day.Floor(t.Add(12*time.Hour).AddDate(0, 0, -7), in) }
	return Period{From: shift(p.From), To: shift(p.To), Weekly: p.Weekly}
}

// step is how long the rows of the profile are.
func (p Period) step() models.Step {
	if p.Weekly {
		return models.Day
	}
	return models.Hour
}

// Report is what was counted.
type Report struct {
	Period  Period
	Doors   []Door // every line, by camera and line
	Total   Door
	Profile []Slot // hour by hour, or day by day
	Peak    Slot   // the hour in which most came in; without any, HasData is false
	Gaps    []Gap  // longest first
	Rows    []models.Bucket
}

// Door is a line, or all of them together.
type Door struct {
	Camera, Line         models.CameraID // names for people below
	CameraName, LineName string
	In, Out              int64
	HasData              bool // something was watched; In and Out mean nothing without
	Coverage             float64
	Before               int64 // in, a week earlier
	HasBefore            bool
	BeforeCoverage       float64
	short                bool // of the sum: some line was not watched enough to compare
}

// enoughCoverage is how much of both weeks must have been watched to compare them.
const enoughCoverage = 0.9

// Change is how much more came in than a week earlier, in hundredths; can says whether that can be told.
func (d Door) Change() (hundredths int, can bool) {
	if d.short || !d.watched() || d.Before == 0 {
		return 0, false
	}
	change := 100 * float64(d.In-d.Before) / float64(d.Before)
	if change < 0 {
		return int(change - 0.5), true
	}
	return int(change + 0.5), true
}

// watched reports whether both weeks were watched enough to compare them.
func (d Door) watched() bool {
	return d.HasData && d.HasBefore && d.Coverage >= enoughCoverage && d.BeforeCoverage >= enoughCoverage
}

// Slot is a part of the period over all lines.
type Slot struct {
	Start   time.Time
	In, Out int64
	HasData bool
	Partly  bool // some line was not watched all the time
}

// Gap is a stretch in which a camera was not watched at all.
type Gap struct {
	CameraName string
	From, To   time.Time
}

// Build makes the report of a period. Its zone is that of period.From.
func Build(ctx context.Context, book Book, registry Registry, period Period) (Report, error) {
	cameras, err := registry.All(ctx)
	if err != nil {
		return Report{}, err
	}
	r := Report{Period: period}
	names := namesOf(cameras)
	if err := r.addDoors(ctx, book, names); err != nil {
		return Report{}, err
	}
	if err := r.addProfile(ctx, book); err != nil {
		return Report{}, err
	}
	err = r.addGaps(ctx, book, names)
	return r, err
}

// names are what people call cameras and lines.
type names map[[2]string]string

func namesOf(cameras []models.Camera) names {
	n := names{}
	for _, c := range cameras {
		n[[2]string{string(c.ID)}] = c.Name
		for _, l := range c.Lines {
			n[[2]string{string(c.ID), l.ID}] = l.Name
		}
	}
	return n
}

func (n names) camera(id models.CameraID) string {
	if name := n[[2]string{string(id)}]; name != "" {
		return name
	}
	return string(id)
}

func (n names) line(camera models.CameraID, id string) string {
	if name := n[[2]string{string(camera), id}]; name != "" {
		return name
	}
	return id
}

// addDoors adds every line and the sum of all, with the week before beside them.
func (r *Report) addDoors(ctx context.Context, book Book, names names) error {
	in, before := r.Period.From.Location(), r.Period.before()
	earlier := map[[2]string]models.Bucket{}
	for b, err := range book.Rows(ctx, before.From, before.To, "", in) {
		if err != nil {
			return err
		}
		earlier[[2]string{string(b.Camera), b.Line}] = b
	}
	for b, err := range book.Rows(ctx, r.Period.From, r.Period.To, "", in) {
		if err != nil {
			return err
		}
		was := earlier[[2]string{string(b.Camera), b.Line}]
		d := Door{
			Camera: b.Camera, Line: models.CameraID(b.Line), CameraName: names.camera(b.Camera),
			LineName: names.line(b.Camera, b.Line), In: b.In, Out: b.Out, HasData: b.HasData(), Coverage: b.Coverage(),
			Before: was.In, HasBefore: was.HasData(), BeforeCoverage: was.Coverage(),
		}
		r.Doors = append(r.Doors, d)
		r.Total.In, r.Total.Out, r.Total.Before = r.Total.In+d.In, r.Total.Out+d.Out, r.Total.Before+d.Before
		r.Total.HasData, r.Total.HasBefore = r.Total.HasData || d.HasData, r.Total.HasBefore || d.HasBefore
		r.Total.short = r.Total.short || !d.watched()
		r.Total.Coverage += d.Coverage
		r.Total.BeforeCoverage += d.BeforeCoverage
	}
	if n := float64(len(r.Doors)); n > 0 {
		r.Total.Coverage /= n
		r.Total.BeforeCoverage /= n
	}
	return nil
}

// addProfile adds the hours or days, the rows of the CSV, and the peak hour.
func (r *Report) addProfile(ctx context.Context, book Book) error {
	in := r.Period.From.Location()
	step := r.Period.step()
	slots := map[int64]*Slot{} // by Unix seconds
	for at := r.Period.From; at.Before(r.Period.To); at = step.Next(at, in) {
		r.Profile = append(r.Profile, Slot{Start: at})
	}
	for i := range r.Profile {
		slots[r.Profile[i].Start.Unix()] = &r.Profile[i]
	}
	hours := map[int64]*Slot{}
	for b, err := range book.Rows(ctx, r.Period.From, r.Period.To, models.Hour, in) {
		if err != nil {
			return err
		}
		r.Rows = append(r.Rows, b)
		hour := hours[b.Start.Unix()]
		if hour == nil {
			hour = &Slot{Start: b.Start.In(in)}
			hours[b.Start.Unix()] = hour
		}
		for _, s := range []*Slot{hour, slots[step.Floor(b.Start, in).Unix()]} {
			s.In, s.Out, s.HasData = s.In+b.In, s.Out+b.Out, s.HasData || b.HasData()
			s.Partly = s.Partly || b.Coverage() < enoughCoverage
		}
		if hour.In > r.Peak.In || hour.In == r.Peak.In && !r.Peak.HasData && hour.In > 0 {
			r.Peak = *hour
		}
	}
	return nil
}
