package config

import (
	"strconv"
	"strings"

	"footfall/models"
)

// readWebhooks reads the webhooks that are declared in the file.
func readWebhooks(d document, n node) ([]models.Webhook, error) {
	return items[models.Webhook]{
		one: "webhook", many: "webhooks", example: "- id: till", keys: "id, url, secret, events",
		read: func(name string, n node, lines map[string]int) (models.Webhook, string, error) {
			w, err := readWebhook(d, name, n, lines)
			return w, string(w.ID), err
		},
	}.from(d, n)
}

func readWebhook(d document, name string, n node, lines map[string]int) (models.Webhook, error) {
	w := models.Webhook{Declared: true}
	if err := d.readKeys(name, n, webhookKeys(d, name, &w)); err != nil {
		return w, err
	}
	if lines["secret"] > 0 && lines["secret_file"] > 0 {
		return w, d.refuse(lines["secret_file"], name+": secret_file", "is given and so is secret; one of them must go")
	}
	if w.Secret == "" {
		return w, d.refuse(n.line, name, "has no secret; write secret: or secret_file:")
	}
	if err := w.Validate(); err != nil {
		return w, d.broken(name, n, lines, err)
	}
	return w, nil
}

// webhookKeys are the keys of one webhook.
func webhookKeys(d document, name string, w *models.Webhook) []keyed {
	return []keyed{
		text(d, name, "id", &w.ID),
		text(d, name, "url", &w.URL),
		text(d, name, "secret", &w.Secret),
		{"secret_file", func(e entry) (err error) {
			if e.value.kind != scalar {
				return d.refuse(e.line, name+": secret_file", "is %s, but takes a single value", e.value.kind)
			}
			if w.Secret, err = secretFile(e.value.text); err != nil {
				return d.refuse(e.line, name+": secret_file", "%s", err)
			}
			return nil
		}},
		words(d, name, "events", &w.Events),
		words(d, name, "cameras", &w.Cameras),
		words(d, name, "lines", &w.Lines),
		d.yes(name, "disabled", &w.Disabled),
	}
}

// renderWebhooks writes the webhooks as a file could have them.
func renderWebhooks(b *strings.Builder, hooks []models.Webhook, reveal bool) {
	if len(hooks) == 0 {
		b.WriteString("webhooks: []\n")
		return
	}
	b.WriteString("webhooks:\n")
	for _, w := range hooks {
		if !reveal {
			w.URL, w.Secret = models.RedactURL(w.URL), stars
		}
		b.WriteString("  - id: " + yamlText(string(w.ID)) + "\n")
		put := func(key, value string) { b.WriteString("    " + key + ": " + value + "\n") }
		put("url", yamlText(w.URL))
		put("secret", yamlText(w.Secret))
		put("events", yamlList(w.Events))
		put("cameras", yamlList(w.Cameras))
		put("lines", yamlList(w.Lines))
		put("disabled", strconv.FormatBool(w.Disabled))
	}
}
