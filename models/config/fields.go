package config

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is one key: where it stands, how a value gets in and how it is shown. What the administrator sees of the
// configuration, wherever it comes from, goes through these.
type field struct {
	path   string
	list   bool // takes any number of values, not just one
	secret bool // is never repeated in an error or a print
	// set takes the value as it was written; its error continues the sentence `"VALUE" ...`.
	set func(values []string) error
	// show is what set would have to be given to get the present value.
	show func() []string
}

// fields is the table of all keys, in the order in which they are shown. Cameras are not here: they are a list of
// mappings and come from the file only.
func (c *Config) fields() []field {
	return slices.Concat([]field{
		textField("data_dir", &c.DataDir, isGiven),
		levelField("log.level", &c.Log.Level),
		wordField("log.format", &c.Log.Format, LogText, LogJSON),
		textField("server.listen", &c.Server.Listen, isHostPort),
		wordField("server.tls", &c.Server.TLS, TLSAuto, TLSOn, TLSOff),
		textField("server.tls_cert", &c.Server.TLSCert, isAnything),
		textField("server.tls_key", &c.Server.TLSKey, isAnything),
		textField("server.public_url", &c.Server.PublicURL, isEmptyOrOrigin),
		listField("server.allowed_hosts", &c.Server.AllowedHosts, parseHost, itself),
		listField("server.trusted_proxies", &c.Server.TrustedProxies, parseNetwork, netip.Prefix.String),
		durationField("server.session_idle", &c.Server.SessionIdle, time.Minute, 30*day),
		durationField("server.session_max", &c.Server.SessionMax, time.Minute, 90*day),
		textField("link.listen", &c.Link.Listen, isEmptyOrHostPort),
		secretField("link.token", &c.Link.Token),
		wordField("link.tls", &c.Link.TLS, TLSAuto, TLSOn, TLSOff),
		localField("workers.local", &c.Workers.Local),
		numberField("workers.cameras_per_worker", &c.Workers.CamerasPerWorker, 1, 1000),
		textField("detector.model", &c.Detector.Model, isAnything),
		wordField("detector.engine", &c.Detector.Engine, EngineAuto, EngineONNXRuntime, EngineOpenCV),
		numberField("detector.threads", &c.Detector.Threads, 1, 64),
		textField("detector.onnxruntime", &c.Detector.ONNXRuntime, isAnything),
		textField("detector.models_dir", &c.Detector.ModelsDir, isAnything),
		durationField("counting.u_turn", &c.Counting.UTurn, 0, time.Hour),
		textField("preview.listen", &c.Preview.Listen, isEmptyOrHostPort),
		listField("preview.hosts", &c.Preview.Hosts, parseAddress, itself),
		listField("preview.stun", &c.Preview.STUN, parseICE("stun:"), itself),
		listField("preview.turn", &c.Preview.TURN, parseICE("turn:", "turns:"), itself),
		textField("preview.turn_user", &c.Preview.TURNUser, isAnything),
		plainSecretField("preview.turn_password", &c.Preview.TURNPassword),
		listField("preview.allow_origins", &c.Preview.AllowOrigins, parseOrigin, itself),
		numberField("preview.max_sessions", &c.Preview.MaxSessions, 1, 100_000),
		wordField("preview.encoder", &c.Preview.Encoder, EncoderSoftware, EncoderVAAPI, EncoderNVENC, EncoderV4L2),
		textField("preview.encoder_device", &c.Preview.EncoderDevice, isAnything),
		durationField("capture.open_timeout", &c.Capture.OpenTimeout, time.Second, 2*time.Minute),
		durationField("capture.stall_timeout", &c.Capture.StallTimeout, time.Second, 2*time.Minute),
		listField("capture.allow_addresses", &c.Capture.AllowAddresses, parseNetwork, netip.Prefix.String),
		wordField("capture.allow_loopback", &c.Capture.AllowLoopback, SwitchAuto, SwitchOn, SwitchOff),
		textField("storage.sqlite", &c.Storage.SQLite, isAnything),
		addressField("storage.postgresql", &c.Storage.PostgreSQL),
		keyField("storage.key", &c.Storage.Key),
		durationField("storage.facts_retention", &c.Storage.FactsRetention, 0, 36500*day),
		durationField("storage.audit_retention", &c.Storage.AuditRetention, 0, 36500*day),
		numberField("privacy.small_count", &c.Privacy.SmallCount, 0, 1000),
	}, c.clipsFields(), c.outgoingFields(), c.oidcFields())
}

// one makes a field of a single value.
func one(path string, set func(string) error, show func() string) field {
	return field{
		path: path,
		set:  func(values []string) error { return set(values[0]) },
		show: func() []string { return []string{show()} },
	}
}

func textField(path string, to *string, check func(string) error) field {
	set := func(text string) error {
		if err := check(text); err != nil {
			return err
		}
		*to = text
		return nil
	}
	return one(path, set, func() string { return *to })
}

