package simulator

import (
	"strings"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
)

// handler is the side of a Camera that the RTSP server calls.
type handler Camera

// reader is a session that plays.
type reader struct {
	// inStep: it has got the key frame that the pictures since then are built on.
	inStep bool
}

// OnDescribe answers what there is to see.
func (h *handler) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (
	*base.Response, *gortsplib.ServerStream, error,
) {
	return h.admit(ctx.Conn, ctx.Request, ctx.Path)
}

// OnSetup agrees on a transport.
func (h *handler) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	return h.admit(ctx.Conn, ctx.Request, ctx.Path)
}

// admit checks user, password and path.
func (h *handler) admit(conn *gortsplib.ServerConn, request *base.Request, path string) (
	*base.Response, *gortsplib.ServerStream, error,
) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.user != "" && !conn.VerifyCredentials(request, h.user, h.password) {
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	}
	if h.ended || strings.Trim(path, "/") != h.options.Path {
		return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, h.stream, nil
}

// OnPlay lists the reader: from now on packets for it are queued, and sent once it has its answer.
func (h *handler) OnPlay(ctx *gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return &base.Response{StatusCode: base.StatusNotFound}, nil
	}
	if h.readers[ctx.Session] == nil {
		h.readers[ctx.Session] = &reader{}
		h.stats.ReadersServed++
		if h.stats.ReadersServed == 1 {
			close(h.firstReader)
		}
		h.log.Info("reader plays", "from", ctx.Conn.NetConn().RemoteAddr().String(),
			"transport", ctx.Session.Transport().Protocol.String())
	}
	return &base.Response{StatusCode: base.StatusOK}, nil
}

// OnSessionClose forgets the reader.
func (h *handler) OnSessionClose(ctx *gortsplib.ServerHandlerOnSessionCloseCtx) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers[ctx.Session] == nil {
		return
	}
	delete(h.readers, ctx.Session)
	h.log.Info("reader left", "because", ctx.Error)
	if h.ended && len(h.readers) == 0 {
		close(h.lastLeft)
	}
}
