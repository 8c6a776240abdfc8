package web

import (
	"bytes"
	"context"
	"html/template"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
)

// rowText is the template of a row, on one line as a stream needs it. It has no frame.
var rowText = sync.OnceValue(func() *template.Template {
	text, err := texts.ReadFile("page/row.html")
	if err != nil {
		panic(err)
	}
	return template.Must(template.New("row").Parse(strings.ReplaceAll(string(text), "\n", "")))
})

// Where a drawing is cut. Templates let no NUL of others through.
const (
	cutUptime = template.HTML("\x00u")
	cutUsage  = template.HTML("\x00c")
)

// line is what the template of a row shows.
type line struct {
	Key, Name, Short, Group, State, Class string
	Up, All                               int
	Pid, Restarts                         int
	Why                                   string
	Last                                  []template.HTML // the last lines of what it wrote
	LastOf                                string          // "stderr"
	May                                   bool
	Start, Stop, Restart                  bool
	Uptime, Usage                         template.HTML
}

// draw appends a row. The caller holds mu.
func (b *board) draw(dst []byte, r *row, may, hidden bool, now time.Time) []byte {
	variant := 0
	if may {
		variant = 1
	}
	d := r.drawn[variant]
	if d == nil {
		d = b.render(r, may, now)
		r.drawn[variant] = d
	}
	dst = append(dst, "<tr"...)
	if hidden {
		dst = append(dst, " hidden"...)
	}
	dst = append(dst, d.head...)
	if r.id == 0 {
		return dst
	}
	if r.proc.Pid != 0 && r.proc.Phase != proc.Backoff {
		up := max(0, now.Sub(r.proc.Started))
		dst = append(strconv.AppendInt(append(dst, `<time data-up="`...), up.Milliseconds(), 10), `">`...)
		dst = append(append(dst, span(up)...), "</time>"...)
	}
	dst = append(dst, d.uptime...)
	dst = b.cells[r.id].appendHTML(dst)
	return append(dst, d.tail...)
}

// render makes the drawing of a row.
func (b *board) render(r *row, may bool, now time.Time) *drawing {
	l := line{Key: r.key, Group: r.group, May: may, Uptime: cutUptime, Usage: cutUsage}
	name := "head"
	if r.id == 0 {
		l.Up, l.All = r.up, r.all
	} else {
		name = "process"
		b.describe(&l, r, now)
	}
	var out bytes.Buffer
	if err := rowText().ExecuteTemplate(&out, name, l); err != nil {
		panic(err)
	}
	text := bytes.ReplaceAll(bytes.TrimSpace(out.Bytes()), []byte("\n"), []byte("&#10;"))
	text = bytes.TrimPrefix(text, []byte("<tr"))
	var d drawing
	d.head, text, _ = bytes.Cut(text, []byte(cutUptime))
	d.uptime, d.tail, _ = bytes.Cut(text, []byte(cutUsage))
	return &d
}

// describe fills in what there is to say of a process.
func (b *board) describe(l *line, r *row, now time.Time) {
	p := &r.proc
	l.Name, l.Short = service.Namespec(r.group, p.Conf.Name), p.Conf.Name
	l.State, l.Class = strings.ToLower(p.Phase.String()), class(p.Phase)
	l.Pid, l.Restarts, l.Why = p.Pid, p.Restarts, why(p, now)
	switch p.Phase {
	case proc.Running:
		l.Restart, l.Stop = true, true
	case proc.Starting, proc.Backoff:
		l.Stop = true
	case proc.Stopped, proc.Exited, proc.Fatal:
		l.Start = true
	}
	if p.Phase == proc.Fatal || p.Phase == proc.Backoff {
		l.Last, l.LastOf = b.lastWords(p, l.Name)
	}
}

// class is the CSS class of a phase that Supervisor's page has (WEB-003).
func class(p proc.Phase) string {
	switch p {
	case proc.Running:
		return "statusrunning"
	case proc.Fatal, proc.Backoff:
		return "statuserror"
	}
	return "statusnominal"
}

const (
	lastLines = 8
	lastBytes = 4 << 10
)

// lastWords are the last lines that a process wrote, on stderr if there are any.
func (b *board) lastWords(p *loop.Process, name string) (lines []template.HTML, of string) {
	for _, ch := range []struct {
		of     string
		stream service.Stream
	}{{"stderr", service.Stderr}, {"stdout", service.Stdout}} {
		data, _, _, err := b.o.Service.TailProcessLog(context.Background(), name, ch.stream, 0, lastBytes)
		if err != nil || len(bytes.TrimSpace(data)) == 0 {
			continue
		}
		var sheet paper
		text, _ := sheet.lines(bytes.TrimRight(data, "\r\n"))
		if len(data) == lastBytes && len(text) > 1 {
			text = text[1:]
		}
		for _, t := range text[max(0, len(text)-lastLines):] {
			lines = append(lines, template.HTML(t)) // paper has escaped it
		}
		return lines, ch.of
	}
	return nil, ""
}

// summary appends the counts as links that filter. q is kept in them.
func (b *board) summary(dst []byte, q, state string) []byte {
	keep := ""
	if q != "" {
		keep = "&amp;q=" + template.URLQueryEscaper(q)
	}
	chip := func(word, text string) {
		dst = append(append(dst, `<a class="chip `...), word...)
		dst = append(append(append(append(dst, `" href="./?state=`...), word...), keep...), `"`...)
		if word == state {
			dst = append(dst, ` aria-current="true"`...)
		}
		dst = append(append(append(dst, '>'), text...), "</a>"...)
	}
	all := 0
	for _, n := range b.counts {
		all += n
	}
	chip("", strconv.Itoa(all)+" in all")
	for i, n := range b.counts {
		word := strings.ToLower(phases[i].String())
		if n > 0 || word == state {
			chip(word, strconv.Itoa(n)+" "+word)
		}
	}
	return dst
}
