package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// Previews shows cameras live.
type Previews interface {
	// Open answers the SDP offer of a viewer and says what the session is called and the tag of its ICE credentials.
	// ErrNoVideo: it asks for nothing that there is. ended is called once, when the session that was opened has ended.
	Open(stream models.Stream, offer string, ended func()) (session, tag, answer string, err error)
	// Trickle takes in further candidates; ErrOtherTag if the tag is not the session's.
	Trickle(camera models.CameraID, session, tag, fragment string) error
	End(camera models.CameraID, session string) error
	// Watch takes a seat before stills; Leave must be called.
	Watch(stream models.Stream) Seat
	// Last is the newest shot of a stream; false if there is none.
	Last(stream models.Stream) (models.Shot, bool)
	// Close ends every Next, so that the server can stop.
	Close()
}

// Seat is a viewer's place before a stream.
type Seat interface {
	Next(ctx context.Context) (models.Shot, error)
	Leave()
}

// What Previews may answer beside the errors of models.
var (
	ErrNoVideo  = errors.New("the offer does not ask for what can be sent")
	ErrOtherTag = errors.New("the ETag is not the session's")
)

// ICEServers are what browsers are told to find a way to the server by.
type ICEServers struct {
	URLs           []string // stun: and turn:
	User, Password string   // of the TURN servers
}

type previews struct {
	registry Registry
	statuses Statuses
	shows    Previews
	ice      ICEServers
	now      func() time.Time
	entrance Entrance
	each     int // how many one person or program may have open
	owners   *owners
}

// previewsEach is a large wall, twice.
const previewsEach = 200

// enter is the way to every picture of a camera, whatever kind of picture it is: the door has asked whether whoever
// comes may see it, and here what is wanted is checked.
func (h previews) enter(c echo.Context, id CameraID, size string, clean, bare *bool) (models.Stream, error) {
	stream := models.Stream{Camera: models.CameraID(id), Size: models.Size(size)}
	if stream.Size == "" {
		stream.Size = models.Full
	}
	set(&stream.Clean, clean)
	set(&stream.Bare, bare)
	if _, err := h.registry.Camera(c.Request().Context(), stream.Camera); err != nil {
		return stream, fmt.Errorf("camera %s: %w", id, err)
	}
	return stream, nil
}

// PreviewOptions is OPTIONS /cameras/{id}/whep.
func (h previews) PreviewOptions(c echo.Context, id CameraID, params PreviewOptionsParams) error {
	if _, err := h.enter(c, id, word(params.Class), params.Clean, params.Bare); err != nil {
		return err
	}
	h.tellICE(c)
	c.Response().Header().Set("Accept-Post", mimeSDP)
	return c.NoContent(http.StatusNoContent)
}

// PreviewSessionOptions is OPTIONS /cameras/{id}/whep/{session}.
func (h previews) PreviewSessionOptions(c echo.Context, id CameraID, _ string) error {
	return h.PreviewOptions(c, id, PreviewOptionsParams{})
}

const (
	mimeSDP      = "application/sdp"
	mimeFragment = "application/trickle-ice-sdpfrag"
)

// OpenPreview is POST /cameras/{id}/whep.
func (h previews) OpenPreview(c echo.Context, id CameraID, params OpenPreviewParams) error {
	stream, err := h.enter(c, id, word(params.Class), params.Clean, params.Bare)
	if err != nil {
		return err
	}
	offer, err := readText(c)
	if err != nil {
		return err
	}
	session, tag, answer, err := h.open(c.Request().Context(), stream, offer)
	switch {
	case errors.Is(err, ErrNoVideo):
		return echo.NewHTTPError(http.StatusNotAcceptable, err.Error())
	case errors.Is(err, models.ErrUnavailable):
		c.Response().Header().Set(echo.HeaderRetryAfter, "5")
		return err
	case err != nil:
		return err
	}
	h.tellICE(c)
	header := c.Response().Header()
	header.Set(echo.HeaderLocation, "/api/v1/cameras/"+id+"/whep/"+session)
	header.Set("ETag", strconv.Quote(tag))
	header.Set("Accept-Patch", mimeFragment)
	return c.Blob(http.StatusCreated, mimeSDP, []byte(answer))
}

