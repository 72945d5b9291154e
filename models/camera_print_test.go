package models_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"footfall/models"
)

func TestCameraPrintsWithoutItsPassword(t *testing.T) {
	t.Parallel()
	c := models.Camera{ID: "lobby", URL: "rtsp://viewer:hunter2@camera/stream"}
	var text, inJSON bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("open", "camera", c)
	slog.New(slog.NewJSONHandler(&inJSON, nil)).Info("open", "camera", c)
	prints := []string{
		fmt.Sprint(c), fmt.Sprint(&c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s", []models.Camera{c}),
		text.String(), inJSON.String(),
	}
	for _, print := range prints {
		if strings.Contains(print, "hunter2") || strings.Contains(print, "viewer") || !strings.Contains(print, "lobby") {
			t.Errorf("prints as %s", print)
		}
	}
}
