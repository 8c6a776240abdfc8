package api_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// remote is a connection from somewhere.
type remote struct {
	net.Conn
	from string
}

func (r remote) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(r.from), Port: 1} }

func TestGuessingIsSlowAndKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := &api.Gate{Username: "u", Password: "p", Slow: api.NewSlow(time.Now), Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
		try := func(from, password string) (int, time.Duration) {
			begin := time.Now()
			resp := gate.Serve(t.Context(), &httpd.Request{Method: "GET", Path: "/", Conn: remote{from: from},
				Header: []httpd.Field{{Name: "Authorization", Value: basic("u:" + password)}}})
			if resp == nil {
				return 0, time.Since(begin)
			}
			return resp.Status, time.Since(begin)
		}
		var total time.Duration
		for i := range 30 {
			status, took := try("10.0.0.1", "guess")
			if status != 401 || i < 5 && took != 0 {
				t.Fatalf("guess %d: %d after %v", i, status, took)
			}
			total += took
		}
		if total < 30*time.Second {
			t.Errorf("30 guesses took %v", total)
		}
		if status, took := try("10.0.0.1", "p"); status != 200 || took != 0 {
			t.Errorf("the right password from there: %d after %v", status, took)
		}
		if status, took := try("10.0.0.2", "guess"); status != 401 || took != 0 {
			t.Errorf("somebody else: %d after %v", status, took)
		}
		answered := make(chan int, 100)
		for range 100 { // all at once: no faster
			go func() { s, _ := try("10.0.0.1", "guess"); answered <- s }()
		}
		begin, got := time.Now(), 0
		for range 100 {
			if <-answered == 401 {
				got++
			}
		}
		if got > 6 {
			t.Errorf("%d of 100 guesses at once were answered within %v", got, time.Since(begin))
		}
		<-time.After(2 * time.Minute)
		if status, took := try("10.0.0.1", "guess"); status != 401 || took != 0 {
			t.Errorf("after two quiet minutes: %d after %v", status, took)
		}
	})
}

// TestAFloodOfGuessesLearnsNothing: while an address guesses at many at once nothing from there is compared, or the
// right one would be known by its answer as fast as it can be sent. Neither does it cost the work of a slow hash.
func TestAFloodOfGuessesLearnsNothing(t *testing.T) {
	t.Parallel()
	hash, err := bcrypt.GenerateFromPassword([]byte("right"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	keys := api.NewKeys([]config.Operator{
		{Name: "slow", HasPassword: true, Password: string(hash), UID: -1, Role: "admin"}, {Name: "plain", HasPassword: true, Password: "right", UID: -1, Role: "admin"},
		{Name: "robot", Token: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", UID: -1, Role: "read"}, // of "test"
	})
	for _, guess := range []string{basic("slow:guess"), basic("plain:guess"), basic("nobody:guess"), "Bearer guess", "Digest x"} {
		synctest.Test(t, func(t *testing.T) {
			gate := &api.Gate{Username: "boss", Password: "right", Keys: keys, Slow: api.NewSlow(time.Now), Routes: []api.Route{
				{Prefix: "/open", Open: true, Face: teller{}}, {Prefix: "/", Face: teller{}},
			}}
			try := func(from, path, credentials string) int {
				r := &httpd.Request{Method: "GET", Path: path, Conn: remote{from: from}}
				if credentials != "" {
					r.Header = []httpd.Field{{Name: "Authorization", Value: credentials}}
				}
				return gate.Serve(t.Context(), r).Status
			}
			right := []string{basic("slow:right"), basic("plain:right"), basic("boss:right"), "Bearer test"}
			for _, c := range right {
				if got := try("2001:db8::1", "/", c); got != 200 {
					t.Fatal(got)
				}
			}
			done := make(chan int, 40)
			for range cap(done) {
				go func() { done <- try("2001:db8::1", "/", guess) }()
			}
			synctest.Wait()
			for _, c := range right {
				for from, want := range map[string]int{"2001:db8::1": 429, "2001:db8::ffff:1": 429, "2001:db8:0:1::1": 200, "10.0.0.1": 200} {
					if got := try(from, "/", c); got != want {
						t.Errorf("among %s: %s from %s: %d, want %d", guess, c, from, got, want)
					}
				}
			}
			if open, none := try("2001:db8::1", "/open", ""), try("2001:db8::1", "/", ""); open != 200 || none != 401 {
				t.Errorf("an open route: %d, without credentials: %d", open, none)
			}
			for range cap(done) {
				<-done
			}
			<-time.After(time.Minute)
			for _, c := range right {
				if got := try("2001:db8::1", "/", c); got != 200 {
					t.Errorf("after %s, later: %d", guess, got)
				}
			}
		})
	}
}

// TestWhoIsInStaysIn while somebody at the same address guesses: a connection that has proved who it is goes on.
func TestWhoIsInStaysIn(t *testing.T) {
	t.Parallel()
	l, err := listen.TCP("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	gate := &api.Gate{Username: "u", Password: "right", Slow: api.NewSlow(time.Now), Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
	s := httpd.Serve(l, httpd.Options{Now: time.Now, Handler: gate})
	t.Cleanup(func() { s.Close(0) })
	get := func(c *http.Client, auth string) int {
		r, _ := http.NewRequest("GET", "http://"+l.Addr().String()+"/", nil)
		r.Header.Set("Authorization", auth)
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body) // or the connection is not used again
		resp.Body.Close()
		return resp.StatusCode
	}
	newcomer := func() *http.Client {
		tr := &http.Transport{}
		t.Cleanup(tr.CloseIdleConnections)
		return &http.Client{Transport: tr, Timeout: time.Minute}
	}
	in := newcomer()
	if got := get(in, basic("u:right")); got != 200 {
		t.Fatal(got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 40 {
		go gate.Serve(ctx, &httpd.Request{Method: "GET", Path: "/", Conn: remote{from: "127.0.0.1"}, Header: []httpd.Field{{Name: "Authorization", Value: basic("u:guess")}}})
	}
	for begin := time.Now(); get(newcomer(), basic("u:right")) != 429; { // until they are all there
		if time.Since(begin) > time.Minute {
			t.Fatal("a newcomer is let in all the time")
		}
	}
	if got := get(in, basic("u:right")); got != 200 {
		t.Errorf("who was in: %d", got)
	}
	if got := get(in, basic("u:guess")); got != 429 {
		t.Errorf("who was in, guessing: %d", got)
	}
}
