package main

import (
	"context"
	"iter"
	"time"

	"footfall/api"
	"footfall/models"
)

// Rows is what all known lines counted in [from, to), ordered by camera, line and start; an empty step is one row a
// line. It reads page by page, so that a long answer needs no more memory than a short one.
func (l ledger) Rows(
	ctx context.Context, from, to time.Time, step models.Step, in *time.Location,
) iter.Seq2[models.Bucket, error] {
	return l.Each(ctx, api.CountQuery{From: from, To: to, Step: step, Location: in})
}

// Each is the answer to a query, page by page; the query's Limit and Cursor are not looked at.
func (l ledger) Each(ctx context.Context, q api.CountQuery) iter.Seq2[models.Bucket, error] {
	const page = 5000
	q.Limit, q.Cursor = page, ""
	return func(yield func(models.Bucket, error) bool) {
		for {
			buckets, next, err := l.Buckets(ctx, q)
			if err != nil {
				yield(models.Bucket{}, err)
				return
			}
			for _, b := range buckets {
				if !yield(b, nil) {
					return
				}
			}
			if q.Cursor = next; next == "" {
				return
			}
		}
	}
}
