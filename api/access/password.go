package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"footfall/models"
)

// Cost is what a password costs to check. More memory makes guessing dearer for whoever has stolen the hashes, and
// signing in slower for everybody.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
}

// usualCost is the least that OWASP's Password Storage Cheat Sheet recommends for Argon2id: 19 MiB, two passes.
func usualCost() Cost { return Cost{MemoryKiB: 19 << 10, Passes: 2} }

const (
	saltBytes = 16
	hashBytes = 32
)

// hash is a password as it is kept, in the form that the PHC's string format gives Argon2id.
func (c Cost) hash(password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails: see crypto/rand
	return c.write(salt, argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, 1, hashBytes))
}

func (c Cost) write(salt, sum []byte) string {
	text := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, c.MemoryKiB, c.Passes,
		text.EncodeToString(salt), text.EncodeToString(sum))
}

// fits reports whether a password is the one that was kept, and whether it was kept at another cost than c.
func (c Cost) fits(password, kept string) (fits, dated bool) {
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false
	}
	var version int
	var was Cost
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &was.MemoryKiB, &was.Passes); err != nil || was.Passes == 0 {
		return false, false
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	sum, sumErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || sumErr != nil || len(sum) == 0 {
		return false, false
	}
	got := argon2.IDKey([]byte(password), salt, was.Passes, was.MemoryKiB, 1, uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1, was != c
}

// fitting is fits, for a few at a time: each takes the memory of its cost, and nobody may make the server take more.
func (d *Desk) fitting(ctx context.Context, password, kept string) (fits, dated bool, err error) {
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
	case <-ctx.Done():
		return false, false, ctx.Err()
	}
	fits, dated = d.cost.fits(password, kept)
	return fits, dated, nil
}

// The bounds of a password. NIST SP 800-63B-4 asks for 15 characters where a password is all there is and 8 beside a
// second factor; no rules about kinds of characters, which make passwords worse.
const (
	minPassword      = 12 // characters
	maxPassword      = 256
	leastDistinct    = 5
	maxPasswordInput = 1024 // bytes of one that is only tried
)

// common is what is left of most passwords that people choose, without digits and signs.
func common() string {
	return " password passwort passwords administrator admin root user guest qwerty qwertz qwertyuiop qwertyuiopas " +
		"azerty asdfgh asdfghjkl letmein welcome willkommen iloveyou changeme changemenow default secret topsecret " +
		"master superman batman dragon monkey football baseball sunshine princess shadow summer winter spring autumn " +
		"login access footfall camera cameras security company hello trustno correcthorsebatterystaple abc abcd " +
		"abcdef abcdefgh qazwsx qazwsxedc zaqxsw test testing pass "
}

// CheckPassword refuses a password that would be guessed.
func CheckPassword(account, password string) error {
	refuse := func(why string) error { return models.Invalidf("password", "%s", why) }
	lower := strings.ToLower(password)
	distinct := map[rune]bool{}
	for _, r := range lower {
		distinct[r] = true
	}
	core := strings.Map(func(r rune) rune {
		if at := strings.IndexRune("01345$@7!", r); at >= 0 {
			return rune("oieassati"[at])
		}
		return r
	}, strings.TrimFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) && r != '@' && r != '$' }))
	core = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, core)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return refuse("is not text")
	case utf8.RuneCountInString(password) < minPassword:
		return refuse(fmt.Sprintf("is shorter than %d characters; some words in a row are easy to keep", minPassword))
	case len(password) > maxPassword:
		return refuse(fmt.Sprintf("is longer than %d bytes", maxPassword))
	case len(distinct) < leastDistinct || inOrder(lower):
		return refuse("is the same few characters again and again, or a row of them")
	case core == "" && len(distinct) < 8, strings.Contains(common(), " "+core+" "):
		return refuse("is a common word with digits and signs")
	case len(account) > 3 && strings.Contains(lower, account) && len(lower) < len(account)+minPassword/2:
		return refuse("is little more than the name")
	}
	return nil
}

// inOrder reports whether every character follows the one before, as in abcdef and 987654.
func inOrder(text string) bool {
	up, down := 0, 0
	var last rune
	n := 0
	for _, r := range text {
		if n > 0 && (r == last+1 || last == '9' && r == '0') {
			up++
		}
		if n > 0 && (r == last-1 || last == '0' && r == '9') {
			down++
		}
		last = r
		n++
	}
	return max(up, down) >= n-2
}
