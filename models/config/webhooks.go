package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"footfall/models"
)

// webhookKeys are the keys of one webhook.
func webhookKeys() []string {
	return []string{"id", "url", "secret", "secret_file", "events", "cameras", "lines", "disabled"}
}

// readWebhooks reads the webhooks that are declared in the file.
func readWebhooks(d document, n node) ([]models.Webhook, error) {
	if n.kind == nothing {
		return nil, nil
	}
	if n.kind != list {
		return nil, d.refuse(n.line, "webhooks", "is %s, but takes a list: - id: till", n.kind)
	}
	var hooks []models.Webhook
	lines := map[models.WebhookID]int{}
	for i, item := range n.items {
		w, err := readWebhook(d, i, item)
		if err != nil {
			return nil, err
		}
		if first, twice := lines[w.ID]; twice {
			return nil, d.refuse(item.line, "webhook "+string(w.ID), "is there twice; line %d has it already", first)
		}
		lines[w.ID] = item.line
		hooks = append(hooks, w)
	}
	return hooks, nil
}

// readWebhook reads one; its errors call it by its id where it has one.
func readWebhook(d document, index int, n node) (models.Webhook, error) {
	w := models.Webhook{Declared: true}
	name := fmt.Sprintf("webhooks[%d]", index)
	if n.kind != mapping {
		return w, d.refuse(n.line, name, "is %s, but takes a mapping: id, url, secret, events", n.kind)
	}
	if id, ok := n.find("id"); ok && models.ValidateID("", id.value.text) == nil {
		name = "webhook " + id.value.text
	}
	at := map[string]int{} // the line of each key, for what the webhook's own rules refuse
	for _, e := range n.entries {
		at[e.key] = e.line
		if err := readWebhookKey(d, &w, name, e); err != nil {
			return w, err
		}
	}
	if at["secret"] > 0 && at["secret_file"] > 0 {
		return w, d.refuse(at["secret_file"], name+": secret_file", "is given and so is secret; one of them must go")
	}
	if w.Secret == "" {
		return w, d.refuse(n.line, name, "has no secret; write secret: or secret_file:")
	}
	if err := w.Validate(); err != nil {
		line := n.line
		var invalid *models.InvalidError
		if errors.As(err, &invalid) && at[invalid.Field] > 0 {
			line = at[invalid.Field]
		}
		return w, d.refuse(line, name, "%s", err)
	}
	return w, nil
}

// readWebhookKey sets one key of a webhook.
func readWebhookKey(d document, w *models.Webhook, name string, e entry) error {
	key := name + ": " + e.key
	values, isList := []string{e.value.text}, slices.Contains([]string{"events", "cameras", "lines"}, e.key)
	switch {
	case !slices.Contains(webhookKeys(), e.key):
		if near, ok := mistyped(e.key, webhookKeys()); ok {
			return d.refuse(e.line, key, "unknown key; did you mean %s?", near)
		}
		return d.refuse(e.line, key, "unknown key; want %s", alternatives(webhookKeys()))
	case e.value.kind == nothing:
		return nil
	case isList && e.value.kind != list:
		return d.refuse(e.line, key, "takes a list; write [%s]", oneLine(e.value.text))
	case !isList && e.value.kind != scalar:
		return d.refuse(e.line, key, "is %s, but takes a single value", e.value.kind)
	case isList:
		values = nil
		for _, item := range e.value.items {
			if item.kind != scalar {
				return d.refuse(item.line, key, "has an item that is %s; want single values", item.kind)
			}
			values = append(values, item.text)
		}
	}
	if err := setWebhookKey(w, e.key, values); err != nil {
		return d.refuse(e.line, key, "%s", err)
	}
	return nil
}

func setWebhookKey(w *models.Webhook, key string, values []string) (err error) {
	switch key {
	case "id":
		w.ID = models.WebhookID(values[0])
	case "url":
		w.URL = values[0]
	case "secret":
		w.Secret = values[0]
	case "secret_file":
		w.Secret, err = secretFile(values[0])
	case "events":
		w.Events = idsOf[models.WebhookEvent](values)
	case "cameras":
		w.Cameras = idsOf[models.CameraID](values)
	case "lines":
		w.Lines = values
	case "disabled":
		if w.Disabled, err = parseBool(values[0]); err != nil {
			err = fmt.Errorf("%s %w", quote(values[0]), err)
		}
	}
	return err
}

func idsOf[T ~string](values []string) (ids []T) {
	for _, v := range values {
		ids = append(ids, T(v))
	}
	return ids
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
