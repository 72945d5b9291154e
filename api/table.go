package api

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// table writes an answer as CSV (RFC 4180), row by row, so that a long one needs no memory. A spreadsheet opens it: the
// first line names the columns, numbers have a point and no thousands, and an empty field is "no data".
type table struct {
	writer *csv.Writer
	c      echo.Context
	rows   int
}

// wantsCSV reports whether the request asks for CSV.
func wantsCSV(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/csv") ||
		strings.HasSuffix(c.Request().URL.Path, ".csv")
}

// newTable begins the answer. What fails after it can only cut it short.
func newTable(c echo.Context, columns ...string) (*table, error) {
	c.Response().Header().Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	t := &table{writer: csv.NewWriter(c.Response()), c: c}
	return t, t.row(columns...)
}

// flushEvery is how many rows may wait to be sent.
const flushEvery = 500

func (t *table) row(fields ...string) error {
	for i, text := range fields {
		fields[i] = harmless(text)
	}
	err := t.writer.Write(fields)
	if t.rows++; err == nil && t.rows%flushEvery == 0 {
		err = t.flush()
	}
	if err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (t *table) flush() error {
	t.writer.Flush()
	if err := t.writer.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	t.c.Response().Flush()
	return nil
}

// harmless keeps a spreadsheet from taking a name for a formula. Numbers, which may begin with a minus, are left alone.
func harmless(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}

func whole(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func decimal(x *float64, digits int) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', digits, 64)
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// showFlags are flags as the API writes them.
func showFlags(flags []models.Flag) Flags {
	shown := make(Flags, len(flags))
	for i, f := range flags {
		shown[i] = string(f)
	}
	return shown
}

// words are flags in one field.
func words(flags Flags) string { return strings.Join(flags, " ") }
