package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"footfall/api"
	"footfall/capture/simulator"
	"footfall/models"
	"footfall/models/config"
)

type demoCmd struct {
	Video   string        `help:"Video file to play as a camera; OpenCV's vtest.avi if it is there." placeholder:"FILE" type:"path"`
	Lines   string        `help:"Lines file; one upright line and one across if not given." placeholder:"FILE" type:"path"`
	For     time.Duration `help:"Stop after this time; run until Ctrl-C if not given." placeholder:"60s"`
	Listen  string        `help:"Address of the HTTP server." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	Model   string        `help:"Name or file of the detector." placeholder:"NAME|FILE"`
	Engine  string        `help:"What runs it: auto, onnxruntime or opencv." placeholder:"ENGINE"`
	JSON    bool          `name:"json" help:"Print the API's last answer and nothing else."`
	Verbose bool          `help:"Show the service's log."`
}

// demoCamera is the id of the one camera of the demo.
const demoCamera = "demo"

// Run plays a video as a camera and runs the whole service on it, in a folder that is removed at the end.
func (cmd *demoCmd) Run(ctx context.Context, c *console) (err error) {
	drawing, err := cmd.drawing()
	if err != nil {
		return err
	}
	clip, err := cmd.clip(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clip.Close()) }()
	folder, err := os.MkdirTemp("", "footfall-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	//nolint:contextcheck // taking a port waits for nothing
	camera, err := simulator.NewCamera(simulator.CameraOptions{Clip: clip, Path: demoCamera})
	if err != nil {
		return err
	}
	cfg, err := cmd.configure(folder, camera.URL(), drawing)
	if err != nil {
		return errors.Join(err, camera.Close())
	}
	log := newLog(c, cfg.Log)
	h, err := openHouse(ctx, cfg, nil, log)
	if err != nil {
		return errors.Join(err, camera.Close())
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return cmd.show(ctx, c, h, camera)
}

// show runs camera and house, and tells what is counted.
func (cmd *demoCmd) show(ctx context.Context, c *console, h *house, camera *simulator.Camera) error {
	started := time.Now()
	password, err := h.desk.FirstAccount(ctx, firstAdmin, true)
	if err != nil {
		return fmt.Errorf("make the administrator: %w", err)
	}
	if cmd.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cmd.For)
		defer cancel()
	}
	if !cmd.JSON {
		c.say("camera  %s  (%s, simulated)", camera.Address(), filepath.Base(cmd.Video))
		c.say("API     %s/api/docs", h.http.URL())
		c.say("watch   %s/preview", h.http.URL())
		c.say("counts  %s/api/v1/counts?camera=%s", h.http.URL(), demoCamera)
		c.say("inside  %s/api/v1/areas/square/occupancy", h.http.URL())
		c.say("report  %s/api/v1/reports/days?area=square", h.http.URL())
		c.say("clips   %s/api/v1/clips  (one in five crossings, the demo's own)", h.http.URL())
		c.say("login   %s %s", firstAdmin, password)
		c.say("")
	}
	playing, stopPlaying := context.WithCancel(context.WithoutCancel(ctx))
	defer stopPlaying()
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return camera.Run(playing) })
	group.Go(func() error {
		defer stopPlaying()
		return h.Run(groupCtx, func(ctx context.Context) error { return cmd.last(ctx, c, h, password, started) })
	})
	group.Go(func() error { return cmd.tell(groupCtx, c, h, started) })
	return group.Wait()
}

// tell shows the counts every second, on one line of a terminal.
func (cmd *demoCmd) tell(ctx context.Context, c *console, h *house, started time.Time) error {
	every := time.Second
	if !c.terminal {
		every = 10 * time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !cmd.JSON {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		answer, err := ask(ctx, h, started)
		if err != nil {
			continue // the end, or the next second will tell
		}
		end := "\n"
		if c.terminal {
			end = "\033[K\r"
		}
		_, _ = fmt.Fprintf(c.out, "%s%s", tellCounts(answer, h.fleet.Statuses(), time.Since(started)), end)
	}
	return nil
}

// demoAnswer is what demo prints as JSON: the answer of the API, and how it was asked.
type demoAnswer struct {
	api.Counts
	URL   string    `json:"url"`
	Login demoLogin `json:"login"`
}

type demoLogin struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// last shows the final answer.
func (cmd *demoCmd) last(ctx context.Context, c *console, h *house, password string, started time.Time) error {
	answer, err := ask(ctx, h, started)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(demoAnswer{answer, h.http.URL(), demoLogin{firstAdmin, password}})
	}
	if c.terminal {
		c.say("") // the end of the line that was written over and over
	}
	c.say("\n%-10s %6s %6s %8s %8s %10s", "line", "in", "out", "raw in", "raw out", "observed")
	for _, n := range answer.Items {
		c.say("%-10s %6s %6s %8s %8s %9.1fs", n.Line, number(n.In), number(n.Out), number(n.RawIn), number(n.RawOut),
			n.ObservedSeconds)
	}
	return nil
}

func tellCounts(answer api.Counts, statuses []models.CameraStatus, running time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%4.0fs", running.Seconds())
	for _, s := range statuses {
		fmt.Fprintf(&b, "  %s", s.State)
		if s.Reason != "" {
			fmt.Fprintf(&b, " (%s)", s.Reason)
		}
		fmt.Fprintf(&b, ", %.1f fps", s.AnalysedFPS)
	}
	for _, n := range answer.Items {
		fmt.Fprintf(&b, "  |  %s %s in %s out", n.Line, number(n.In), number(n.Out))
	}
	return b.String()
}

func number(n *int64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

// ask asks the API, as anybody would, for the totals since the demo's start.
func ask(ctx context.Context, h *house, started time.Time) (api.Counts, error) {
	var answer api.Counts
	query := url.Values{
		"from":   {started.UTC().Truncate(time.Minute).Format(time.RFC3339)},
		"camera": {demoCamera},
	}
	body, err := h.console().ask(ctx, http.MethodGet, "/api/v1/counts?"+query.Encode(), nil)
	if err != nil {
		return answer, fmt.Errorf("ask for counts: %w", err)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return answer, fmt.Errorf("ask for counts: %w", err)
	}
	return answer, nil
}

// drawing is that of the file, or two lines and a zone that suit every picture.
func (cmd *demoCmd) drawing() (config.Drawing, error) {
	if cmd.Lines != "" {
		return config.ReadDrawing(cmd.Lines)
	}
	return config.Drawing{
		Lines: []models.Line{
			{ID: "rightward", Name: "left to right", Points: []models.Point{{X: 0.5, Y: 1}, {X: 0.5, Y: 0}}},
			{ID: "nearer", Name: "towards the camera", Points: []models.Point{{X: 0, Y: 0.5}, {X: 1, Y: 0.5}}},
		},
		Zones: []models.Zone{{ID: "middle", Points: []models.Point{
			{X: 0.25, Y: 0.25}, {X: 0.75, Y: 0.25}, {X: 0.75, Y: 0.95}, {X: 0.25, Y: 0.95},
		}}},
	}, nil
}

// clip makes a camera's film of the video.
func (cmd *demoCmd) clip(ctx context.Context, c *console) (*simulator.Clip, error) {
	if cmd.Video == "" {
		for _, place := range []string{
			"/usr/share/doc/opencv-doc/examples/data/vtest.avi", os.Getenv("FOOTFALL_DEMO_VIDEO"),
		} {
			if _, err := os.Stat(place); err == nil {
				cmd.Video = place
			}
		}
	}
	if cmd.Video == "" {
		return nil, models.Invalidf("--video", "is missing, and OpenCV's example is not here: "+
			"give a video file, or run make demo, which fetches one")
	}
	bar := c.percent("preparing the camera")
	defer bar.done()
	return simulator.Encode(ctx, cmd.Video, simulator.EncodeOptions{Progress: bar.part})
}

func (cmd *demoCmd) configure(folder, address string, drawing config.Drawing) (config.Config, error) {
	level := "error"
	if cmd.Verbose {
		level = "info"
	}
	flags := map[string]string{
		"data_dir": folder, "server.listen": cmd.Listen, "workers.local": "1", "log.level": level,
		"clips.crossings_percent": "20",
	}
	if cmd.Model != "" {
		flags["detector.model"] = cmd.Model
	}
	if cmd.Engine != "" {
		flags["detector.engine"] = cmd.Engine
	}
	cfg, err := configured("", flags)
	if err != nil {
		return cfg, err
	}
	camera := models.Camera{
		ID: demoCamera, Name: "Demo", URL: address, Lines: drawing.Lines, Zones: drawing.Zones, Declared: true,
	}.WithDefaults()
	cfg.Cameras = []models.Camera{camera}
	cfg.Sites, cfg.Areas = demoPlaces(drawing)
	return cfg, nil
}

// demoPlaces makes a site of the demo, with an area that has the first two lines as its doors and all zones. The second
// is the passing line, too: something has to be.
func demoPlaces(drawing config.Drawing) ([]models.Site, []models.Area) {
	site := models.Site{ID: "demo", Name: "Demo", Zone: "UTC", Declared: true}.WithDefaults()
	area := models.Area{ID: "square", Name: "Square", Site: site.ID, Capacity: 50, Declared: true}
	for _, zone := range drawing.Zones {
		area.Zones = append(area.Zones, models.ZoneRef{Camera: demoCamera, Zone: zone.ID})
	}
	for i, line := range drawing.Lines[:min(2, len(drawing.Lines))] {
		area.Doors = append(area.Doors, models.Door{Camera: demoCamera, Line: line.ID})
		if i == 1 {
			area.Passing = []models.LineRef{{Camera: demoCamera, Line: line.ID}}
		}
	}
	return []models.Site{site}, []models.Area{area.WithDefaults()}
}
