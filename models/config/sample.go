package config

import (
	_ "embed" // for the sample
)

//go:embed footfall.example.yaml
var sample string

// Sample is a configuration file that documents every key, with all defaults.
func Sample() string { return sample }
