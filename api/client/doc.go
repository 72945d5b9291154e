// Package client asks the HTTP API of Footfall from Go. It is generated from openapi.yaml by `make generate`, so it knows
// every operation; see NewClientWithResponses. It starts no goroutine.
package client
