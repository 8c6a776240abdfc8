package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/difftest/pki"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// secured serves a daemon over TLS that answers every call with the name in the client's certificate, or with the
// Authorization header when there is none.
func secured(t *testing.T, a *pki.Authority) (url string) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		who := r.Header.Get("Authorization")
		if len(r.TLS.PeerCertificates) > 0 {
			who = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		w.Write(xmlrpc.AppendResponse(nil, who))
	}))
	s.Config.ErrorLog = nil
	cert, key := a.Issue(t, "server")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pem, _ := os.ReadFile(a.File)
	pool.AppendCertsFromPEM(pem)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func TestHTTPSWithACertificateATokenOrAPassword(t *testing.T) {
	t.Parallel()
	a, stranger := pki.New(t), pki.New(t)
	url := secured(t, a)
	cert, key := a.Issue(t, "deploy")
	junk := filepath.Join(t.TempDir(), "junk")
	os.WriteFile(junk, []byte("no certificate\n"), 0o600)
	for _, c := range []struct {
		name string
		o    client.Options
		want string // the answer, or what the error says
		bad  bool
	}{
		{"token", client.Options{CAFile: a.File, Token: "tok"}, "Bearer tok", false},
		{"a password goes first", client.Options{CAFile: a.File, Token: "tok", Username: "u", Password: "p"}, "Basic dTpw", false},
		{"nothing", client.Options{CAFile: a.File}, "", false},
		{"certificate", client.Options{CAFile: a.File, CertFile: cert, KeyFile: key}, "deploy", false},
		{"the system's authorities", client.Options{}, "certificate signed by unknown authority", true},
		{"another authority", client.Options{CAFile: stranger.File}, "certificate signed by unknown authority", true},
		{"half a certificate", client.Options{CertFile: cert}, "both its file and its key's are needed", true},
		{"no file", client.Options{CAFile: "/nowhere/ca"}, "cannot read the certificates to trust: open /nowhere/ca", true},
		{"no certificate in it", client.Options{CAFile: junk}, "there is no certificate in it", true},
		{"no key in it", client.Options{CertFile: cert, KeyFile: junk}, "cannot use the client certificate", true},
	} {
		c.o.URL = url
		d, err := client.Dial(c.o)
		var got string
		if err == nil {
			got, err = d.SupervisorVersion(context.Background())
			d.Close()
		}
		if c.bad && (err == nil || !strings.Contains(err.Error(), c.want) || client.Missing(err)) || !c.bad && (err != nil || got != c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

// TestWrongCredentialsAreAStatus in whatever words the server has put them, so that who asks for them again knows why.
func TestWrongCredentialsAreAStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{401: "*client.HTTPError", 403: "*client.Fault"} {
		c := dial(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			io.WriteString(w, `{"code":403,"fault":"FORBIDDEN","message":"credentials are needed"}`)
		})))
		if _, err := c.Processes(t.Context()); fmt.Sprintf("%T", err) != want {
			t.Errorf("%d: %T %v, want %s", status, err, err, want)
		}
	}
}
