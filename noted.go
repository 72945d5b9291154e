package main

import (
	"context"
	"time"

	"footfall/api"
	"footfall/api/access"
	"footfall/models"
)

// notedCameras, notedPlaces, notedBook, notedWebhooks and notedPost are stores as the API has them: every change that
// is made through it is written down, with what was before and what is now, without secrets.

type cameraStore interface{ api.Registry }

type notedCameras struct {
	cameraStore

	deeds access.Journal
}

// masked is a camera without what its address carries of users and passwords.
func masked(c models.Camera) models.Camera {
	c.URL = models.RedactURL(c.URL)
	return c
}

func (n notedCameras) Add(ctx context.Context, c models.Camera) (models.Camera, error) {
	added, err := n.cameraStore.Add(ctx, c)
	if err == nil {
		n.deeds.Note(ctx, access.Deed{
			Action: "camera.add", Object: string(added.ID), Camera: added.ID, After: masked(added),
		})
	}
	return added, err
}

func (n notedCameras) Update(ctx context.Context, c models.Camera) (models.Camera, error) {
	before, err := n.Camera(ctx, c.ID)
	if err != nil {
		return before, err
	}
	changed, err := n.cameraStore.Update(ctx, c)
	if err == nil {
		deed := access.Deed{
			Action: "camera.change", Object: string(c.ID), Camera: c.ID, Before: masked(before), After: masked(changed),
		}
		if before.URL != changed.URL {
			deed.Detail = "with another address"
		}
		n.deeds.Note(ctx, deed)
	}
	return changed, err
}

func (n notedCameras) Remove(ctx context.Context, id models.CameraID) error {
	before, err := n.Camera(ctx, id)
	if err != nil {
		return err
	}
	if err := n.cameraStore.Remove(ctx, id); err != nil {
		return err
	}
	n.deeds.Note(ctx, access.Deed{Action: "camera.remove", Object: string(id), Camera: id, Before: masked(before)})
	return nil
}

type placeStore interface{ api.Places }

type notedPlaces struct {
	placeStore

	deeds access.Journal
}

func (n notedPlaces) AddSite(ctx context.Context, s models.Site) (models.Site, error) {
	added, err := n.placeStore.AddSite(ctx, s)
	if err == nil {
		n.deeds.Note(ctx, access.Deed{Action: "site.add", Object: added.ID, Site: added.ID, After: added})
	}
	return added, err
}

func (n notedPlaces) SetSite(ctx context.Context, s models.Site) (models.Site, error) {
	before, err := n.Site(ctx, s.ID)
	if err != nil {
		return before, err
	}
	changed, err := n.placeStore.SetSite(ctx, s)
	if err == nil {
		n.deeds.Note(ctx, access.Deed{
			Action: "site.change", Object: s.ID, Site: s.ID, Before: before, After: changed,
		})
	}
	return changed, err
}

func (n notedPlaces) RemoveSite(ctx context.Context, id string) error {
	before, err := n.Site(ctx, id)
	if err != nil {
		return err
	}
	if err := n.placeStore.RemoveSite(ctx, id); err != nil {
		return err
	}
	n.deeds.Note(ctx, access.Deed{Action: "site.remove", Object: id, Site: id, Before: before})
	return nil
}

func (n notedPlaces) AddArea(ctx context.Context, a models.Area) (models.Area, error) {
	added, err := n.placeStore.AddArea(ctx, a)
	if err == nil {
		n.deeds.Note(ctx, access.Deed{Action: "area.add", Object: added.ID, Site: added.Site, After: added})
	}
	return added, err
}

func (n notedPlaces) SetArea(ctx context.Context, a models.Area) (models.Area, error) {
	before, err := n.Area(ctx, a.ID)
	if err != nil {
		return before, err
	}
	changed, err := n.placeStore.SetArea(ctx, a)
	if err == nil {
		n.deeds.Note(ctx, access.Deed{
			Action: "area.change", Object: a.ID, Site: changed.Site, Before: before, After: changed,
		})
	}
	return changed, err
}

func (n notedPlaces) RemoveArea(ctx context.Context, id string) error {
	before, err := n.Area(ctx, id)
	if err != nil {
		return err
	}
	if err := n.placeStore.RemoveArea(ctx, id); err != nil {
		return err
	}
	n.deeds.Note(ctx, access.Deed{Action: "area.remove", Object: id, Site: before.Site, Before: before})
	return nil
}

type notedBook struct {
	ledgerBook

	deeds access.Journal
}

func (n notedBook) Correct(
	ctx context.Context, site models.Site, area models.Area, c models.Correction,
) (models.Correction, error) {
	kept, err := n.ledgerBook.Correct(ctx, site, area, c)
	if err == nil {
		n.deeds.Note(ctx, access.Deed{Action: "occupancy.correct", Object: area.ID, Site: site.ID, After: kept})
	}
	return kept, err
}

type webhookStore interface{ api.Webhooks }

type notedWebhooks struct {
	webhookStore

	deeds access.Journal
}

// muted is a webhook without its secret and without what its address may hide.
func muted(w models.Webhook) models.Webhook {
	w.URL = models.RedactURL(w.URL)
	if w.Secret != "" {
		w.Secret = "***"
	}
	return w
}

func (n notedWebhooks) AddWebhook(ctx context.Context, w models.Webhook, now time.Time) (models.Webhook, error) {
	added, err := n.webhookStore.AddWebhook(ctx, w, now)
	if err == nil {
		n.deeds.Note(ctx, access.Deed{Action: "webhook.add", Object: string(added.ID), After: muted(added)})
	}
	return added, err
}

func (n notedWebhooks) UpdateWebhook(ctx context.Context, w models.Webhook, now time.Time) (models.Webhook, error) {
	before, err := n.Webhook(ctx, w.ID)
	if err != nil {
		return before, err
	}
	changed, err := n.webhookStore.UpdateWebhook(ctx, w, now)
	if err == nil {
		deed := access.Deed{
			Action: "webhook.change", Object: string(w.ID), Before: muted(before), After: muted(changed),
		}
		if before.Secret != changed.Secret {
			deed.Detail = "with another secret"
		}
		n.deeds.Note(ctx, deed)
	}
	return changed, err
}

func (n notedWebhooks) RemoveWebhook(ctx context.Context, id models.WebhookID) error {
	before, err := n.Webhook(ctx, id)
	if err != nil {
		return err
	}
	if err := n.webhookStore.RemoveWebhook(ctx, id); err != nil {
		return err
	}
	n.deeds.Note(ctx, access.Deed{Action: "webhook.remove", Object: string(id), Before: muted(before)})
	return nil
}

type summaryWriter interface{ api.Summaries }

type notedPost struct {
	summaryWriter

	deeds access.Journal
}

func (n notedPost) Mail(ctx context.Context, day time.Time, weekly bool) error {
	if err := n.summaryWriter.Mail(ctx, day, weekly); err != nil {
		return err
	}
	n.deeds.Note(ctx, access.Deed{Action: "report.send", Object: day.Format(time.DateOnly)})
	return nil
}
