package config

import (
	"fmt"
	"strings"

	"footfall/models"
)

// readPrivacy reads {pixelate: heads, masks: [[[0, 0], [0.2, 0], [0, 0.3]]]}.
func readPrivacy(d document, camera string, n node) (models.Privacy, error) {
	var p models.Privacy
	name := camera + ": privacy"
	if n.kind == nothing {
		return p, nil
	}
	if n.kind != mapping {
		return p, d.refuse(n.line, name, "is %s, but takes a mapping: pixelate, masks", n.kind)
	}
	for _, e := range n.entries {
		var err error
		switch e.key {
		case "pixelate":
			if e.value.kind != scalar {
				return p, d.refuse(e.line, name+".pixelate", "is %s, but takes heads, bodies or off", e.value.kind)
			}
			p.Pixelate = models.Pixelation(e.value.text)
		case "masks":
			p.Masks, err = readMasks(d, camera, e.value)
		default:
			err = d.refuse(e.line, name+"."+e.key, "unknown key; want pixelate or masks")
		}
		if err != nil {
			return p, err
		}
	}
	if err := p.WithDefaults().Validate(); err != nil {
		return p, d.refuse(n.line, camera, "%s", err)
	}
	return p, nil
}

func readMasks(d document, camera string, n node) ([]models.Mask, error) {
	if n.kind == nothing {
		return nil, nil
	}
	if n.kind != list {
		return nil, d.refuse(n.line, camera+": privacy.masks", "is %s, but takes a list of polygons", n.kind)
	}
	r := shapeReader{document: d, prefix: camera + ": "}
	masks := make([]models.Mask, len(n.items))
	for i, item := range n.items {
		points, err := r.points(fmt.Sprintf("privacy.masks[%d]", i), item)
		if err != nil {
			return nil, err
		}
		masks[i] = points
	}
	return masks, nil
}

// renderPrivacy writes it as readPrivacy reads it.
func renderPrivacy(p models.Privacy) string {
	masks := make([]string, len(p.Masks))
	for i, mask := range p.Masks {
		masks[i] = renderPoints(mask)
	}
	return "{pixelate: " + yamlText(string(p.Pixelate)) + ", masks: [" + strings.Join(masks, ", ") + "]}"
}

func renderPoints(points []models.Point) string {
	texts := make([]string, len(points))
	for i, p := range points {
		texts[i] = "[" + number(p.X) + ", " + number(p.Y) + "]"
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