// TricklePreview is PATCH /cameras/{id}/whep/{session}.
func (h previews) TricklePreview(c echo.Context, id CameraID, session string, params TricklePreviewParams) error {
	stream, err := h.enter(c, id, "", nil, nil)
	if err != nil {
		return err
	}
	if err := h.owners.own(session, access.Who(c.Request().Context())); err != nil {
		return err
	}
	fragment, err := readText(c)
	if err != nil {
		return err
	}
	if params.IfMatch == nil {
		// A session that is gone is told first: whoever waits for that must not be sent away to mend a header.
		if err := h.shows.Trickle(stream.Camera, session, "", ""); err != nil && !errors.Is(err, ErrOtherTag) {
			return err
		}
		return echo.NewHTTPError(http.StatusPreconditionRequired, "send the session's ETag as If-Match")
	}
	err = h.shows.Trickle(stream.Camera, session, strings.Trim(*params.IfMatch, `"`), fragment)
	switch {
	case errors.Is(err, ErrOtherTag) && *params.IfMatch == "*":
		return echo.NewHTTPError(http.StatusUnprocessableEntity, "ICE cannot be restarted here; open another session")
	case errors.Is(err, ErrOtherTag):
		return echo.NewHTTPError(http.StatusPreconditionFailed, "If-Match is not the session's ETag")
	case err != nil:
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ClosePreview is DELETE /cameras/{id}/whep/{session}.
func (h previews) ClosePreview(c echo.Context, id CameraID, session string) error {
	stream, err := h.enter(c, id, "", nil, nil)
	if err != nil {
		return err
	}
	if err := h.owners.own(session, access.Who(c.Request().Context())); err != nil {
		return err
	}
	if err := h.shows.End(stream.Camera, session); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// tellICE names the ICE servers as WHIP (RFC 9725, 4.6) has it.
func (h previews) tellICE(c echo.Context) {
	for _, url := range h.ice.URLs {
		link := "<" + url + `>; rel="ice-server"`
		if strings.HasPrefix(url, "turn") && h.ice.User != "" {
			link += fmt.Sprintf("; username=%q; credential=%q; credential-type=\"password\"",
				h.ice.User, h.ice.Password)
		}
		c.Response().Header().Add("Link", link)
	}
}

// readText reads a body that is not JSON; its kind and size were checked at the door.
func readText(c echo.Context) (string, error) {
	text, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return "", refused(err)
	}
	return string(text), nil
}

// word is an optional word of a query.
func word[T ~string](value *T) string {
	if value == nil {
		return ""
	}
	return string(*value)
}

// previewOrigins lets pages of other sites show previews, if their origin is on the list, and nothing else.
func previewOrigins(allowed []string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			origin := r.Header.Get(echo.HeaderOrigin)
			if origin == "" || !isPreview(r.URL.Path) {
				return next(c)
			}
			header := c.Response().Header()
			header.Add(echo.HeaderVary, echo.HeaderOrigin)
			if !slices.Contains(allowed, origin) {
				return next(c) // the browser keeps the answer from the page; changes are refused by sameSite
			}
			header.Set(echo.HeaderAccessControlAllowOrigin, origin)
			header.Set(echo.HeaderAccessControlAllowMethods, "GET, POST, PATCH, DELETE, OPTIONS")
			header.Set(echo.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, If-Match")
			header.Set(echo.HeaderAccessControlExposeHeaders, "Location, ETag, Link, Age, X-Timestamp")
			if r.Method == http.MethodOptions && r.Header.Get(echo.HeaderAccessControlRequestMethod) != "" {
				return c.NoContent(http.StatusNoContent) // a browser asks whether it may ask; it shows no token yet
			}
			c.Set(fromFriend, true)
			return next(c)
		}
	}
}

// fromFriend marks a request of a page that is on the list.
const fromFriend = "from a friend"

// isPreview reports whether a path is one of a camera's pictures.
func isPreview(path string) bool {
	rest, found := strings.CutPrefix(path, "/api/v1/cameras/")
	_, rest, cut := strings.Cut(rest, "/")
	return found && cut && (rest == "whep" || strings.HasPrefix(rest, "whep/") || rest == "preview.mjpeg" ||
		rest == "snapshot.jpg")
}
