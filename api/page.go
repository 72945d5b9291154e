package api

import (
	"embed"
	"net/http"

	"github.com/labstack/echo/v4"
)

// pageFiles are the page on which cameras are watched, as it is served at /preview.
//
//go:embed page
var pageFiles embed.FS

// servePage serves the page. It asks the API for everything, as any other client would.
func servePage(e *echo.Echo) {
	for path, file := range map[string][2]string{
		"/preview":             {"preview.html", "text/html; charset=utf-8"},
		"/preview/preview.css": {"preview.css", "text/css; charset=utf-8"},
		"/preview/preview.js":  {"preview.js", "text/javascript; charset=utf-8"},
		"/preview/whep.js":     {"whep.js", "text/javascript; charset=utf-8"},
	} {
		e.GET(path, func(c echo.Context) error {
			content, err := pageFiles.ReadFile("page/" + file[0])
			if err != nil {
				return err
			}
			c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
			return c.Blob(http.StatusOK, file[1], content)
		})
	}
}
