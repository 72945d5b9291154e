// Package outlet keeps what is on its way out of the house: webhooks and the messages that they have not taken yet, and
// which reports were sent. It owns the tables webhooks, webhook_progress, late_minutes, deliveries, reports and
// outlet_state. It
// does not know how anything is sent (api/webhook) nor what was counted (storage/counts).
//
// A message is here before its first attempt and leaves only when the other side has taken it, so a crash repeats a
// message and loses none. The messages of one webhook have an order (place) and are tried in it.
//
// Counts are turned into messages late: only how far each webhook has been told is kept (webhook_progress), and beside
// it the minutes that changed behind that mark (late_minutes). What a webhook that is away for a week will be told is
// then in the counts, where it is anyway, and not a second time in a queue.
//
// Addresses and secrets are stored sealed (see storage/seal). The package starts no goroutine.
package outlet
