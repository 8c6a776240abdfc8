package web

import (
	"html/template"
	"net/url"
	"strings"

	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// listing is what the list of processes shows.
type listing struct {
	Query, State  string
	Summary, Rows template.HTML
	Live, Back    string // where the stream is, and which page a form comes back to
	May, Any      bool
	Signals       []string
}

// signals are offered in the list of them; whoever wants another one has supervisorctl.
var signals = []string{"HUP", "INT", "QUIT", "TERM", "KILL", "USR1", "USR2", "STOP", "CONT", "WINCH"}

// list is the page of all processes (WEB-003). With an action it asks first: nothing is done by looking (WEB-005).
func (v *visit) list() *httpd.Response {
	if v.q.Has("action") {
		return v.confirm()
	}
	l := listing{Query: v.q.Get("q"), State: v.q.Get("state"), Signals: signals, Back: v.here()}
	if err := v.fill(&l, nil); err != nil {
		return v.sorry(err)
	}
	title := v.o.Service.Config().Daemon.Identifier
	return v.show(200, "list", title, l)
}

// fill puts the rows into l: all, with those that are not asked for hidden, or only one.
func (v *visit) fill(l *listing, only *row) error {
	b := v.board
	sample := b.measure(v.ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fresh(v.ctx); err != nil {
		return err
	}
	b.show(sample)
	s := v.seen()
	l.Live = "live?at=" + url.QueryEscape(b.now().String())
	if only != nil {
		s.only = only.id
		l.Live += "&only=" + only.key
	}
	l.May, l.Any = v.mayAny(), len(b.rows) > 0
	l.Summary = template.HTML(b.summary(nil, l.Query, l.State))
	l.Rows = cutRows
	v.rows = tables.Get().(*[]byte)
	*v.rows = b.table((*v.rows)[:0], s, hider(l.Query, l.State), v.o.Now())
	return nil
}

// here is this page as a form names it to be sent back to.
func (v *visit) here() string {
	q := url.Values{}
	for k, values := range v.q {
		if k != "message" {
			q[k] = values
		}
	}
	if len(q) == 0 {
		return v.page
	}
	return v.page + "?" + q.Encode()
}

// hider tells which rows a filter leaves out; nil when it leaves out none. Heads of groups stay.
func hider(q, state string) func(*row) bool {
	if q == "" && state == "" {
		return nil
	}
	q = strings.ToLower(q)
	return func(r *row) bool {
		if r.id == 0 {
			return false
		}
		name := strings.ToLower(service.Namespec(r.group, r.proc.Conf.Name))
		return !strings.Contains(name, q) || state != "" && state != strings.ToLower(r.proc.Phase.String())
	}
}

// seen is what this visitor sees of the board.
func (v *visit) seen() seen { return seen{may: v.may} }

// may tells whether the visitor may act on the processes of a group.
func (v *visit) may(group string) bool { return v.o.Service.MayOperate(v.ctx, group) }

// mayAny tells whether the visitor may act on anything.
func (v *visit) mayAny() bool {
	for _, r := range v.board.rows {
		if v.may(r.group) {
			return true
		}
	}
	return false
}
