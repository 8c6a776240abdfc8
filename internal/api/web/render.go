package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

//go:embed page/*.html
var texts embed.FS

// pages are the templates, each with the frame around it. They are read when the first page is shown: most processes
// that our program becomes show none.
var pages = sync.OnceValue(func() map[string]*template.Template {
	frame := template.Must(template.ParseFS(texts, "page/frame.html"))
	all := map[string]*template.Template{}
	for _, name := range []string{"list", "confirm", "process", "log", "events", "config", "sorry"} {
		all[name] = template.Must(template.Must(frame.Clone()).ParseFS(texts, "page/"+name+".html"))
	}
	return all
})

// frame is what every page shows.
type frame struct {
	Title, Identifier, Version, Hash string
	Page                             string // what this is, for the menu
	Self                             string // this page with its query
	Base                             string // of links behind a proxy; empty for none
	Message                          string
	Token                            string
	Menu                             []Item
	Warnings                         []string
	Main                             any
}

// show renders a page. Whoever goes down in between is 503.
func (v *visit) show(status int, name, title string, main any) *httpd.Response {
	conf := v.o.Service.Config()
	f := frame{
		Title: title, Identifier: conf.Daemon.Identifier, Version: service.Version, Hash: staticHash(),
		Page: v.page, Self: v.page, Base: base(v.r), Message: v.q.Get("message"), Token: v.seal.token(v.ctx, v.r), Main: main,
	}
	f.Warnings, _ = v.o.Service.Warnings(v.ctx)
	if v.r.Query != "" {
		f.Self += "?" + v.r.Query
	}
	if v.o.Menu != nil {
		f.Menu = v.o.Menu()
	}
	var b bytes.Buffer
	if err := pages()[name].ExecuteTemplate(&b, "frame.html", f); err != nil {
		panic(err) // the server's fence makes a line in the log and a 500 of it
	}
	body, release := v.paste(b.Bytes())
	return &httpd.Response{Status: status, Body: body, Header: append(headers(len(body)), guards...), Release: release}
}

// cutRows is where a page has the rows of the board. They are a megabyte where there are a thousand of them, so they do
// not go through a template, and the memory for them is used again and again.
const cutRows = template.HTML("\x00r")

var tables = sync.Pool{New: func() any { return new([]byte) }}

// paste puts the rows, if there are any, into a page. What they stand in is free again after release.
func (v *visit) paste(page []byte) (whole []byte, release func()) {
	before, after, found := bytes.Cut(page, []byte(cutRows))
	if !found {
		return page, nil
	}
	t := v.rows
	rows := len(*t)
	*t = append(append(*t, before...), after...)
	copy((*t)[len(before):], (*t)[:rows])
	copy(*t, before)
	copy((*t)[len(before)+rows:], after)
	return *t, func() { tables.Put(t) }
}

// headers are Supervisor's (WEB-002).
func headers(length int) []httpd.Field {
	return []httpd.Field{
		{Name: "Content-Type", Value: "text/html;charset=utf-8"}, {Name: "Pragma", Value: "no-cache"},
		{Name: "Cache-Control", Value: "no-cache"}, {Name: "Expires", Value: "Thu, 01 Jan 1970 00:00:00 GMT"},
		{Name: "Content-Length", Value: strconv.Itoa(length)},
	}
}

// guards tell browsers to run nothing that is not ours, and to show us in nobody's frame.
var guards = []httpd.Field{
	{Name: "Content-Security-Policy", Value: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'self'; frame-ancestors 'none'"},
	{Name: "X-Content-Type-Options", Value: "nosniff"},
	{Name: "Referrer-Policy", Value: "same-origin"},
}

// base is where we are behind a proxy that says so. Links are relative, so it only matters where the proxy's path does
// not end with a slash.
func base(r *httpd.Request) string {
	prefix := strings.TrimSuffix(r.Get("X-Forwarded-Prefix"), "/")
	if !strings.HasPrefix(prefix, "/") || strings.Contains(prefix, "//") || strings.Trim(strings.ToLower(prefix), "abcdefghijklmnopqrstuvwxyz0123456789/._~-") != "" {
		return ""
	}
	return prefix + "/"
}

// back answers a form: to the list, or to the page the form was on, with a message. The link is relative, so that it
// holds behind any proxy.
func (v *visit) back(page, message string) *httpd.Response {
	to := "./"
	if page != "" {
		to = page
	}
	sep := "?"
	if strings.Contains(to, "?") {
		sep = "&"
	}
	return &httpd.Response{Status: 303, Header: []httpd.Field{
		{Name: "Location", Value: to + sep + "message=" + url.QueryEscape(message)}, {Name: "Content-Length", Value: "0"},
	}}
}

// sorry is a page that says why there is no other.
func (v *visit) sorry(err error) *httpd.Response {
	f, ok := fault.As(err)
	if !ok {
		panic(err)
	}
	return v.show(f.Kind.Row().HTTP, "sorry", "Sorry", refusal(f))
}

// bad is sorry for a request that makes no sense.
func (v *visit) bad(status int, why string) *httpd.Response {
	return v.show(status, "sorry", "Sorry", why)
}

// refusal words a fault for people.
func refusal(f *fault.Error) string {
	words := map[fault.Kind]string{
		fault.ShutdownState: "the supervisor is going down", fault.NoFile: "no such file",
		fault.NotExecutable: "file not executable", fault.AlreadyStarted: "already started",
		fault.SpawnError: "spawn error", fault.AbnormalTermination: "abnormal termination", fault.NotRunning: "not running",
	}[f.Kind]
	switch {
	case words != "":
		return words
	case f.Kind == fault.BadName:
		return "No such process named " + f.Detail
	case f.Kind == fault.BadSignal:
		return "no such signal: " + f.Detail
	case f.Detail != "":
		return f.Detail
	}
	return strings.ToLower(strings.ReplaceAll(f.Kind.String(), "_", " "))
}
