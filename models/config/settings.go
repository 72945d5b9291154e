package config

import (
	"strings"

	"footfall/models"
)

// Setting is one part of the configuration: as it may be shown, and whole, with its secrets.
type Setting struct{ Shown, Whole string }

// Settings are the parts of the configuration by name: every key, every camera, and the lists as they are.
func (c Config) Settings() map[string]Setting {
	all := map[string]Setting{}
	for _, f := range c.fields() {
		all[f.path] = Setting{strings.Join(f.shown(false), ", "), strings.Join(f.shown(true), ", ")}
	}
	for _, camera := range c.Cameras {
		redacted := camera
		redacted.URL = models.RedactURL(camera.URL)
		all["cameras "+string(camera.ID)] = Setting{
			written(func(b *strings.Builder) { renderCamera(b, redacted) }),
			written(func(b *strings.Builder) { renderCamera(b, camera) }),
		}
	}
	all["groups"] = plain(func(b *strings.Builder) { renderGroups(b, c.Groups) })
	all["sites"] = plain(func(b *strings.Builder) { renderSites(b, c) })
	all["webhooks"] = Setting{
		written(func(b *strings.Builder) { renderWebhooks(b, c.Webhooks, false) }),
		written(func(b *strings.Builder) { renderWebhooks(b, c.Webhooks, true) }),
	}
	return all
}

func plain(write func(*strings.Builder)) Setting {
	text := written(write)
	return Setting{text, text}
}

func written(write func(*strings.Builder)) string {
	var b strings.Builder
	write(&b)
	return b.String()
}
