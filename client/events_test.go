package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/client"
)

func TestEventsAreReadAsTheyWereFramed(t *testing.T) {
	t.Parallel()
	asked := ""
	c := dial(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.String() + " " + r.Header.Get("Accept")
		io.WriteString(w, ":\n\n"+
			"id: 9\nevent: TICK_5\ndata: {\"id\":9,\"type\":\"TICK_5\",\"when\":55}\n\n"+
			": a comment in between\n\nretry: 5\n\n"+
			"event:LOST\r\ndata:{\"type\":\"LOST\",\r\ndata: \"lost\":3}\r\n\r\n"+
			"data: {\"data\":\""+strings.Repeat("x", 20000)+"\"}\n\n"+
			"data: {\"type\":\"cut off")
	})))
	s, err := c.Events(t.Context(), client.EventsOptions{Types: []string{"TICK", "EVENT"}, Programs: []string{"g:*"}, Replay: true, After: 8})
	must(t, err)
	defer s.Close()
	if want := "GET /events?after=8&follow=false&program=g%3A%2A&type=TICK&type=EVENT text/event-stream"; asked != want {
		t.Errorf("asked for %s, want %s", asked, want)
	}
	if e, raw, err := s.Next(); err != nil || e.ID != 9 || e.When != 55 || string(raw) != `{"id":9,"type":"TICK_5","when":55}` {
		t.Errorf("%+v %s %v", e, raw, err)
	}
	if e, _, err := s.Next(); err != nil || e.Type != client.Lost || e.Lost != 3 {
		t.Errorf("%+v %v", e, err)
	}
	if e, _, err := s.Next(); err != nil || len(e.Data) != 20000 {
		t.Errorf("%d bytes, %v", len(e.Data), err)
	}
	if _, _, err := s.Next(); err != io.EOF {
		t.Errorf("the end is %v", err)
	}
}

// FuzzEvents: whatever a server sends, reading it ends.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(":\n\nid: 1\nevent: TICK_5\ndata: {\"type\":\"TICK_5\"}\n\n"))
	f.Add([]byte("data:\n\ndata: {}\r\n\r\ndata: null\n\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		s := client.ReadEvents(strings.NewReader(string(sent)))
		for range len(sent) + 1 {
			if _, _, err := s.Next(); err != nil {
				return
			}
		}
		t.Fatal("there are more events than bytes")
	})
}
