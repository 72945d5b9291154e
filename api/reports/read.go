package reports

import (
	"context"
	"fmt"
	"time"

	"footfall/models"
)

// Book holds the counts.
type Book interface {
	Totals(ctx context.Context, q models.TotalQuery) ([]models.Bucket, error)
	ZoneBuckets(ctx context.Context, q models.ZoneQuery) (models.ZonePage, error)
}

// Reporter answers questions from a book.
type Reporter struct {
	book  Book
	small int64 // counts below it are not shared
}

// New is a reporter that shares no count below small.
func New(book Book, small int) *Reporter { return &Reporter{book: book, small: int64(small)} }

// chunkDays is how many days are read at once: memory stays flat however many are asked for.
const chunkDays = 92

// visit hands over the buckets of doors on the days of a question, in order, at least as fine as the step. With Open
// those outside the opening hours are left out.
func (r *Reporter) visit(
	ctx context.Context, s Subject, doors []models.Door, q Question, step models.Step, tell func(models.Bucket),
) error {
	if len(doors) == 0 {
		return nil
	}
	loc := s.Site.Location()
	days := chunkDays
	if q.Open {
		if finest := grain(s.Site); step != models.Hour || finest != models.Hour {
			step = finest
		}
	}
	if step == models.Minute {
		days = 31
	}
	for from := q.From; from.Before(q.To); from = from.AddDate(0, 0, days) {
		to := from.AddDate(0, 0, days)
		if to.After(q.To) {
			to = q.To
		}
		begin, end := midnight(from, loc), midnight(to, loc)
		if !begin.Before(end) {
			continue
		}
		buckets, err := r.book.Totals(ctx, models.TotalQuery{
			Doors: doors, From: begin, To: end, Step: step, Location: loc, FirstDay: s.Site.FirstDay(),
		})
		if err != nil {
			return fmt.Errorf("%s %s: %w", s.Kind, s.ID, err)
		}
		if q.Open {
			buckets = inside(buckets, s.Site.Open(begin, end))
		}
		for _, b := range buckets {
			tell(b)
		}
	}
	return nil
}

// grain is the longest step that every opening and closing lies on.
func grain(site models.Site) models.Step {
	step := models.Hour
	finer := func(texts []string) {
		for _, text := range texts {
			for _, minute := range []string{text[3:5], text[len(text)-2:]} {
				switch minute {
				case "00":
				case "15", "30", "45":
					if step == models.Hour {
						step = models.QuarterHour
					}
				default:
					step = models.Minute
				}
			}
		}
	}
	for _, h := range site.Hours {
		finer(h.Open)
	}
	for _, e := range site.Exceptions {
		finer(e.Open)
	}
	return step
}

// inside keeps the buckets that begin inside one of the spans; both are in order.
func inside(buckets []models.Bucket, spans []models.Span) []models.Bucket {
	kept := buckets[:0]
	for _, b := range buckets {
		for len(spans) > 0 && !spans[0].To.After(b.Start) {
			spans = spans[1:]
		}
		if len(spans) > 0 && !b.Start.Before(spans[0].From) {
			kept = append(kept, b)
		}
	}
	return kept
}

// daily is the sum of each day of a question. Days without any time in it (closed) are there, with length 0.
func (r *Reporter) daily(ctx context.Context, s Subject, doors []models.Door, q Question) (map[time.Time]*Sum, error) {
	sums := make(map[time.Time]*Sum)
	for day := q.From; day.Before(q.To); day = day.AddDate(0, 0, 1) {
		sums[day] = &Sum{}
	}
	if q.Shared {
		return sums, r.share(ctx, s, doors, q, models.Day, func(start time.Time, sum Sum) {
			sums[dayOf(start, s.Site.Location())].Merge(sum)
		})
	}
	loc := s.Site.Location()
	return sums, r.visit(ctx, s, doors, q, models.Day, func(b models.Bucket) {
		if sum := sums[dayOf(b.Start, loc)]; sum != nil {
			sum.Add(b)
		}
	})
}

// hourly is the sums of the hours of a question that have any time in it, in order, with when each begins by the clock.
func (r *Reporter) hourly(ctx context.Context, s Subject, q Question, tell func(start time.Time, sum Sum)) error {
	loc := s.Site.Location()
	if q.Shared {
		return r.share(ctx, s, s.Doors, q, models.Hour, tell)
	}
	var at time.Time
	var sum Sum
	err := r.visit(ctx, s, s.Doors, q, models.Hour, func(b models.Bucket) {
		if hour := models.Hour.Floor(b.Start, loc); !hour.Equal(at) {
			if sum.Length > 0 {
				tell(at, sum)
			}
			at, sum = hour, Sum{}
		}
		sum.Add(b)
	})
	if err == nil && sum.Length > 0 {
		tell(at, sum)
	}
	return err
}
