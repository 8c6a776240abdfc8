package httpd_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

func bubbled(t *testing.T, story func(*testing.T)) {
	t.Helper()
	synctest.Test(t, story)
}

// TestClientThatStallsIsCut in its head, in its body, and when it does not take its answer; one that only keeps the
// line open is not.
// holds: HTTP-023
// fault: 10 11
func TestClientThatStallsIsCut(t *testing.T) {
	t.Parallel()
	limits := httpd.Limits{HeadFor: 20 * time.Millisecond, BodyFor: 50 * time.Millisecond}
	for _, c := range []struct {
		name, request string
		within        time.Duration
	}{
		{"in the request line", "GET /o", 20 * time.Millisecond},
		{"after one byte", "\r", 20 * time.Millisecond},
		{"in the headers", "GET /ok HTTP/1.1\r\nA: b\r\n", 20 * time.Millisecond},
		{"in the body", "POST /body HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", 50 * time.Millisecond},
		{"in a body that nobody reads", "POST /ok HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", 50 * time.Millisecond},
		{"in the second request", "GET /ok HTTP/1.1\r\n\r\nGET", 20 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			serve(t, limits, func(d *doors, _ *faces, _ *httpd.Server) {
				k := d.call().say(c.request)
				pass(c.within - time.Millisecond)
				if k.gone() {
					t.Error("cut too soon")
				}
				pass(time.Millisecond)
				if !k.gone() {
					t.Error("still there")
				}
			})
		})
	}
	serve(t, limits, func(d *doors, _ *faces, _ *httpd.Server) {
		quiet, used := d.call(), d.call().say("GET /ok HTTP/1.1\r\n\r\n")
		pass(24 * time.Hour)
		for _, k := range []*caller{quiet, used} {
			if k.gone() || !strings.Contains(k.say("GET /ok HTTP/1.1\r\n\r\n").answer(), "200 OK") {
				t.Error("an idle connection was cut")
			}
		}
	})
}

// TestClientThatTricklesIsCutAllTheSame: a byte now and then buys no time.
// fault: 11
func TestClientThatTricklesIsCutAllTheSame(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{HeadFor: 30 * time.Second}, func(d *doors, _ *faces, _ *httpd.Server) {
		k := d.call()
		for range 29 {
			k.say("G")
			pass(time.Second)
		}
		if k.gone() {
			t.Error("cut too soon")
		}
		k.say("G")
		pass(time.Second)
		if !k.gone() {
			t.Error("still there")
		}
	})
}

// TestClientThatDoesNotTakeItsAnswerIsCut, but a reader of a stream may pause for as long as it likes.
// fault: 11
func TestClientThatDoesNotTakeItsAnswerIsCut(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{BodyFor: time.Second}, func(d *doors, _ *faces, _ *httpd.Server) {
		ours, theirs := pipe()
		d.knock <- theirs
		io.WriteString(ours, "GET /ok HTTP/1.1\r\n\r\n")
		pass(2 * time.Second)
		if _, err := ours.Read(make([]byte, 1)); err != io.EOF {
			t.Error("still there: ", err)
		}
		ours, theirs = pipe()
		d.knock <- theirs
		io.WriteString(ours, "GET /stream HTTP/1.0\r\n\r\n")
		br := bufio.NewReader(ours)
		for line := "x"; line != "\r\n"; {
			line, _ = br.ReadString('\n')
		}
		pass(time.Hour)
		if rest, err := io.ReadAll(br); err != nil || string(rest) != "one"+strings.Repeat("x", 17) {
			t.Errorf("%q %v", rest, err)
		}
	})
}

