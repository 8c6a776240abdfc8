package stdio_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/exthost/stdio"
	"github.com/reeve-sh/reeve/internal/sys/capture"
)

type guestHost interface{ ext.Host }

// house is the daemon around one dialogue.
type house struct {
	guestHost
	block chan struct{} // calls wait for its closing
	said  chan string   // lines for the process
	full  bool          // the process reads nothing

	mu     sync.Mutex // guards what follows
	log    string
	struck chan struct{}
}

func open(t *testing.T) (*house, *stdio.Dialogue) {
	t.Helper()
	h := &house{block: make(chan struct{}), said: make(chan string, 1000), struck: make(chan struct{}, 10)}
	d := stdio.Talk(h, h, func(b []byte) error {
		if h.full {
			return capture.ErrFull
		}
		h.said <- string(b)
		return nil
	})
	t.Cleanup(d.End)
	return h, d
}

func (h *house) Log(_ ext.Level, format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log += fmt.Sprintf(format, args...) + "\n"
}

func (h *house) Call(ctx context.Context, method string, _ ...any) (any, error) {
	select {
	case <-h.block:
		return method, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *house) Host(context.Context, config.Group) error { return nil }
func (h *house) Evict(context.Context, string) error      { return nil }
func (h *house) Strike(context.Context, string) error     { h.struck <- struct{}{}; return nil }

func (h *house) logged(want string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Contains(h.log, want)
}

func TestWhoHangsUpIsToldOfAndALateAnswerIsPassedOver(t *testing.T) {
	t.Parallel()
	h, d := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error)
	go func() { answered <- d.Ask(ctx, "call") }()
	if got, want := <-h.said, `{"jsonrpc":"2.0","id":1,"method":"call"}`+"\n"; got != want {
		t.Errorf("%s", got)
	}
	cancel()
	if err := <-answered; err != context.Canceled {
		t.Error(err)
	}
	if got, want := <-h.said, `{"jsonrpc":"2.0","method":"cancel","params":{"id":1}}`+"\n"; got != want {
		t.Errorf("%s", got)
	}
	late := []byte(`{"jsonrpc":"2.0","id":1,"result":1}` + "\n")
	d.Write(late)
	go func() { answered <- d.Ask(t.Context(), "call") }()
	<-h.said
	d.Write([]byte(`{"jsonrpc":"2.0","id":2,`)) // in pieces, with an empty line
	d.Write([]byte("\"result\":1}\n\n"))
	if err := <-answered; err != nil {
		t.Error(err)
	}
	d.Write(late)
	<-h.struck
	if err := d.Ask(t.Context(), "call"); err == nil || !strings.Contains(err.Error(), "extension x is down: an answer has an id that nobody waits for") {
		t.Error(err)
	}
}

func TestRequestsOverTheBoundAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	h, d := open(t)
	for n := range 65 {
		fmt.Fprintf(d, `{"jsonrpc":"2.0","id":%d,"method":"call","params":{"method":"a.b"}}`+"\n", n)
	}
	if got := <-h.said; !strings.Contains(got, `"id":64,"error":{"code":-32600,`) {
		t.Error(got)
	}
	fmt.Fprintln(d, `{"jsonrpc":"2.0","id":3,"method":"call","params":{"method":"a.b"}}`)
	if got := <-h.said; !strings.Contains(got, "a request with this id is being served") {
		t.Error(got)
	}
	fmt.Fprintln(d, `{"jsonrpc":"2.0","method":"cancel","params":{"id":3}}`)
	if got := <-h.said; !strings.Contains(got, `"id":3,"error":`) {
		t.Error(got)
	}
	close(h.block)
	for range 63 {
		if got := <-h.said; !strings.Contains(got, `"result":"a.b"`) {
			t.Error(got)
		}
	}
	for request, want := range map[string]string{
		`{"jsonrpc":"2.0","id":9,"method":"list"}`: "-32601", `{"jsonrpc":"2.0","id":9,"method":"call"}`: "-32602",
		`{"jsonrpc":"2.0","id":9,"method":"call","params":{"method":"a.b","params":{}}}`: "-32602",
	} {
		fmt.Fprintln(d, request)
		if got := <-h.said; !strings.Contains(got, want) {
			t.Errorf("%s: %s", request, got)
		}
	}
}

func TestWhoDoesNotReadItsAnswersLeavesTheProtocol(t *testing.T) {
	t.Parallel()
	h, d := open(t)
	h.full = true
	if err := d.Ask(t.Context(), "call"); err == nil || err.Error() != "it does not read what it is told" {
		t.Error(err)
	}
	fmt.Fprintln(d, `{"jsonrpc":"2.0","id":9,"method":"list"}`)
	<-h.struck
	if !h.logged("has left the protocol, it does not read what it is told (killing it)") {
		t.Error(h.log)
	}
}

// TestWhoFloodsTheMainLogIsHeldBack, and loses nothing; who says little is not.
func TestWhoFloodsTheMainLogIsHeldBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, d := open(t)
		line := func(text string) []byte {
			return fmt.Appendf(nil, `{"jsonrpc":"2.0","method":"log","params":{"level":"info","text":%q}}`+"\n", text)
		}
		began := time.Now()
		for i := range 100 {
			d.Write(line(fmt.Sprint("little ", i)))
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("a hundred lines took %v", took)
		}
		for i := range 100 {
			d.Write(line(fmt.Sprint("much ", i, strings.Repeat("x", 32<<10))))
		}
		if took := time.Since(began); took < 11*time.Second || took > 13*time.Second {
			t.Errorf("three megabytes took %v", took)
		}
		if !h.logged("little 99") || !h.logged("much 99") {
			t.Error("something was lost")
		}
		began = time.Now()
		d.End()
		d.Write(line(strings.Repeat("x", 64<<10)))
		if took := time.Since(began); took != 0 {
			t.Errorf("after its end a line took %v", took)
		}
	})
}
