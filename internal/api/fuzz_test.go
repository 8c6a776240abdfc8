package api_test

import (
	"context"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// FuzzAuthorization: nothing but a name with its password, or a token, opens the gate, whatever stands around it.
func FuzzAuthorization(f *testing.F) {
	for _, s := range []string{
		basic("u:p"), basic("eve:p:w"), "Bearer test", "", "Basic", "Bearer", basic(":"), basic("u"), "Basic dTpw=", "bAsIc   dTpw  ", "Digest u", "Negotiate dTpw", "dTpw", "Basic\tdTpw", basic("eve:"), "Bearer \x00test",
		basic("\x00u:p"), "Basic dT\npw", "Basic dTpw, Bearer test", basic("robot:test"), "Bearer test ",
	} {
		f.Add(s)
	}
	gate := &api.Gate{Username: "u", Password: "p", Routes: []api.Route{{Prefix: "/", Face: teller{}}}, Keys: api.NewKeys([]config.Operator{
		{Name: "eve", HasPassword: true, Password: "p:w", UID: -1, Role: "read"}, {Name: "nopass", UID: 1234567, Role: "admin"},
		{Name: "robot", Token: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", UID: -1, Role: "operate"}, // of "test"
	})}
	f.Fuzz(func(t *testing.T, header string) {
		resp := gate.Serve(context.Background(), &httpd.Request{Method: "GET", Path: "/", Header: []httpd.Field{{Name: "Authorization", Value: header}}})
		want := ""
		scheme, value, _ := strings.Cut(header, " ")
		value = strings.TrimSpace(value)
		plain, err := base64.StdEncoding.DecodeString(value)
		switch {
		case strings.EqualFold(scheme, "bearer") && value == "test":
			want = "robot operate []"
		case strings.EqualFold(scheme, "basic") && err == nil && string(plain) == "u:p":
			want = "u admin []"
		case strings.EqualFold(scheme, "basic") && err == nil && string(plain) == "eve:p:w":
			want = "eve read []"
		}
		if (want == "") != (resp.Status == 401) || want != "" && string(resp.Body) != want {
			t.Errorf("%q: %d %s, want %q", header, resp.Status, resp.Body, want)
		}
	})
}

// FuzzNames: what a browser calls us, and where it says that a page is from, as the rest of the world reads them.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"localhost", "127.0.0.1:9001", "[::1]:9001", "evil.example", "box", "BOX.:80", "", "localhost:", "a@localhost", "127.0.0.1.evil", "[::1", "x:y:z", "[fe80::1%25eth0]"} {
		f.Add(s, "http://"+s, "")
		f.Add(s, "http://evil.example", s)
		f.Add(s, "null", "a, "+s)
	}
	gate := &api.Gate{Hosts: []string{"box"}, Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
	f.Fuzz(func(t *testing.T, host, origin, outside string) {
		ask := func(more ...httpd.Field) int {
			r := &httpd.Request{Method: "GET", Path: "/", Header: append([]httpd.Field{{Name: "Host", Value: host}}, more...)}
			return gate.Serve(context.Background(), r).Status
		}
		u, err := url.Parse("http://" + host + "/")
		if got := ask(); err == nil && u.Host == host && u.User == nil && got != 403 {
			name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
			_, notIP := netip.ParseAddr(name)
			if notIP != nil && name != "" && name != "localhost" && !strings.HasSuffix(name, ".localhost") && name != "box" {
				t.Errorf("%q, a browser's name %q: %d", host, name, got)
			}
		}
		scheme, authority, ok := strings.Cut(origin, "://")
		if !ok || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz") != "" || strings.ContainsAny(authority, "/?#@\\% \t\r\n") {
			return // no browser makes that an origin
		}
		same := strings.EqualFold(authority, host)
		for o := range strings.SplitSeq(outside, ",") {
			same = same || strings.EqualFold(authority, strings.TrimSpace(o))
		}
		r := &httpd.Request{Method: "POST", Path: "/RPC2", Header: []httpd.Field{{Name: "Host", Value: host}, {Name: "Origin", Value: origin}, {Name: "X-Forwarded-Host", Value: outside}}}
		if !same && !api.Foreign(r) {
			t.Errorf("a page of %q may act on %q behind %q", origin, host, outside)
		}
	})
}
