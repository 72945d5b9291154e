package mqtt

import (
	"footfall/models"
)

// The shapes of Home Assistant's MQTT discovery (https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery).
type (
	entity struct {
		Name              string         `json:"name"`
		UniqueID          string         `json:"unique_id"`
		StateTopic        string         `json:"state_topic"`
		ValueTemplate     string         `json:"value_template"`
		StateClass        string         `json:"state_class,omitempty"`
		LastReset         string         `json:"last_reset_value_template,omitempty"`
		DeviceClass       string         `json:"device_class,omitempty"`
		Unit              string         `json:"unit_of_measurement,omitempty"`
		Icon              string         `json:"icon,omitempty"`
		Category          string         `json:"entity_category,omitempty"`
		AttributesTopic   string         `json:"json_attributes_topic,omitempty"`
		EnabledByDefault  *bool          `json:"enabled_by_default,omitempty"`
		AvailabilityTopic string         `json:"availability_topic"`
		Device            device         `json:"device"`
		Origin            map[string]any `json:"origin"`
	}
	device struct {
		Identifiers  []string `json:"identifiers"`
		Name         string   `json:"name"`
		Manufacturer string   `json:"manufacturer"`
		Model        string   `json:"model"`
		Version      string   `json:"sw_version"`
	}
)

// discovery is what Home Assistant is told about a camera: topic to configuration.
func (h *Herald) discovery(c models.Camera) map[string]any {
	if h.options.Discovery == "" {
		return nil
	}
	configs := map[string]any{}
	put := func(component, object string, e entity) {
		d := device{Identifiers: []string{h.node() + "_" + string(c.ID)}, Name: c.Name, Model: "Camera"}
		h.put(configs, component, object, d, e)
	}
	state := h.cameraTopic(c.ID)
	put("binary_sensor", string(c.ID)+"_online", entity{
		Name: "Online", DeviceClass: "connectivity", Category: "diagnostic", StateTopic: state, AttributesTopic: state,
		ValueTemplate: "{{ 'ON' if value_json.state == 'online' else 'OFF' }}",
	})
	put("sensor", string(c.ID)+"_coverage", entity{
		Name: "Coverage today", Unit: "%", StateClass: "measurement", Icon: "mdi:eye-check", Category: "diagnostic",
		StateTopic: state,
		ValueTemplate: "{{ (value_json.coverage_today * 100) | round(1) " +
			"if value_json.coverage_today is not none else none }}",
	})
	for _, l := range c.Lines {
		h.lineEntities(c, l, put)
	}
	return configs
}

// put adds one entity of a device, as it is called everywhere.
func (h *Herald) put(configs map[string]any, component, object string, of device, e entity) {
	of.Manufacturer, of.Version = "Footfall", h.options.Version
	e.UniqueID, e.AvailabilityTopic, e.Device = h.node()+"_"+object, h.topic("status"), of
	e.Origin = map[string]any{"name": "Footfall", "sw_version": h.options.Version}
	configs[h.options.Discovery+"/"+component+"/"+h.node()+"/"+object+"/config"] = e
}

// lineEntities are the counts of a line.
//
// in and out are "total" with the day's beginning as their last reset, and not "total_increasing": a U-turn takes a
// crossing back, and Home Assistant would take a smaller number for a new beginning and count everything again. The raw
// counts only grow within a day; they are there for who wants them.
func (h *Herald) lineEntities(c models.Camera, l models.Line, put func(component, object string, e entity)) {
	name := l.Name
	if name == "" {
		name = l.ID
	}
	off := false
	for _, way := range []struct{ field, name, icon string }{
		{"in", "in today", "mdi:account-arrow-right"}, {"out", "out today", "mdi:account-arrow-left"},
	} {
		e := entity{
			Name: name + " " + way.name, Unit: "people", Icon: way.icon, StateTopic: h.lineTopic(c.ID, l.ID),
			ValueTemplate: "{{ value_json." + way.field + " }}", StateClass: "total",
			LastReset: "{{ value_json.start }}",
		}
		put("sensor", string(c.ID)+"_"+l.ID+"_"+way.field, e)
		e.Name, e.ValueTemplate = name+" "+way.name+" (raw)", "{{ value_json.raw_"+way.field+" }}"
		e.StateClass, e.LastReset, e.EnabledByDefault = "total_increasing", "", &off
		put("sensor", string(c.ID)+"_"+l.ID+"_raw_"+way.field, e)
	}
}
