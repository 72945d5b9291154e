package config_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/models/config"
)

// load loads a file with the given text, which errors call footfall.yaml.
func load(t *testing.T, text string, environ []string, flags map[string]string) (config.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "footfall.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Sources{File: path, Environ: environ, Flags: flags})
	if err != nil {
		err = renamed{err, strings.ReplaceAll(err.Error(), path, "footfall.yaml")}
	}
	return c, err
}

// renamed is an error with the test's folder taken out of its text.
type renamed struct {
	error

	text string
}

func (r renamed) Error() string { return r.text }
func (r renamed) Unwrap() error { return r.error }

func TestNothingGivenIsTheDefault(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, config.Default()) {
		t.Errorf("got %s\nwant %s", c, config.Default())
	}
	for _, text := range []string{"", "# nothing yet\n", "server:\n", "log:\n  level:\n", "---\n", "\uFEFFlog:\n"} {
		c, err := load(t, text, nil, nil)
		if err != nil || !reflect.DeepEqual(c, config.Default()) {
			t.Errorf("%q: got %v, %v", text, c, err)
		}
	}
}

func TestEveryKeyArrives(t *testing.T) {
	t.Parallel()
	const text = `
data_dir: /srv/footfall
log: {level: debug, format: json}
server:
  listen: ":80"
  tls: off
  tls_cert: /etc/ssl/footfall.pem
  tls_key: /etc/ssl/footfall.key
  public_url: https://Footfall.example.org:8443
  trusted_proxies: [10.0.0.5]
  session_idle: 30m
  session_max: 8h
  allowed_hosts: [Counts.Example.org, "10.0.0.7"]
link:
  listen: 0.0.0.0:4222
  tls: on
  token: 0123456789012345
workers: {local: 3, cameras_per_worker: 4}
detector: {model: yolox-s, engine: opencv, threads: 2, onnxruntime: /opt/libonnxruntime.so, models_dir: /opt/models}
counting: {u_turn: 0}
preview:
  listen: ":9000"
  hosts: [203.0.113.7]
  stun: ["stun:stun.example.org:3478"]
  turn: ["turns:turn.example.org:5349?transport=tcp"]
  turn_user: wall
  turn_password: short
  allow_origins: [https://wall.example.org]
  max_sessions: 9
  encoder: vaapi
  encoder_device: /dev/dri/renderD129
capture:
  open_timeout: 20s
  stall_timeout: 1m30s
  allow_addresses: [169.254.1.0/24, "::1"]
  allow_loopback: false
storage: {sqlite: /srv/db, postgresql: "postgres://u:p@db/footfall", key: ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12, facts_retention: 36h, audit_retention: 50h}
privacy: {small_count: 3}
clips:
  enabled: false
  retention: 24h
  retention_of: [lobby=2h]
  sample_count: 3
  sample_length: 30s
  crossings_percent: 100
  capacity_alarms: false
  before: 4s
  after: 6s
  fps: 5
  spool_mb: 100
  folder: /srv/clips
  s3_endpoint: https://store:9000
  s3_bucket: clips
  s3_prefix: site
  s3_region: eu
  s3_access_key: worker
  s3_secret_key: hunter2
  s3_encrypt: s3
  s3_lock: true
  s3_ca_file: /srv/ca.pem
  s3_links: 5m
  tsa_url: https://tsa.example.org/tsr
sending: {timeout: 3s, give_up_after: 1h, allow_addresses: [169.254.2.0/24], allow_loopback: true}
mqtt:
  url: mqtts://broker:8883
  user: counter
  password: hunter2
  ca_file: /srv/ca.pem
  client_id: site-1
  topic: site/footfall
  discovery: ""
  tz: Europe/Berlin
mail: {server: "smtp:587", security: tls, ca_file: /srv/ca.pem, user: u, password: hunter2, from: Counter <c@example.org>}
report: {to: [a@example.org, Bea <b@example.org>], every: week, at: "07:30", tz: Asia/Tokyo}
oidc:
  issuer: https://id.example.org/realms/main
  client_id: footfall
  client_secret: hunter2
  name: Example
  scopes: [profile, groups]
  groups_claim: roles
groups: [{group: /Staff/Guards, roles: [viewer], permissions: [preview.clean], sites: [mall], cameras: [lobby]}]
webhooks:
  - id: till
    url: https://till/in?token=x
    secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0
    events: [count.15m, camera.state]
    cameras: [lobby]
    lines: [door]
    disabled: true
cameras:
  - {id: lobby, url: "rtsp://u:p@camera/1", lines: {door: [[0, 0.5], [1, 0.5]], exit: [[1, 1], [0, 0]]}}
  - id: 0x10
    url: rtsps://camera/2
    name: Back
    transport: udp
    max_fps: 7.5
    anchor: centre
    steady: false
    disabled: true
    privacy: {pixelate: "off", masks: [[[0, 0], [0.5, 0], [0, 0.5]]]}
    lines:
      - {id: a, name: Gate A, points: [[0.5, 0.1], [0.5, 0.2], [0.6, 0.9]]}
sites:
  - id: mall
    zone: Europe/Berlin
    week_starts: sun
    hours: [{days: [mon, sat], open: ["09:00-20:00", "21:00-02:00"]}]
    exceptions: [{date: 2026-12-25, open: [], note: closed}]
    areas:
      - id: shop
        name: Shop
        within: whole
        capacity: 12
        warn_at: 0.5
        reset: never
        doors: [{camera: lobby, line: door}, {camera: lobby, line: exit, reversed: true}]
        passing: [{camera: "0x10", line: a}]
        zones: [{camera: lobby, zone: desk}]
  - {id: empty, name: Empty, zone: UTC}
`
	c, err := load(t, text, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Capture.AllowAddresses, c.Sending.AllowAddresses = nil, nil // compared as text below
	want := config.Config{
		DataDir: "/srv/footfall",
		Log:     config.Log{Level: slog.LevelDebug, Format: config.LogJSON},
		Server: config.Server{
			Listen: ":80", TLS: config.TLSOff, TLSCert: "/etc/ssl/footfall.pem", TLSKey: "/etc/ssl/footfall.key",
			PublicURL:    "https://Footfall.example.org:8443",
			AllowedHosts: []string{"counts.example.org", "10.0.0.7"}, SessionIdle: 30 * time.Minute, SessionMax: 8 * time.Hour,
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")},
		},
		Link:    config.Link{Listen: "0.0.0.0:4222", Token: "0123456789012345", TLS: config.TLSOn},
		Workers: config.Workers{Local: 3, CamerasPerWorker: 4},
		Detector: config.Detector{
			Model: "yolox-s", Engine: config.EngineOpenCV, Threads: 2,
			ONNXRuntime: "/opt/libonnxruntime.so", ModelsDir: "/opt/models",
		},
		Preview: config.Preview{
			Listen: ":9000", Hosts: []string{"203.0.113.7"}, STUN: []string{"stun:stun.example.org:3478"},
			TURN: []string{"turns:turn.example.org:5349?transport=tcp"}, TURNUser: "wall", TURNPassword: "short",
			AllowOrigins: []string{"https://wall.example.org"}, MaxSessions: 9, Encoder: config.EncoderVAAPI,
			EncoderDevice: "/dev/dri/renderD129",
		},
		Capture: config.Capture{
			OpenTimeout: 20 * time.Second, StallTimeout: 90 * time.Second, AllowLoopback: config.SwitchOff,
		},
		Storage: config.Storage{
			SQLite: "/srv/db", PostgreSQL: "postgres://u:p@db/footfall", FactsRetention: 36 * time.Hour, AuditRetention: 50 * time.Hour,
			Key: config.Secret(strings.Repeat("ab12", 16)),
		},
		Privacy: config.Privacy{SmallCount: 3},
		Clips: config.Clips{
			Retention: 24 * time.Hour, RetentionOf: []config.CameraTime{{Camera: "lobby", Time: 2 * time.Hour}},
			SampleCount: 3, SampleLength: 30 * time.Second, CrossingsPercent: 100, Before: 4 * time.Second,
			After: 6 * time.Second, FPS: 5, SpoolMB: 100, Folder: "/srv/clips", S3Endpoint: "https://store:9000",
			S3Bucket: "clips", S3Prefix: "site", S3Region: "eu", S3AccessKey: "worker", S3SecretKey: "hunter2",
			S3Encrypt: "s3", S3Lock: true, S3CAFile: "/srv/ca.pem", S3Links: 5 * time.Minute, TSAURL: "https://tsa.example.org/tsr",
		},
		Sending: config.Sending{Timeout: 3 * time.Second, GiveUpAfter: time.Hour, AllowLoopback: config.SwitchOn},
		MQTT: config.MQTT{
			URL: "mqtts://broker:8883", User: "counter", Password: "hunter2", CAFile: "/srv/ca.pem", ClientID: "site-1",
			Topic: "site/footfall", TZ: "Europe/Berlin",
		},
		Mail: config.Mail{
			Server: "smtp:587", Security: config.MailTLS, CAFile: "/srv/ca.pem", User: "u", Password: "hunter2",
			From: "Counter <c@example.org>",
		},
		Report: config.Report{
			To: []string{"a@example.org", "Bea <b@example.org>"}, Every: config.ReportWeekly, At: 450 * time.Minute, TZ: "Asia/Tokyo",
		},
		OIDC: config.OIDC{
			Issuer: "https://id.example.org/realms/main", ClientID: "footfall", ClientSecret: "hunter2", Name: "Example",
			Scopes: []string{"profile", "groups"}, GroupsClaim: "roles",
		},
		Groups: []config.Group{{Name: "/Staff/Guards", Grants: models.Grants{
			Roles: []models.Role{models.RoleViewer}, Permissions: []models.Permission{models.MayWatchClean},
			Sites: []string{"mall"}, Cameras: []models.CameraID{"lobby"},
		}}},
		Webhooks: []models.Webhook{{
			ID: "till", URL: "https://till/in?token=x", Secret: secret, Events: []models.WebhookEvent{"count.15m", "camera.state"},
			Cameras: []models.CameraID{"lobby"}, Lines: []string{"door"}, Disabled: true, Declared: true,
		}},
		Cameras: []models.Camera{
			{
				ID: "lobby", Name: "lobby", URL: "rtsp://u:p@camera/1", Transport: models.TCP,
				Anchor: models.BottomCentre, Declared: true, Privacy: models.Privacy{Pixelate: models.PixelateHeads},
				Lines: []models.Line{
					{ID: "door", Points: []models.Point{{X: 0, Y: 0.5}, {X: 1, Y: 0.5}}},
					{ID: "exit", Points: []models.Point{{X: 1, Y: 1}, {X: 0, Y: 0}}},
				},
			},
			{
				ID: "0x10", Name: "Back", URL: "rtsps://camera/2", Transport: models.UDP, MaxFPS: 7.5,
				Anchor: models.Centre, NoSteady: true, Disabled: true, Declared: true,
				Privacy: models.Privacy{
					Pixelate: models.PixelateOff,
					Masks:    []models.Mask{{{X: 0, Y: 0}, {X: 0.5, Y: 0}, {X: 0, Y: 0.5}}},
				},
				Lines: []models.Line{
					{ID: "a", Name: "Gate A", Points: []models.Point{{X: 0.5, Y: 0.1}, {X: 0.5, Y: 0.2}, {X: 0.6, Y: 0.9}}},
				},
			},
		},
	}
	want.Sites = []models.Site{
		{
			ID: "mall", Name: "mall", Zone: "Europe/Berlin", WeekStarts: "sun", Declared: true,
			Hours: []models.DayHours{
				{Days: []models.Weekday{"mon", "sat"}, Open: []string{"09:00-20:00", "21:00-02:00"}},
			},
			Exceptions: []models.Exception{{Date: "2026-12-25", Open: []string{}, Note: "closed"}},
		},
		{ID: "empty", Name: "Empty", Zone: "UTC", WeekStarts: "monday", Declared: true},
	}
	want.Areas = []models.Area{{
		ID: "shop", Name: "Shop", Site: "mall", Within: "whole", Capacity: 12, WarnAt: 0.5, Reset: models.ResetNever,
		Doors:   []models.Door{{Camera: "lobby", Line: "door"}, {Camera: "lobby", Line: "exit", Reversed: true}},
		Passing: []models.LineRef{{Camera: "0x10", Line: "a"}},
		Zones:   []models.ZoneRef{{Camera: "lobby", Zone: "desk"}}, Declared: true,
	}}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %s\nwant %s", c, want)
	}
	if got := c.Server.Hosts(); !slices.Equal(got, []string{"counts.example.org", "10.0.0.7", "footfall.example.org"}) {
		t.Errorf("hosts %v", got)
	}
	again, _ := load(t, text, nil, nil)
	if got := fmt.Sprint(again.Capture.AllowAddresses, again.Sending.AllowAddresses); got !=
		"[169.254.1.0/24 ::1/128] [169.254.2.0/24]" {
		t.Errorf("addresses %s", got)
	}
}

