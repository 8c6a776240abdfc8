package rest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
)

// page is doc/json.md.
func page(t *testing.T) string {
	s := newSchemas(t)
	var b strings.Builder
	b.WriteString(intro)
	tag := ""
	types := []any{client.Problem{}}
	for i := range routes {
		rt := &routes[i]
		if rt.tag != tag {
			tag = rt.tag
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", headings[tag].title, headings[tag].text)
		}
		fmt.Fprintf(&b, "\n### `%s %s`\n\n%s\n", rt.method, rt.path, rt.about)
		table(&b, "parameter", "type", paramRows(rt))
		if rt.body != nil {
			table(&b, "member of the body", "type", s.members(rt.body()))
		}
		fmt.Fprintf(&b, "\nAnswers %s%s\n", answerWord(rt), refusalWords(rt))
		types = append(types, rt.answer)
	}
	b.WriteString("\n## What is answered\n\nTimes are RFC 3339 in UTC, to the millisecond.\n")
	for _, st := range structs(types) {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", st.Name(), s.comments[st.Name()])
		table(&b, "member", "type", s.members(reflect.Zero(st).Interface()))
	}
	b.WriteString(faultTable())
	return b.String()
}

func table(b *strings.Builder, first, second string, rows [][3]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s | %s | |\n|---|---|---|\n", first, second)
	for _, r := range rows {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", r[0], r[1], r[2])
	}
}

func paramRows(rt *route) [][3]string {
	var rows [][3]string
	for _, p := range rt.params {
		kind := map[kind]string{plain: "string", integer: "int", boolean: "bool", list: "list"}[p.kind]
		if p.enum != nil {
			kind = strings.Join(p.enum, " or ")
		}
		rows = append(rows, [3]string{p.name, kind, p.about})
	}
	return rows
}

func answerWord(rt *route) string {
	t := reflect.TypeOf(rt.answer)
	switch {
	case rt.media != "" && t.Kind() == reflect.Struct:
		return "`" + rt.media + "` of " + typeWord(t)
	case rt.media != "":
		return "`" + rt.media + "`"
	case t.Kind() == reflect.Map:
		return "an object"
	case t.Kind() == reflect.Slice:
		return "a " + typeWord(t)
	}
	return typeWord(t)
}

func refusalWords(rt *route) string {
	var names []string
	for _, k := range rt.may {
		names = append(names, k.String())
	}
	if len(names) == 0 {
		return "."
	}
	return "; may be refused with " + strings.Join(names, ", ") + "."
}

// structs are all struct types in these values, sorted by name.
func structs(values []any) []reflect.Type {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
		case reflect.Struct:
			if seen[t] || t.PkgPath() == "time" {
				return
			}
			seen[t] = true
			for i := range t.NumField() {
				visit(t.Field(i).Type)
			}
		}
	}
	for _, v := range values {
		visit(reflect.TypeOf(v))
	}
	var out []reflect.Type
	for t := range seen {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b reflect.Type) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// faultTable lists the kinds of refusal.
func faultTable() string {
	var b strings.Builder
	b.WriteString("\n## Refusals\n\n| code | fault | status | message |\n|---|---|---|---|\n")
	for _, r := range fault.Table {
		if r.Kind == fault.Success {
			continue
		}
		fmt.Fprintf(&b, "| %d | `%s` | %d | %s |\n", r.Kind, r.Name, r.HTTP, strings.ReplaceAll(words[r.Kind], "%s", "..."))
	}
	return b.String()
}

const intro = `# The JSON face

supervisord answers JSON on every HTTP server that it has, beside XML-RPC: on the unix socket and on the port, with the
same credentials. This page and ` + "`GET /api/v1/openapi.json`" + ` are made from one table in the code, and a test holds
every answer against that document.

` + "```sh" + `
curl --unix-socket /run/supervisor.sock http://localhost/api/v1/processes
curl -u me:secret -X POST http://localhost:9001/api/v1/processes/web:one/restart
curl -u me:secret -X POST http://localhost:9001/api/v1/processes/web:one/signal -d '{"signal": "HUP"}'
curl -u me:secret -N http://localhost:9001/api/v1/events?type=PROCESS_STATE
` + "```" + `

- Parameters of a GET stand in the query, those of a POST in a JSON object. What a route does not know is refused, so that
  a misspelt parameter is never overlooked. A list may come several times, or with commas.
- A refusal is a [Problem](#problem) with the HTTP status of the table at the end. Every route refuses what it cannot
  understand with 400, and everything with 503 while supervisord goes down.
- A request for several processes answers 200 with a [Result](#result) for each; what failed says so there.
- Bytes of logs that are no UTF-8 come as U+FFFD in JSON; ask for text/plain to get them as they are.
`

var headings = map[string]struct{ title, text string }{
	"health": {"Health", "For containers and load balancers. Both are answered without credentials.\n\n" +
		"As probes of Kubernetes: `livenessProbe: {httpGet: {path: /healthz, port: 9001}}` and\n" +
		"`readinessProbe: {httpGet: {path: /readyz?program=web, port: 9001}}`. STARTING, BACKOFF and FATAL are not ready."},
	"daemon":    {"supervisord", "The daemon itself."},
	"processes": {"Processes", "`{name}` is `process`, or `group:process` when the two differ."},
	"groups":    {"Groups", "`{name}` is the name of an active group; of `add`, that of one in the configuration as last read."},
	"all":       {"All at once", "Groups and processes go by their priority."},
	"config":    {"Configuration", "Values of environment variables are never told, only their names."},
	"events":    {"Events", "The same stream as `GET /events`; see [events.md](events.md)."},
	"call":      {"Any method", "What extensions add is called like this, and `supervisorctl call --json` does so."},
}
