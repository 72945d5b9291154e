package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footfall/api/fleet"
	"footfall/models"
)

// gauges shows the present state of the house to Prometheus. Nothing is kept twice: each scrape asks the owners.
type gauges struct {
	house *house

	cameraState, cameraFPS, cameraAnalysed, cameraSeen, cameraDropped, cameraReconnects *prometheus.Desc
	zoneInside                                                                          *prometheus.Desc
	workerUp, workerOutbox, workerClock, workerCrashes                                  *prometheus.Desc
	workerGoroutines, workerMats, workerThreads, workerFiles, workerMemory              *prometheus.Desc
	clipsWaiting, clipsBytes, clipsAge, clipsSent, clipsLost, clipsFailures             *prometheus.Desc
	facts, messages, readers                                                            *prometheus.Desc
	webhookAttempts, webhookMessages                                                    *prometheus.Desc
	viewers, previewShots, previewSessions, previewOpened                               *prometheus.Desc
	workerEncoders, workerShots                                                         *prometheus.Desc
}

func newGauges(h *house) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("footfall_"+name, help, labels, nil)
	}
	return &gauges{
		house:            h,
		cameraState:      desc("camera_state", "1 for the state that the camera is in.", "camera", "state", "reason"),
		cameraFPS:        desc("camera_fps", "Frames received a second, lately.", "camera"),
		cameraAnalysed:   desc("camera_analysed_fps", "Frames analysed a second, lately.", "camera"),
		cameraSeen:       desc("camera_frames_seen_total", "Frames received since the worker has it.", "camera"),
		cameraDropped:    desc("camera_frames_dropped_total", "Frames received and not analysed.", "camera"),
		cameraReconnects: desc("camera_reconnects_total", "How often the camera was opened again.", "camera"),
		zoneInside:       desc("zone_inside", "How many are inside a zone now.", "camera", "zone", "class"),
		workerUp:         desc("worker_up", "1 while the worker is heard.", "worker"),
		workerOutbox:     desc("worker_outbox_facts", "Facts that are not committed yet.", "worker"),
		workerClock:      desc("worker_clock_offset_seconds", "Worker's clock minus the server's.", "worker"),
		workerCrashes:    desc("worker_crashes_total", "Crashes since the server was started.", "worker"),
		workerGoroutines: desc("worker_goroutines", "Goroutines of the worker's process.", "worker"),
		workerMats:       desc("worker_open_mats", "OpenCV matrices that the worker's process holds.", "worker"),
		workerThreads:    desc("worker_threads", "Threads of the worker's process.", "worker"),
		workerFiles:      desc("worker_open_fds", "File descriptors of the worker's process.", "worker"),
		workerMemory:     desc("worker_resident_memory_bytes", "Memory of the worker's process.", "worker"),
		clipsWaiting:     desc("worker_clips_waiting", "Clips that are not in the store yet.", "worker"),
		clipsBytes:       desc("worker_clips_waiting_bytes", "Bytes of clips that are not in the store yet.", "worker"),
		clipsAge:         desc("worker_clips_oldest_seconds", "Age of the clip that waits longest, or 0.", "worker"),
		clipsSent:        desc("worker_clips_sent_total", "Clips that came to the store.", "worker"),
		clipsLost:        desc("worker_clips_lost_total", "Clips without room, or spoilt by the disk.", "worker"),
		clipsFailures:    desc("worker_clips_failures_total", "Attempts at bringing a clip that failed.", "worker"),
		facts:            desc("facts_total", "Facts that came over the link, by what became of them.", "result"),
		messages:         desc("link_messages_total", "Messages that came over the link.", "kind"),
		readers:          desc("event_readers", "Readers of /events."),
		webhookAttempts:  desc("webhook_attempts_total", "Messages sent, by what became of them.", "webhook", "result"),
		webhookMessages:  desc("webhook_messages", "Messages that were not taken yet.", "webhook", "state"),
		viewers:          desc("preview_viewers", "Viewers of a camera, by the way they watch.", "camera", "stream"),
		previewShots:     desc("preview_pictures_total", "Pictures for viewers, by what became of them.", "result"),
		previewSessions:  desc("preview_sessions", "WebRTC sessions."),
		previewOpened:    desc("preview_sessions_opened_total", "WebRTC sessions since the server was started."),
		workerEncoders:   desc("worker_preview_encoders", "Encoders that run for viewers.", "worker"),
		workerShots:      desc("worker_preview_pictures_total", "Pictures sent to viewers or not.", "worker", "result"),
	}
}

// Describe is part of prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(g, to) }

