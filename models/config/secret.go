package config

import (
	"fmt"
	"io"
	"log/slog"
)

// stars stand for a secret wherever one would be shown.
const stars = "***"

// Secret is a text that prints as stars, whoever prints it and with whatever verb. Reveal is the only way to it.
type Secret string

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String is stars, or nothing when there is no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return stars
}

// Format prints stars for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is stars.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is stars, for JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
