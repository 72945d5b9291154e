package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"footfall/models"
	"footfall/vision"
)

// report is what count --json prints. The keys are a contract.
type report struct {
	Source         string       `json:"source"`
	Model          string       `json:"model"`
	Engine         string       `json:"engine"`
	EngineWhy      string       `json:"engine_why,omitempty"` // why auto did not choose the fastest
	OpenCV         string       `json:"opencv"`
	Frames         int          `json:"frames"`
	Missing        int          `json:"frames_missing,omitempty"` // announced by the file, but not readable
	Analysed       int          `json:"frames_analysed"`
	Dropped        int          `json:"frames_dropped,omitempty"`
	VideoSeconds   float64      `json:"video_seconds"`
	Lines          []lineReport `json:"lines"`
	Zones          []zoneReport `json:"zones,omitempty"`
	CPU            cpuReport    `json:"cpu_ms_per_frame"`
	Steady         steadyReport `json:"steady"`
	RealtimeFactor float64      `json:"realtime_factor"`
	Interrupted    bool         `json:"interrupted,omitempty"` // the rest of the file was not read
}

// lineReport is what a line has counted: people, and other classes if they were asked for.
type lineReport struct {
	ID string `json:"id"`
	lineNumbers
	Classes map[models.Class]lineNumbers `json:"classes,omitempty"`
}

type lineNumbers struct {
	In     int64 `json:"in"`
	Out    int64 `json:"out"`
	RawIn  int64 `json:"raw_in"`
	RawOut int64 `json:"raw_out"`
}

func numbersOf(t models.LineTotal) lineNumbers { return lineNumbers{t.In, t.Out, t.RawIn, t.RawOut} }

func lineReports(t totals) []lineReport {
	reports := make([]lineReport, 0, len(t.lines))
	for _, l := range t.lines {
		report := lineReport{ID: l.Line, lineNumbers: numbersOf(l)}
		for _, other := range t.others {
			if other.Line != l.Line {
				continue
			}
			if report.Classes == nil {
				report.Classes = map[models.Class]lineNumbers{}
			}
			report.Classes[other.Class] = numbersOf(other.LineTotal)
		}
		reports = append(reports, report)
	}
	return reports
}

// cpuReport is CPU time, in milliseconds per analysed frame; Decode includes the frames that were not analysed.
// Detect is all of the detector, Forward the network alone, Steady what it costs to find the camera's own motion;
// Overhead is everything else, as a part of Forward.
type cpuReport struct {
	Decode   float64 `json:"decode"`
	Detect   float64 `json:"detect"`
	Steady   float64 `json:"steady"`
	Track    float64 `json:"track"`
	Total    float64 `json:"total"`
	Forward  float64 `json:"forward"`
	Overhead float64 `json:"outside_forward"`
}

func newReport(source string, found detector, r *counted) report {
	model, engine := found.Name()
	n := float64(max(1, r.analysed))
	ms := func(d time.Duration) float64 { return round(float64(d)/float64(time.Millisecond)/n, 3) }
	cost := cpuReport{
		Decode: ms(r.decode), Detect: ms(r.cost.Detect), Steady: ms(r.cost.Steady), Track: ms(r.cost.Track),
		Forward: ms(r.forward), Total: ms(r.decode + r.cost.Detect + r.cost.Steady + r.cost.Track),
	}
	if r.forward > 0 {
		cost.Overhead = round(cost.Total/cost.Forward-1, 4)
	}
	return report{
		Source: source, Model: model, Engine: engine, EngineWhy: found.EngineWhy(), OpenCV: vision.OpenCVVersion(),
		Frames: r.frames, Missing: r.missing(), Analysed: r.analysed, Dropped: r.dropped, Interrupted: r.interrupted,
		VideoSeconds: round(r.video.Seconds(), 3), CPU: cost, Steady: r.camera.report(),
		RealtimeFactor: round(r.video.Seconds()/max(1e-9, r.wall.Seconds()), 2),
		Lines:          lineReports(r.totals), Zones: zoneReports(r.totals.zones),
	}
}

func (r report) print(c *console) {
	if len(r.Lines) > 0 {
		r.printLines(c)
		c.say("")
	}
	if len(r.Zones) > 0 {
		r.printZones(c)
		c.say("")
	}
	r.summary(c)
}

// printLines is a table with a row for each line and, below it, one for each other class.
func (r report) printLines(c *console) {
	width := len("line")
	for _, l := range r.Lines {
		width = max(width, len(l.ID))
		for class := range l.Classes {
			width = max(width, len(indent)+len(class))
		}
	}
	c.say("%-*s %6s %6s %8s %8s", width, "line", "in", "out", "raw in", "raw out")
	row := func(name string, n lineNumbers) {
		c.say("%-*s %6d %6d %8d %8d", width, name, n.In, n.Out, n.RawIn, n.RawOut)
	}
	for _, l := range r.Lines {
		row(l.ID, l.lineNumbers)
		for _, class := range slices.Sorted(maps.Keys(l.Classes)) {
			row(indent+string(class), l.Classes[class])
		}
	}
}

// indent stands before a class in a table, below the line or the zone that it belongs to.
const indent = "  "

// summary says how it went and what it cost.
func (r report) summary(c *console) {
	c.say("%d of %d frames, %.1f s of video at %.1f times its speed",
		r.Analysed, r.Frames, r.VideoSeconds, r.RealtimeFactor)
	c.say("%s on %s; %.1f ms CPU a frame: decode %.1f, detect %.1f, steady %.2f, track %.2f",
		r.Model, r.Engine, r.CPU.Total, r.CPU.Decode, r.CPU.Detect, r.CPU.Steady, r.CPU.Track)
	r.Steady.print(c)
	if r.EngineWhy != "" {
		c.say("%s is the slower engine, taken because: %s", r.Engine, r.EngineWhy)
	}
}

// warn says on stderr what makes the result doubtful.
func (r report) warn(c *console) {
	if r.Missing > 0 {
		c.complain(fmt.Errorf("warning: %s ends after %d of %d frames: it is cut off or damaged", r.Source,
			r.Frames, r.Frames+r.Missing))
	}
}

func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}

func itoa(n int) string { return strconv.Itoa(n) }
