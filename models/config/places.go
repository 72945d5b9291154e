package config

import (
	"fmt"
	"strings"

	"footfall/models"
)

// readSites reads the sites that are declared in the file, each with its areas.
func readSites(d document, n node) ([]models.Site, []models.Area, error) {
	if n.kind == nothing {
		return nil, nil, nil
	}
	if n.kind != list {
		return nil, nil, d.refuse(n.line, "sites", "is %s, but takes a list: - id: mall", n.kind)
	}
	r := placeReader{document: d, seen: map[string]int{}}
	for i, item := range n.items {
		if err := r.site(i, item); err != nil {
			return nil, nil, err
		}
	}
	return r.sites, r.areas, nil
}

// placeReader reads sites and areas of one document.
type placeReader struct {
	document

	sites []models.Site
	areas []models.Area
	seen  map[string]int // "site mall" to its line of the file
}

// once refuses a second place of one name.
func (r placeReader) once(name string, line int) error {
	if first, ok := r.seen[name]; ok {
		return r.refuse(line, name, "is there twice; line %d has it already", first)
	}
	r.seen[name] = line
	return nil
}

func (r *placeReader) site(index int, n node) error {
	name := named("site", fmt.Sprintf("sites[%d]", index), n)
	s := models.Site{Declared: true}
	var areas []node
	keys := []keyed{
		text(r.document, name, "id", &s.ID),
		text(r.document, name, "name", &s.Name),
		text(r.document, name, "zone", &s.Zone),
		text(r.document, name, "week_starts", &s.WeekStarts),
		r.each(name, "hours", func(name string, item node) error {
			var h models.DayHours
			err := r.readKeys(name, item, []keyed{
				words(r.document, name, "days", &h.Days), words(r.document, name, "open", &h.Open),
			})
			s.Hours = append(s.Hours, h)
			return err
		}),
		r.each(name, "exceptions", func(name string, item node) error {
			var e models.Exception
			err := r.readKeys(name, item, []keyed{
				text(r.document, name, "date", &e.Date), words(r.document, name, "open", &e.Open),
				text(r.document, name, "note", &e.Note),
			})
			s.Exceptions = append(s.Exceptions, e)
			return err
		}),
		r.each(name, "areas", func(_ string, item node) error { areas = append(areas, item); return nil }),
	}
	if err := r.readKeys(name, n, keys); err != nil {
		return err
	}
	s = s.WithDefaults()
	if err := s.Validate(); err != nil {
		return r.refuse(n.line, name, "%s", err)
	}
	if err := r.once(name, n.line); err != nil {
		return err
	}
	r.sites = append(r.sites, s)
	for i, item := range areas {
		if err := r.area(s.ID, fmt.Sprintf("%s: areas[%d]", name, i), item); err != nil {
			return err
		}
	}
	return nil
}

func (r *placeReader) area(site, place string, n node) error {
	name := named("area", place, n)
	a := models.Area{Site: site, Declared: true}
	keys := []keyed{
		text(r.document, name, "id", &a.ID),
		text(r.document, name, "name", &a.Name),
		text(r.document, name, "within", &a.Within),
		r.whole(name, "capacity", &a.Capacity),
		r.fraction(name, "warn_at", &a.WarnAt),
		text(r.document, name, "reset", &a.Reset),
		r.each(name, "doors", func(name string, item node) error {
			var d models.Door
			err := r.readKeys(name, item, []keyed{
				text(r.document, name, "camera", &d.Camera), text(r.document, name, "line", &d.Line),
				r.yes(name, "reversed", &d.Reversed),
			})
			a.Doors = append(a.Doors, d)
			return err
		}),
		r.each(name, "passing", func(name string, item node) error {
			var p models.LineRef
			err := r.readKeys(name, item, []keyed{
				text(r.document, name, "camera", &p.Camera), text(r.document, name, "line", &p.Line),
			})
			a.Passing = append(a.Passing, p)
			return err
		}),
		r.each(name, "zones", func(name string, item node) error {
			var z models.ZoneRef
			err := r.readKeys(name, item, []keyed{
				text(r.document, name, "camera", &z.Camera), text(r.document, name, "zone", &z.Zone),
			})
			a.Zones = append(a.Zones, z)
			return err
		}),
	}
	if err := r.readKeys(name, n, keys); err != nil {
		return err
	}
	a = a.WithDefaults()
	if err := a.Validate(); err != nil {
		return r.refuse(n.line, name, "%s", err)
	}
	if err := r.once(name, n.line); err != nil {
		return err
	}
	r.areas = append(r.areas, a)
	return nil
}

// renderSites writes sites and their areas as YAML.
func renderSites(b *strings.Builder, c Config) {
	if len(c.Sites) == 0 {
		b.WriteString("sites: []\n")
		return
	}
	b.WriteString("sites:\n")
	for _, s := range c.Sites {
		put := func(key, value string) { b.WriteString("    " + key + ": " + value + "\n") }
		b.WriteString("  - id: " + yamlText(s.ID) + "\n")
		put("name", yamlText(s.Name))
		put("zone", yamlText(s.Zone))
		put("week_starts", yamlText(string(s.WeekStarts)))
		if len(s.Hours) > 0 {
			put("hours", "")
		}
		for _, h := range s.Hours {
			fmt.Fprintf(b, "      - {days: %s, open: %s}\n", yamlList(h.Days), yamlList(h.Open))
		}
		if len(s.Exceptions) > 0 {
			put("exceptions", "")
		}
		for _, e := range s.Exceptions {
			fmt.Fprintf(b, "      - {date: %s, open: %s, note: %s}\n", yamlText(e.Date), yamlList(e.Open),
				yamlText(e.Note))
		}
		renderAreas(b, s.ID, c.Areas)
	}
}

func renderAreas(b *strings.Builder, site string, areas []models.Area) {
	first := true
	for _, a := range areas {
		if a.Site != site {
			continue
		}
		if first {
			b.WriteString("    areas:\n")
			first = false
		}
		put := func(key, value string) { b.WriteString("        " + key + ": " + value + "\n") }
		b.WriteString("      - id: " + yamlText(a.ID) + "\n")
		put("name", yamlText(a.Name))
		if a.Within != "" {
			put("within", yamlText(a.Within))
		}
		put("capacity", fmt.Sprint(a.Capacity))
		put("warn_at", number(a.WarnAt))
		put("reset", yamlText(string(a.Reset)))
		var doors, passing, zones []string
		for _, d := range a.Doors {
			doors = append(doors, fmt.Sprintf("{camera: %s, line: %s, reversed: %v}",
				yamlText(string(d.Camera)), yamlText(d.Line), d.Reversed))
		}
		for _, p := range a.Passing {
			passing = append(passing, fmt.Sprintf("{camera: %s, line: %s}",
				yamlText(string(p.Camera)), yamlText(p.Line)))
		}
		for _, z := range a.Zones {
			zones = append(zones, fmt.Sprintf("{camera: %s, zone: %s}", yamlText(string(z.Camera)), yamlText(z.Zone)))
		}
		put("doors", "["+strings.Join(doors, ", ")+"]")
		put("passing", "["+strings.Join(passing, ", ")+"]")
		put("zones", "["+strings.Join(zones, ", ")+"]")
	}
}

// yamlList writes a list of texts on one line.
func yamlList[T ~string](items []T) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = yamlText(string(item))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
