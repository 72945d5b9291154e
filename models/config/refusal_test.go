package config_test

import (
	"errors"
	"strings"
	"testing"

	"footfall/models"
)

const secret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"

// TestRefusals: what is wrong, and word for word what is said about it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ yaml, want string }{
		// Keys.
		{"servr:\n  listen: x", `footfall.yaml:1: servr: unknown key; did you mean server?`},
		{"server:\n  listn: x", `footfall.yaml:2: server.listn: unknown key; did you mean server.listen?`},
		{"\nu_turn: 10s", `footfall.yaml:2: u_turn: unknown key; did you mean counting.u_turn?`},
		{"detector: {size: 416}", `footfall.yaml:1: detector.size: unknown key; want model, engine, threads, onnxruntime or models_dir`},
		{
			"vpn: {}",
			`footfall.yaml:1: vpn: unknown key; want data_dir, log, server, link, workers, detector, counting, preview, capture, storage, privacy, clips, sending, mqtt, mail, report, oidc, groups, webhooks, cameras or sites`,
		},
		{"server.listen: x", `footfall.yaml:1: server.listen: write it as listen: below server:`},
		{"log: {level: info}\nlog: {level: warn}", `footfall.yaml:2: cannot be read as YAML: mapping key "log" already defined at [1:1]`},
		// Forms.
		{"server: 8080", `footfall.yaml:1: server: is a single value, but takes listen, tls, tls_cert, tls_key, public_url, allowed_hosts, trusted_proxies, session_idle or session_max`},
		{"sites: 7", "footfall.yaml:1: sites: is a single value, but takes a list: - id: mall"},
		{"sites: [{id: a, zone: UTC, ares: []}]", "footfall.yaml:1: site a: ares: unknown key; did you mean areas?"},
		{"sites: [{id: a, zone: Mars/Base}]", `footfall.yaml:1: site a: zone: "Mars/Base" is no IANA time zone, such as Europe/Berlin or UTC`},
		{"sites: [{id: a, zone: UTC}, {id: a, zone: UTC}]", "footfall.yaml:1: site a: is there twice; line 1 has it already"},
		{
			"sites:\n  - id: a\n    zone: UTC\n    areas:\n      - {id: b, capacity: many}",
			`footfall.yaml:5: area b: capacity: "many" is not a whole number`,
		},
		{
			"sites: [{id: a, zone: UTC, areas: [{id: b, doors: [{camera: c, line: '../d'}]}]}]",
			`footfall.yaml:1: area b: doors[0]: "../d" is not an id: use 1 to 64 letters, digits, '-' and '_', a letter or digit first`,
		},
		{
			"sites: [{id: a, zone: UTC, areas: [{id: b, doors: [{camera: c, lines: d}]}]}]",
			"footfall.yaml:1: area b: doors[0]: lines: unknown key; did you mean line?",
		},
		{
			"sites: [{id: a, zone: UTC, hours: [{days: [mon], open: ['9-5']}]}]",
			`footfall.yaml:1: site a: hours[0].open: "9-5" is not a time such as 09:00`,
		},
		{"storage: {postgresql: /srv/db}", `footfall.yaml:1: storage.postgresql: is not an address; write postgres://USER:PASSWORD@HOST:PORT/NAME`},
		{"clips: {retention: 31d}", `footfall.yaml:1: clips.retention: "31d" is not between 1h and 30d`},
		{"clips: {retention_of: [lobby]}", `footfall.yaml:1: clips.retention_of: "lobby" is not of the form CAMERA=TIME, such as lobby=24h`},
		{"clips: {retention_of: [lobby=90d]}", `footfall.yaml:1: clips.retention_of: "lobby=90d" is not between 1h and 30d`},
		{"clips: {s3_endpoint: \"store:9000\"}", `footfall.yaml:1: clips.s3_endpoint: "store:9000" is not of the form https://HOST:PORT`},
		{"clips: {s3_endpoint: \"https://store\"}", `footfall.yaml:1: clips.s3_bucket: is missing, but clips.s3_endpoint is given`},
		{"clips: {s3_encrypt: rot13}", `footfall.yaml:1: clips.s3_encrypt: "rot13" is unknown; use s3, or kms:KEY`},
		{"clips: {s3_prefix: /a}", `footfall.yaml:1: clips.s3_prefix: "/a" has a slash too many; write it like site/clips`},
		{"- a", `footfall.yaml:1: is a list, but takes data_dir, log, server, link, workers, detector, counting, preview, capture, storage, privacy, clips, sending, mqtt, mail, report, oidc, groups, webhooks, cameras or sites`},
		{"server:\n  listen: [a, b]", `footfall.yaml:2: server.listen: is a list, but takes a single value`},
		{"server:\n  listen: {a: b}", `footfall.yaml:2: server.listen: has keys below it, but takes a value`},
		{"server: {allowed_hosts: a}", `footfall.yaml:1: server.allowed_hosts: takes a list; write [a]`},
		{"server:\n  allowed_hosts: |\n    a\n    b", `footfall.yaml:2: server.allowed_hosts: takes a list; write [a b]`},
		{"server: {allowed_hosts: [[a]]}", `footfall.yaml:1: server.allowed_hosts: has an item that is a list; want single values`},
		{"a: [1", `footfall.yaml:1: cannot be read as YAML: sequence end token ']' not found`},
		{"a: b: c", `footfall.yaml:1: cannot be read as YAML: mapping value is not allowed in this context`},
		{"log: &x {level: info}", `footfall.yaml:1: anchors, aliases, tags and merges are not read here: write the value out`},
		{"log: {}\n---\nlog: {}", `footfall.yaml:3: a second document begins; one is all there can be`},
		{"log: \x00", `footfall.yaml:1: this is not a text file`},
		{"log: \xff", `footfall.yaml:1: this is not a text file`},
		{strings.Repeat("[", 100), `footfall.yaml:1: more than 64 brackets are open`},
		// Values.
		{`data_dir: ""`, `footfall.yaml:1: data_dir: "" is empty; name a folder`},
		{"log: {level: loud}", `footfall.yaml:1: log.level: "loud" is unknown; use debug, info, warn or error`},
		{"log: {format: xml}", `footfall.yaml:1: log.format: "xml" is unknown; use text or json`},
		{"server: {listen: 8080}", `footfall.yaml:1: server.listen: "8080" is not HOST:PORT; 127.0.0.1:8080 is one, :8080 means every interface`},
		{"server: {listen: 'http://a:80'}", `footfall.yaml:1: server.listen: "http://a:80" is not HOST:PORT; 127.0.0.1:8080 is one, :8080 means every interface`},
		{"server: {listen: 'localhost:http'}", `footfall.yaml:1: server.listen: "localhost:http" has no port from 0 to 65535 after the colon`},
		{
			"\nserver:\n  tls_cert: a.pem",
			`footfall.yaml:3: server.tls_cert: needs the other one, too: a certificate and its key are two files in PEM`,
		},
		{"server: {tls: yes}", `footfall.yaml:1: server.tls: "yes" is unknown; use auto, on or off`},
		{"server: {allowed_hosts: [a, 'b:80']}", `footfall.yaml:1: server.allowed_hosts: "b:80" has a port; write the name alone`},
		{
			"server: {allowed_hosts: ['https://a']}",
			`footfall.yaml:1: server.allowed_hosts: "https://a" is not a host name; write it without scheme, path or wildcard: footfall.example.org`,
		},
		{"link: {token: hunter2}", `footfall.yaml:1: link.token: is shorter than 16 characters; leave it empty to have one made`},
		{"workers: {local: -1}", `footfall.yaml:1: workers.local: "-1" is neither auto nor a whole number from 0 to 256`},
		{"workers: {cameras_per_worker: 1.5}", `footfall.yaml:1: workers.cameras_per_worker: "1.5" is not a whole number from 1 to 1000`},
		{"detector: {engine: tensorrt}", `footfall.yaml:1: detector.engine: "tensorrt" is unknown; use auto, onnxruntime or opencv`},
		{"counting: {u_turn: 10}", `footfall.yaml:1: counting.u_turn: "10" is not a duration; write a number and its unit, such as 500ms, 10s, 5m, 2h or 90d`},
		{"counting: {u_turn: -1s}", `footfall.yaml:1: counting.u_turn: "-1s" is not between 0s and 1h`},
		{"capture: {stall_timeout: 10ms}", `footfall.yaml:1: capture.stall_timeout: "10ms" is not between 1s and 2m`},
		{"capture:\n  allow_addresses:\n    - camera", `footfall.yaml:2: capture.allow_addresses: "camera" is neither an address nor a network such as 192.168.7.0/24`},
		{"capture: {allow_addresses: [10.0.0.1/8]}", `footfall.yaml:1: capture.allow_addresses: "10.0.0.1/8" has bits behind its mask; the network is 10.0.0.0/8`},
		{"capture: {allow_loopback: maybe}", `footfall.yaml:1: capture.allow_loopback: "maybe" is unknown; use auto, true or false`},
		{"preview: {hosts: [door.example.org]}", `footfall.yaml:1: preview.hosts: "door.example.org" is not an address such as 203.0.113.7; WebRTC takes no names`},
		{"preview: {stun: ['http://x']}", `footfall.yaml:1: preview.stun: "http://x" is not of the form stun:HOST:PORT`},
		{"preview: {turn: ['turn:u:p@x']}", `footfall.yaml:1: preview.turn: "turn:u:p@x" is not of the form turn:HOST:PORT`},
		{"preview: {allow_origins: ['*']}", `footfall.yaml:1: preview.allow_origins: "*" is not the origin of a page, such as https://wall.example.org`},
		{"preview: {encoder: magic}", `footfall.yaml:1: preview.encoder: "magic" is unknown; use software, vaapi, nvenc or v4l2m2m`},
		{"mqtt: {url: 'http://h/'}", `footfall.yaml:1: mqtt.url: "http://h/" is not mqtt://HOST:PORT or mqtts://HOST:PORT`},
		{"mqtt: {url: 'mqtt://u:p@h'}", `footfall.yaml:1: mqtt.url: "mqtt://u:p@h" is not mqtt://HOST:PORT or mqtts://HOST:PORT; user and password have keys of their own`},
		{"mqtt: {topic: 'a/#'}", `footfall.yaml:1: mqtt.topic: "a/#" is not the beginning of a topic; write words with / between them: footfall, or site/footfall`},
		{"mqtt: {tz: Mars}", `footfall.yaml:1: mqtt.tz: "Mars" is no IANA time zone, such as Europe/Berlin or UTC`},
		{"mqtt: {client_id: ''}", `footfall.yaml:1: mqtt.client_id: "" is empty`},
		{"mail: {from: me}", `footfall.yaml:1: mail.from: "me" is not a mail address; ada@example.org and Ada <ada@example.org> are`},
		{"mail: {security: ssl}", `footfall.yaml:1: mail.security: "ssl" is unknown; use starttls, tls or none`},
		{"report: {at: 6}", `footfall.yaml:1: report.at: "6" is not a time of day from 00:00 to 23:59`},
		{"report: {every: month}", `footfall.yaml:1: report.every: "month" is unknown; use day or week`},
		{"report: {to: [nobody]}", `footfall.yaml:1: report.to: "nobody" is not a mail address; ada@example.org and Ada <ada@example.org> are`},
		{"\nreport: {to: [a@b.c]}", `footfall.yaml:2: report.to: is given, but nobody can send to it; set mail.server and mail.from, too`},
		{
			"mail: {server: 'h:25', security: none, password: x}",
			`footfall.yaml:1: mail.security: "none" would send mail.password over the network for all to read; use starttls or tls`,
		},
		{"sending: {timeout: 1h}", `footfall.yaml:1: sending.timeout: "1h" is not between 1s and 1m`},
		{"server: {public_url: 'http://footfall.example.org'}", `footfall.yaml:1: server.public_url: "http://footfall.example.org" is not the address of a server without a path, such as https://footfall.example.org`},
		{"server: {public_url: 'https://here/footfall'}", `footfall.yaml:1: server.public_url: "https://here/footfall" is not the address of a server without a path, such as https://footfall.example.org`},
		{"oidc: {issuer: 'http://id.example.org'}", `footfall.yaml:1: oidc.issuer: "http://id.example.org" is not the address of a provider, such as https://id.example.org/realms/main`},
		{"oidc: {scopes: ['a b']}", `footfall.yaml:1: oidc.scopes: "a b" is not a scope, such as profile or groups`},
		{"oidc: {groups_claim: ''}", `footfall.yaml:1: oidc.groups_claim: "" is empty`},
		{"\noidc: {issuer: 'https://id'}", `footfall.yaml:2: oidc.client_id: is missing, but oidc.issuer is given; the provider knows this server by it`},
		{"\noidc: {issuer: 'https://id', client_id: x}", `footfall.yaml:2: server.public_url: is missing, but oidc.issuer is given; the provider sends browsers back there`},
		{
			"server: {public_url: 'https://here'}\noidc: {issuer: 'https://id', client_id: x}",
			`footfall.yaml:2: groups: is missing, but oidc.issuer is given; without one, nobody of the provider may do anything`,
		},
		{"groups: [{group: staff, roles: [admin]}]", `footfall.yaml:1: groups: say what people of a provider may do, but there is none; set oidc.issuer`},
		{"groups: [{roles: [admin]}]", `footfall.yaml:1: groups[0]: has no name; write group: as the provider calls it`},
		{"groups: [{group: staff}]", `footfall.yaml:1: groups[0]: may do nothing; write roles: or permissions:`},
		{"groups: [{group: staff, roles: [king]}]", `footfall.yaml:1: groups[0]: roles: "king" is unknown; use viewer, manager, auditor or admin`},
		{
			"groups:\n  - {group: staff, roles: [admin]}\n  - {group: staff, roles: [viewer]}",
			`footfall.yaml:3: group staff: is there twice; line 2 has it already`,
		},
		// Webhooks.
		{"webhooks: {till: x}", `footfall.yaml:1: webhooks: is a mapping, but takes a list: - id: till`},
		{"webhooks:\n  - till", `footfall.yaml:2: webhooks[0]: is a single value, but takes a mapping: id, url, secret, events`},
		{"webhooks:\n  - id: till\n    url: https://h/", `footfall.yaml:2: webhook till: has no secret; write secret: or secret_file:`},
		{"webhooks:\n  - id: till\n    secrets: x", `footfall.yaml:3: webhook till: secrets: unknown key; did you mean secret?`},
		{"webhooks:\n  - id: till\n    events: count.1m", `footfall.yaml:3: webhook till: events: takes a list; write [count.1m]`},
		{
			"webhooks:\n  - id: till\n    url: https://h/\n    secret: hunter2\n    events: [count.1m]",
			`footfall.yaml:4: webhook till: secret: is not whsec_ followed by 24 to 64 bytes in Base64; leave it out to have one made`,
		},
		{
			"webhooks:\n  - id: till\n    url: https://u:hunter2@h/\n    secret: " + secret + "\n    events: [count.1m]",
			`footfall.yaml:3: webhook till: url: holds a user or password; messages are signed instead, see docs/api.md`,
		},
		{
			"webhooks:\n  - id: till\n    url: https://h/\n    secret: " + secret + "\n    events: [count.1s]",
			`footfall.yaml:5: webhook till: events: "count.1s" is unknown; use count.1m, count.15m, count.1h, camera.state or area.fill`,
		},
		// Cameras.
		{"cameras: {lobby: x}", `footfall.yaml:1: cameras: is a mapping, but takes a list: - id: lobby`},
		{"cameras:\n  - lobby", `footfall.yaml:2: cameras[0]: is a single value, but takes a mapping: id, url, lines`},
		{"cameras:\n  - url: rtsp://h/", `footfall.yaml:2: cameras[0]: id: "" is not an id: use 1 to 64 letters, digits, '-' and '_', a letter or digit first`},
		{"cameras:\n  - id: lobby\n", `footfall.yaml:2: camera lobby: url: is missing; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH`},
		{
			"cameras:\n  - id: lobby\n    url: http://u:secret@h/",
			`footfall.yaml:3: camera lobby: url: scheme "http" is not allowed; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH`,
		},
		{"cameras:\n  - id: lobby\n    url: rtsp://h/\n    fps: 3", `footfall.yaml:4: camera lobby: fps: unknown key; want id, name, url, transport, max_fps, anchor, steady, disabled, classes, lines, zones or privacy`},
		{"cameras:\n  - id: lobby\n    uri: rtsp://h/", `footfall.yaml:3: camera lobby: uri: unknown key; did you mean url?`},
		{"cameras:\n  - id: lobby\n    masks:", `footfall.yaml:3: camera lobby: masks: unknown key; want id, name, url, transport, max_fps, anchor, steady, disabled, classes, lines, zones or privacy`},
		{"cameras:\n  - id: lobby\n    url: [rtsp://h/]", `footfall.yaml:3: camera lobby: url: is a list, but takes a single value`},
		{"cameras:\n  - id: lobby\n    url: rtsp://h/\n    transport: quic", `footfall.yaml:4: camera lobby: transport: "quic" is unknown; use tcp or udp`},
		{"cameras:\n  - id: lobby\n    url: rtsp://h/\n    max_fps: ten", `footfall.yaml:4: camera lobby: max_fps: "ten" is not a number of frames a second`},
		{"cameras:\n  - id: lobby\n    url: rtsp://h/\n    max_fps: NaN", `footfall.yaml:4: camera lobby: max_fps: NaN is not between 0 (every frame) and 1000`},
		{"cameras:\n  - id: lobby\n    url: rtsp://h/\n    steady: maybe", `footfall.yaml:4: camera lobby: steady: "maybe" is neither true nor false`},
		{"cameras:\n  - id: lobby\n    url: rtsp://h/\n    disabled: 1", `footfall.yaml:4: camera lobby: disabled: "1" is neither true nor false`},
		{"cameras:\n  - {id: a, url: 'rtsp://h/'}\n  - {id: a, url: 'rtsp://h/'}", `footfall.yaml:3: camera a: is there twice; line 2 has it already`},
		{
			"cameras:\n  - id: a\n    url: rtsp://h/\n    lines:\n      door: [[0, 0]]",
			`footfall.yaml:5: camera a: line door: has 1 point(s), a line needs at least 2`,
		},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    privacy: heads", `footfall.yaml:4: camera a: privacy: is a single value, but takes a mapping: pixelate, masks`},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    privacy: {blur: true}", `footfall.yaml:4: camera a: privacy.blur: unknown key; want pixelate or masks`},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    privacy: {pixelate: faces}", `footfall.yaml:4: camera a: privacy.pixelate: "faces" is unknown; use heads, bodies or off`},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    privacy: {masks: [[[0, 0], [1, 1]]]}", `footfall.yaml:4: camera a: privacy.masks[0]: has 2 point(s), a mask needs 3 to 64`},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    privacy: {masks: [[0, 0]]}", `footfall.yaml:4: camera a: privacy.masks[0], point 1: want two numbers: [x, y]`},
		{
			"cameras:\n  - id: a\n    url: rtsp://h/\n    zones:\n      hall: [[0, 0]]",
			`footfall.yaml:5: camera a: zone hall: has 1 point(s), a zone needs 3 to 64`,
		},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    classes: suitcase", `footfall.yaml:4: camera a: classes: is a single value, but takes a list: [suitcase, backpack]`},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    classes: [[suitcase]]", `footfall.yaml:4: camera a: classes: has an item that is a list; want the names of classes`},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    classes: [person]", `footfall.yaml:4: camera a: classes: people are always counted; name what else is`},
		{"cameras:\n  - id: a\n    url: rtsp://h/\n    classes: [suitcase, suitcase]", `footfall.yaml:4: camera a: classes: "suitcase" is there twice`},
	} {
		_, err := load(t, test.yaml, nil, nil)
		if err == nil || err.Error() != "load configuration: "+test.want {
			t.Errorf("%q\ngot  %v\nwant load configuration: %s", test.yaml, err, test.want)
			continue
		}
		if !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%q: is not an ErrInvalid", test.yaml)
		}
	}
}

