package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"footfall/models"
)

// Trying lines is the one question that the server asks: what would these lines have counted on what the worker has
// seen lately? Nothing depends on the answer, so it is not asked again.

// subjectLines is where a worker listens for it.
const subjectLines = "footfall.lines." // + name of the worker

// linesPatience is how long a worker may take: it follows some thousand frames anew, beside its watching.
const linesPatience = 15 * time.Second

// LinesQuestion asks what lines would have counted.
type LinesQuestion struct {
	Protocol int             `json:"protocol"`
	Camera   models.CameraID `json:"camera"`
	Lines    []models.Line   `json:"lines"`
}

// LinesAnswer is the answer to it.
type LinesAnswer struct {
	Protocol int               `json:"protocol"`
	Problem  *Problem          `json:"problem,omitempty"` // set: nothing was counted
	Trial    *models.LineTrial `json:"trial,omitempty"`
}

// DecodeLinesQuestion reads a question and checks what a reader relies on.
func DecodeLinesQuestion(data []byte) (LinesQuestion, error) {
	question, err := decode[LinesQuestion](data)
	if err != nil {
		return LinesQuestion{}, err
	}
	if err := models.ValidateID("camera", string(question.Camera)); err != nil {
		return LinesQuestion{}, err
	}
	return question, models.ValidateLines(question.Lines)
}

// DecodeLinesAnswer reads an answer. A Problem in it becomes the error.
func DecodeLinesAnswer(data []byte) (models.LineTrial, error) {
	answer, err := decode[LinesAnswer](data)
	switch {
	case err != nil:
		return models.LineTrial{}, err
	case answer.Problem != nil:
		return models.LineTrial{}, &answerError{*answer.Problem}
	case answer.Trial == nil || answer.Trial.To.Before(answer.Trial.From) || answer.Trial.Observed < 0:
		return models.LineTrial{}, models.Invalidf("trial", "is missing, or ends before it begins")
	}
	return *answer.Trial, nil
}

// TryLines asks a worker. models.ErrUnavailable: it cannot say.
func (h *Hub) TryLines(
	ctx context.Context, worker string, camera models.CameraID, lines []models.Line,
) (models.LineTrial, error) {
	conn := h.conn.Load()
	if conn == nil {
		return models.LineTrial{}, fmt.Errorf("the link is not up yet: %w", models.ErrUnavailable)
	}
	question, err := json.Marshal(LinesQuestion{Protocol, camera, lines})
	if err != nil {
		return models.LineTrial{}, fmt.Errorf("write question about lines: %w", err)
	}
	ctx, done := context.WithTimeout(ctx, linesPatience)
	defer done()
	answer, err := conn.RequestWithContext(ctx, subjectLines+worker, question)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return models.LineTrial{}, fmt.Errorf(
			"worker %s does not listen; if it is older than the server, update it: %w", worker, models.ErrUnavailable)
	case err != nil:
		return models.LineTrial{}, fmt.Errorf("ask worker %s: %w: %w", worker, err, models.ErrUnavailable)
	}
	return DecodeLinesAnswer(answer.Data)
}

// answerLines is the worker's end. It runs on a goroutine of its subscription, so that beats and facts go on.
func (c *Client) answerLines(message *nats.Msg) {
	answer := LinesAnswer{Protocol: Protocol}
	question, err := DecodeLinesQuestion(message.Data)
	if err == nil {
		var trial models.LineTrial
		if trial, err = c.cfg.TryLines(question.Camera, question.Lines); err == nil {
			answer.Trial = inServerTime(trial, c.Ahead())
		}
	}
	if err != nil {
		answer.Problem = problemOf(err)
	}
	data, err := json.Marshal(answer)
	if err == nil {
		err = message.Respond(data)
	}
	if err != nil {
		c.log.Warn("link: answer about lines not sent", "error", err)
	}
}

// inServerTime is a trial by the server's clock.
func inServerTime(trial models.LineTrial, ahead time.Duration) *models.LineTrial {
	trial.From, trial.To = trial.From.Add(-ahead), trial.To.Add(-ahead)
	trial.Crossings = slices.Clone(trial.Crossings)
	for i := range trial.Crossings {
		trial.Crossings[i].Time = trial.Crossings[i].Time.Add(-ahead)
	}
	return &trial
}
