package link

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"footfall/models"
)

// seeds are sound messages of all kinds and some broken ones.
func seeds(f *testing.F) {
	f.Helper()
	sound := []any{
		Beat{Protocol: Protocol, Worker: "w1", Incarnation: "1", Sent: fact(1).Time()},
		Batch{Protocol: Protocol, Worker: "w1", Facts: []models.Fact{fact(1)}},
		Orders{Protocol: Protocol, Received: fact(1).Time(), Sent: fact(2).Time(), Assignments: []Assignment{
			assignment("a", 1),
		}},
		Receipt{Protocol: Protocol, Refused: []Refusal{{ID: "x", Reason: "y"}}},
		Orders{Protocol: Protocol, Problem: &Problem{Code: CodeSuperseded}},
	}
	for _, message := range sound {
		data, err := json.Marshal(message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, broken := range []string{``, `{`, `null`, `{"protocol":1e9}`, `{"protocol":1,"sent":"yesterday"}`} {
		f.Add([]byte(broken))
	}
}

// FuzzDecode: no message crashes a reader; each is refused for a reason that the other side is told, or survives being
// written and read once more.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		again(t, data, DecodeBeat)
		again(t, data, DecodeBatch)
		again(t, data, DecodeOrders)
		again(t, data, DecodeReceipt)
	})
}

func again[Message any](t *testing.T, data []byte, decode func([]byte) (Message, error)) {
	t.Helper()
	message, err := decode(data)
	if err != nil {
		var told *answerError
		if !errors.Is(err, models.ErrInvalid) && !errors.Is(err, ErrProtocol) && !errors.As(err, &told) {
			t.Fatalf("refused without a reason: %v", err)
		}
		return
	}
	written, err := json.Marshal(message)
	if err != nil {
		t.Fatalf("%+v was read, but cannot be written: %v", message, err)
	}
	second, err := decode(written)
	if err != nil {
		t.Fatalf("%s was written, but cannot be read: %v", written, err)
	}
	rewritten, err := json.Marshal(second)
	if err != nil || !reflect.DeepEqual(written, rewritten) {
		t.Fatalf("%s became %s (%v)", written, rewritten, err)
	}
}
