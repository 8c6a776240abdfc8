package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// An order is one thing that a form asks for.
type order struct {
	verb   string   // of verbs
	names  []string // of processes and groups ("g:*"); of groups ("g") for an update
	all    bool     // everyone, and names is empty
	signal string
}

// verb is one action: how a button and a message say it.
type verb struct{ button, done string }

var verbs = map[string]verb{
	"start": {"Start", "started"}, "stop": {"Stop", "stopped"}, "restart": {"Restart", "restarted"},
	"signal": {"Send signal", "signalled"}, "clearlog": {"Clear logs", "cleared"}, "update": {"Update", "updated"},
}

// read makes an order of a form (WEB-005). A button of a row says both at once: one="stop web".
func read(form url.Values) (order, error) {
	o := order{verb: form.Get("action"), signal: form.Get("signal")}
	for _, n := range form["processname"] {
		if n != "" && !slices.Contains(o.names, n) {
			o.names = append(o.names, n)
		}
	}
	if one := form.Get("one"); one != "" {
		word, name, _ := strings.Cut(one, " ")
		o.verb, o.names = word, []string{name}
	}
	if all, ok := strings.CutSuffix(o.verb, "all"); ok {
		o.verb, o.all, o.names = all, true, nil
	}
	switch {
	case o.verb == "clear":
		o.verb = "clearlog"
	case o.verb == "update" && len(o.names) == 0:
		o.all = true
	}
	switch {
	case verbs[o.verb] == verb{}:
		return o, fmt.Errorf("%q is nothing that can be done here", form.Get("action"))
	case !o.all && len(o.names) == 0:
		return o, errors.New("nothing is selected")
	}
	return o, nil
}

// question is what the page that asks first shows.
type question struct {
	Question, Verb, Action, Signal string
	Names, Notes                   []string
	Signals                        []string // to choose one of; empty when one is named
	Back                           string   // the page to come back to; empty for the list
}

// confirm asks before something is done, for links that used to do it (WEB-005, WEB-012).
func (v *visit) confirm() *httpd.Response {
	if v.q.Get("action") == "refresh" {
		return v.back("", "Page refreshed at "+v.o.Now().Format(time.ANSIC))
	}
	o, err := read(v.q)
	if err != nil {
		return v.bad(400, "Cannot do that: "+err.Error()+".")
	}
	if o.verb == "update" {
		return v.confirmUpdate(o)
	}
	if _, err := v.o.Service.Count(v.ctx, o.names); err != nil {
		return v.sorry(err)
	}
	q := question{Verb: verbs[o.verb].button, Action: v.q.Get("action"), Signal: o.signal, Names: o.names}
	if one := v.q.Get("one"); one != "" {
		q.Action = o.verb
	}
	if o.verb == "signal" && o.signal == "" {
		q.Signals = signals
	}
	q.Question = q.Verb
	if o.signal != "" && o.verb == "signal" {
		q.Question += " " + o.signal
	}
	switch {
	case o.all:
		q.Question += " of all processes?"
		if o.verb != "clearlog" {
			q.Question = strings.Replace(q.Question, " of ", " ", 1)
		}
		if o.verb == "signal" {
			q.Question = strings.Replace(q.Question, " all", " to all", 1)
		}
	default:
		q.Question += " " + few(o.names) + "?"
	}
	return v.show(200, "confirm", q.Question, q)
}

// few lists some names and counts the others.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
}

// longestForm bounds in bytes what a form may send: room for a few thousand selected names.
const longestForm = 256 << 10

// act does what a form asks for and says what came of it.
func (v *visit) act() *httpd.Response {
	body, err := v.r.Body(longestForm)
	switch {
	case errors.Is(err, httpd.ErrLength):
		return httpd.Refuse(411)
	case errors.Is(err, httpd.ErrTooLarge):
		return httpd.Refuse(413)
	case err != nil:
		return httpd.Refuse(400)
	}
	form := query(string(body))
	if api.Foreign(v.r) {
		return v.bad(403, "This form comes from another site.")
	}
	if !v.seal.fits(v.ctx, v.r, form.Get("token")) {
		return v.bad(403, "This form is from before the supervisor was started, or not from here. Go back, load the page again, and try once more.")
	}
	o, err := read(form)
	if err == nil && o.verb == "signal" && o.signal == "" {
		err = errors.New("no signal is named")
	}
	if err != nil {
		return v.answer(form, "Cannot do that: "+err.Error(), false)
	}
	ctx, cancel := v.watched()
	defer cancel()
	message, good := v.perform(ctx, o)
	return v.answer(form, message, good)
}

// watched is the visit's context, ended also when the visitor goes away. The body must have been read.
func (v *visit) watched() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(v.ctx)
	stop := context.AfterFunc(v.r.Watched(), cancel)
	return ctx, func() { stop(); cancel() }
}

