package simulator

import "errors"

var (
	// ErrNoFFmpeg says that the ffmpeg program, which encodes clips, is not on this machine.
	ErrNoFFmpeg = errors.New("the ffmpeg program was not found: install it (on Debian and Ubuntu " +
		"apt-get install ffmpeg) or put it on the PATH")
	// ErrNotVideo says that the file is there, but that there is no video in it.
	ErrNotVideo = errors.New("not a video")
)
