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

// LogValue is the configuration key by key, secrets as stars; of cameras and sites only how many there are.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, f := range c.fields() {
		attrs = append(attrs, slog.String(f.path, strings.Join(f.shown(false), ",")))
	}
	attrs = append(attrs, slog.Int("groups", len(c.Groups)), slog.Int("webhooks", len(c.Webhooks)),
		slog.Int("cameras", len(c.Cameras)), slog.Int("sites", len(c.Sites)))
	return slog.GroupValue(attrs...)
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
	renderGroups(&b, c.Groups)
	renderWebhooks(&b, c.Webhooks, reveal)
	if len(c.Cameras) == 0 {
		b.WriteString("cameras: []\n")
	} else {
		b.WriteString("cameras:\n")
	}
	for _, camera := range c.Cameras {
		if !reveal {
			camera.URL = models.RedactURL(camera.URL)
		}
		renderCamera(&b, camera)
	}
	renderSites(&b, c)
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
	put("steady", strconv.FormatBool(!c.NoSteady))
	put("disabled", strconv.FormatBool(c.Disabled))
	put("privacy", renderPrivacy(c.Privacy))
	if len(c.Classes) > 0 {
		words := make([]string, len(c.Classes))
		for i, class := range c.Classes {
			words[i] = yamlText(string(class))
		}
		put("classes", "["+strings.Join(words, ", ")+"]")
	}
	if len(c.Lines) > 0 {
		put("lines", "")
	}
	for _, l := range c.Lines {
		renderShape(b, shape(l))
	}
	if len(c.Zones) > 0 {
		put("zones", "")
	}
	for _, z := range c.Zones {
		renderShape(b, shape(z))
	}
}

func renderShape(b *strings.Builder, s shape) {
	points := make([]string, len(s.Points))
	for i, p := range s.Points {
		points[i] = "[" + number(p.X) + ", " + number(p.Y) + "]"
	}
	fields := "id: " + yamlText(s.ID)
	if s.Name != "" {
		fields += ", name: " + yamlText(s.Name)
	}
	b.WriteString("      - {" + fields + ", points: [" + strings.Join(points, ", ") + "]}\n")
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
