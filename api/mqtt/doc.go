// Package mqtt tells an MQTT broker what was counted today and how cameras are doing, and Home Assistant how to show
// it.
//
// It owns the topics, what stands in them, and the connection (MQTT 5). All messages are retained: whoever subscribes
// knows at once how things are. Nothing is queued: after a break everything is told as it is then, because today's
// counts hold what happened meanwhile. What must not be lost goes through webhooks.
//
// Herald.Run blocks; the client library runs its own goroutines below it, and Run waits for them.
package mqtt
