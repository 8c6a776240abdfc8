package python

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/service"
)

// plugin is the guest of one [rpcinterface:x] whose factory is Python's.
type plugin struct {
	b       *Bridge
	conf    config.Plugin
	options [][2]string // in the order of the file: a factory may show them
	timeout time.Duration

	mu      sync.Mutex // guards what follows
	offers  map[int][]service.Method
	changed func()
}

var (
	_ ext.Extension  = (*plugin)(nil)
	_ exthost.Finder = (*plugin)(nil)
)

// newPlugin reads what in the section is for us, and keeps the rest for the factory.
func newPlugin(b *Bridge, conf *config.Plugin) (*plugin, error) {
	p := &plugin{b: b, conf: *conf, options: [][2]string{}, timeout: patience, offers: map[int][]service.Method{}}
	for _, o := range conf.Options {
		switch o.Name {
		case "python":
		case "call_timeout":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 1 {
				s := ext.Section{Kind: "rpcinterface", Name: conf.Name, File: conf.File, Line: conf.Line, Lines: conf.Lines}
				return nil, s.Refuse("call_timeout", "%q is not a number of seconds", o.Value)
			}
			p.timeout = time.Duration(n) * time.Second
		default:
			p.options = append(p.options, [2]string{o.Name, o.Value})
		}
	}
	return p, nil
}

// Init has it made.
func (p *plugin) Init(ext.Host) error {
	ctx, cancel := context.WithTimeout(context.Background(), startup)
	defer cancel()
	return p.b.admit(ctx, p)
}

// Close forgets it.
func (p *plugin) Close() error {
	p.b.dismiss(p)
	return nil
}

// Watch is told whom to call when the methods change.
func (p *plugin) Watch(changed func()) {
	p.mu.Lock()
	p.changed = changed
	p.mu.Unlock()
	changed()
}

// Offer is what it offers on one server.
func (p *plugin) Offer(server int) []service.Method {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.offers[server]
}

func (p *plugin) offer(server int, list []service.Method) {
	p.mu.Lock()
	p.offers[server] = list
	changed := p.changed
	p.mu.Unlock()
	if changed != nil {
		changed()
	}
}

// resolve has specs imported.
func (l *life) resolve(ctx context.Context, specs []Spec) error {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Spec
	}
	var why []*struct{ Text, Traceback string }
	if err := l.ask(ctx, "resolve", map[string]any{"specs": names}, &why); err != nil {
		return err
	}
	for i, w := range why {
		if w == nil || i >= len(specs) {
			continue
		}
		if w.Traceback != "" {
			l.b.o.Journal.Python(config.Critical, w.Traceback)
		}
		return &Unresolved{specs[i], w.Text}
	}
	return nil
}

// made is what a factory has made on one server.
type made struct {
	None      bool
	Traceback string
	Methods   []struct {
		Name, Help string
		Signature  []string
	}
}

// make has a plug-in made on every server, as Supervisor does.
func (l *life) make(ctx context.Context, p *plugin) error {
	for server := range max(l.b.o.Servers, 1) {
		var all []made
		one := map[string]any{"name": p.conf.Name, "spec": p.conf.Factory, "options": p.options}
		if err := l.ask(ctx, "make", map[string]any{"server": server, "namespaces": []any{one}}, &all); err != nil {
			return err
		}
		if len(all) != 1 {
			return errors.New("the interpreter does not say what it has made")
		}
		if all[0].Traceback != "" {
			l.b.o.Journal.Python(config.Warn, all[0].Traceback)
			return &exthost.Told{Why: lastLine(all[0].Traceback)}
		}
		p.offer(server, p.methods(server, &all[0]))
	}
	return nil
}

