package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// begun is a sign-in that waits for the provider. The browser keeps it, so that strangers fill no memory here.
type begun struct {
	State, Nonce, Verifier, Page string
	Until                        time.Time
}

func proof(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("sign-in at a provider|" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (b begun) seal(key []byte) string {
	text, _ := json.Marshal(b) // texts and a time
	body := base64.RawURLEncoding.EncodeToString(text)
	return body + "." + proof(key, body)
}

func unseal(key []byte, cookie string, now time.Time) (b begun, err error) {
	const most = 4096
	body, sum, _ := strings.Cut(cookie, ".")
	if len(cookie) > most || !hmac.Equal([]byte(sum), []byte(proof(key, body))) {
		return b, refusal("this browser has not begun to sign in; begin again")
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	if err != nil || !now.Before(b.Until) {
		return begun{}, refusal("signing in took too long; begin again")
	}
	return b, nil
}

// ownPage is a page of this server, or the first one: nobody is led elsewhere after signing in.
func ownPage(page string) string {
	const most = 1000
	u, err := url.Parse(page)
	if err != nil || len(page) > most || u.IsAbs() || u.Host != "" || u.User != nil ||
		!strings.HasPrefix(page, "/") || strings.HasPrefix(page, "//") || strings.ContainsAny(page, "\\\r\n\t") ||
		strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/\\") {
		return "/"
	}
	return page
}
