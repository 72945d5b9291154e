package crowd

// Scenarios are the places that the figures in docs/benchmarks.md are about.
func Scenarios() []Scenario {
	return []Scenario{corridor(), entrance(), rush(), window(), plaza(), lobby(), market(), gate()}
}

// both is a flow and the one back.
func both(a, b Gate, perMinute float64) []Flow {
	return []Flow{{a, b, perMinute / 2}, {b, a, perMinute / 2}}
}

func flows(all ...[]Flow) []Flow {
	var out []Flow
	for _, f := range all {
		out = append(out, f...)
	}
	return out
}

func corridor() Scenario {
	near, far := Gate{Point{-1.6, 1}, Point{1.6, 1}}, Gate{Point{-1.6, 16}, Point{1.6, 16}}
	return Scenario{
		Name: "corridor", About: "a hospital's corridor, both ways, people one behind the other",
		Camera: Ceiling(),
		Lines: []FloorLine{
			{"across", []Point{{-2.6, 4.8}, {2.6, 4.8}}},
			{"slanting", []Point{{2.6, 6.5}, {-2.6, 8.5}}},
		},
		Flows:    both(near, far, 30),
		People:   People{Groups: 0.2, Strollers: 0.25, Runners: 0.02, UTurns: 0.02, Stops: 0.04, Children: 0.02},
		Detector: Ordinary(),
	}
}

func entrance() Scenario {
	door := Gate{Point{-1.2, 9.8}, Point{1.2, 9.8}}
	left, right := Gate{Point{-14, 2.8}, Point{-14, 5.5}}, Gate{Point{14, 2.8}, Point{14, 5.5}}
	near := Gate{Point{-3, 0.5}, Point{3, 0.5}}
	return Scenario{
		Name: "mall entrance", About: "a door in the back, a bent line around it, families, some turn on their heels",
		Camera: Ceiling(),
		Lines:  []FloorLine{{"door", []Point{{-3.8, 9.6}, {-2.6, 6.8}, {2.6, 6.8}, {3.8, 9.6}}}},
		Flows:  flows(both(door, left, 12), both(door, right, 12), both(door, near, 16), both(left, right, 8)),
		Spots:  []Spot{{Point{-1.5, 5.4}, 0.5}, {Point{1.8, 8.2}, 0.5}},
		People: People{
			Groups: 0.4, Strollers: 0.3, Runners: 0.01, UTurns: 0.06, Stops: 0.06, Loiterers: 0.03, Children: 0.12,
		},
		Detector: Ordinary(),
	}
}

func rush() Scenario {
	left, right := Gate{Point{-18, 5}, Point{-18, 12}}, Gate{Point{18, 5}, Point{18, 12}}
	near, far := Gate{Point{-4, 1}, Point{4, 1}}, Gate{Point{-5, 24}, Point{5, 24}}
	return Scenario{
		Name: "station rush", About: "a hall at eight in the morning: one strong stream, runners, pillars",
		Camera: Mast(),
		Lines: []FloorLine{
			{"platform", []Point{{0, 4}, {0, 13.5}}},
			{"slanting", []Point{{-8, 12}, {-2.5, 4.5}}},
		},
		Flows:    flows([]Flow{{left, right, 40}, {right, left, 10}}, both(near, far, 16)),
		Pillars:  []Pillar{{Point{-4, 8}, 0.35, 5}, {Point{4, 10}, 0.35, 5}},
		People:   People{Groups: 0.08, Strollers: 0.05, Runners: 0.12, UTurns: 0.01, Stops: 0.02, Children: 0.02},
		Detector: Good(),
	}
}

func window() Scenario {
	left, right := Gate{Point{-14, 3}, Point{-14, 6.2}}, Gate{Point{14, 3}, Point{14, 6.2}}
	return Scenario{
		Name: "shop window", About: "passers-by; some come to the window, some stand on the very line",
		Camera: Ceiling(),
		Lines: []FloorLine{
			{"passage", []Point{{0.5, 2.5}, {0.5, 8}}},
			{"window", []Point{{-4, 7.8}, {4, 7.8}}},
		},
		Flows: both(left, right, 30),
		Spots: []Spot{
			{Point{-2, 9}, 0.5}, {Point{2.5, 9}, 0.5}, {Point{0.5, 5.5}, 0.15}, {Point{-1, 7.8}, 0.15},
		},
		People: People{
			Groups: 0.3, Strollers: 0.4, Runners: 0.01, UTurns: 0.03, Stops: 0.08, Loiterers: 0.2, Children: 0.06,
		},
		Detector: Ordinary(),
	}
}

