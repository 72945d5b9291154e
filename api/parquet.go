package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/parquet-go/parquet-go"

	"footfall/models"
)

// parquetRow is a count as analysts read it; the instants are UTC.
type parquetRow struct {
	Camera          string    `parquet:"camera,dict"`
	Line            string    `parquet:"line,dict"`
	Start           time.Time `parquet:"start,timestamp(millisecond)"`
	End             time.Time `parquet:"end,timestamp(millisecond)"`
	In              *int64    `parquet:"in,optional"`
	Out             *int64    `parquet:"out,optional"`
	RawIn           *int64    `parquet:"raw_in,optional"`
	RawOut          *int64    `parquet:"raw_out,optional"`
	ObservedSeconds float64   `parquet:"observed_seconds"`
	Coverage        float64   `parquet:"coverage"`
	Revision        int64     `parquet:"revision"`
	Class           string    `parquet:"class,dict"`
	Carrying        *string   `parquet:"carrying,optional,dict"`
	Flags           string    `parquet:"flags,dict"`
}

const (
	// rowGroup is how many rows are held before they are sent: it is what one download costs in memory.
	rowGroup = 20_000
	// maxExport is the most rows that one export may have for each line: two years of minutes.
	maxExport = 1_100_000
)

// GetCountsParquet is GET /counts.parquet: all rows in one answer, sent group by group.
func (h counts) GetCountsParquet(c echo.Context, params GetCountsParquetParams) error {
	query, err := h.query(c.Request().Context(), GetCountsParams{
		From: params.From, To: params.To, Step: (*GetCountsParamsStep)(params.Step), Tz: params.Tz,
		Camera: params.Camera, Line: params.Line, Class: params.Class, Carrying: params.Carrying, AsOf: params.AsOf,
	})
	if err != nil {
		return err
	}
	if rows := query.rows(); rows > maxExport {
		return models.Invalidf("step", "%s gives %d rows a line; ask for a longer step or less time", query.Step, rows)
	}
	query.Limit = rowsAtOnce
	ctx := c.Request().Context()
	buckets, next, err := h.store.Buckets(ctx, query) // before anything is sent, so that a refusal can be told
	if err != nil {
		return fmt.Errorf("counts: %w", err)
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "application/vnd.apache.parquet")
	header.Set(echo.HeaderContentDisposition, `attachment; filename="counts.parquet"`)
	c.Response().WriteHeader(http.StatusOK)
	// An export that breaks off has no footer, and no reader takes it for whole.
	return h.export(ctx, c, query, buckets, next)
}

func (h counts) export(
	ctx context.Context, c echo.Context, query CountQuery, buckets []models.Bucket, next string,
) (err error) {
	w := parquet.NewGenericWriter[parquetRow](c.Response(), parquet.MaxRowsPerRowGroup(rowGroup),
		parquet.Compression(&parquet.Zstd), parquet.CreatedBy("footfall", "", ""),
		parquet.KeyValueMetadata("tz", query.Location.String()), parquet.KeyValueMetadata("step", string(query.Step)))
	rows := make([]parquetRow, 0, rowsAtOnce)
	for {
		rows = rows[:0]
		for _, b := range buckets {
			n := CountOf(b, time.UTC)
			rows = append(rows, parquetRow{
				n.Camera, n.Line, n.Start, n.End, n.In, n.Out, n.RawIn, n.RawOut,
				n.ObservedSeconds, n.Coverage, n.Revision, n.Class, n.Carrying, words(n.Flags),
			})
		}
		if _, err := w.Write(rows); err != nil {
			return fmt.Errorf("export counts: %w", err)
		}
		if next == "" {
			break
		}
		query.Cursor = next
		if buckets, next, err = h.store.Buckets(ctx, query); err != nil {
			return fmt.Errorf("export counts: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("export counts: %w", errors.Join(err, ctx.Err()))
	}
	return nil
}
