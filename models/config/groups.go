package config

import (
	"strings"

	"footfall/models"
)

// Group is what those may do whom the provider says to be in a group.
type Group struct {
	Name string
	models.Grants
}

// readGroups reads what the groups of the provider may do.
func readGroups(d document, n node) ([]Group, error) {
	return items[Group]{
		one: "group", many: "groups", example: "- group: guards", keys: "group, roles, permissions, sites, cameras",
		read: func(name string, n node, lines map[string]int) (Group, string, error) {
			g, err := readGroup(d, name, n, lines)
			return g, g.Name, err
		},
	}.from(d, n)
}

func readGroup(d document, name string, n node, lines map[string]int) (g Group, err error) {
	if err := d.readKeys(name, n, groupKeys(d, name, &g)); err != nil {
		return g, err
	}
	if strings.TrimSpace(g.Name) == "" {
		return g, d.refuse(n.line, name, "has no name; write group: as the provider calls it")
	}
	if len(g.All()) == 0 && g.Validate() == nil {
		return g, d.refuse(n.line, name, "may do nothing; write roles: or permissions:")
	}
	if err := g.Validate(); err != nil {
		return g, d.broken(name, n, lines, err)
	}
	return g, nil
}

// groupKeys are the keys of one group.
func groupKeys(d document, name string, g *Group) []keyed {
	return []keyed{
		text(d, name, "group", &g.Name),
		words(d, name, "roles", &g.Roles),
		words(d, name, "permissions", &g.Permissions),
		words(d, name, "sites", &g.Sites),
		words(d, name, "cameras", &g.Cameras),
	}
}

// renderGroups writes the groups as a file could have them.
func renderGroups(b *strings.Builder, groups []Group) {
	if len(groups) == 0 {
		b.WriteString("groups: []\n")
		return
	}
	b.WriteString("groups:\n")
	for _, g := range groups {
		b.WriteString("  - group: " + yamlText(g.Name) + "\n")
		b.WriteString("    roles: " + yamlList(g.Roles) + "\n")
		b.WriteString("    permissions: " + yamlList(g.Permissions) + "\n")
		b.WriteString("    sites: " + yamlList(g.Sites) + "\n")
		b.WriteString("    cameras: " + yamlList(g.Cameras) + "\n")
	}
}

// ByGroup is what the groups of the provider may do, by their names.
func (c Config) ByGroup() map[string]models.Grants {
	given := map[string]models.Grants{}
	for _, g := range c.Groups {
		given[g.Name] = g.Grants
	}
	return given
}
