package weights

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"footfall/models"
)

// download gets the rest of a part over HTTP.
type download struct {
	part     *part
	client   http.Client
	progress func(done, total int64)
	silence  time.Duration // how long the server may send nothing before it is given up
}

func newDownload(p *part, client *http.Client, progress func(done, total int64)) *download {
	d := &download{part: p, progress: progress, silence: time.Minute}
	if client != nil {
		d.client = *client
	}
	d.client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		const most = 10
		switch {
		case via[0].URL.Scheme == "https" && r.URL.Scheme != "https":
			return fmt.Errorf("it redirects from https to %s, which is not followed", r.URL.Scheme)
		case len(via) >= most:
			return fmt.Errorf("it redirects more than %d times", most)
		}
		return nil
	}
	return d
}

// from gets the file from one source, going on where a connection broke off for as long as each try brings something.
func (d *download) from(ctx context.Context, source string) error {
	for {
		before, err := d.part.size()
		if err != nil || before == d.part.entry.Size {
			return err
		}
		err = d.once(ctx, source, before)
		if err == nil {
			return nil
		}
		after, sizeErr := d.part.size()
		goOn := errors.Is(err, errBrokenOff) && after > before || errors.Is(err, errOtherFile)
		if sizeErr != nil || !goOn || ctx.Err() != nil {
			return fmt.Errorf("get %s: %w", source, err)
		}
	}
}

var (
	// errBrokenOff: the connection ended before the file did.
	errBrokenOff error = &plainError{models.ErrUnavailable, "the connection broke off"}
	// errOtherFile: what was there is no part of what the server has; it was thrown away. Without it this does not
	// happen again.
	errOtherFile = errors.New("the part that is there is of another file")
)

// once makes one request for what is missing after the first have bytes.
func (d *download) once(ctx context.Context, source string, have int64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(d.silence, func() { cancel(fmt.Errorf("the server was silent for %s", d.silence)) })
	defer watch.Stop()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return err
	}
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	response, err := d.client.Do(request)
	if err != nil {
		return explain(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	have, err = d.begin(response, have)
	if err != nil {
		return err
	}
	body := &counted{
		Reader: response.Body, done: have, total: d.part.entry.Size,
		tell: func(done, total int64) { watch.Reset(d.silence); d.progress(done, total) },
	}
	return d.receive(ctx, body, have)
}

// begin judges the answer and puts the part's end where the body begins; it returns how much is kept.
func (d *download) begin(r *http.Response, have int64) (int64, error) {
	size := d.part.entry.Size
	switch {
	case r.StatusCode == http.StatusOK:
		if r.ContentLength >= 0 && r.ContentLength != size {
			return 0, fmt.Errorf("the server has %d bytes, %s has %d: it is another file",
				r.ContentLength, d.part.entry.Name, size)
		}
		return 0, d.part.startOver()
	case r.StatusCode == http.StatusPartialContent && have > 0:
		start, total, ok := contentRange(r.Header.Get("Content-Range"))
		if !ok || start != have || total != size {
			return 0, d.discard()
		}
		_, err := d.part.file.Seek(have, io.SeekStart)
		return have, err
	case r.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		return 0, d.discard()
	case r.StatusCode == http.StatusNotFound:
		return 0, notFoundf("the server answers %s", r.Status)
	}
	return 0, fmt.Errorf("the server answers %s", r.Status)
}

// discard throws away a part that the server has no rest of.
func (d *download) discard() error {
	if err := d.part.startOver(); err != nil {
		return err
	}
	return errOtherFile
}

// receive writes the body to the end of the part.
func (d *download) receive(ctx context.Context, body io.Reader, have int64) error {
	size := d.part.entry.Size
	n, err := io.Copy(d.part.file, io.LimitReader(body, size-have+1))
	switch {
	case ctx.Err() != nil:
		return explain(ctx, ctx.Err())
	case errors.As(err, new(*fs.PathError)):
		return err // the disk, not the connection
	case have+n > size:
		if err := d.part.startOver(); err != nil {
			return err
		}
		return fmt.Errorf("the server sends more than the %d bytes of %s: it is another file", size, d.part.entry.Name)
	case have+n < size:
		return fmt.Errorf("%w after %d of %d bytes; run the same again to go on%s",
			errBrokenOff, have+n, size, inBrackets(err))
	}
	return err
}

// inBrackets is what is known of why a body ended too early, beyond that it did.
func inBrackets(err error) string {
	if err == nil || isEnd(err) {
		return ""
	}
	return " (" + err.Error() + ")"
}

func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// explain says in a few words why a request failed, and what helps where there is no network.
func explain(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err // the address is told already
	}
	if isEnd(err) {
		return fmt.Errorf("%w before the server answered; run the same again to go on", errBrokenOff)
	}
	var network net.Error
	var op *net.OpError
	if errors.As(err, &network) || errors.As(err, &op) {
		return &unreachableError{err}
	}
	return err
}

// unreachableError is a models.ErrUnavailable: the network failed, not the server.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string {
	return e.err.Error() + "; where there is no internet, fetch the file elsewhere and use --from FILE"
}

// Unwrap is what the network said.
func (e *unreachableError) Unwrap() error { return e.err }

// Is makes errors.Is(err, models.ErrUnavailable) hold.
func (e *unreachableError) Is(target error) bool { return target == models.ErrUnavailable }

// contentRange reads "bytes 100-199/200" (RFC 9110, 14.4).
func contentRange(header string) (start, total int64, ok bool) {
	spec, found := strings.CutPrefix(header, "bytes ")
	if !found {
		return 0, 0, false
	}
	span, all, found := strings.Cut(spec, "/")
	first, _, dashed := strings.Cut(span, "-")
	if !found || !dashed {
		return 0, 0, false
	}
	start, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0, 0, false
	}
	total, err = strconv.ParseInt(all, 10, 64)
	return start, total, err == nil
}
