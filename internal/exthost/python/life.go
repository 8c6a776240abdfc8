package python

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	lib "github.com/reeve-sh/reeve/extensions/python"
	"github.com/reeve-sh/reeve/internal/loop"
)

// ears make a life of each process that runs the interpreter.
type ears struct {
	b *Bridge

	mu sync.Mutex // guards what follows
	l  *life
}

func (e *ears) life() *life {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.l
}

// Born begins a life and introduces the daemon to it.
func (e *ears) Born(write func([]byte) error) {
	b := e.b
	l := &life{
		b: b, write: write, gone: make(chan struct{}), bell: make(chan struct{}, 1),
		waiting: map[int64]func(reply){}, deferred: map[int64]chan reply{},
	}
	l.ctx, l.stop = context.WithCancel(context.Background())
	e.mu.Lock()
	e.l = l
	e.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.work.Go(l.begin)
}

// Hear takes a line.
func (e *ears) Hear(line []byte) {
	if l := e.life(); l != nil {
		l.hear(line)
	}
}

// Leave lets plug-ins hear what has been told up to now, and the interpreter end.
func (e *ears) Leave() {
	if l := e.life(); l != nil {
		l.tasks.Go(l.leave)
	}
}

// Gone ends the life.
func (e *ears) Gone() {
	e.mu.Lock()
	l := e.l
	e.l = nil
	e.mu.Unlock()
	if l != nil {
		l.end()
		l.stop()
		l.tasks.Wait()
	}
}

// life is one process that runs the interpreter, from its birth to its end.
type life struct {
	b    *Bridge
	gone chan struct{}  // closed at the end
	bell chan struct{}  // something has changed that plug-ins may want to see
	work sync.WaitGroup // who tells events

	ctx   context.Context // of what plug-ins have asked for; ends with the life
	stop  context.CancelFunc
	tasks sync.WaitGroup // what is done for plug-ins

	nonsense atomic.Int64 // lines that were no messages

	out   sync.Mutex // held while a message is written; guards what follows
	write func([]byte) error
	seen  seen // what the interpreter has been told
	buf   []byte

	mu       sync.Mutex // guards what follows
	over     bool
	last     int64
	waiting  map[int64]func(reply) // for answers, by id; they must not wait for anything
	deferred map[int64]chan reply  // for results that come later, by call
	serving  int
	drafts   drafts
	news     *news
}

// reply is what comes back.
type reply struct {
	answer answer
	raw    json.RawMessage
	err    error
}

// begin introduces the daemon, and makes again what had been made in an earlier life.
func (l *life) begin() {
	b := l.b
	defer l.deaf()
	ctx, cancel := context.WithTimeout(context.Background(), startup)
	defer cancel()
	first, err := lib.First("_reeve.host", b.o.Argv, nil)
	if err != nil {
		return
	}
	view, err := b.o.View(ctx)
	if err != nil {
		return
	}
	l.out.Lock()
	err = l.write(first)
	state := l.seen.delta(view, b.o.Service.Config())
	l.out.Unlock()
	if err != nil {
		return
	}
	var hello struct {
		Python   string
		Protocol int
	}
	if err := l.ask(ctx, "init", map[string]any{"about": b.o.About, "state": json.RawMessage(state)}, &hello); err != nil {
		b.o.Journal.GuestRefused("python", err)
		b.mu.Lock()
		select {
		case b.stunted <- struct{}{}: // whoever waits for it need not wait longer
		default:
		}
		b.mu.Unlock()
		return
	}
	b.o.Journal.PythonReady(hello.Python)
	b.mu.Lock()
	plugins := append([]*plugin(nil), b.plugins...)
	b.mu.Unlock()
	for _, p := range plugins {
		if err := l.make(ctx, p); err != nil {
			b.o.Journal.GuestRefused(p.conf.Section, err)
		}
	}
	b.mu.Lock()
	b.life = l
	select {
	case <-b.ready:
	default:
		close(b.ready)
	}
	b.mu.Unlock()
	l.follow()
}

// leave says that it is time to end, after what plug-ins have still to hear.
func (l *life) leave() {
	l.b.mu.Lock()
	l.b.leaving = true
	l.b.mu.Unlock()
	l.deaf()
	l.send(context.Background(), time.Second, "stopping", func(dst []byte, _ int64) []byte { return append(dst, "{}"...) })
}

// end tells all who wait that nothing comes any more.
func (l *life) end() {
	b := l.b
	b.mu.Lock()
	was := b.life == l
	if was {
		b.life = nil
	}
	select {
	case b.stunted <- struct{}{}:
	default:
	}
	stopping := b.stop == nil || b.closed || b.leaving
	b.mu.Unlock()
	l.mu.Lock()
	l.over = true
	waiting := l.waiting
	l.waiting = nil
	for id, c := range l.deferred {
		delete(l.deferred, id)
		c <- reply{err: errGone}
	}
	l.mu.Unlock()
	for _, take := range waiting {
		take(reply{err: errGone})
	}
	close(l.gone)
	if was && !stopping {
		b.o.Journal.PythonGone()
	}
}

// follow keeps what plug-ins see in step while nothing else is sent. The next change waits until the last has been
// looked at: an interpreter that is busy is not flooded.
func (l *life) follow() {
	detach := l.attach()
	defer detach()
	for {
		select {
		case <-l.gone:
			return
		case <-l.bell:
		}
		l.send(context.Background(), 0, "sync", func(dst []byte, _ int64) []byte { return append(dst, "{}"...) })
	}
}

