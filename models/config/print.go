package config

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"footfall/models"
)

// YAML is the whole configuration as a file could have it, secrets as stars: the token, and what cameras' addresses
// carry of users and passwords.
func (c Config) YAML() string { return c.render(false) }

// String is YAML.
func (c Config) String() string { return c.YAML() }

// Format prints YAML for every verb, so that no print of a Config shows what it hides.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.YAML()) }

// MarshalText is YAML, for encoders.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.YAML()), nil }

// LogValue is the configuration key by key, secrets as stars; of the cameras only how many there are.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, f := range c.fields() {
		attrs = append(attrs, slog.String(f.path, strings.Join(f.shown(false), ",")))
	}
	return slog.GroupValue(append(attrs, slog.Int("webhooks", len(c.Webhooks)), slog.Int("cameras", len(c.Cameras)))...)
}

// shown is the field's values, as stars unless they may be revealed.
func (f field) shown(reveal bool) []string {
	values := f.show()
	if f.secret && !reveal && values[0] != "" {
		return []string{stars}
	}
	return values
}

// render writes the configuration as YAML. What it writes can be read again; see FuzzLoad.
func (c Config) render(reveal bool) string {
	var b strings.Builder
	last := ""
	for _, f := range c.fields() {
		section, word, nested := cutLast(f.path)
		if nested && section != last {
			b.WriteString(section + ":\n")
			last = section
		}
		if nested {
			b.WriteString("  ")
		}
		values := f.shown(reveal)
		for i, v := range values {
			values[i] = yamlText(v)
		}
		text := strings.Join(values, ", ")
		if f.list {
			text = "[" + text + "]"
		}
		b.WriteString(word + ": " + text + "\n")
	}
	renderWebhooks(&b, c.Webhooks, reveal)
	if len(c.Cameras) == 0 {
		b.WriteString("cameras: []\n")
		return b.String()
	}
	b.WriteString("cameras:\n")
	for _, camera := range c.Cameras {
		if !reveal {
			camera.URL = models.RedactURL(camera.URL)
		}
		renderCamera(&b, camera)
	}
	return b.String()
}

func renderCamera(b *strings.Builder, c models.Camera) {
	put := func(key, value string) { b.WriteString("    " + key + ": " + value + "\n") }
	b.WriteString("  - id: " + yamlText(string(c.ID)) + "\n")
	put("name", yamlText(c.Name))
	put("url", yamlText(c.URL))
	put("transport", yamlText(string(c.Transport)))
	put("max_fps", number(c.MaxFPS))
	put("anchor", yamlText(string(c.Anchor)))
	put("disabled", strconv.FormatBool(c.Disabled))
	if len(c.Lines) == 0 {
		return
	}
	put("lines", "")
	for _, l := range c.Lines {
		points := make([]string, len(l.Points))
		for i, p := range l.Points {
			points[i] = "[" + number(p.X) + ", " + number(p.Y) + "]"
		}
		fields := "id: " + yamlText(l.ID)
		if l.Name != "" {
			fields += ", name: " + yamlText(l.Name)
		}
		b.WriteString("      - {" + fields + ", points: [" + strings.Join(points, ", ") + "]}\n")
	}
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// yamlText writes a text so that it is read back as the same: bare where that is harmless, else in double quotes,
// whose escapes YAML shares with Go.
func yamlText(s string) string {
	const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-"
	if strings.Trim(s, harmless) != "" {
		return strconv.Quote(s)
	}
	switch strings.ToLower(s) {
	case "", "null", "nan", ".nan", "-", "--", "---", "...":
		return strconv.Quote(s)
	}
	return s
}