// Collect is part of prometheus.Collector.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	put := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	for _, s := range g.house.fleet.Statuses() {
		g.camera(put, s)
	}
	for _, w := range g.house.fleet.Roster() {
		up := 0.0
		if w.State == fleet.WorkerOnline {
			up = 1
		}
		put(g.workerUp, prometheus.GaugeValue, up, w.Name)
		put(g.workerOutbox, prometheus.GaugeValue, float64(w.Outbox), w.Name)
		put(g.workerClock, prometheus.GaugeValue, w.ClockOffset.Seconds(), w.Name)
		put(g.workerCrashes, prometheus.CounterValue, float64(w.Crashes), w.Name)
		put(g.workerGoroutines, prometheus.GaugeValue, float64(w.Resources.Goroutines), w.Name)
		put(g.workerMats, prometheus.GaugeValue, float64(w.Resources.OpenMats), w.Name)
		put(g.workerThreads, prometheus.GaugeValue, float64(w.Resources.Threads), w.Name)
		put(g.workerFiles, prometheus.GaugeValue, float64(w.Resources.Files), w.Name)
		put(g.workerMemory, prometheus.GaugeValue, float64(w.Resources.ResidentBytes), w.Name)
		put(g.workerEncoders, prometheus.GaugeValue, float64(w.Resources.Encoders), w.Name)
		put(g.workerShots, prometheus.CounterValue, float64(w.Resources.Shots), w.Name, "sent")
		put(g.workerShots, prometheus.CounterValue, float64(w.Resources.ShotsDropped), w.Name, "dropped")
		g.spool(put, w.WorkerStatus)
	}
	put(g.readers, prometheus.GaugeValue, float64(g.house.feed.Readers()))
	g.webhooks(put)
	g.previews(put)
	if hub := g.house.hub.Load(); hub != nil {
		t := hub.Traffic()
		put(g.facts, prometheus.CounterValue, float64(t.Accepted), "accepted")
		put(g.facts, prometheus.CounterValue, float64(t.Later), "later")
		put(g.facts, prometheus.CounterValue, float64(t.Refused), "refused")
		put(g.messages, prometheus.CounterValue, float64(t.Beats), "beat")
		put(g.messages, prometheus.CounterValue, float64(t.Batches), "facts")
		put(g.messages, prometheus.CounterValue, float64(t.Bad), "bad")
	}
}

func (g *gauges) spool(put func(*prometheus.Desc, prometheus.ValueType, float64, ...string), w models.WorkerStatus) {
	s := w.Spool
	if s == nil {
		return
	}
	age := 0.0
	if !s.Oldest.IsZero() {
		age = max(0, time.Since(s.Oldest).Seconds())
	}
	put(g.clipsWaiting, prometheus.GaugeValue, float64(s.Clips), w.Name)
	put(g.clipsBytes, prometheus.GaugeValue, float64(s.Bytes), w.Name)
	put(g.clipsAge, prometheus.GaugeValue, age, w.Name)
	put(g.clipsSent, prometheus.CounterValue, float64(s.Sent), w.Name)
	put(g.clipsLost, prometheus.CounterValue, float64(s.Lost), w.Name)
	put(g.clipsFailures, prometheus.CounterValue, float64(s.Failures), w.Name)
}

func (g *gauges) previews(put func(*prometheus.Desc, prometheus.ValueType, float64, ...string)) {
	relay, gate := g.house.relay.Counts(), g.house.gate.Counts()
	for stream, n := range relay.Viewers {
		put(g.viewers, prometheus.GaugeValue, float64(n), string(stream.Camera), stream.String())
	}
	put(g.previewShots, prometheus.CounterValue, float64(relay.Relayed), "relayed")
	put(g.previewShots, prometheus.CounterValue, float64(relay.Dropped), "dropped")
	put(g.previewSessions, prometheus.GaugeValue, float64(gate.Sessions))
	put(g.previewOpened, prometheus.CounterValue, float64(gate.Opened))
}

func (g *gauges) camera(put func(*prometheus.Desc, prometheus.ValueType, float64, ...string), s models.CameraStatus) {
	id := string(s.Camera)
	put(g.cameraState, prometheus.GaugeValue, 1, id, string(s.State), string(s.Reason))
	put(g.cameraFPS, prometheus.GaugeValue, s.FPS, id)
	put(g.cameraAnalysed, prometheus.GaugeValue, s.AnalysedFPS, id)
	put(g.cameraSeen, prometheus.CounterValue, float64(s.FramesSeen), id)
	put(g.cameraDropped, prometheus.CounterValue, float64(s.FramesDropped), id)
	put(g.cameraReconnects, prometheus.CounterValue, float64(s.Reconnects), id)
	for _, zone := range s.Zones {
		for class, n := range zone.Inside {
			put(g.zoneInside, prometheus.GaugeValue, float64(n), id, zone.ID, string(class))
		}
	}
}