// ask sends a request and waits for its answer, which is decoded into into unless that is nil.
func (l *life) ask(ctx context.Context, method string, params, into any) error {
	text, err := json.Marshal(params)
	if err != nil {
		return err
	}
	r := l.send(ctx, startup, method, func(dst []byte, _ int64) []byte { return append(dst, text...) })
	if r.err != nil || into == nil {
		return r.err
	}
	return json.Unmarshal(r.raw, into)
}

// send sends a request, after what has changed, and waits for what comes back, at most as long as limit says.
func (l *life) send(ctx context.Context, limit time.Duration, method string, params func(dst []byte, id int64) []byte) reply {
	view, err := l.b.o.View(ctx)
	if err != nil && !errors.Is(err, loop.ErrOver) {
		return reply{err: err}
	}
	c := make(chan reply, 1)
	id, err := l.register(func(r reply) {
		c <- r
		// Whoever waits goes on now, and not when somebody else comes by: we are about to wait in the kernel.
		runtime.Gosched()
	})
	if err == nil {
		err = l.put(view, id, method, params)
	}
	if err != nil {
		l.drop(id)
		return reply{err: err}
	}
	r := await(ctx, limit, c)
	if r.err != nil {
		l.drop(id)
	}
	return r
}

// request sends a request, after what has changed, and has what comes back taken. It does not wait; take is not called
// when there is an error.
func (l *life) request(view *loop.View, method string, params func(dst []byte, id int64) []byte, take func(reply)) error {
	id, err := l.register(take)
	if err == nil {
		if err = l.put(view, id, method, params); err != nil {
			l.drop(id)
		}
	}
	return err
}

// register makes a number for a request and room for its answer.
func (l *life) register(take func(reply)) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return 0, errGone
	}
	l.last++
	l.waiting[l.last] = take
	return l.last, nil
}

// soon is how long an answer is waited for before anybody asks whether the client is still there: to watch a client
// costs more than most calls do.
const soon = 20 * time.Millisecond

var errSlow = errors.New("it did not answer in time")

// await waits for what comes back; limit 0 is for ever.
func await(ctx context.Context, limit time.Duration, c <-chan reply) reply {
	first := soon
	if limit > 0 && limit < soon {
		first = limit
	}
	timer := time.NewTimer(first)
	defer timer.Stop()
	select {
	case r := <-c:
		return r
	case <-timer.C:
	}
	var late <-chan time.Time
	if limit > 0 {
		timer.Reset(limit - first)
		late = timer.C
	}
	select {
	case r := <-c:
		return r
	case <-ctx.Done():
		return reply{err: context.Cause(ctx)}
	case <-late:
		return reply{err: errSlow}
	}
}

func (l *life) drop(id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, id)
	delete(l.deferred, id)
}

// post writes a notification, after what has changed.
func (l *life) post(ctx context.Context, method string, params func(dst []byte, id int64) []byte) error {
	view, err := l.b.o.View(ctx)
	if err != nil && !errors.Is(err, loop.ErrOver) {
		return err
	}
	return l.put(view, 0, method, params)
}

// put writes one message; id 0 makes a notification of it. What plug-ins can see is brought up to view first.
func (l *life) put(view *loop.View, id int64, method string, params func(dst []byte, id int64) []byte) error {
	conf := l.b.o.Service.Config()
	l.out.Lock()
	defer l.out.Unlock()
	buf := l.buf[:0]
	if method != "init" && view != nil {
		if delta := l.seen.delta(view, conf); delta != nil {
			buf = append(buf, `{"jsonrpc":"2.0","method":"state","params":`...)
			buf = append(append(buf, delta...), "}\n"...)
		}
	}
	buf = append(buf, `{"jsonrpc":"2.0"`...)
	if id != 0 {
		buf = appendInt(append(buf, `,"id":`...), id)
	}
	buf = appendString(append(buf, `,"method":`...), method)
	buf = append(params(append(buf, `,"params":`...), id), "}\n"...)
	l.buf = buf
	return l.write(buf)
}

// respond writes the answer to a request of the interpreter, after what has changed.
func (l *life) respond(id json.RawMessage, result any, problem *problem) {
	var text []byte
	var err error
	if problem == nil {
		text, err = json.Marshal(result)
	} else {
		text, err = json.Marshal(problem)
	}
	if err != nil {
		text, problem = []byte(`{"code":-32603,"message":"the answer cannot be sent"}`), nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	view, _ := l.b.o.View(ctx)
	conf := l.b.o.Service.Config()
	l.out.Lock()
	defer l.out.Unlock()
	buf := l.buf[:0]
	if view != nil {
		if delta := l.seen.delta(view, conf); delta != nil {
			buf = append(buf, `{"jsonrpc":"2.0","method":"state","params":`...)
			buf = append(append(buf, delta...), "}\n"...)
		}
	}
	buf = append(append(buf, `{"jsonrpc":"2.0","id":`...), id...)
	if problem == nil && err == nil {
		buf = append(buf, `,"result":`...)
	} else {
		buf = append(buf, `,"error":`...)
	}
	buf = append(append(buf, text...), "}\n"...)
	l.buf = buf
	_ = l.write(buf)
}
