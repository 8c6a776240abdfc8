package listener_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/listener"
)

// table is a pool and a record of what it did.
type table struct {
	*listener.Pool
	serials listener.Serials
	deaf    map[int]bool // members that do not read
	said    []string
}

func newTable(limit, members int, events ...string) *table {
	r := &table{deaf: map[int]bool{}}
	r.Pool = listener.NewPool(listener.Options{Events: events, Limit: limit, Members: members, Host: r})
	return r
}

func (r *table) say(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *table) Send(int, listener.Entry) bool { return true }
func (r *table) Judge(t listener.Ticket, i int, e listener.Entry, result []byte) {
	r.say("judge %d: %d of %d said %s", t, e.Serial, i, result)
}
func (r *table) Told(i int, s listener.Step)        { r.say("%d:%s", i, s.To) }
func (r *table) Sent(i int, e listener.Entry)       { r.say("%d/%d>%d", e.Serial, e.PoolSerial, i) }
func (r *table) Unsent(i int, e listener.Entry)     { r.say("%d!>%d", e.Serial, i) }
func (r *table) Rebuffered(e listener.Entry, n int) { r.say("again %d(%d)", e.Serial, n) }
func (r *table) Discarded(e listener.Entry)         { r.say("lost %d", e.Serial) }

type deafTable struct{ *table }

func (r deafTable) Send(i int, _ listener.Entry) bool { return !r.deaf[i] }

// happen tells n facts of one type.
func (r *table) happen(t event.Type, n int) {
	for range n {
		if r.Wants(t) {
			r.Accept(&listener.Fact{Serial: r.serials.Next(), Type: t})
		}
	}
}