// lastLine is where a traceback says what went wrong.
func lastLine(traceback string) string {
	text := strings.TrimSpace(traceback)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

func (p *plugin) methods(server int, m *made) []service.Method {
	list := make([]service.Method, 0, len(m.Methods))
	for _, told := range m.Methods {
		m := p.method(server, told.Name)
		m.Help, m.Signature = told.Help, told.Signature
		list = append(list, m)
	}
	return list
}

func (p *plugin) method(server int, name string) service.Method {
	return service.Method{
		Name: p.conf.Name + "." + name,
		Call: func(ctx context.Context, args []any) (any, error) { return p.call(ctx, server, name, args) },
	}
}

// Find is a method of which nobody has been told: what an object has inherited, or makes up when it is asked. Whether
// there is one is found out by calling it.
func (p *plugin) Find(server int, name string) (*service.Method, bool) {
	p.mu.Lock()
	_, there := p.offers[server]
	p.mu.Unlock()
	m := p.method(server, name)
	m.Unlisted = true
	return &m, there
}

// call calls one method. The result of a call that is deferred is waited for until the client hangs up, as long as that
// may take: Supervisor has no limit there either.
func (p *plugin) call(ctx context.Context, server int, method string, args []any) (any, error) {
	form := service.FormOf(ctx)
	l := p.b.running()
	if l == nil {
		return nil, p.failed(ctx, method, errGone)
	}
	later := make(chan reply, 1)
	var id int64
	r := l.send(ctx, p.timeout, "rpc.call", func(dst []byte, n int64) []byte {
		id = n
		l.expect(n, later)
		dst = appendInt(append(dst, `{"server":`...), int64(server))
		dst = appendInt(append(dst, `,"call":`...), n)
		dst = appendString(append(dst, `,"namespace":`...), p.conf.Name)
		dst = appendString(append(dst, `,"method":`...), method)
		if form == service.Together {
			dst = append(dst, `,"many":true`...)
		}
		return append(appendValue(append(dst, `,"args":`...), args), '}')
	})
	defer l.drop(id)
	if r.err == nil {
		r.err = json.Unmarshal(r.raw, &r.answer)
	}
	if r.err == nil && r.answer.Deferred {
		if r = await(ctx, 0, later); r.err != nil {
			l.cancel(id)
		}
	}
	if r.err != nil {
		return nil, p.failed(ctx, method, r.err)
	}
	return p.result(&r.answer, form)
}

// failed says what is told of a call that has no result. Whoever has hung up is told nothing.
func (p *plugin) failed(ctx context.Context, method string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, errSlow) {
		p.b.o.Journal.PythonSlow(p.conf.Name+"."+method, p.timeout)
	}
	return fault.New(fault.Failed, p.conf.Name+"."+method+": "+err.Error())
}

// result reads the answer to a call.
func (p *plugin) result(a *answer, form service.Form) (any, error) {
	switch {
	case a.Crash != "":
		return nil, &service.Crash{Text: a.Text, Trace: a.Crash, Whole: a.Marshal}
	case len(a.Fault) == 2:
		var code int
		var text string
		if json.Unmarshal(a.Fault[0], &code) != nil || json.Unmarshal(a.Fault[1], &text) != nil {
			return nil, &service.Crash{Text: "a fault whose code is no number or whose text is no string", Trace: string(a.Fault[0])}
		}
		return nil, fault.Verbatim(fault.Kind(code), text)
	}
	f, err := spelled(a.XML, form == service.Together)
	if err != nil {
		return nil, err
	}
	if form == service.Values {
		return decoded(f)
	}
	return f, nil
}

// expect makes room for the result of a call that may be deferred.
func (l *life) expect(call int64, c chan reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deferred[call] = c
}

// forget lets go of what a plug-in has made.
func (l *life) forget(p *plugin) {
	_ = l.post(context.Background(), "forget", func(dst []byte, _ int64) []byte {
		return append(appendString(append(dst, `{"namespace":`...), p.conf.Name), '}')
	})
}

// cancel says that nobody waits for a deferred result any more.
func (l *life) cancel(call int64) {
	_ = l.post(context.Background(), "rpc.cancel", func(dst []byte, _ int64) []byte {
		return append(appendInt(append(dst, `{"call":`...), call), '}')
	})
}
