package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"footfall/models"
	"footfall/storage/sql"
)

const (
	usualLimit = 100
	maxLimit   = 1000
)

// List is the records that a query asks for, newest first.
func (l *Log) List(ctx context.Context, q models.AuditQuery) ([]models.AuditRecord, error) {
	where, args := clause(q)
	limit := q.Limit
	if limit <= 0 {
		limit = usualLimit
	}
	var found []models.AuditRecord
	err := l.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select body, hash from audit_log `+where+
			` order by seq desc limit `+strconv.Itoa(min(limit, maxLimit)), args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var body, hash string
			if err := rows.Scan(&body, &hash); err != nil {
				return err
			}
			r, err := read(body, hash)
			if err != nil {
				return err
			}
			found = append(found, r)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list the audit log: %w", err)
	}
	return found, nil
}

// clause is the condition that a query means.
func clause(q models.AuditQuery) (where string, args []any) {
	var conditions []string
	add := func(condition string, value any) {
		args = append(args, value)
		conditions = append(conditions, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if !q.From.IsZero() {
		add("time_ns >= ?", q.From.UnixNano())
	}
	if !q.To.IsZero() {
		add("time_ns < ?", q.To.UnixNano())
	}
	if q.Before > 0 {
		add("seq < ?", q.Before)
	}
	if prefix, all := strings.CutSuffix(q.Action, "."); all {
		add("substr(action, 1, length(?)) = ?", prefix+".")
	} else if q.Action != "" {
		add("action = ?", q.Action)
	}
	for column, value := range map[string]string{
		"actor": q.Actor, "object": q.Object, "site": q.Site, "outcome": string(q.Outcome),
	} {
		if value != "" {
			add(column+" = ?", value)
		}
	}
	if len(q.Cameras) > 0 {
		places := make([]string, len(q.Cameras))
		for i, camera := range q.Cameras {
			args = append(args, camera)
			places[i] = "$" + strconv.Itoa(len(args))
		}
		conditions = append(conditions, "camera in ("+strings.Join(places, ", ")+")")
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return "where " + strings.Join(conditions, " and "), args
}
