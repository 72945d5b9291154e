package api

import (
	"context"
	_ "embed" // the description
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/labstack/echo/v4"

	"footfall/models"
)

// Description is openapi.yaml, as it is served at /api/v1/openapi.yaml.
//
//go:embed openapi.yaml
var Description []byte

// maxBody bounds what a request may bring, in bytes.
const maxBody = 1 << 20

// readDescription makes a router of openapi.yaml.
func readDescription(ctx context.Context) (routers.Router, *openapi3.T, error) {
	description, err := openapi3.NewLoader().LoadFromData(Description)
	if err != nil {
		return nil, nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := description.Validate(ctx); err != nil {
		return nil, nil, fmt.Errorf("check openapi.yaml: %w", err)
	}
	// What is said there about security is for those who read it. The door sees to it; the validator would read whole
	// bodies for it.
	description.Security = nil
	for _, item := range description.Paths.Map() {
		for _, operation := range item.Operations() {
			operation.Security = nil
		}
	}
	router, err := gorillamux.NewRouter(description)
	if err != nil {
		return nil, nil, fmt.Errorf("route openapi.yaml: %w", err)
	}
	return router, description, nil
}

// inTime bounds how long the body of a request may take to arrive: whoever sends it byte by byte holds a connection.
// The server's own bound would end streams, too.
func inTime(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().ContentLength == 0 {
			return next(c)
		}
		control := http.NewResponseController(c.Response())
		if control.SetReadDeadline(time.Now().Add(bodyPatience)) == nil {
			defer func() { _ = control.SetReadDeadline(time.Time{}) }()
		}
		return next(c)
	}
}

// asDescribed refuses requests that openapi.yaml does not describe: unknown parameters and fields, wrong types, values
// out of bounds. What passes needs no second look by the handlers.
func asDescribed(router routers.Router) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := check(c, router); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// check lets pass what the description does not know: that is pages, health and metrics.
func check(c echo.Context, router routers.Router) error {
	r := c.Request()
	route, pathParams, err := router.FindRoute(r)
	if errors.Is(err, routers.ErrPathNotFound) || errors.Is(err, routers.ErrMethodNotAllowed) {
		if name, _ := c.Get(operationOf).(string); !strings.Contains(name, " ") {
			return echo.ErrNotFound // an operation that is written in a way which cannot be checked, such as with %2F
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("route %s: %w", r.URL.Path, err)
	}
	if err := knownParameters(r, route); err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxBody)
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: pathParams, Route: route}
	text := otherThanJSON(route)
	input.Options = &openapi3filter.Options{ExcludeRequestBody: text != ""}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return refused(err)
	}
	if text != "" {
		return rawBody(c, text)
	}
	return nil
}

// otherThanJSON is the kind of body that an operation takes; empty if it is JSON, or none.
func otherThanJSON(route *routers.Route) string {
	body := route.Operation.RequestBody
	if body == nil || body.Value.Content["application/json"] != nil {
		return ""
	}
	for kind := range body.Value.Content {
		return kind
	}
	return ""
}

// maxText bounds a body that is not JSON, in bytes: the largest offers of browsers are a tenth of it.
const maxText = 64 << 10

// rawBody checks a body that the handler reads itself.
func rawBody(c echo.Context, want string) error {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || kind != want {
		return echo.NewHTTPError(http.StatusUnsupportedMediaType, "send the body as "+want)
	}
	if r.ContentLength > maxText {
		return echo.NewHTTPError(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the body is larger than %d bytes", maxText))
	}
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxText)
	return nil
}

// knownParameters refuses a misspelt query parameter: ignoring it would answer another question than was asked.
func knownParameters(r *http.Request, route *routers.Route) error {
	known := map[string]bool{}
	var names []string
	for _, p := range route.Operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			known[p.Value.Name] = true
			names = append(names, p.Value.Name)
		}
	}
	if further, _ := route.Operation.Extensions["x-further-parameters"].(bool); further {
		return nil
	}
	for name := range r.URL.Query() {
		if !known[name] {
			if len(names) == 0 {
				return models.Invalidf(name, "unknown parameter; there are none here")
			}
			return models.Invalidf(name, "unknown parameter; there are %s", strings.Join(names, ", "))
		}
	}
	return nil
}

// refused makes one line of what the validator says.
func refused(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return echo.NewHTTPError(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the body is larger than %d bytes", maxBody))
	}
	field, reason := "request", err.Error()
	var request *openapi3filter.RequestError
	if errors.As(err, &request) {
		field = "body"
		if request.Parameter != nil {
			field = request.Parameter.Name
		}
		reason = request.Reason
		if request.Err != nil {
			reason = strings.TrimPrefix(reason+": "+request.Err.Error(), ": ")
		}
		if header := request.Input.Request.Header.Get("Content-Type"); request.RequestBody != nil &&
			!strings.HasPrefix(header, "application/json") {
			return echo.NewHTTPError(http.StatusUnsupportedMediaType, "send the body as application/json")
		}
	}
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) {
		reason = schema.Reason
		if path := schema.JSONPointer(); len(path) > 0 && (request == nil || request.Parameter == nil) {
			field = strings.Join(path, ".")
		}
	}
	return &models.InvalidError{Field: field, Reason: firstLine(reason)}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