func TestLaterSourcesOverrideEarlierOnes(t *testing.T) {
	t.Parallel()
	const file = "log: {level: debug}\nserver: {listen: '127.0.0.1:1', allowed_hosts: [a, b]}\nworkers: {local: 1}\n"
	environ := []string{
		"FOOTFALL_SERVER_LISTEN=127.0.0.1:2", "FOOTFALL_WORKERS_LOCAL=2", "FOOTFALL_SERVER_ALLOWED_HOSTS=c, d",
		"FOOTFALL_LOG_LEVEL=", "FOOTFALL_LOG_FORMAT=", "HOME=/root", "FOOTFALL_PORT_8080_TCP=tcp://10.0.0.1:8080",
		"FOOTFALL_MODELS=/opt/models", "FOOTFALL_TESTDATA=/data",
	}
	c, err := load(t, file, environ, map[string]string{"workers.local": "3"})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(c.Log.Level, c.Log.Format, c.Server.Listen, c.Server.AllowedHosts, c.Workers.Local)
	if want := fmt.Sprint("DEBUG", "text", "127.0.0.1:2", []string{"c", "d"}, 3); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPathsFollowTheDataFolder(t *testing.T) {
	t.Parallel()
	c, err := load(t, "", nil, map[string]string{"data_dir": "/srv/ff"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Storage.SQLite != "/srv/ff/footfall.db" || c.Detector.ModelsDir != "/srv/ff/models" {
		t.Errorf("got %s and %s", c.Storage.SQLite, c.Detector.ModelsDir)
	}
}

func TestSecretFromAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, short, empty := write("good", "from-a-file-1234\n"), write("short", "short-one\n"), write("empty", "\n")
	c, err := load(t, "link: {token: from-the-yaml-12345}", []string{"FOOTFALL_LINK_TOKEN_FILE=" + good}, nil)
	if err != nil || c.Link.Token.Reveal() != "from-a-file-1234" {
		t.Errorf("got %q, %v", c.Link.Token.Reveal(), err)
	}
	for _, test := range []struct {
		environ []string
		want    string
	}{
		{
			[]string{"FOOTFALL_LINK_TOKEN_FILE=" + good, "FOOTFALL_LINK_TOKEN=from-the-env-12345"},
			"load configuration: environment: FOOTFALL_LINK_TOKEN: is set and so is FOOTFALL_LINK_TOKEN_FILE; " +
				"one of them must go",
		},
		{
			[]string{"FOOTFALL_LINK_TOKEN_FILE=" + short},
			"load configuration: environment FOOTFALL_LINK_TOKEN_FILE: link.token: is shorter than 16 characters; " +
				"leave it empty to have one made",
		},
		{
			[]string{"FOOTFALL_LINK_TOKEN_FILE=" + empty},
			"load configuration: environment FOOTFALL_LINK_TOKEN_FILE: " + empty + ": is empty; it must hold the secret",
		},
		{
			[]string{"FOOTFALL_LINK_TOKEN_FILE=" + dir + "/none"},
			"load configuration: environment FOOTFALL_LINK_TOKEN_FILE: open " + dir + "/none: no such file or directory",
		},
	} {
		if _, err := load(t, "", test.environ, nil); err == nil || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

func TestLoopbackCameras(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		listen, allow string
		want          bool
	}{
		{"127.0.0.1:8080", "auto", true},
		{"[::1]:8080", "auto", true},
		{"localhost:0", "auto", true},
		{":8080", "auto", false},
		{"0.0.0.0:8080", "auto", false},
		{"10.1.2.3:8080", "auto", false},
		{"footfall.example.org:80", "auto", false},
		{"0.0.0.0:8080", "true", true},
		{"127.0.0.1:8080", "false", false},
	} {
		c, err := load(t, "", nil, map[string]string{
			"server.listen": test.listen, "capture.allow_loopback": test.allow,
		})
		if err != nil || c.LoopbackCameras() != test.want {
			t.Errorf("%s, %s: got %v, %v", test.listen, test.allow, c.LoopbackCameras(), err)
		}
	}
}

func TestLocalProcesses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		local config.Local
		cores int
		want  int
	}{{config.Auto, 8, 8}, {config.Auto, 0, 1}, {0, 8, 0}, {3, 2, 3}} {
		if got := test.local.Processes(test.cores); got != test.want {
			t.Errorf("%d on %d cores: got %d, want %d", test.local, test.cores, got, test.want)
		}
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.yaml")
	_, err := config.Load(config.Sources{File: path})
	if !errors.Is(err, os.ErrNotExist) || err.Error() != "load configuration: open "+path+": no such file or directory" {
		t.Errorf("got %v", err)
	}
}