// TestWaitEndsWhenItsClientHangsUp, and not because of how long it takes or what is sent meanwhile.
// holds: HTTP-012 HTTP-013 RPC-054
func TestWaitEndsWhenItsClientHangsUp(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{}, func(d *doors, f *faces, _ *httpd.Server) {
		k := d.call().say("GET /wait HTTP/1.1\r\n\r\n")
		pass(time.Hour)
		if k.answer() != "" || k.gone() {
			t.Error("something happened")
		}
		f.release <- struct{}{}
		<-f.ended
		synctest.Wait()
		if got := k.answer(); !strings.HasSuffix(got, "\r\n\r\ndone") {
			t.Errorf("%q", got)
		}
		k.say("GET /wait HTTP/1.1\r\n\r\n") // again on the same line, where the last one left no deadline
		pass(time.Hour)
		k.say(next)
		if k.answer() != "" {
			t.Error("the second was answered before the first")
		}
		f.release <- struct{}{}
		<-f.ended
		synctest.Wait()
		if got := statuses(k.answer()); got != "200 404" {
			t.Errorf("%q", got)
		}
		if f.watched.Err() == nil {
			t.Error("what watched the answered request goes on as long as its connection")
		}
		k.say("GET /wait HTTP/1.1\r\n\r\n")
		k.Close()
		if err := <-f.ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestCloseEndsTheIdleFinishesTheBusyAndJoinsAll: the bubble itself would not end with a goroutine left.
// holds: HTTP-023
// fault: 11 16
func TestCloseEndsTheIdleFinishesTheBusyAndJoinsAll(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{}, func(d *doors, f *faces, s *httpd.Server) {
		idle, busy := d.call(), d.call().say("GET /deaf HTTP/1.1\r\n\r\n")
		closed := make(chan struct{})
		began := time.Now()
		go func() { s.Close(time.Minute); close(closed) }()
		synctest.Wait()
		if !idle.gone() || busy.gone() {
			t.Error("idle ", idle.gone(), ", busy ", busy.gone())
		}
		pass(time.Second)
		f.release <- struct{}{}
		<-closed
		synctest.Wait()
		if got := busy.answer(); !strings.HasSuffix(got, "done") || !busy.gone() || time.Since(began) != time.Second {
			t.Errorf("%q, closed %v, after %v", got, busy.gone(), time.Since(began))
		}
	})
}

// TestCloseWaitsNoLongerThanItsGrace for a request that would go on for ever, and for half a request.
// fault: 16
func TestCloseWaitsNoLongerThanItsGrace(t *testing.T) {
	t.Parallel()
	for _, request := range []string{"GET /deaf HTTP/1.1\r\n\r\n", "GET /wait HTTP/1.1\r\n\r\n", "GET /ha"} {
		serve(t, httpd.Limits{}, func(d *doors, f *faces, s *httpd.Server) {
			k := d.call().say(request)
			began := time.Now()
			s.Close(2 * time.Second)
			synctest.Wait()
			if !k.gone() || time.Since(began) > 2*time.Second {
				t.Errorf("%q: closed %v after %v", request, k.gone(), time.Since(began))
			}
		})
	}
}

// TestCloseLeavesBehindWhatDoesNotEnd: the daemon must be able to.
// fault: 16
func TestCloseLeavesBehindWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{}, func(d *doors, f *faces, s *httpd.Server) {
		k := d.call().say("GET /stubborn HTTP/1.1\r\n\r\n")
		began := time.Now()
		left := s.Close(2 * time.Second)
		synctest.Wait()
		if left != 1 || !k.gone() || time.Since(began) != 3*time.Second {
			t.Errorf("left %d, closed %v after %v", left, k.gone(), time.Since(began))
		}
		close(f.release)
	})
}

// TestFullHouseSendsTheIdlestHome and never one that is being answered; a crowd does not get past the limit.
// fault: 11
func TestFullHouseSendsTheIdlestHome(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{Conns: 3}, func(d *doors, f *faces, _ *httpd.Server) {
		busy := d.call().say("GET /deaf HTTP/1.1\r\n\r\n")
		pass(time.Second)
		a := d.call().say("")
		pass(time.Second)
		b := d.call().say("")
		pass(time.Second)
		a.say("GET /ok HTTP/1.1\r\n\r\n")
		pass(time.Second)
		c := d.call().say("")
		if busy.gone() || a.gone() || !b.gone() || c.gone() {
			t.Error("busy ", busy.gone(), ", a ", a.gone(), ", b ", b.gone(), ", c ", c.gone())
		}
		close(f.release)
		synctest.Wait()
		crowd := []*caller{busy, a, c}
		for range 200 {
			crowd = append(crowd, d.call())
		}
		synctest.Wait()
		here := 0
		for _, k := range crowd {
			if !k.gone() {
				here++
			}
		}
		if here != 3 {
			t.Errorf("%d are in", here)
		}
	})
}

// TestUsedUpDescriptorsAreWaitedForAndNotSpunOn; room is made by sending the idlest home.
// fault: 10
func TestUsedUpDescriptorsAreWaitedForAndNotSpunOn(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{}, func(d *doors, _ *faces, s *httpd.Server) {
		idle := d.call()
		synctest.Wait()
		full := time.After(10 * time.Second)
	refusing:
		for {
			select {
			case d.knock <- error(syscall.EMFILE):
			case <-full:
				break refusing
			}
		}
		if !idle.gone() {
			t.Error("no room was made")
		}
		if k := d.call().say(next); !strings.Contains(k.answer(), "404") {
			t.Error("nobody is taken any more")
		}
		s.Close(0)
		if d.asked > 30 {
			t.Errorf("asked %d times in ten seconds", d.asked)
		}
	})
}

