package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

// Sign is the value of the header webhook-signature: v1, and the Base64 of the HMAC-SHA256 of "id.timestamp.body"
// (Standard Webhooks 1.0, "Signature scheme"). The timestamp is signed too, so that a message cannot be replayed later.
func Sign(key []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
