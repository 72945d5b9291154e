package link

import (
	"encoding/json"
	"fmt"

	"footfall/models"
)

// The bounds of a message. They are far beyond what a worker needs and keep a broken one from being believed.
const (
	maxStatuses   = 4096
	maxBatch      = 1000
	maxIncarnated = 64 // bytes of an incarnation's or a version's text
)

// DecodeBeat reads a beat and checks what a reader relies on.
func DecodeBeat(data []byte) (Beat, error) {
	beat, err := decode[Beat](data)
	if err != nil {
		return Beat{}, err
	}
	if err := models.ValidateID("worker", beat.Worker); err != nil {
		return Beat{}, err
	}
	switch {
	case beat.Incarnation == "" || len(beat.Incarnation) > maxIncarnated:
		return Beat{}, models.Invalidf("incarnation", "is missing or longer than %d bytes", maxIncarnated)
	case len(beat.Version) > maxIncarnated:
		return Beat{}, models.Invalidf("version", "is longer than %d bytes", maxIncarnated)
	case beat.Capacity < 0 || beat.Outbox < 0:
		return Beat{}, models.Invalidf("capacity, outbox", "are negative")
	case beat.Sent.IsZero():
		return Beat{}, models.Invalidf("sent", "is missing")
	case len(beat.Statuses) > maxStatuses || len(beat.Holds) > maxStatuses:
		return Beat{}, models.Invalidf("statuses, holds", "are more than %d", maxStatuses)
	}
	return beat, nil
}

// DecodeBatch reads a batch of facts. The facts themselves are not judged: one bad fact must not hold up the others.
func DecodeBatch(data []byte) (Batch, error) {
	batch, err := decode[Batch](data)
	if err != nil {
		return Batch{}, err
	}
	if err := models.ValidateID("worker", batch.Worker); err != nil {
		return Batch{}, err
	}
	if len(batch.Facts) > maxBatch {
		return Batch{}, models.Invalidf("facts", "are %d, more than %d", len(batch.Facts), maxBatch)
	}
	return batch, nil
}

// DecodeOrders reads the answer to a beat. A Problem in it becomes the error.
func DecodeOrders(data []byte) (Orders, error) {
	orders, err := decode[Orders](data)
	if err != nil {
		return Orders{}, err
	}
	if orders.Problem != nil {
		return Orders{}, &answerError{*orders.Problem}
	}
	if orders.Received.IsZero() || orders.Sent.IsZero() {
		return Orders{}, models.Invalidf("received, sent", "are missing")
	}
	for _, a := range orders.Assignments {
		if a.Lease.ID == "" || a.Lease.Camera != a.Camera.ID {
			return Orders{}, models.Invalidf("assignments", "lease %q is not of camera %q", a.Lease.ID, a.Camera.ID)
		}
	}
	return orders, nil
}

// DecodeReceipt reads the answer to a batch. A Problem in it becomes the error.
func DecodeReceipt(data []byte) (Receipt, error) {
	receipt, err := decode[Receipt](data)
	if err != nil {
		return Receipt{}, err
	}
	if receipt.Problem != nil {
		return Receipt{}, &answerError{*receipt.Problem}
	}
	return receipt, nil
}

// decode looks at the protocol before anything else: in another protocol the rest may mean anything.
func decode[Message any](data []byte) (Message, error) {
	var message, none Message
	var envelope struct {
		Protocol int `json:"protocol"`
	}
	if err := json.Unmarshal(data, &envelope); err != nil {
		return none, models.Invalidf("message", "is not JSON: %v", err)
	}
	if envelope.Protocol != Protocol {
		return none, fmt.Errorf("%w: the message is written in protocol %d, this side speaks %d: update the older side",
			ErrProtocol, envelope.Protocol, Protocol)
	}
	if err := json.Unmarshal(data, &message); err != nil {
		return none, models.Invalidf("message", "cannot be read: %v", err)
	}
	return message, nil
}