// TestRefusalsNameTheirSource: the same wrong value, and where it came from.
func TestRefusalsNameTheirSource(t *testing.T) {
	t.Parallel()
	const half = `needs the other one, too: a certificate and its key are two files in PEM`
	for _, test := range []struct {
		environ []string
		flags   map[string]string
		want    string
	}{
		{
			[]string{"FOOTFALL_LOG_LEVEL=loud"},
			nil,
			`environment FOOTFALL_LOG_LEVEL: log.level: "loud" is unknown; use debug, info, warn or error`,
		},
		{
			nil,
			map[string]string{"log.level": "loud"},
			`command line: log.level: "loud" is unknown; use debug, info, warn or error`,
		},
		{[]string{"FOOTFALL_SERVER_TLS_KEY=a"}, nil, `environment FOOTFALL_SERVER_TLS_KEY: server.tls_key: ` + half},
		{nil, map[string]string{"server.tls_cert": "a"}, `command line: server.tls_cert: ` + half},
		{nil, map[string]string{"server.lisen": "x"}, `command line: server.lisen: unknown key; did you mean server.listen?`},
		{
			[]string{"FOOTFALL_SERVER_LISTN=x"},
			nil,
			`environment: FOOTFALL_SERVER_LISTN: unknown variable; did you mean FOOTFALL_SERVER_LISTEN?`,
		},
		{
			[]string{"FOOTFALL_CAMERAS=x"},
			nil,
			`environment: FOOTFALL_CAMERAS: cameras and sites can only be written in the file, or added through the API`,
		},
	} {
		if _, err := load(t, "", test.environ, test.flags); err == nil || err.Error() != "load configuration: "+test.want {
			t.Errorf("got  %v\nwant load configuration: %s", err, test.want)
		}
	}
}
