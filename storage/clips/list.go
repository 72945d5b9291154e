package clips

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"footfall/models"
)

const (
	usualLimit = 100
	maxLimit   = 1000
)

// Clips is the clips that a query asks for, newest first.
func (x *Index) Clips(ctx context.Context, q models.ClipQuery) ([]models.StoredClip, error) {
	var c conditions
	if err := c.ask(q); err != nil {
		return nil, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = usualLimit
	}
	found, err := x.clips(ctx, c.where()+` order by start_ns desc, id desc limit `+strconv.Itoa(min(limit, maxLimit)),
		c.args...)
	if err != nil {
		return nil, fmt.Errorf("list clips: %w", err)
	}
	return found, nil
}

// conditions are a where clause that is being put together.
type conditions struct {
	all  []string
	args []any
}

// add adds a condition on values, each of which stands as a question mark in it.
func (c *conditions) add(condition string, values ...any) {
	for _, v := range values {
		c.args = append(c.args, v)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.all = append(c.all, condition)
}

// oneOf adds a condition that holds for one value of a list at least; of an empty list it is no condition.
func oneOf[T any](c *conditions, condition string, list []T) {
	if len(list) == 0 {
		return
	}
	var either conditions
	either.args = c.args
	for _, v := range list {
		either.add(condition, v)
	}
	c.args = either.args
	c.all = append(c.all, "("+strings.Join(either.all, " or ")+")")
}

func (c *conditions) where() string {
	if len(c.all) == 0 {
		return ""
	}
	return "where " + strings.Join(c.all, " and ")
}

func (c *conditions) ask(q models.ClipQuery) error {
	oneOf(c, "camera = ?", q.Cameras)
	oneOf(c, "state = ?", q.States)
	var kinds []string
	for _, kind := range q.Triggers {
		kinds = append(kinds, "%"+words([]string{string(kind)})+"%")
	}
	oneOf(c, "triggers like ?", kinds)
	if q.Line != "" {
		// Not with LIKE, to which the underscore of an id stands for any character.
		c.add("replace(lines, ?, '') <> lines", words([]string{q.Line}))
	}
	if !q.From.IsZero() {
		c.add("end_ns >= ?", q.From.UnixNano())
	}
	if !q.To.IsZero() {
		c.add("start_ns < ?", q.To.UnixNano())
	}
	if q.Held != nil {
		c.add("held = ?", *q.Held)
	}
	if q.Before != "" {
		start, id, ok := strings.Cut(q.Before, ".")
		ns, err := strconv.ParseInt(start, 36, 64)
		if !ok || err != nil {
			return models.Invalidf("cursor", "is not one that this list gave; start without a cursor")
		}
		c.add("(start_ns < ? or start_ns = ? and id < ?)", ns, ns, clean(id))
	}
	return nil
}
