package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// A seal makes the tokens that forms carry, so that a form that acts is one that we have shown to the same asker.
type seal [32]byte

func newSeal() seal {
	var s seal
	_, _ = rand.Read(s[:]) // never fails
	return s
}

// token is the asker's: whoever has other credentials, or another name by certificate or uid, has another one.
func (s *seal) token(ctx context.Context, r *httpd.Request) string {
	m := hmac.New(sha256.New, s[:])
	m.Write([]byte(r.Get("Authorization")))
	if who, ok := service.Asker(ctx); ok {
		m.Write([]byte("\x00" + who.Name))
	}
	return hex.EncodeToString(m.Sum(nil)[:16])
}

func (s *seal) fits(ctx context.Context, r *httpd.Request, token string) bool {
	return hmac.Equal([]byte(token), []byte(s.token(ctx, r)))
}
