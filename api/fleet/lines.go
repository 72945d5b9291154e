package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
)

// maxLine bounds a line of a worker's output; the rest of a longer one is dropped.
const maxLine = 8 << 10

// lines passes a worker's output on to the log, line by line: the lines of its own logger (JSON) as they were meant,
// anything else, as the last words of a C++ library, as a warning.
type lines struct {
	log  *slog.Logger
	line []byte
}

// Write takes in some output. It is called from one goroutine at a time.
func (l *lines) Write(output []byte) (int, error) {
	n := len(output)
	for {
		end := bytes.IndexByte(output, '\n')
		if end < 0 {
			l.keep(output)
			return n, nil
		}
		l.keep(output[:end])
		l.flush()
		output = output[end+1:]
	}
}

func (l *lines) keep(part []byte) {
	l.line = append(l.line, part[:min(len(part), maxLine-len(l.line))]...)
}

// flush logs what there is of a line.
func (l *lines) flush() {
	line := bytes.TrimSpace(l.line)
	l.line = l.line[:0]
	if len(line) == 0 {
		return
	}
	ctx := context.Background()
	level, message, attrs, ok := parseLogLine(line)
	if !ok {
		l.log.Log(ctx, slog.LevelWarn, "worker says", "line", string(line))
		return
	}
	l.log.LogAttrs(ctx, level, message, attrs...)
}

// parseLogLine reads a line that slog's JSON handler has written.
func parseLogLine(line []byte) (slog.Level, string, []slog.Attr, bool) {
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil {
		return 0, "", nil, false
	}
	message, hasMessage := fields[slog.MessageKey].(string)
	word, hasLevel := fields[slog.LevelKey].(string)
	var level slog.Level
	if !hasMessage || !hasLevel || level.UnmarshalText([]byte(word)) != nil {
		return 0, "", nil, false
	}
	// The time is now, and whose line it is is said by the logger.
	for _, key := range []string{slog.MessageKey, slog.LevelKey, slog.TimeKey, "worker"} {
		delete(fields, key)
	}
	var attrs []slog.Attr
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		attrs = append(attrs, slog.Any(key, fields[key]))
	}
	return level, message, attrs, true
}