// TestBugInAFaceCostsOneAnswer and neither the daemon nor anybody else's connection.
func TestBugInAFaceCostsOneAnswer(t *testing.T) {
	t.Parallel()
	bubbled(t, func(t *testing.T) {
		d := newDoors()
		var what any
		s := httpd.Serve(d, httpd.Options{Handler: buggy{}, Now: time.Now, Panicked: func(_ *httpd.Request, w any) { what = w }})
		other := d.call()
		k := d.call().say("GET /now HTTP/1.1\r\n\r\n")
		if got := statuses(k.answer()); got != "500" || what != "now" {
			t.Errorf("%q %v", got, what)
		}
		k = d.call().say("GET /later HTTP/1.1\r\n\r\n")
		if got := statuses(k.answer()); got != "200" || !k.gone() || what != "later" {
			t.Errorf("%q %v", got, what)
		}
		if got := statuses(other.say("GET /well HTTP/1.1\r\n\r\n").answer()); got != "404" {
			t.Errorf("%q", got)
		}
		s.Close(0)
	})
}

// buggy panics at once, or while it writes its answer.
type buggy struct{}

func (buggy) Serve(_ context.Context, r *httpd.Request) *httpd.Response {
	switch r.Path {
	case "/now":
		panic("now")
	case "/later":
		return &httpd.Response{Status: 200, Stream: func(io.Writer) error { panic("later") }}
	}
	return httpd.Refuse(404)
}

// FuzzReadHead: whatever comes, a head is taken or refused, within its limit, and says of its length what a strict
// reader would.
func FuzzReadHead(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\n\r\n", "POST /RPC2 HTTP/1.0\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nabcde",
		"\r\n\r\nGET /%41?x HTTP/1.1\nA: b\n c\n\n", "X\r\n", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length : 1\r\nContent-Length: +1\r\n\r\n", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		const max = 512
		src := strings.NewReader(s)
		r, err := httpd.ReadHead(bufio.NewReaderSize(src, 16), max)
		if taken := len(s) - src.Len(); taken > max+16 {
			t.Fatalf("%d bytes were taken", taken)
		}
		if err != nil {
			return
		}
		if r.Method == "" || strings.Count(r.Line, " ") != 2 || strings.ContainsAny(r.Line, "\n") || r.Version == "" {
			t.Fatalf("%+v", r)
		}
		for _, h := range r.Header {
			if h.Name == "" || strings.TrimSpace(h.Name) != h.Name || strings.ContainsAny(h.Name, ":\n") || strings.Contains(h.Value, "\n") {
				t.Fatalf("header %q", h)
			}
		}
		if length := r.Get("Content-Length"); r.Length() >= 0 && strings.Trim(length, "0123456789") != "" {
			t.Fatalf("length %q is taken for %d", length, r.Length())
		}
	})
}

// TestAFullServerSendsTheNewestHomeWhenNobodyIsIdle.
func TestAFullServerSendsTheNewestHomeWhenNobodyIsIdle(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{Conns: 2}, func(d *doors, f *faces, s *httpd.Server) {
		one, two := d.call().say("GET /deaf HTTP/1.1\r\n\r\n"), d.call().say("GET /deaf HTTP/1.1\r\n\r\n")
		three := d.call()
		synctest.Wait()
		if one.gone() || two.gone() || !three.gone() {
			t.Error("with two that are answered: ", one.gone(), two.gone(), three.gone())
		}
		f.release <- struct{}{}
		f.release <- struct{}{}
		synctest.Wait()
		four := d.call()
		synctest.Wait()
		if one.gone() == two.gone() || four.gone() {
			t.Error("with two that are idle: ", one.gone(), two.gone(), four.gone())
		}
	})
}

// TestWhoTricklesMakesRoom: a server full of clients that never finish their heads, or never begin, is none that nobody
// gets into.
func TestWhoTricklesMakesRoom(t *testing.T) {
	t.Parallel()
	serve(t, httpd.Limits{Conns: 4}, func(d *doors, _ *faces, _ *httpd.Server) {
		var crowd []*caller
		for i, begun := range []string{"", "G", "GET /ok HTTP/1.1\r\n", "POST /ok HTTP/1.1\r\nContent-Le"} {
			crowd = append(crowd, d.call().say(begun))
			pass(time.Second)
			if got := statuses(d.call().say("GET /ok HTTP/1.1\r\nConnection: close\r\n\r\n").answer()); got != "200" {
				t.Errorf("with %d that trickle: %q", i+1, got)
			}
		}
		for range 3 {
			crowd = append(crowd, d.call().say("G"))
			pass(time.Second)
			if got := statuses(d.call().say("GET /ok HTTP/1.1\r\nConnection: close\r\n\r\n").answer()); got != "200" {
				t.Errorf("in a full house: %q", got)
			}
		}
		if !crowd[0].gone() || !crowd[1].gone() || crowd[len(crowd)-1].gone() {
			t.Error("the wrong ones had to leave")
		}
	})
}
