// Package webhook tells other people's programs by HTTP what was counted and how cameras are doing: signed as Standard
// Webhooks (https://www.standardwebhooks.com) has it, at least once, in order for each webhook.
//
// It owns what a message says, when it is made, how it is signed and sent, and what an answer means. It does not own
// where messages wait (storage/outlet) nor who may subscribe (api).
//
// Counts become messages when their interval is over and has settled. Minutes that change after that are noted before
// the worker's fact is acknowledged (Office.Note), and are told again with their higher revision.
//
// Office.Run blocks; inside it one goroutine plans, one hands out, and one a webhook sends, at most sendersAtOnce.
package webhook
