package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"footfall/models"
)

// Report is what a check of an export saw.
type Report struct {
	First, Entries int64 // as the header says
	Findings       []models.Finding
}

// IsExport reports whether a file that begins like this is an export of the log.
func IsExport(beginning []byte) bool {
	return bytes.HasPrefix(beginning, []byte(`{"log":"`+exportName+`"`))
}

// Verify checks an export with nothing but the public key. The error is of reading; what is wrong with the log is in
// the report.
func Verify(r io.Reader, key models.Verifier) (Report, error) {
	c := check{byNumber: map[int64]link{}, badLines: map[int64]bool{}}
	lines := bufio.NewReader(r)
	for n := int64(1); ; n++ {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if len(text) > 0 {
				c.find(models.Altered, fmt.Sprintf("line %d", n), "it is cut off")
				c.badLines[n] = true
			}
			break
		}
		if err != nil {
			return Report{}, fmt.Errorf("read the audit log: %w", err)
		}
		text = text[:len(text)-1]
		if n == 1 {
			c.head(text, key)
		} else {
			c.line(n, text)
		}
	}
	c.conclude()
	return Report{First: c.header.First, Entries: c.header.Entries, Findings: c.findings}, nil
}

// Check verifies the log as it stands in the database.
func (l *Log) Check(ctx context.Context) (Report, error) {
	reader, writer := io.Pipe()
	exported := make(chan error, 1)
	go func() {
		err := l.Export(ctx, writer, time.Time{}, time.Time{}, nil)
		exported <- errors.Join(err, writer.CloseWithError(err))
	}()
	report, err := Verify(reader, trusting{})
	return report, errors.Join(err, reader.Close(), <-exported)
}

// trusting takes our own word for the header that was just made.
type trusting struct{}

// Verify implements models.Verifier.
func (trusting) Verify(string, []byte, string) bool { return true }

// check is one verification under way.
type check struct {
	header   header
	headed   bool // the header can be believed
	findings []models.Finding
	byNumber map[int64]link
	badLines map[int64]bool
	highest  int64 // record so far
}

// link is what is kept of a record.
type link struct{ hash, prev string }

func (c *check) find(kind models.FindingKind, what, detail string) {
	c.findings = append(c.findings, models.Finding{Kind: kind, What: what, Detail: detail})
}

// head reads the header. It must be exactly as it was written, or somebody has touched it.
func (c *check) head(text []byte, key models.Verifier) {
	var h header
	err := json.Unmarshal(text, &h)
	again, againErr := json.Marshal(h)
	if err != nil || againErr != nil || !bytes.Equal(text, again) || h.Log != exportName {
		c.find(models.Altered, "header", "it is not one that an export begins with")
		return
	}
	signature := h.Signature
	h.Signature = ""
	message, err := json.Marshal(h)
	if err != nil || !key.Verify(signedKind, message, signature) {
		c.find(models.Unsigned, "header", "the signature is missing, of another key, or of another header")
	}
	c.header, c.headed = h, true
}

// line reads a record.
func (c *check) line(n int64, text []byte) {
	var l line
	var r models.AuditRecord
	err := json.Unmarshal(text, &l)
	again := fmt.Sprintf("{\"hash\":%q,\"entry\":%s}", l.Hash, l.Entry)
	if err != nil || again != string(text) || hashOf(l.Entry) != l.Hash || json.Unmarshal(l.Entry, &r) != nil {
		c.badLines[n] = true
		c.find(models.Altered, fmt.Sprintf("line %d", n), "its hash is not that of its text")
		return
	}
	if !c.headed {
		c.header.First, c.header.Prev, c.headed = r.Seq, r.Prev, true
		c.header.Entries = -1 // nobody says
	}
	name := fmt.Sprintf("entry %d", r.Seq)
	if _, twice := c.byNumber[r.Seq]; twice {
		c.find(models.Replayed, name, fmt.Sprintf("it is there again in line %d", n))
		return
	}
	c.byNumber[r.Seq] = link{l.Hash, r.Prev}
	if r.Seq < c.highest {
		c.find(models.Reordered, name, fmt.Sprintf("it stands in line %d, behind entry %d", n, c.highest))
	}
	c.highest = max(c.highest, r.Seq)
}

// conclude looks at the chain as a whole.
func (c *check) conclude() {
	if !c.headed {
		if len(c.findings) == 0 {
			c.find(models.Missing, "header", "the file is empty")
		}
		return
	}
	end := c.header.First + c.header.Entries
	if c.header.Entries < 0 {
		end = c.highest + 1
	}
	before, known := c.header.Prev, true
	for seq := c.header.First; seq < end; seq++ {
		name := fmt.Sprintf("entry %d", seq)
		l, there := c.byNumber[seq]
		delete(c.byNumber, seq)
		switch {
		case !there && !c.badLines[seq-c.header.First+2]:
			c.find(models.Missing, name, "")
		case there && known && l.prev != before:
			c.find(models.Altered, name, "it does not follow the entry before it")
		}
		before, known = l.hash, there
	}
	if known && c.header.Entries >= 0 && before != c.header.Last {
		c.find(models.Altered, "the end", "the last entry is not the one that the header names")
	}
	for seq := range c.byNumber {
		c.find(models.Foreign, fmt.Sprintf("entry %d", seq), "the header does not speak of it")
	}
}
