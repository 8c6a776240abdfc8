package events_test

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/events"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

func TestTypesAndProgramsSayWhatIsHeard(t *testing.T) {
	t.Parallel()
	of := func(typ event.Type, group, process string) event.Event {
		return event.Event{Type: typ, Group: group, Process: process}
	}
	exited, log := of(event.ProcessStateExited, "g", "p"), of(event.ProcessLogStdout, "g", "p")
	added, tick := of(event.ProcessGroupAdded, "g", ""), of(event.Tick5, "", "")
	for _, c := range []struct {
		query string
		e     event.Event
		want  bool
	}{
		{"", exited, true}, {"", added, true}, {"", log, false}, {"", tick, false},
		{"type=EVENT", log, true}, {"type=EVENT", tick, true},
		{"type=PROCESS_STATE", exited, true}, {"type=process_state_exited", exited, true}, {"type=PROCESS_STATE_FATAL", exited, false},
		{"type=TICK,PROCESS_LOG", log, true}, {"type=TICK&type=PROCESS_LOG", log, true}, {"type=TICK,%20PROCESS_LOG", exited, false},
		{"program=g:p", exited, true}, {"program=p", exited, true}, {"program=g:*", exited, true}, {"program=g:", exited, true},
		{"program=g", exited, false}, {"program=h:p", exited, false}, {"program=g:q", exited, false}, {"program=h:*", exited, false},
		{"program=x,y,p", exited, true}, {"program=x&program=p", exited, true}, {"program=p&type=TICK", exited, false},
		{"program=g:*", added, true}, {"program=g", added, true}, {"program=g:p", added, false}, {"program=h", added, false},
		{"program=p&type=TICK", tick, false}, {"program=&type=", exited, true},
	} {
		if got, err := events.Wishes(c.query, c.e); got != c.want || err != nil {
			t.Errorf("%q and %s of %s:%s: %t, %v", c.query, c.e.Type, c.e.Group, c.e.Process, got, err)
		}
	}
}

func TestWhereAReplayBegins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, header  string
		replay, follow bool
		after          uint64
	}{
		{"", "", false, true, 0}, {"", "7", true, true, 7}, {"after=8", "7", true, true, 8}, {"after=0", "", true, true, 0},
		{"follow=false", "", true, false, 0}, {"follow=0&after=3", "", true, false, 3}, {"follow=true", "", false, true, 0},
	} {
		replay, after, follow, err := events.Begins(c.query, c.header)
		if replay != c.replay || after != c.after || follow != c.follow || err != nil {
			t.Errorf("%q %q: %t %d %t %v", c.query, c.header, replay, after, follow, err)
		}
	}
	for query, header := range map[string]string{
		"type=NOPE": "", "after=x": "", "after=-1": "", "follow=maybe": "", "": "none", "types=TICK": "", "type=%zz": "",
	} {
		if _, _, _, err := events.Begins(query, header); err == nil {
			t.Errorf("%q %q is taken", query, header)
		}
	}
}

