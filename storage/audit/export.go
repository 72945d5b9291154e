package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// header is the first line of an export. The signature is of its JSON without a signature.
type header struct {
	Log       string    `json:"log"`
	First     int64     `json:"first"`   // the number of the first record
	Entries   int64     `json:"entries"` // that follow
	Prev      string    `json:"prev"`    // the hash of the record before the first
	Last      string    `json:"last"`    // the hash of the last record; without any, Prev
	Exported  time.Time `json:"exported"`
	Signature string    `json:"signature,omitempty"`
}

const (
	exportName = "footfall audit log, version 1"
	signedKind = "audit export"
)

// line is a record as it is exported: its hash and the very bytes that it is of.
type line struct {
	Hash  string          `json:"hash"`
	Entry json.RawMessage `json:"entry"`
}

// Export writes the stretch of the log from the first record that is not before from, to the last that is before to,
// one line each, under a signed header. A zero time is no bound. It sees one moment of the log.
func (l *Log) Export(ctx context.Context, w io.Writer, from, to time.Time, signer models.Signer) error {
	out := bufio.NewWriter(w)
	err := l.db.Read(ctx, func(tx *sql.Tx) error {
		h, err := stretch(ctx, tx, from, to)
		if err != nil {
			return err
		}
		h.Exported = l.now().UTC()
		if err := h.write(out, signer); err != nil {
			return err
		}
		return writeRecords(ctx, tx, h, out)
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("export the audit log: %w", err)
	}
	return nil
}

// stretch is the header of the records between two times, not signed yet.
func stretch(ctx context.Context, tx *sql.Tx, from, to time.Time) (header, error) {
	h := header{Log: exportName}
	early, late := int64(-1<<63), int64(1<<63-1)
	if !from.IsZero() {
		early = from.UnixNano()
	}
	if !to.IsZero() {
		late = to.UnixNano()
	}
	var last int64
	err := tx.QueryRowContext(ctx, `select
			coalesce((select min(seq) from audit_log where time_ns >= $1), seq + 1),
			case when $3 then seq else coalesce((select max(seq) from audit_log where time_ns < $2), pruned_seq) end,
			pruned_hash from audit_state`, early, late, to.IsZero()).Scan(&h.First, &last, &h.Prev)
	if err != nil {
		return h, err
	}
	h.Entries = max(0, last-h.First+1)
	if h.Prev, err = hashAt(ctx, tx, h.First-1); err != nil {
		return h, err
	}
	h.Last, err = hashAt(ctx, tx, h.First+h.Entries-1)
	return h, err
}

// hashAt is the hash of a record: of the last and of the anchor, what is kept beside the log.
func hashAt(ctx context.Context, tx *sql.Tx, seq int64) (hash string, err error) {
	err = tx.QueryRowContext(ctx, `select case when seq = $1 then hash when pruned_seq = $1 then pruned_hash
		else coalesce((select hash from audit_log where seq = $1), '') end from audit_state`, seq).Scan(&hash)
	return hash, err
}

func (h header) write(w io.Writer, signer models.Signer) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if signer != nil {
		h.Signature = signer.Sign(signedKind, text)
		if text, err = json.Marshal(h); err != nil {
			return err
		}
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

func writeRecords(ctx context.Context, tx *sql.Tx, h header, w io.Writer) error {
	rows, err := tx.QueryContext(ctx, `select body, hash from audit_log where seq >= $1 and seq < $2 order by seq`,
		h.First, h.First+h.Entries)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var body, hash string
		if err := rows.Scan(&body, &hash); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "{\"hash\":%q,\"entry\":%s}\n", hash, body); err != nil {
			return err
		}
	}
	return rows.Err()
}
