package ctl_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func TestPasswdHashes(t *testing.T) {
	t.Parallel()
	code, out, errs := run(t, "s:e c\nrest\n", "passwd")
	if err := bcrypt.CompareHashAndPassword([]byte(strings.TrimSuffix(out, "\n")), []byte("s:e c")); code != 0 || err != nil || errs != "" {
		t.Errorf("status %d, %q %q: %v", code, out, errs, err)
	}
	for _, c := range []struct{ stdin, args, out string }{
		{"\n", "passwd", "Error: cannot hash that: a password has 1 to 72 bytes, and this one has 0\n"},
		{strings.Repeat("x", 73), "passwd", "Error: cannot hash that: a password has 1 to 72 bytes, and this one has 73\n"},
		{"", "passwd", "error: <class 'EOFError'>, EOF when reading a line\n"},
		{"x\n", "passwd x", "Error: passwd accepts --token or nothing\npasswd\t\t\tHash a password"},
	} {
		code, out, errs := run(t, c.stdin, strings.Fields(c.args)...)
		if code != 1 || !strings.HasPrefix(out, c.out) || errs != "" {
			t.Errorf("%s with %q: status %d, %q %q; want %q", c.args, c.stdin, code, out, errs, c.out)
		}
	}
}

func TestPasswdMakesATokenThatADaemonTakes(t *testing.T) {
	t.Parallel()
	code, out, _ := run(t, "", "passwd", "--token")
	token, hash, _ := strings.Cut(strings.TrimSuffix(out, "\n"), "\n")
	sum := sha256.Sum256([]byte(token))
	if code != 0 || len(token) != 43 || hash != "{SHA256}"+hex.EncodeToString(sum[:]) {
		t.Fatalf("status %d, %q", code, out)
	}
	url := fake(t, func(method string, r *http.Request) any {
		if r.Header.Get("Authorization") != "Bearer "+token {
			return 401
		}
		return "3.0"
	})
	if code, out, _ := run(t, "", "-s", url, "--token", token, "version"); code != 0 || out != "3.0\n" {
		t.Errorf("status %d, %q", code, out)
	}
	if code, out, _ := run(t, "", "-s", url, "version"); code != 1 || !strings.HasPrefix(out, "Server requires authentication\n") {
		t.Errorf("without it: status %d, %q", code, out)
	}
}