func TestAFrameIsOneLineOfJSONAndSaysMoreThanListenersHear(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 2, 0, 0, 5e6, time.FixedZone("", 3600))
	of := func(typ event.Type, more event.More) event.Event {
		return event.Event{Type: typ, Group: "g", Process: "p", Pid: 7, From: proc.Running, Tries: 2, More: &more}
	}
	const head = `"time":"2026-11-23T01:00:00.005Z","type":`
	for _, c := range []struct {
		n    bus.Note
		g    bus.Gap
		want string
	}{
		{n: bus.Note{ID: 9, Event: of(event.ProcessStateExited, event.More{To: proc.Exited, Restarts: 3, Uptime: 1.2345 * 1e9, Ended: true, Code: 3})},
			want: "id: 9\nevent: PROCESS_STATE_EXITED\ndata: {\"id\":9," + head + `"PROCESS_STATE_EXITED","group":"g","process":"p","pid":7,` +
				`"from":"RUNNING","to":"EXITED","restarts":3,"uptime":1.235,"exitcode":3,"expected":false}`},
		{n: bus.Note{Event: of(event.ProcessStateBackoff, event.More{To: proc.Backoff, Ended: true, Signal: "SIGSEGV", Core: true, OOM: true, Why: "w"})},
			want: "event: PROCESS_STATE_BACKOFF\ndata: {" + head + `"PROCESS_STATE_BACKOFF","group":"g","process":"p","pid":7,` +
				`"from":"RUNNING","to":"BACKOFF","tries":2,"restarts":0,"uptime":0,"signal":"SIGSEGV","core_dumped":true,"oom":true,"why":"w"}`},
		{n: bus.Note{Length: 9, Event: event.Event{Type: event.RemoteCommunication, Kind: "k", Data: []byte("a\nb\xc3")}},
			want: "event: REMOTE_COMMUNICATION\ndata: {" + head + `"REMOTE_COMMUNICATION","kind":"k","data":"a\nb","length":9}`},
		{n: bus.Note{Length: 2, Event: event.Event{Type: event.ProcessLogStderr, Group: "g", Process: "p", Pid: 7, Data: []byte("\xff\xfe")}},
			want: "event: PROCESS_LOG_STDERR\ndata: {" + head + `"PROCESS_LOG_STDERR","group":"g","process":"p","pid":7,"data_base64":"//4=","length":2}`},
		{n: bus.Note{Event: event.Event{Type: event.Tick5, When: 55}}, want: "event: TICK_5\ndata: {" + head + `"TICK_5","when":55}`},
		{g: bus.Gap{Lost: 4, Slow: true}, want: "event: LOST\n" + `data: {"type":"LOST","lost":4,"slow":true}`},
		{g: bus.Gap{Restarted: true}, want: "event: LOST\n" + `data: {"type":"LOST","restarted":true}`},
	} {
		c.n.Time = at
		if got := events.Frame(c.n, c.g); got != c.want+"\n\n" {
			t.Errorf("%s\nwant\n%s", got, c.want)
		}
	}
}

