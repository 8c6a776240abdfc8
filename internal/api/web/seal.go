package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// A seal makes the tokens that forms carry, so that a form that acts is one that we have shown to the same asker.
type seal [32]byte

func newSeal() seal {
	var s seal
	_, _ = rand.Read(s[:]) // never fails
	return s
}

// token is the asker's: whoever has other credentials has another one.
func (s *seal) token(r *httpd.Request) string {
	m := hmac.New(sha256.New, s[:])
	m.Write([]byte(r.Get("Authorization")))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

func (s *seal) fits(r *httpd.Request, token string) bool {
	return hmac.Equal([]byte(token), []byte(s.token(r)))
}

// foreign tells whether a browser says that a request comes from a page that is not ours. The fetch metadata of a
// browser goes first: they are right behind a proxy, too.
func foreign(r *httpd.Request) bool {
	switch r.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
	default:
		return true
	}
	origin := r.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return true
	}
	return !strings.EqualFold(u.Host, r.Get("Host")) && !strings.EqualFold(u.Host, r.Get("X-Forwarded-Host"))
}
