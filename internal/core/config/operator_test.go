package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// readUsers parses a file with these sections behind [supervisord].
func readUsers(sections string) (*config.Config, error) {
	w := fake{files: map[string]string{"/work/s.conf": "[supervisord]\n" + sections}}
	return config.Parse("s.conf", w, config.Overrides{Known: func(string) bool { return true }})
}

func TestUsersAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("aB", 32)
	c, err := readUsers("[user:amy]\npassword=a%%b\nrole=Admin\n[user:bob]\ntoken={SHA256}" + hash + "\ngroups=web, workers\nrole=operate\n" +
		"[user:cert]\ncertificate=c.example\n[user:none]\nuid=www\nrole=operate\ngroups=\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Operator{
		{Name: "amy", HasPassword: true, Password: "a%b", UID: -1, Role: "admin"},
		{Name: "bob", Token: strings.ToLower(hash), UID: -1, Role: "operate", Groups: []string{"web", "workers"}},
		{Name: "cert", Certificate: "c.example", UID: -1, Role: "read"},
		{Name: "none", UID: c.Operators[3].UID, Role: "operate", Groups: []string{}},
	}
	if d := cmp.Diff(want, c.Operators); d != "" || c.Operators[3].UID <= 0 {
		t.Errorf("%s%v", d, c.Operators[3])
	}
}

func TestUsersAndServersThatAreRefused(t *testing.T) {
	t.Parallel()
	const inet = "[inet_http_server]\nport=1\n"
	for _, c := range []struct{ sections, text, where string }{
		{"[user:a]\nrole=admin\n", "[user:a] has none of password, token, certificate and uid", ""},
		{"[user:a]\npassword=x\nrole=boss\n", "role 'boss' is none of read, operate and admin", "s.conf:4"},
		{"[user:a]\ntoken=secret\n", "a token stands here as {SHA256} and 64 hex digits", "s.conf:3"},
		{"[user:a]\ntoken={SHA256}" + strings.Repeat("x", 64) + "\n", "a token stands here as", "s.conf:3"},
		{"[user:]\npassword=x\n", "is no name for a user", ""},
		{"[user:a b]\npassword=x\n", "is no name for a user", ""},
		{"[user:a]\nuid=nobody-at-all\n", "nobody-at-all", "s.conf:3"},
		{inet + "certfile=/c\n", "only one of certfile and keyfile", "s.conf:4"},
		{inet + "client_ca=/c\n", "has a client_ca and no certfile", "s.conf:4"},
		{inet + "max_connections=0\n", "is below lower bound (1)", "s.conf:4"},
		{inet + "max_body_bytes=x\n", "x", "s.conf:4"},
		{inet + "header_timeout=-1\n", "is below lower bound (1)", "s.conf:4"},
		{"[unix_http_server]\nfile=/s\nallow_uids=nobody-at-all\n", "nobody-at-all", "s.conf:4"},
	} {
		_, err := readUsers(c.sections)
		var p *config.Problem
		if !errors.As(err, &p) || !strings.Contains(p.Text, c.text) || !strings.HasSuffix(p.Where(), c.where) {
			t.Errorf("%q: %v, want %q at %s", c.sections, err, c.text, c.where)
			if p != nil {
				t.Log(p.Where())
			}
		}
	}
}
