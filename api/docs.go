package api

import (
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	swaggerfiles "github.com/swaggo/files/v2"
)

// initializer points Swagger UI at our description instead of its example.
const initializer = `window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: "/api/v1/openapi.yaml", dom_id: "#swagger-ui", deepLinking: true, tryItOutEnabled: true,
    presets: [SwaggerUIBundle.presets.apis],
  });
};
`

// page is Swagger UI's own page without its top bar and its links to elsewhere.
const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><title>Footfall API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="data:,">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/initializer.js"></script>
</body>
</html>
`

// serveDocs serves the description, and a page that shows it and tries it out.
func serveDocs(e *echo.Echo) {
	e.GET("/api/v1/openapi.yaml", func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/yaml", Description)
	})
	html := func(c echo.Context) error { return c.HTML(http.StatusOK, page) }
	e.GET("/api/docs", html)
	e.GET("/api/docs/", html)
	e.GET("/api/docs/initializer.js", func(c echo.Context) error {
		return c.Blob(http.StatusOK, "text/javascript", []byte(initializer))
	})
	for _, name := range []string{"swagger-ui.css", "swagger-ui-bundle.js"} {
		e.GET("/api/docs/"+name, func(c echo.Context) error { return serveAsset(c, name) })
	}
}

func serveAsset(c echo.Context, name string) error {
	data, err := fs.ReadFile(swaggerfiles.FS, name)
	if err != nil {
		return fmt.Errorf("serve %s: %w", name, err)
	}
	kind := "text/css"
	if strings.HasSuffix(name, ".js") {
		kind = "text/javascript"
	}
	return c.Blob(http.StatusOK, kind, data)
}
