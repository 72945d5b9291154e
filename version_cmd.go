package main

import (
	"runtime"

	"footfall/vision"
)

type versionCmd struct{}

// Run says what this binary is made of.
func (versionCmd) Run(c *console) error { //nolint:unparam // the shape that every command has
	c.say("footfall %s", version)
	c.say("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	c.say("OpenCV %s", vision.OpenCVVersion())
	return nil
}
