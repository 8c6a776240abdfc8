package daemon_test

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

	"github.com/reeve-sh/reeve/internal/difftest/pki"
)

const encrypted = `
[inet_http_server]
port=%s
certfile=%s
keyfile=%s
client_ca=%s
[user:deploy]
certificate=deploy
role=admin
[program:cat]
command=/bin/cat
startsecs=0
`

// freePort is an address that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// become puts one file in the place of another, as whoever renews a certificate does.
func become(t *testing.T, path, from string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(path+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestCertificatesAreRenewedUnderACrowd: a whole daemon takes a new certificate, and a new authority of its clients,
// while a connection asks on and a stream of events is open; files that are broken are named and change nothing.
func TestCertificatesAreRenewedUnderACrowd(t *testing.T) {
	t.Parallel()
	first, second := pki.New(t), pki.New(t)
	dir, addr := short(t), freePort(t)
	cert, key, ca := dir+"/cert", dir+"/key", dir+"/ca"
	put := func(a *pki.Authority, name string) {
		c, k := a.Issue(t, name)
		become(t, cert, c)
		become(t, key, k)
	}
	put(first, "server-1")
	become(t, ca, first.File)
	_, out := foreground(t, settings(t, dir, fmt.Sprintf(encrypted, addr, cert, key, ca)))
	until(t, out, "entered RUNNING state")
	lines := make(chan string, 1000)
	go func() {
		for {
			line, err := out.ReadString('\n')
			if err != nil {
				return
			}
			lines <- line
		}
	}()

	by := func(a *pki.Authority) *http.Client {
		pool := x509.NewCertPool()
		for _, file := range []string{first.File, second.File} {
			text, _ := os.ReadFile(file)
			pool.AppendCertsFromPEM(text)
		}
		c, k := a.Issue(t, "deploy")
		pair, err := tls.LoadX509KeyPair(c, k)
		if err != nil {
			t.Fatal(err)
		}
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ClientSessionCache: tls.NewLRUClientSessionCache(8),
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }}}
		t.Cleanup(tr.CloseIdleConnections)
		return &http.Client{Transport: tr, Timeout: time.Minute}
	}
	get := func(c *http.Client, path string) (*http.Response, error) { return c.Get("https://" + addr + path) }
	server := func(c *http.Client) string {
		resp, err := get(c, "/api/v1/daemon")
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return fmt.Sprint(resp.StatusCode, " ", resp.TLS.PeerCertificates[0].Subject.CommonName)
	}
	expect := func(when string, c *http.Client, want string) {
		t.Helper()
		if got := server(c); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	old := by(first)
	expect("at first", old, "200 server-1")
	stream, err := get(by(first), "/events?type=PROCESS_STATE")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	events := bufio.NewReader(stream.Body)

	put(first, "server-2")
	expect("renewed", by(first), "200 server-2")
	expect("who is connected", old, "200 server-1")
	become(t, ca, second.File)
	expect("another authority", by(second), "200 server-2")
	expect("the authority before", by(first), "tls: ")
	expect("who is connected", old, "200 server-1")

	for _, broken := range []string{cert, key, ca} {
		good, _ := os.ReadFile(broken)
		if err := os.WriteFile(broken, []byte("nonsense"), 0o600); err != nil {
			t.Fatal(err)
		}
		expect("with a broken "+broken, by(second), "200 server-2")
		expect("again", by(second), "200 server-2")
		told := ""
		quick(t, "complaint about "+broken, func() bool {
			select {
			case line := <-lines:
				if strings.Contains(line, "ERRO cannot use c") {
					told = line
				}
			default:
			}
			return told != ""
		})
		if !strings.Contains(told, broken) || !strings.Contains(told, "going on with the old certificate") {
			t.Errorf("%s", told)
		}
		if err := os.WriteFile(broken, good, 0o600); err != nil {
			t.Fatal(err)
		}
		expect("mended", by(second), "200 server-2")
	}
	expect("who is connected", old, "200 server-1")
	old.CloseIdleConnections()
	expect("and comes again with what it remembers", old, "tls: ")

	c := connect(t, dir)
	if err := c.StopProcess(t.Context(), "cat", true); err != nil {
		t.Fatal(err)
	}
	for seen := ""; !strings.Contains(seen, "PROCESS_STATE_STOPPED"); {
		line, err := events.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream ended: %v", err)
		}
		seen += line
	}
}
