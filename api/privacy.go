package api

import "footfall/models"

// changePrivacy applies the fields that are there.
func changePrivacy(privacy *models.Privacy, body *Privacy) {
	if body == nil {
		return
	}
	if body.Pixelate != nil {
		privacy.Pixelate = models.Pixelation(*body.Pixelate)
	}
	if body.Masks != nil {
		privacy.Masks = nil
		for _, polygon := range *body.Masks {
			mask := make(models.Mask, len(polygon))
			for i, p := range polygon {
				mask[i] = models.Point{X: p[0], Y: p[1]}
			}
			privacy.Masks = append(privacy.Masks, mask)
		}
	}
}

func showPrivacy(privacy models.Privacy) Privacy {
	pixelate := PrivacyPixelate(privacy.WithDefaults().Pixelate)
	masks := make([][]Point, 0, len(privacy.Masks))
	for _, mask := range privacy.Masks {
		polygon := make([]Point, len(mask))
		for i, p := range mask {
			polygon[i] = Point{p.X, p.Y}
		}
		masks = append(masks, polygon)
	}
	return Privacy{Pixelate: &pixelate, Masks: &masks}
}