// answer tells a script in JSON and a browser by the page that the form was on.
func (v *visit) answer(form url.Values, message string, good bool) *httpd.Response {
	if strings.Contains(v.r.Get("Accept"), "application/json") {
		body, _ := json.Marshal(struct {
			OK      bool   `json:"ok"`
			Message string `json:"message"`
		}{good, message})
		return &httpd.Response{Status: 200, Body: body, Header: append([]httpd.Field{
			{Name: "Content-Type", Value: "application/json"}, {Name: "Cache-Control", Value: "no-store"},
			{Name: "Content-Length", Value: strconv.Itoa(len(body))},
		}, guards...)}
	}
	page, q, _ := strings.Cut(form.Get("back"), "?")
	if !strings.HasSuffix(page, ".html") || routes[page].get == nil || page == "index.html" && q == "" {
		return v.back("", message)
	}
	if q != "" {
		page += "?" + query(q).Encode()
	}
	return v.back(page, message)
}

// perform carries an order out (WEB-006). What is told of a restart is what came of it (WEB-007).
func (v *visit) perform(ctx context.Context, o order) (message string, good bool) {
	if o.verb == "update" {
		return v.update(ctx, o)
	}
	if !o.all && len(o.names) == 1 && !strings.HasSuffix(o.names[0], ":*") {
		return v.performOne(ctx, o, o.names[0])
	}
	results, err := v.several(ctx, o)
	if err != nil {
		return explain(err), false
	}
	total, _ := v.o.Service.Count(ctx, o.names)
	bad := slices.DeleteFunc(slices.Clone(results), func(r service.Result) bool { return r.Status == fault.Success })
	if len(bad) > 0 {
		return verdict(verbs[o.verb].done, len(results)-len(bad), bad), false
	}
	switch {
	case o.all && (o.verb == "stop" || o.verb == "restart" || o.verb == "start"):
		return "All " + verbs[o.verb].done + " at " + v.o.Now().Format(time.ANSIC), true
	case len(results) == 0:
		return "Nothing to do: none of them can be " + verbs[o.verb].done, true
	case total > len(results):
		return fmt.Sprintf("%d of %d processes %s", len(results), total, verbs[o.verb].done), true
	}
	return fmt.Sprintf("%d processes %s", len(results), verbs[o.verb].done), true
}

// verdict tells of several of which some failed.
func verdict(done string, good int, bad []service.Result) string {
	var why []string
	for i, r := range bad {
		if i == 5 {
			why = append(why, fmt.Sprintf("and %d more", len(bad)-i))
			break
		}
		why = append(why, service.Namespec(r.Group, r.Name)+": "+refusal(fault.New(r.Status, strings.TrimPrefix(strings.TrimPrefix(r.Description, r.Status.String()), ": "))))
	}
	return fmt.Sprintf("ERROR: %d %s, %d not (%s)", good, done, len(bad), strings.Join(why, "; "))
}

func (v *visit) several(ctx context.Context, o order) ([]service.Result, error) {
	s := v.o.Service
	all := o.all
	switch o.verb {
	case "start":
		if all {
			return s.StartAll(ctx, true)
		}
		return s.StartSome(ctx, o.names, true)
	case "stop":
		if all {
			return s.StopAll(ctx, true)
		}
		return s.StopSome(ctx, o.names, true)
	case "signal":
		if all {
			return s.SignalAll(ctx, o.signal)
		}
		return s.SignalSome(ctx, o.names, o.signal)
	case "clearlog":
		if all {
			return s.ClearAllProcessLogs(ctx)
		}
		return s.ClearSomeLogs(ctx, o.names)
	}
	stop := o
	stop.verb = "stop"
	if stopped, err := v.several(ctx, stop); err != nil {
		return stopped, err
	}
	o.verb = "start"
	return v.several(ctx, o)
}

func (v *visit) performOne(ctx context.Context, o order, name string) (message string, good bool) {
	s := v.o.Service
	var err error
	switch o.verb {
	case "start":
		_, _, err = s.Start(ctx, name, true)
	case "stop":
		_, _, err = s.Stop(ctx, name, true)
	case "restart":
		_, _, err = s.Stop(ctx, name, true)
		if f, ok := fault.As(err); err == nil || ok && f.Kind == fault.NotRunning {
			_, _, err = s.Start(ctx, name, true)
		}
	case "signal":
		_, _, err = s.Signal(ctx, name, o.signal)
	case "clearlog":
		err = s.ClearProcessLogs(ctx, name)
	}
	if f, ok := fault.As(err); ok && f.Kind != fault.BadName {
		return "ERROR: Process " + name + ": " + refusal(f), false
	}
	switch {
	case err != nil:
		return explain(err), false
	case o.verb == "clearlog":
		return "Log for " + name + " cleared", true
	case o.verb == "signal":
		return "Signal " + o.signal + " sent to " + name, true
	}
	return "Process " + name + " " + verbs[o.verb].done, true
}

// explain words what is no outcome of a process.
func explain(err error) string {
	if f, ok := fault.As(err); ok {
		return refusal(f)
	}
	return "ERROR: " + err.Error()
}
