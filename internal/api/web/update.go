package web

import (
	"context"
	"fmt"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// confirmUpdate asks before an update, which stops what it changes or removes, and says what it would do.
func (v *visit) confirmUpdate(o order) *httpd.Response {
	p, err := v.o.Service.Preview(v.ctx)
	if err != nil {
		return v.sorry(err)
	}
	q := question{Question: "Update?", Verb: verbs["update"].button, Action: "update", Names: o.names, Back: "config.html"}
	if !o.all {
		q.Question = "Update " + few(o.names) + "?"
	}
	for _, part := range []struct {
		names []string
		what  string
	}{
		{p.Added, "would be added"}, {p.Changed, "would be stopped and started anew"}, {p.Removed, "would be stopped and removed"},
	} {
		var names []string
		for _, name := range part.names {
			if o.takes(name) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			q.Notes = append(q.Notes, few(names)+" "+part.what+".")
		}
	}
	if len(q.Notes) == 0 {
		q.Notes = []string{"There is nothing to do: what runs is what the file says."}
	}
	return v.show(200, "confirm", q.Question, q)
}

// takes tells whether the order is about a group.
func (o *order) takes(group string) bool {
	for _, name := range o.names {
		if name == group {
			return true
		}
	}
	return o.all
}

// update makes what runs what the file says, as supervisorctl's update does, and says what that was.
func (v *visit) update(ctx context.Context, o order) (message string, good bool) {
	done, err := v.o.Service.Update(ctx, o.names)
	if f, ok := fault.As(err); ok && f.Kind == fault.BadName {
		return "No such group named " + f.Detail, false
	}
	if err != nil {
		return explain(err), false
	}
	if len(done) == 0 {
		return "Nothing to do: what runs is what the file says", true
	}
	var said, bad []string
	for _, u := range done {
		if u.Fault != nil {
			bad = append(bad, u.Group+" not "+u.Change+": "+refusal(u.Fault))
			continue
		}
		said = append(said, u.Group+" "+u.Change)
	}
	message = some(append(bad, said...))
	if len(bad) > 0 {
		return "ERROR: " + message, false
	}
	return "Updated: " + message, true
}

// some lists the first of several things that were done.
func some(list []string) string {
	const most = 8
	if len(list) > most {
		list = append(list[:most:most], fmt.Sprintf("and %d more", len(list)-most))
	}
	return strings.Join(list, "; ")
}