func plaza() Scenario {
	left, right := Gate{Point{-20, 5}, Point{-20, 13}}, Gate{Point{20, 5}, Point{20, 13}}
	near, far := Gate{Point{-5, 1}, Point{5, 1}}, Gate{Point{-8, 26}, Point{8, 26}}
	return Scenario{
		Name: "plaza", About: "ways that cross each other, lines that many walk past the end of",
		Camera: Mast(),
		Lines: []FloorLine{
			{"left", []Point{{-5, 5}, {-1, 9}}},
			{"right", []Point{{5, 5}, {2, 10.5}}},
			{"far", []Point{{3, 12}, {-3, 12}}},
		},
		Flows: flows(both(left, right, 16), both(near, far, 16), both(left, far, 8), both(near, right, 8)),
		People: People{
			Groups: 0.25, Strollers: 0.2, Runners: 0.03, UTurns: 0.03, Stops: 0.05, Children: 0.05,
		},
		Detector: Ordinary(),
	}
}

func lobby() Scenario {
	left, right := Gate{Point{-14, 2.8}, Point{-14, 6}}, Gate{Point{14, 2.8}, Point{14, 6}}
	near, far := Gate{Point{-3, 1}, Point{3, 1}}, Gate{Point{-4, 14}, Point{4, 14}}
	return Scenario{
		Name: "lobby", About: "pillars in front of the lines: many cross unseen",
		Camera: Ceiling(),
		Lines: []FloorLine{
			{"middle", []Point{{0, 2.5}, {0, 9}}},
			{"back", []Point{{-5, 7.6}, {5, 7.6}}},
		},
		Flows:    flows(both(left, right, 16), both(near, far, 16)),
		Pillars:  []Pillar{{Point{0.3, 4.4}, 0.3, 4}, {Point{-2.5, 6.3}, 0.35, 4}, {Point{2.8, 6}, 0.35, 4}},
		People:   People{Groups: 0.2, Strollers: 0.2, Runners: 0.02, UTurns: 0.03, Stops: 0.05, Children: 0.03},
		Detector: Ordinary(),
	}
}

func market() Scenario {
	left, right := Gate{Point{-14, 4.5}, Point{-14, 9}}, Gate{Point{14, 4.5}, Point{14, 9}}
	near := Gate{Point{-3, 1}, Point{3, 1}}
	return Scenario{
		Name: "market", About: "shelves hide legs, bad light, the smallest detector: every fourth person missed",
		Camera: Ceiling(),
		Lines: []FloorLine{
			{"aisle", []Point{{-1, 3}, {-1, 9.8}}},
			{"till", []Point{{4.5, 4}, {1, 4}}},
		},
		Flows:   flows(both(left, right, 22), both(near, right, 12), both(near, left, 8)),
		Pillars: []Pillar{{Point{0.5, 5}, 0.6, 1}, {Point{-3, 5.5}, 0.6, 1}, {Point{4, 6.2}, 0.6, 1}},
		Spots:   []Spot{{Point{2, 7}, 0.6}, {Point{-4, 7.3}, 0.6}},
		People: People{
			Groups: 0.2, Strollers: 0.4, Runners: 0.01, UTurns: 0.05, Stops: 0.1, Loiterers: 0.05, Children: 0.08,
		},
		Detector: Poor(),
	}
}

func gate() Scenario {
	near, far := Gate{Point{-1, 1}, Point{1, 1}}, Gate{Point{-6, 14}, Point{6, 14}}
	return Scenario{
		Name: "ticket gate", About: "a stream that narrows, people who wait before the line and go on, some go back",
		Camera: Ceiling(),
		Lines:  []FloorLine{{"gate", []Point{{3, 5}, {-3, 5}}}},
		Flows:  []Flow{{far, near, 24}, {near, far, 14}},
		Spots:  []Spot{{Point{-0.8, 6.3}, 0.4}, {Point{0.8, 6.5}, 0.4}, {Point{0, 7.6}, 0.5}},
		People: People{
			Groups: 0.15, Strollers: 0.15, Runners: 0.04, UTurns: 0.04, Stops: 0.05, Loiterers: 0.12, Children: 0.03,
		},
		Detector: Ordinary(),
	}
}
