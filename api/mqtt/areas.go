package mqtt

import (
	"context"
	"time"

	"footfall/models"
)

// Insides knows how many people are in all areas.
type Insides interface {
	Insides(ctx context.Context, at time.Time) ([]Inside, error)
}

// Inside is an area and how many are in it.
type Inside struct {
	Area      models.Area
	Occupancy models.Occupancy
}

// inside is what an area's topic holds; null: nobody watched.
type inside struct {
	People   *int64      `json:"people"`
	Capacity int         `json:"capacity,omitempty"`
	Fill     models.Fill `json:"fill,omitempty"`
	Since    *time.Time  `json:"since,omitempty"` // the last reset or correction; none: since the beginning
	Coverage float64     `json:"coverage"`        // since then
}

func insideOf(o models.Occupancy) inside {
	shown := inside{People: o.People, Capacity: o.Capacity, Fill: o.Fill, Coverage: rounded(o.Coverage())}
	if !o.Base.At.IsZero() {
		since := o.Base.At.UTC()
		shown.Since = &since
	}
	return shown
}

func (h *Herald) areaTopic(id string) string { return h.topic("areas", id) }

// areas adds what the broker should hold of areas.
func (h *Herald) areas(ctx context.Context, wanted map[string]any) error {
	all, err := h.options.Insides.Insides(ctx, h.options.Now())
	if err != nil {
		return err
	}
	for _, a := range all {
		wanted[h.areaTopic(a.Area.ID)] = insideOf(a.Occupancy)
		if h.options.Discovery != "" {
			h.areaEntities(a.Area, wanted)
		}
	}
	return nil
}

// areaEntities are what Home Assistant is told about an area: how many are inside, and whether that is too many.
func (h *Herald) areaEntities(area models.Area, configs map[string]any) {
	d := device{Identifiers: []string{h.node() + "_area_" + area.ID}, Name: area.Name, Model: "Area"}
	if d.Name == "" {
		d.Name = area.ID
	}
	state := h.areaTopic(area.ID)
	h.put(configs, "sensor", "area_"+area.ID+"_people", d, entity{
		Name: "People inside", Unit: "people", StateClass: "measurement", Icon: "mdi:account-group",
		StateTopic: state, AttributesTopic: state, ValueTemplate: "{{ value_json.people }}",
	})
	if area.Capacity > 0 {
		h.put(configs, "binary_sensor", "area_"+area.ID+"_full", d, entity{
			Name: "Full", DeviceClass: "problem", StateTopic: state,
			ValueTemplate: "{{ 'ON' if value_json.fill == 'full' else 'OFF' }}",
		})
	}
}
