package tracker

import (
	"math"
	"time"

)

// Config says how people move and how far detections are to be believed. Every field that is zero takes its default
// (see Default), so Config{} is a complete configuration.
//
// Lengths are in box heights, times are durations: nothing depends on the size of a person on the picture or on how
// many frames a second are analysed.
type Config struct {
	// StrongScore is what a detection needs to begin a track. Raise it and fewer posters and shadows are followed, but
	// people are found later.
	StrongScore float64
	// WeakScore is what a detection needs to continue a track that no strong detection matched. Lower it and people
	// half hidden are kept longer, but tracks stick to noise.
	WeakScore float64

	// ConfirmHits is how many detections a track needs before anything is counted for it. Raise it and short false
	// tracks are believed less often, but a quick walker at a low frame rate may be through before.
	ConfirmHits int
	// ConfirmAfter is how long a track must have been seen before it is believed. It matters at high frame rates, where
	// a flicker makes many hits.
	ConfirmAfter time.Duration
	// TentativeLost is how long a track that is not confirmed may be unseen.
	TentativeLost time.Duration
	// MaxLost is how long a confirmed track may be unseen. Raise it and people come out from behind pillars as
	// themselves, but whoever walks into the place where somebody vanished is more often taken for them.
	MaxLost time.Duration
	// MaxGap is the longest time between two frames that tracks survive.
	MaxGap time.Duration

	// Speed is the usual speed of people (standard deviation of each component of the velocity), in box heights a
	// second. Raise it and runners are followed at low frame rates, but neighbours in a crowd are confused.
	Speed float64
	// Steadiness is how long people keep their velocity. Raise it and hidden people are sought further along their
	// way; lower it and they are sought nearer to where they were last seen.
	Steadiness time.Duration
	// TopSpeed is what nobody exceeds, in box heights a second.
	TopSpeed float64
	// BoxNoise is how far the edges of a detection's box stray (standard deviation), in box heights. Raise it and
	// tracks are smoother but follow a turn later.
	BoxNoise float64

	// MaxPeople is how many detections of a frame are used, the strongest first, and half of the number of tracks kept.
	// It bounds memory and time whatever the detector says.
	MaxPeople int
}

// Default is the configuration for a detector whose scores are like those of YOLOX and a camera that sees people
// walk. None of its values was chosen for one clip; see the sensitivity test.
func Default() Config {
	return Config{
		StrongScore:   0.4,
		WeakScore:     0.1,
		ConfirmHits:   2,
		ConfirmAfter:  200 * time.Millisecond,
		TentativeLost: 500 * time.Millisecond,
		MaxLost:       2 * time.Second,
		MaxGap:        5 * time.Second,
		Speed:         0.6,
		Steadiness:    3 * time.Second,
		TopSpeed:      3,
		BoxNoise:      0.06,
		MaxPeople:     256,
	}
}

func (c Config) withDefaults() Config {
	d := Default()
	number := func(v *float64, def float64) {
		if !(*v > 0) || math.IsInf(*v, 1) {
			*v = def
		}
	}
	number(&c.StrongScore, d.StrongScore)
	number(&c.WeakScore, d.WeakScore)
	number(&c.Speed, d.Speed)
	number(&c.TopSpeed, d.TopSpeed)
	number(&c.BoxNoise, d.BoxNoise)
	length := func(v *time.Duration, def time.Duration) {
		if *v <= 0 {
			*v = def
		}
	}
	length(&c.ConfirmAfter, d.ConfirmAfter)
	length(&c.TentativeLost, d.TentativeLost)
	length(&c.MaxLost, d.MaxLost)
	length(&c.MaxGap, d.MaxGap)
	length(&c.Steadiness, d.Steadiness)
	if c.ConfirmHits <= 0 {
		c.ConfirmHits = d.ConfirmHits
	}
	if c.MaxPeople <= 0 {
		c.MaxPeople = d.MaxPeople
	}
	return c
}
