package api_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/difftest/pki"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// vault is a server that encrypts, with two operators.
type vault struct {
	t         *testing.T
	a         *pki.Authority
	cert, key string
	addr      string
	failed    chan error
}

func newVault(t *testing.T) *vault {
	t.Helper()
	v := &vault{t: t, a: pki.New(t), failed: make(chan error, 100)}
	v.cert, v.key = v.a.Issue(t, "server-1")
	plain, err := listen.TCP("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen.TLS(plain, listen.TLSOptions{Certfile: v.cert, Keyfile: v.key, ClientCA: v.a.File, Now: time.Now, Failed: func(err error) { v.failed <- err }})
	if err != nil {
		t.Fatal(err)
	}
	keys := api.NewKeys([]config.Operator{
		{Name: "deploy", Certificate: "deploy", UID: -1, Role: "operate"}, {Name: "alt", Certificate: "alt.example", UID: -1, Role: "read"},
		{Name: "plain", HasPassword: true, Password: "pw", UID: -1, Role: "admin"},
	})
	s := httpd.Serve(l, httpd.Options{Now: time.Now, Handler: &api.Gate{Keys: keys, Routes: []api.Route{{Prefix: "/", Face: teller{}}}}})
	t.Cleanup(func() { s.Close(0) })
	v.addr = plain.Addr().String()
	return v
}

// client is somebody who trusts the authority and may show a certificate.
func (v *vault) client(change func(*tls.Config), files ...string) *http.Client {
	v.t.Helper()
	pool := x509.NewCertPool()
	pem, _ := os.ReadFile(v.a.File)
	pool.AppendCertsFromPEM(pem)
	c := &tls.Config{RootCAs: pool}
	if len(files) > 0 {
		pair, err := tls.LoadX509KeyPair(files[0], files[1])
		if err != nil {
			v.t.Fatal(err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if change != nil {
		change(c)
	}
	tr := &http.Transport{TLSClientConfig: c}
	v.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: time.Minute}
}

// get says status, body, and the name of the server's certificate; or what went wrong.
func (v *vault) get(c *http.Client, auth string) (answer, server string) {
	r, _ := http.NewRequest("GET", "https://"+v.addr+"/", nil)
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	resp, err := c.Do(r)
	if err != nil {
		return err.Error(), ""
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s", resp.StatusCode, body), resp.TLS.PeerCertificates[0].Subject.CommonName
}

func TestWhoIsWhoByCertificate(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	issue := func(a *pki.Authority, names ...string) []string {
		cert, key := a.Issue(t, names...)
		return []string{cert, key}
	}
	older := func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }
	twelve := func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }
	for _, x := range []struct {
		name   string
		change func(*tls.Config)
		files  []string
		auth   string
		want   string
	}{
		{"common name", nil, issue(v.a, "deploy"), "", "200 deploy operate []"},
		{"DNS name", nil, issue(v.a, "x", "alt.example"), "", "200 alt read []"},
		{"an empty name", nil, issue(v.a, ""), "", "401"},
		{"nobody's name", nil, issue(v.a, "stranger"), "", "401"},
		{"nobody's name and a password", nil, issue(v.a, "stranger"), basic("plain:pw"), "200 plain admin []"},
		{"a password goes first", nil, issue(v.a, "deploy"), basic("plain:no"), "401"},
		{"none", nil, nil, "", "401"},
		{"none and a password", nil, nil, basic("plain:pw"), "200 plain admin []"},
		{"another authority's", nil, issue(pki.New(t), "deploy"), "", "remote error: tls: "},
		{"TLS 1.1", older, issue(v.a, "deploy"), "", "remote error: tls: protocol version not supported"},
		{"TLS 1.2", twelve, issue(v.a, "deploy"), "", "200 deploy operate []"},
	} {
		c := v.client(x.change, x.files...)
		if x.name == "another authority's" { // a client of Go does not offer what cannot be taken
			c.Transport.(*http.Transport).TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				return &c.Transport.(*http.Transport).TLSClientConfig.Certificates[0], nil
			}
		}
		if got, _ := v.get(c, x.auth); !strings.Contains(got, x.want) {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

// TestCertificatesAreReadAgain when somebody connects after they have changed, and nobody who is connected hears of it.
func TestCertificatesAreReadAgain(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	first := v.client(nil)
	reused := func(want string) {
		t.Helper()
		if got, server := v.get(first, basic("plain:pw")); got != "200 plain admin []" || server != "server-1" {
			t.Errorf("%s: %s by %s", want, got, server)
		}
	}
	newcomer := func(want string) {
		t.Helper()
		if got, server := v.get(v.client(nil), basic("plain:pw")); got != "200 plain admin []" || server != want {
			t.Errorf("%s by %q, want %q", got, server, want)
		}
	}
	reused("at first")
	cert, key := v.a.Issue(t, "server-2")
	replace := func(from, to string) {
		t.Helper()
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to+".new", text, 0o600)
		}
		if err == nil {
			err = os.Rename(to+".new", to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	replace(cert, v.cert) // and its key comes a moment later
	newcomer("server-1")
	newcomer("server-1")
	if err := <-v.failed; !strings.Contains(err.Error(), "cannot use certfile") || len(v.failed) != 0 {
		t.Errorf("%v, and %d more", err, len(v.failed))
	}
	replace(key, v.key)
	newcomer("server-2")
	reused("after the change")
	os.Remove(v.cert)
	newcomer("server-2")
	if len(v.failed) != 1 {
		t.Errorf("%d complaints about one removal", len(v.failed))
	}
}

// TestWhoDoesNotEncryptIsTold, and who does not speak at all holds nobody up.
func TestWhoDoesNotEncryptIsTold(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	silent, err := net.Dial("tcp", v.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	c, err := net.Dial("tcp", v.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	if resp.Status != "400 This port speaks HTTPS" || string(body) != "cannot answer: this port speaks HTTPS\n" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if got, _ := v.get(v.client(nil), basic("plain:pw")); got != "200 plain admin []" {
		t.Error(got)
	}
}