func (r *table) expect(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(r.said, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.said = nil
}

func (r *table) ready(i int) { r.Hear(i, []byte("READY\n")) }

// holds: EVT-019 EVT-031 EVT-032 EVT-037
func TestAnEventGoesToTheFirstMemberThatRunsAndIsReady(t *testing.T) {
	t.Parallel()
	r := newTable(10, 2, "TICK")
	r.Born(0)
	r.Born(1)
	r.happen(event.Tick5, 1)
	r.ready(1)
	r.expect(t, "1:READY")
	r.Running(1, true)
	r.expect(t, "0/0>1")
	r.Running(0, true)
	r.ready(0)
	r.happen(event.Tick5, 3)
	r.expect(t, "0:READY 1/1>0")
	r.Hear(1, []byte("RESULT 2\nOKREADY\n"))
	r.expect(t, "1:ACKNOWLEDGED 1:READY 2/2>1 again 3(0)")
	r.Hear(0, []byte("RESULT 2\nOK"))
	r.expect(t, "0:ACKNOWLEDGED")
	r.ready(0)
	r.expect(t, "0:READY 3/3>0")
}

// holds: EVT-004 EVT-025
func TestARejectedEventIsSentAgainWithTheSameNumbers(t *testing.T) {
	t.Parallel()
	r := newTable(10, 1, "TICK_5")
	r.Born(0)
	r.Running(0, true)
	r.ready(0)
	r.happen(event.Tick60, 1)
	r.happen(event.Tick5, 2)
	r.expect(t, "0:READY 0/0>0")
	for range 3 {
		r.Hear(0, []byte("RESULT 4\nFAILREADY\n"))
		r.expect(t, "0:ACKNOWLEDGED again 0(1) 0:READY 0/0>0 again 1(0)")
	}
	r.Hear(0, []byte("RESULT 2\nOKREADY\n"))
	r.expect(t, "0:ACKNOWLEDGED 0:READY 1/1>0")
}

// holds: EVT-029 EVT-030 EVT-027
func TestAFullQueueLosesItsOldestAlsoToAnEventThatComesBack(t *testing.T) {
	t.Parallel()
	r := newTable(3, 1, "EVENT")
	r.Born(0)
	r.Running(0, true)
	r.ready(0)
	r.happen(event.Tick5, 6)
	r.expect(t, "0:READY 0/0>0 lost 1 lost 2")
	r.Gone(0)
	r.expect(t, "again 0(3) lost 3")
	r.Born(0)
	r.Running(0, true)
	r.ready(0)
	r.expect(t, "0:READY 0/0>0 again 4(1)")
}

// holds: EVT-017
func TestOverlappingTypesDeliverOnceForEach(t *testing.T) {
	t.Parallel()
	r := newTable(10, 1, "PROCESS_STATE", "PROCESS_STATE_STARTING", "PROCESS_STATE")
	r.Born(0)
	r.Running(0, true)
	r.ready(0)
	r.happen(event.ProcessStateStarting, 1)
	r.happen(event.ProcessStateRunning, 1)
	r.expect(t, "0:READY again 0(1) 0/0>0 again 0(0)")
	r.Hear(0, []byte("RESULT 2\nOKREADY\n"))
	r.expect(t, "0:ACKNOWLEDGED 0:READY 0/0>0 again 1(0)")
}

// holds: EVT-024 EVT-018
func TestABreachPutsTheEventBackAndOnlyANewProcessHearsAgain(t *testing.T) {
	t.Parallel()
	r := newTable(10, 1, "EVENT")
	r.Born(0)
	r.Running(0, true)
	r.ready(0)
	r.happen(event.Tick5, 1)
	r.Hear(0, []byte("RESULT x\n"))
	r.happen(event.Tick5, 1)
	r.ready(0)
	r.expect(t, "0:READY 0/0>0 0:UNKNOWN again 0(0)")
	r.Gone(0)
	r.Born(0)
	r.Running(0, true)
	r.ready(0)
	r.expect(t, "0:READY 0/0>0 again 1(0)")
}

// holds: EVT-028
func TestAMemberThatDoesNotReadIsPassedOver(t *testing.T) {
	t.Parallel()
	r := newTable(10, 2, "EVENT")
	r.Pool = listener.NewPool(listener.Options{Events: []string{"EVENT"}, Limit: 10, Members: 2, Host: deafTable{r}})
	r.deaf[0] = true
	for i := range 2 {
		r.Born(i)
		r.Running(i, true)
		r.ready(i)
	}
	r.happen(event.Tick5, 2)
	r.expect(t, "0:READY 1:READY 0!>0 0/0>1 1!>0 again 1(0)")
	if r.State(0) != listener.Ready {
		t.Errorf("its state is %s", r.State(0))
	}
}

func TestAnEventOutlivesAProcessWhoseEndNobodyTold(t *testing.T) {
	t.Parallel()
	r := newTable(10, 1, "EVENT")
	r.Born(0)
	r.Running(0, true)
	r.ready(0)
	r.happen(event.Tick5, 1)
	r.Born(0)
	r.Running(0, true)
	r.ready(0)
	r.expect(t, "0:READY 0/0>0 again 0(0) 0:READY 0/0>0")
}

func TestAnotherMemberGetsWhatADeadOneHad(t *testing.T) {
	t.Parallel()
	r := newTable(10, 2, "EVENT")
	for i := range 2 {
		r.Born(i)
		r.Running(i, true)
		r.ready(i)
	}
	r.happen(event.Tick5, 1)
	r.Gone(0)
	r.expect(t, "0:READY 1:READY 0/0>0 again 0(0) 0/0>1")
}

// holds: EVT-005
func TestSerialsBeginAgainAfterTheLargest(t *testing.T) {
	t.Parallel()
	s := listener.SerialsAt(1<<63 - 1)
	if a, b, c := s.Next(), s.Next(), s.Next(); a != 1<<63-1 || b != 0 || c != 1 {
		t.Errorf("%d %d %d", a, b, c)
	}
}

// holds: EVT-002 EVT-003 EVT-006
func TestTheHeaderCountsCharactersUnlessToldToCountBytes(t *testing.T) {
	t.Parallel()
	e := listener.Entry{Fact: &listener.Fact{Serial: 21, Type: event.RemoteCommunication, Payload: []byte("type:té\ndé")}, PoolSerial: 10}
	want := "ver:3.0 server:supervisor serial:21 pool:lis poolserial:10 eventname:REMOTE_COMMUNICATION len:%d\ntype:té\ndé"
	if got := string(listener.Envelope(nil, "supervisor", "lis", e, false)); got != fmt.Sprintf(want, 10) {
		t.Errorf("got %q", got)
	}
	if got := string(listener.Envelope(nil, "supervisor", "lis", e, true)); got != fmt.Sprintf(want, 12) {
		t.Errorf("got %q", got)
	}
}

// asking is a pool whose results are judged elsewhere, with members that are ready.
func asking(members int) *table {
	r := newTable(10, members, "EVENT")
	r.Pool = listener.NewPool(listener.Options{Events: []string{"EVENT"}, Limit: 10, Members: members, Asks: true, Host: r})
	for i := range members {
		r.Born(i)
		r.Running(i, true)
		r.ready(i)
	}
	r.said = nil
	return r
}

func TestWhileOneResultIsJudgedTheOthersGoOn(t *testing.T) {
	t.Parallel()
	r := asking(2)
	r.happen(event.Tick5, 3)
	r.Hear(0, []byte("RESULT 1\nAREADY\n"))
	r.expect(t, "0/0>0 1/1>1 judge 1: 0 of 0 said A")
	r.Hear(1, []byte("RESULT 1\nB"))
	r.expect(t, "judge 2: 1 of 1 said B")
	r.Judged(2, listener.Rejected)
	r.expect(t, "1:ACKNOWLEDGED again 1(1)")
	r.Judged(2, listener.Processed)
	r.ready(1)
	r.expect(t, "1:READY 1/1>1 again 2(0)")
	r.Judged(1, listener.Failed)
	r.expect(t, "0:UNKNOWN again 0(1)")
	r.Hear(1, []byte("RESULT 1\nCREADY\n"))
	r.Judged(3, listener.Processed)
	r.expect(t, "judge 3: 1 of 1 said C 1:ACKNOWLEDGED 1:READY 0/0>1 again 2(0)")
}

func TestAVerdictCountsAlsoForAListenerThatIsGone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verdict          listener.What
		between, relived string
	}{
		{listener.Processed, "0:ACKNOWLEDGED", ""},
		{listener.Rejected, "0:ACKNOWLEDGED again 0(0)", "again 0(0) 0/0>0"},
		{listener.Failed, "0:UNKNOWN again 0(0)", "again 0(0) 0/0>0"},
	} {
		for _, reborn := range []bool{false, true} {
			r := asking(1)
			r.happen(event.Tick5, 1)
			r.Hear(0, []byte("RESULT 1\nX"))
			r.Gone(0)
			if !r.Active() {
				t.Error("a verdict is awaited, and it is not active")
			}
			want := c.between
			if reborn {
				r.Born(0)
				r.Running(0, true)
				r.ready(0)
				want = c.relived
			}
			r.said = nil
			r.Judged(1, c.verdict)
			r.expect(t, want)
			if r.Active() != (reborn && c.verdict != listener.Processed) {
				t.Errorf("%v: active is %v after the verdict", c.verdict, r.Active())
			}
		}
	}
}
