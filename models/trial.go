package models

import "time"

// CameraTrial is what came of trying a camera out. Without a Reason there were pictures.
type CameraTrial struct {
	Reason Reason `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"` // one line for people, without credentials

	Address        string        `json:"address,omitempty"` // that was connected to
	Transport      Transport     `json:"transport,omitempty"`
	Authentication string        `json:"authentication,omitempty"` // none, basic or digest
	Codec          string        `json:"codec,omitempty"`
	Width          int           `json:"width,omitempty"`
	Height         int           `json:"height,omitempty"`
	FPS            float64       `json:"fps,omitempty"` // measured
	Answered       time.Duration `json:"answered_ns,omitempty"`
	FirstPicture   time.Duration `json:"first_picture_ns,omitempty"`
	Still          []byte        `json:"still,omitempty"` // a JPEG, with people pixelated
}
