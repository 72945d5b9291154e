package tracker

import (
	"math"
	"time"
)

// Config says how people move and how far detections are to be believed. Every field that is zero, or cannot be
// meant, takes its default (see Default), so Config{} is a complete configuration.
//
// Lengths are in box heights and times are durations: nothing depends on the size of a person on the picture or on
// how many frames a second are analysed.
type Config struct {
	// NewScore is what a detection needs to begin a track. Raise it and fewer posters and mannequins are followed, but
	// people are found later, and some never.
	NewScore float64
	// StrongScore is what a detection needs to be matched in the first round. Raise it and more detections wait until
	// the clear ones have found their people.
	StrongScore float64
	// WeakScore is what a detection needs to be used at all. Lower it and people half hidden are kept longer, but
	// tracks stick to noise.
	WeakScore float64

	// ConfirmHits is how many detections a track needs before anything is counted for it. Raise it and flickers are
	// believed less often, but a quick walker at a low frame rate may be through before.
	ConfirmHits int
	// ConfirmAfter is how long a track must have been seen before it is believed. It matters at high frame rates, where
	// a flicker is many hits.
	ConfirmAfter time.Duration
	// TentativeLost is how long a track that is not confirmed may be unseen.
	TentativeLost time.Duration
	// MaxLost is how long a confirmed track may be unseen, whether somebody was hidden or no frame came. Raise it and
	// people come out from behind pillars as themselves, but whoever walks where somebody vanished is more often taken
	// for them.
	MaxLost time.Duration
	// FixtureLost is how long a mannequin, a poster or the like may be unseen (see person.settle). Raise it and they
	// are known again when a crowd has stood before them; lower it and passers-by are taken for them.
	FixtureLost time.Duration

	// Speed is the usual speed of people in box heights a second (standard deviation of each component of the
	// velocity). Raise it and runners are followed at low frame rates, but neighbours in a crowd are confused.
	Speed float64
	// Steadiness is how long people keep their velocity. Raise it and hidden people are looked for further along their
	// way; lower it and they are looked for where they were last seen.
	Steadiness time.Duration
	// TopSpeed is what nobody exceeds, in box heights a second.
	TopSpeed float64
	// BoxNoise is how far the edges of a detection's box stray, in box heights (standard deviation). Raise it and
	// tracks are smoother, but follow a turn later.
	BoxNoise float64

	// Hindsight is how long after a frame it is settled who was where on it: what comes after is taken into account.
	// Raise it and more of those who were taken for somebody else are found out, but everything is counted later.
	Hindsight time.Duration

	// MaxPeople is how many detections of one frame are used, the strongest first, and how many tracks are kept. It
	// bounds memory and time, whatever the detector says.
	MaxPeople int
}

// Default is the configuration for a detector with scores like those of YOLOX and people on foot. None of its values
// was chosen for one clip: around each of them the quality is flat over all footage, see BenchmarkSensitivity.
func Default() Config {
	return Config{
		NewScore:      0.3,
		StrongScore:   0.4,
		WeakScore:     0.1,
		ConfirmHits:   2,
		ConfirmAfter:  200 * time.Millisecond,
		TentativeLost: 500 * time.Millisecond,
		MaxLost:       4500 * time.Millisecond,
		FixtureLost:   20 * time.Second,
		Speed:         0.6, // an adult of 1.7 m at 1.0 m/s
		Steadiness:    5 * time.Second,
		TopSpeed:      3, // 5 m/s: running for a train
		BoxNoise:      0.06,
		Hindsight:     1500 * time.Millisecond,
		MaxPeople:     256,
	}
}

func (c Config) withDefaults() Config {
	d := Default()
	for _, v := range []struct{ value, otherwise *float64 }{
		{&c.NewScore, &d.NewScore},
		{&c.StrongScore, &d.StrongScore},
		{&c.WeakScore, &d.WeakScore},
		{&c.Speed, &d.Speed},
		{&c.TopSpeed, &d.TopSpeed},
		{&c.BoxNoise, &d.BoxNoise},
	} {
		if !(*v.value > 0) || math.IsInf(*v.value, 1) {
			*v.value = *v.otherwise
		}
	}
	for _, v := range []struct{ value, otherwise *time.Duration }{
		{&c.ConfirmAfter, &d.ConfirmAfter},
		{&c.TentativeLost, &d.TentativeLost},
		{&c.MaxLost, &d.MaxLost},
		{&c.FixtureLost, &d.FixtureLost},
		{&c.Steadiness, &d.Steadiness},
		{&c.Hindsight, &d.Hindsight},
	} {
		if *v.value <= 0 {
			*v.value = *v.otherwise
		}
	}
	if c.ConfirmHits <= 0 {
		c.ConfirmHits = d.ConfirmHits
	}
	if c.MaxPeople <= 0 {
		c.MaxPeople = d.MaxPeople
	}
	return c
}