// FuzzFrame: whatever a program or a client says, an event is three lines at most, and its JSON can be read.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("x\r\n\r\ndata: y\n\n"), "k\n\ndata: {}", 4)
	f.Add([]byte("\xff\xe2\x80"), "", 9000)
	f.Fuzz(func(t *testing.T, data []byte, kind string, length int) {
		frame := events.Frame(bus.Note{ID: 1, Length: length, Event: event.Event{Type: event.RemoteCommunication, Kind: kind, Data: data}}, bus.Gap{})
		lines := strings.Split(frame, "\n")
		if len(lines) != 5 || strings.Contains(frame, "\r") {
			t.Fatalf("%q", frame)
		}
		var e client.Event
		if err := json.Unmarshal([]byte(strings.TrimPrefix(lines[2], "data: ")), &e); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzQuery: whatever is asked, it is refused or has a meaning, and a wish for ticks does not hear a program.
func FuzzQuery(f *testing.F) {
	f.Add("type=EVENT&program=g:p,h:*&after=7", "9")
	f.Add("follow=0&type=tick_5", "")
	f.Add("%zz", "-1")
	f.Fuzz(func(t *testing.T, query, lastID string) {
		replay, _, follow, err := events.Begins(query, lastID)
		if err == nil && !replay && !follow {
			t.Fatal("nothing would be told")
		}
		heard, err := events.Wishes(query+"&type=TICK", event.Event{Type: event.ProcessStateExited, Group: "g", Process: "p"})
		if heard && err == nil && !strings.Contains(query, "type") && !strings.Contains(query, "%") {
			t.Fatal("an event of another type is heard")
		}
	})
}

// house is a server with nothing but events, behind a password.
func house(t *testing.T) (*bus.Bus, *httpd.Server, client.Options) {
	t.Helper()
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	b := bus.New()
	gate := &api.Gate{Username: "u", Password: "p", Routes: []api.Route{{Prefix: "/events", Face: events.Face{Ring: bus.NewRing(b, time.Now)}}}}
	s := httpd.Serve(l, httpd.Options{Handler: gate, Now: time.Now})
	t.Cleanup(func() { s.Close(0) })
	return b, s, client.Options{URL: "unix://" + path, Username: "u", Password: "p"}
}

func TestAFollowerHearsWhatComesUntilTheServerEnds(t *testing.T) {
	t.Parallel()
	b, server, o := house(t)
	c, err := client.Dial(o)
	if err != nil {
		t.Fatal(err)
	}
	b.Publish(event.Event{Type: event.ProcessGroupAdded, Group: "before"})
	s, err := c.Events(t.Context(), client.EventsOptions{Follow: true, Types: []string{"PROCESS_GROUP"}})
	if err != nil {
		t.Fatal(err)
	}
	b.Publish(event.Event{Type: event.SupervisorStateChangeRunning})
	b.Publish(event.Event{Type: event.ProcessGroupAdded, Group: "a"})
	first, _, err := s.Next()
	if err != nil || first.Group != "a" || first.ID == 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	s.Close()
	b.Publish(event.Event{Type: event.ProcessGroupRemoved, Group: "a"})
	again, err := c.Events(t.Context(), client.EventsOptions{Follow: true, Replay: true, After: first.ID})
	if err != nil {
		t.Fatal(err)
	}
	if e, raw, err := again.Next(); err != nil || e.Type != "PROCESS_GROUP_REMOVED" || e.ID != first.ID+1 || !json.Valid(raw) {
		t.Fatalf("%+v, %v", e, err)
	}
	ended := make(chan error)
	go func() {
		_, _, err := again.Next()
		ended <- err
	}()
	server.Close(time.Minute)
	if err := <-ended; err == nil || err.Error() != "EOF" {
		t.Errorf("the end is %v", err)
	}
}

func TestAClientThatReadsNothingIsToldExactlyHowManyItLost(t *testing.T) {
	t.Parallel()
	b, _, o := house(t)
	c, err := client.Dial(o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Events(t.Context(), client.EventsOptions{Follow: true, Types: []string{"PROCESS_LOG"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const many = 4000
	data := []byte(strings.Repeat("x", 8<<10))
	for i := 1; i <= many; i++ {
		b.Publish(event.Event{Type: event.ProcessLogStdout, Group: "g", Process: "p", Pid: i, Data: data})
	}
	heard, lost, last := 0, 0, 0
	for last < many {
		e, _, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == client.Lost {
			lost += int(e.Lost)
			continue
		}
		heard++
		if e.PID != heard+lost || len(e.Data) != bus.Clip || *e.Length != len(data) {
			t.Fatalf("event %d came after %d heard and %d lost; %d of %d bytes", e.PID, heard, lost, len(e.Data), *e.Length)
		}
		last = e.PID
	}
	if lost == 0 || heard < bus.RingNotes {
		t.Errorf("%d lost, %d heard", lost, heard)
	}
}

func TestNobodyHearsWithoutThePasswordAndNonsenseIsRefusedInWords(t *testing.T) {
	t.Parallel()
	_, _, o := house(t)
	path := strings.TrimPrefix(o.URL, "unix://")
	for _, c := range []struct {
		request, status, word string
	}{
		{"GET /events HTTP/1.1\r\n", "401 Unauthorized", ""},
		{"GET /events?follow=0 HTTP/1.1\r\nAuthorization: Basic dTp4\r\n", "401 Unauthorized", ""},
		{"GET /events?follow=0 HTTP/1.1\r\nAuthorization: Basic dTpw\r\n", "200 OK", ":\n\n"},
		{"GET /events?type=X HTTP/1.1\r\nAuthorization: Basic dTpw\r\n", "400 Bad Request", "unknown event type \"X\"\n"},
		{"POST /events HTTP/1.1\r\nAuthorization: Basic dTpw\r\n", "400 Bad Request", ""},
		{"GET /eventsx HTTP/1.1\r\nAuthorization: Basic dTpw\r\n", "404 Not Found", ""},
	} {
		nc, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		nc.Write([]byte(c.request + "Connection: close\r\n\r\n"))
		resp, err := http.ReadResponse(bufio.NewReader(nc), &http.Request{Method: "GET", URL: &url.URL{}})
		if err != nil {
			t.Fatal(err)
		}
		var body strings.Builder
		bufio.NewReader(resp.Body).WriteTo(&body)
		if resp.Status != c.status || !strings.Contains(body.String(), c.word) {
			t.Errorf("%s: %s\n%s", c.request, resp.Status, body.String())
		}
		nc.Close()
	}
}
