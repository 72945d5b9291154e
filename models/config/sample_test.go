package config

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"footfall/models"
)

// TestSampleHasEveryKeyWithItsDefault, one way: what Config has is in the sample, with the default's value and a
// comment of its own.
func TestSampleHasEveryKeyWithItsDefault(t *testing.T) {
	t.Parallel()
	d, err := parseDocument("footfall.example.yaml", []byte(Sample()))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(Sample(), "\n")
	c := bare()
	for _, f := range c.fields() {
		n, line := d.root, 0
		for word := range strings.SplitSeq(f.path, ".") {
			e, ok := n.find(word)
			if !ok {
				t.Fatalf("%s is missing", f.path)
			}
			n, line = e.value, e.line
		}
		var got []string
		switch n.kind {
		case scalar:
			got = []string{n.text}
		case list:
			for _, item := range n.items {
				got = append(got, item.text)
			}
		case nothing, mapping:
			t.Errorf("%s is %s", f.path, n.kind)
		}
		if want := f.show(); !slices.Equal(got, want) {
			t.Errorf("%s: the sample says %q, the default is %q", f.path, got, want)
		}
		if !strings.HasPrefix(strings.TrimSpace(rows[line-2]), "# ") {
			t.Errorf("%s: has no comment", f.path)
		}
	}
}

// TestSampleLoads, the other way: what the sample has exists, and it changes nothing.
func TestSampleLoads(t *testing.T) {
	t.Parallel()
	c, err := buildText(Sample())
	if err != nil {
		t.Fatal(err)
	}
	if c.YAML() != Default().YAML() {
		t.Errorf("got  %s\nwant %s", c, Default())
	}
}

// TestSampleCameras: the example of cameras, which is a comment, is right too and shows every key of a camera.
func TestSampleCameras(t *testing.T) {
	t.Parallel()
	_, example, ok := strings.Cut(Sample(), "# cameras:\n")
	if !ok {
		t.Fatal("the sample has no example of cameras")
	}
	example, _, _ = strings.Cut(example, "\ncameras: []")
	text := "cameras:\n" + regexp.MustCompile(`(?m)^# `).ReplaceAllString(example, "")
	c, err := buildText(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(c.Cameras) != 2 || len(c.Cameras[0].Lines) != 2 || len(c.Cameras[1].Lines) != 1 {
		t.Errorf("got %s", c)
	}
	for _, k := range cameraKeys(document{}, "", &models.Camera{}) {
		key := k.name
		if !strings.Contains(text, key+":") {
			t.Errorf("the example does not show %s", key)
		}
		if !regexp.MustCompile(`(?m)^#   ` + key + ` +\S`).MatchString(Sample()) {
			t.Errorf("%s is not explained", key)
		}
	}
}

// TestSampleSites: the example of sites is right, and explains every key it has.
func TestSampleSites(t *testing.T) {
	t.Parallel()
	_, example, ok := strings.Cut(Sample(), "# sites:\n")
	if !ok {
		t.Fatal("the sample has no example of sites")
	}
	example, _, _ = strings.Cut(example, "\nsites: []")
	text := "sites:\n" + regexp.MustCompile(`(?m)^# ?`).ReplaceAllString(example, "")
	c, err := buildText(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(c.Sites) != 1 || len(c.Areas) != 1 || len(c.Areas[0].Doors) != 2 || !c.Areas[0].Doors[1].Reversed {
		t.Errorf("got %s", c)
	}
	for _, key := range []string{
		"id", "name", "zone", "week_starts", "hours", "exceptions", "areas", "doors", "within", "passing", "zones",
		"capacity", "warn_at", "reset",
	} {
		if !regexp.MustCompile(`(?m)^# +` + key + ` +\S`).MatchString(Sample()) {
			t.Errorf("%s is not explained", key)
		}
	}
}

// TestFieldsReachEveryPartOfConfig: setting any field to something else changes the Config, and no part of Config is
// without a field.
func TestFieldsReachEveryPartOfConfig(t *testing.T) {
	t.Parallel()
	c := Config{}
	leaves := 0
	var count func(t reflect.Type)
	count = func(t reflect.Type) {
		for i := range t.NumField() {
			if f := t.Field(i); f.Type.Kind() == reflect.Struct {
				count(f.Type)
			} else {
				leaves++
			}
		}
	}
	count(reflect.TypeFor[Config]())
	if got := len(c.fields()) + 5; got != leaves { // groups, webhooks, cameras, sites and areas are read in their own way
		t.Errorf("Config has %d values, the table, groups, webhooks, cameras and places %d", leaves, got)
	}
	seen := map[string]bool{}
	for _, f := range c.fields() {
		if seen[f.path] {
			t.Errorf("%s is there twice", f.path)
		}
		seen[f.path] = true
	}
}

func buildText(text string) (Config, error) {
	d, err := parseDocument("footfall.yaml", []byte(text))
	if err != nil {
		return Config{}, err
	}
	return build(d, nil, nil)
}

// TestSampleWebhooks: the example of webhooks shows and explains every key.
func TestSampleWebhooks(t *testing.T) {
	t.Parallel()
	for _, k := range webhookKeys(document{}, "", &models.Webhook{}) {
		key := k.name
		if !regexp.MustCompile(`(?m)^#   ` + key + ` +\S`).MatchString(Sample()) {
			t.Errorf("%s is not explained", key)
		}
	}
	_, example, _ := strings.Cut(Sample(), "# webhooks:\n")
	example, _, ok := strings.Cut(example, "\nwebhooks: []")
	text := "webhooks:\n" + regexp.MustCompile(`(?m)^# `).ReplaceAllString(example, "") + "\n"
	text = strings.ReplaceAll(text, "secret_file: /etc/footfall/till.secret", "secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0")
	c, err := buildText(text)
	if err != nil || !ok || len(c.Webhooks) != 1 || len(c.Webhooks[0].Events) != 2 {
		t.Errorf("got %v, %v of\n%s", c.Webhooks, err, text)
	}
}

// TestSampleGroups: the example of groups is right, and shows and explains every key.
func TestSampleGroups(t *testing.T) {
	t.Parallel()
	_, example, ok := strings.Cut(Sample(), "# groups:\n")
	if !ok {
		t.Fatal("the sample has no example of groups")
	}
	example, _, _ = strings.Cut(example, "\ngroups: []")
	text := "oidc: {issuer: https://id, client_id: x}\nserver: {public_url: https://here}\ngroups:\n" +
		regexp.MustCompile(`(?m)^# `).ReplaceAllString(example, "")
	c, err := buildText(text)
	if err != nil || len(c.Groups) != 1 || len(c.ByGroup()["mall-guards"].Roles) != 1 {
		t.Errorf("%v, %+v in\n%s", err, c.Groups, text)
	}
	for _, k := range groupKeys(document{}, "", &Group{}) {
		if !strings.Contains(text, k.name+":") || !regexp.MustCompile(`(?m)^#   `+k.name+` +\S`).MatchString(Sample()) {
			t.Errorf("%s is not shown and explained", k.name)
		}
	}
}
