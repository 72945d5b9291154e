package webhook

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// verdict is what becomes of a message after an attempt.
type verdict string

const (
	taken   verdict = "taken"
	retried verdict = "retried"
	dead    verdict = "dead"
	refused verdict = "refused" // the other side is gone for good
)

const (
	firstWait = 5 * time.Second
	longWait  = time.Hour
)

// judge says what an answer to the given attempt (from 1) means, and how long to wait before the next.
//
// Only answers that no later attempt can change give a message up at once. A wrong path or password (401, 403, 404) is
// somebody's mistake that will be put right, so it is tried again.
func judge(a answer, attempt int, giveUpAfter time.Duration) (verdict, time.Duration) {
	switch a.status {
	case http.StatusGone:
		return refused, 0
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return dead, 0
	}
	if a.status >= 200 && a.status < 300 {
		return taken, 0
	}
	if spent(attempt) >= giveUpAfter {
		return dead, 0
	}
	wait := max(pause(attempt), min(a.retryAfter, longWait))
	return retried, wait + time.Duration(rand.Int64N(int64(wait)/5+1)) // so that not all come back at once
}

// pause is how long to wait after an attempt (from 1): 5 s, 20 s, 80 s, ... at most an hour.
func pause(attempt int) time.Duration {
	wait := firstWait
	for range attempt - 1 {
		if wait *= 4; wait >= longWait {
			return longWait
		}
	}
	return wait
}

// spent is how long a message has at least been tried after so many attempts.
func spent(attempts int) (total time.Duration) {
	for attempt := range attempts - 1 {
		total += pause(attempt + 1)
	}
	return total
}