func keyField(path string, to *Secret) field {
	const bytes = 32
	set := func(text string) error {
		if key, err := hex.DecodeString(text); text != "" && (err != nil || len(key) != bytes) {
			return fmt.Errorf("is not %d hexadecimal digits; leave it empty to have a key made", 2*bytes)
		}
		*to = Secret(text)
		return nil
	}
	f := one(path, set, func() string { return string(*to) })
	f.secret = true
	return f
}

func secretField(path string, to *Secret) field {
	const minBytes = 16 // 64 bits even if it is hexadecimal
	set := func(text string) error {
		if text != "" && len(text) < minBytes {
			return fmt.Errorf("is shorter than %d characters; leave it empty to have one made", minBytes)
		}
		*to = Secret(text)
		return nil
	}
	f := one(path, set, func() string { return string(*to) })
	f.secret = true
	return f
}

// addressField is the address of a database, which may hold a password.
func addressField(path string, to *Secret) field {
	set := func(text string) error {
		if text != "" && !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
			return errors.New("is not an address; write postgres://USER:PASSWORD@HOST:PORT/NAME")
		}
		*to = Secret(text)
		return nil
	}
	f := one(path, set, func() string { return string(*to) })
	f.secret = true
	return f
}

func wordField[T ~string](path string, to *T, words ...T) field {
	set := func(text string) error {
		for _, w := range words {
			if text == string(w) {
				*to = w
				return nil
			}
		}
		return fmt.Errorf("is unknown; use %s", alternatives(words))
	}
	return one(path, set, func() string { return string(*to) })
}

func switchField(path string, to *bool) field {
	set := func(text string) (err error) {
		*to, err = parseBool(text)
		return err
	}
	return one(path, set, func() string { return strconv.FormatBool(*to) })
}

func numberField(path string, to *int, low, high int) field {
	set := func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < low || n > high {
			return fmt.Errorf("is not a whole number from %d to %d", low, high)
		}
		*to = n
		return nil
	}
	return one(path, set, func() string { return strconv.Itoa(*to) })
}

func localField(path string, to *Local) field {
	const most = 256
	set := func(text string) error {
		if text == "auto" {
			*to = Auto
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > most {
			return fmt.Errorf("is neither auto nor a whole number from 0 to %d", most)
		}
		*to = Local(n)
		return nil
	}
	show := func() string {
		if *to == Auto {
			return "auto"
		}
		return strconv.Itoa(int(*to))
	}
	return one(path, set, show)
}

func levelField(path string, to *slog.Level) field {
	levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
	word := func(l slog.Level) string { return strings.ToLower(l.String()) }
	set := func(text string) error {
		words := make([]string, len(levels))
		for i, l := range levels {
			if words[i] = word(l); text == words[i] {
				*to = l
				return nil
			}
		}
		return fmt.Errorf("is unknown; use %s", alternatives(words))
	}
	return one(path, set, func() string { return word(*to) })
}

func durationField(path string, to *time.Duration, low, high time.Duration) field {
	set := func(text string) error {
		d, err := parseDuration(text)
		if err != nil {
			return err
		}
		if d < low || d > high {
			return fmt.Errorf("is not between %s and %s", formatDuration(low), formatDuration(high))
		}
		*to = d
		return nil
	}
	return one(path, set, func() string { return formatDuration(*to) })
}

func listField[T any](path string, to *[]T, parse func(string) (T, error), show func(T) string) field {
	return field{
		path: path,
		list: true,
		set: func(values []string) error {
			var out []T
			for _, v := range values {
				t, err := parse(v)
				if err != nil {
					return &itemError{item: v, reason: err}
				}
				out = append(out, t)
			}
			*to = out
			return nil
		},
		show: func() []string {
			out := make([]string, len(*to))
			for i, t := range *to {
				out[i] = show(t)
			}
			return out
		},
	}
}

// itemError says which item of a list was refused.
type itemError struct {
	item   string
	reason error
}

func (e *itemError) Error() string { return e.reason.Error() }
func (e *itemError) Unwrap() error { return e.reason }

// give sets the field; its error is the whole sentence about the value.
func (f field) give(values []string) error {
	if !f.list && len(values) != 1 {
		return errors.New("is a list, but takes a single value")
	}
	err := f.set(values)
	if err == nil {
		return nil
	}
	if f.secret {
		return err // the sentence without its subject
	}
	subject := strings.Join(values, ",")
	var item *itemError
	if errors.As(err, &item) {
		subject = item.item
	}
	return fmt.Errorf("%s %w", quote(subject), err)
}

// alternatives lists words as a person would: a, b or c.
func alternatives[T ~string](words []T) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// quote shows a value in an error, cut when it is long.
func quote(value string) string {
	const most = 60
	if len(value) > most {
		value = strings.ToValidUTF8(value[:most], "") + "…"
	}
	return strconv.Quote(value)
}
