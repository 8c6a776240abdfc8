package listener_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/listener"
)

var (
	stories = flag.Int("stories", 2000, "how many random stories Supervisor's own pools play")
	seed    = flag.Int("seed", 1, "which")
)

// told is one story of the oracle.
type told struct {
	Pools map[string]struct {
		Limit, Members int
		Events         []string
	}
	Steps []struct {
		What []any
		Told map[string][]string
		Left map[string][]uint64
	}
}

// room is a pool that tells in the oracle's words.
type room struct {
	*listener.Pool
	deaf map[int]bool
	said []string
}

func (r *room) say(format string, args ...any)                     { r.said = append(r.said, fmt.Sprintf(format, args...)) }
func (r *room) Send(i int, _ listener.Entry) bool                  { return !r.deaf[i] }
func (r *room) Judge(listener.Ticket, int, listener.Entry, []byte) {}
func (r *room) Told(i int, s listener.Step)                        { r.say("%d:%s", i, s.To) }
func (r *room) Sent(i int, e listener.Entry)                       { r.say("%d>%d", e.Serial, i) }
func (r *room) Unsent(i int, e listener.Entry)                     { r.say("%d!>%d", e.Serial, i) }
func (r *room) Rebuffered(e listener.Entry, n int)                 { r.say("again %d(%d)", e.Serial, n) }
func (r *room) Discarded(e listener.Entry)                         { r.say("lost %d", e.Serial) }

// TestSupervisorsPoolsDoTheSame plays random stories of two pools with Supervisor's EventListenerPool and
// PEventListenerDispatcher and with ours: every state, send, loss and return, and what is left in the queues.
//
// An event that nobody reads is tried again by Supervisor in every turn, and its log says so each time. Ours tries when
// something happens to the pool: with the same process its pipe stays broken, so that nothing is ever missed.
//
// holds: EVT-004 EVT-017 EVT-018 EVT-019 EVT-020 EVT-021 EVT-022 EVT-023 EVT-024 EVT-025 EVT-026 EVT-027 EVT-028 EVT-029 EVT-030
// holds: EVT-031 EVT-032
func TestSupervisorsPoolsDoTheSame(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import sys; sys.path.insert(0, '/usr/lib/python3/dist-packages'); import supervisor.tests.base").Run(); err != nil {
		t.Skipf("needs %s and Debian's supervisor package: %v", python, err)
	}
	cmd := exec.Command(python, "testdata/oracle/oracle.py", strconv.Itoa(*seed), strconv.Itoa(*stories))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	played, dec := 0, json.NewDecoder(bufio.NewReader(bytes.NewReader(out)))
	for ; ; played++ {
		var s told
		if err := dec.Decode(&s); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		s.play(t, played)
	}
	if played != *stories {
		t.Errorf("%d stories of %d", played, *stories)
	}
}

func (s *told) play(t *testing.T, number int) {
	t.Helper()
	var serials listener.Serials
	rooms := map[string]*room{}
	for name, p := range s.Pools {
		r := &room{deaf: map[int]bool{}}
		r.Pool = listener.NewPool(listener.Options{Events: p.Events, Limit: p.Limit, Members: p.Members, Host: r})
		for i := range p.Members {
			r.Born(i)
		}
		rooms[name] = r
	}
	story := fmt.Sprintf("story %d of seed %d: %+v", number, *seed, s.Pools)
	for _, step := range s.Steps {
		story += fmt.Sprintf("\n%q", step.What)
		happen(rooms, &serials, step.What)
		for name, r := range rooms {
			if !slices.Equal(calm(r.said), calm(step.Told[name])) || r.Queued() != len(step.Left[name]) {
				t.Fatalf("%s\npool %s: ours:       %q, %d left\n        Supervisor: %q, %v left", story, name, r.said, r.Queued(), step.Told[name], step.Left[name])
			}
			r.said = nil
		}
	}
}

// calm takes the futile attempt off the end of what was told: an event that nobody read, and that went back.
func calm(told []string) []string {
	end := len(told)
	if end == 0 || !strings.HasPrefix(told[end-1], "again ") {
		return told
	}
	for end--; end > 0 && strings.Contains(told[end-1], "!>"); {
		end--
	}
	if end == len(told)-1 {
		return told
	}
	return told[:end]
}

// happen lets one step of a story happen.
func happen(rooms map[string]*room, serials *listener.Serials, what []any) {
	if what[0] == "event" {
		var f *listener.Fact
		for typ := range event.Types {
			for _, r := range rooms {
				if typ.String() != what[1] || !r.Wants(typ) {
					continue
				}
				if f == nil {
					f = &listener.Fact{Serial: serials.Next(), Type: typ}
				}
				r.Accept(f)
			}
		}
		return
	}
	r, i := rooms[what[1].(string)], int(what[2].(float64))
	switch what[0] {
	case "born":
		r.deaf[i] = false
		r.Born(i)
	case "gone":
		r.Gone(i)
	case "run":
		r.Running(i, what[3].(bool))
	case "deaf":
		r.deaf[i] = what[3].(bool)
	case "say":
		var b []byte
		for _, c := range what[3].(string) {
			b = append(b, byte(c))
		}
		r.Hear(i, b)
	}
}
