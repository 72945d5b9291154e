package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// App is the web app. It asks the API for everything, as any other client would.
type App interface {
	http.Handler
	// Paths are what it wants to be asked for; one that ends in /* stands for all below it.
	Paths() []string
}

// serveApp lets people in by the front door. /preview is where cameras were watched before there was an app.
func serveApp(e *echo.Echo, app App) {
	if app == nil {
		e.GET("/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/api/docs") })
		return
	}
	handler := echo.WrapHandler(app)
	for _, path := range app.Paths() {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, handler)
	}
	e.GET("/preview", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/live") })
}
