package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
)

// App is the web app. It asks the API for everything, as any other client would.
type App interface {
	http.Handler
	// Paths are what it wants to be asked for; one that ends in /* stands for all below it.
	Paths() []string
}

// serveApp lets people in by the front door. /preview is where cameras were watched before there was an app.
func serveApp(e *echo.Echo, app App) {
	e.GET("/preview", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/live") })
	if app == nil {
		e.GET("/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/api/docs") })
		return
	}
	handler := echo.WrapHandler(app)
	for _, path := range app.Paths() {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, handler)
	}
}

// rulesWith are the rules of all routes. Anybody may load the app: it holds nothing, and asks the API for everything.
func rulesWith(app App) map[string]access.Rule {
	rules := access.Rules()
	if app != nil {
		for _, path := range app.Paths() {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				rules[method+" "+path] = access.Rule{Anybody: true}
			}
		}
	}
	return rules
}
