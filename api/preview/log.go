package preview

import "github.com/pion/logging"

// quiet is pion's log, which is for those who look for faults in pion.
type quiet struct{}

// NewLogger implements logging.LoggerFactory.
func (quiet) NewLogger(string) logging.LeveledLogger {
	return logging.NewDefaultLeveledLoggerForScope("", logging.LogLevelDisabled, nothing{})
}

// nothing is where it goes.
type nothing struct{}

// Write implements io.Writer.
func (nothing) Write(p []byte) (int, error) { return len(p), nil }
