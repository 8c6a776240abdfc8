package rest

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
)

var update = flag.Bool("update", false, "rewrite openapi.json and doc/json.md")

// object is a JSON object; encoding sorts its members.
type object = map[string]any

// TestTheDocumentIsMadeFromTheTable: openapi.json says what the routes and the types say.
func TestTheDocumentIsMadeFromTheTable(t *testing.T) {
	t.Parallel()
	text, err := json.MarshalIndent(openAPI(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "openapi.json", string(text)+"\n")
}

// TestThePageIsMadeFromTheTable does the same for people.
func TestThePageIsMadeFromTheTable(t *testing.T) {
	t.Parallel()
	golden(t, "../../../doc/json.md", page(t))
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s is not what the table says (%v): run with -update and read the difference", path, err)
	}
}

func openAPI(t *testing.T) object {
	s := newSchemas(t)
	paths := object{}
	for i := range routes {
		rt := &routes[i]
		item, _ := paths[rt.path].(object)
		if item == nil {
			item = object{}
			paths[rt.path] = item
		}
		item[strings.ToLower(rt.method)] = s.operation(rt)
	}
	s.of(client.Problem{})
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Reeve", "version": "1", "summary": "The JSON face of supervisord.",
			"license": object{"name": "See the project's LICENSE file."},
		},
		"security": []any{object{"basic": []any{}}, object{"bearer": []any{}}},
		"paths":    paths,
		"components": object{
			"schemas":         s.made,
			"securitySchemes": object{"basic": object{"type": "http", "scheme": "basic"}, "bearer": object{"type": "http", "scheme": "bearer"}},
			"responses": object{"Problem": object{
				"description": "The request is refused.", "content": object{"application/json": object{"schema": s.ref("Problem")}},
			}},
		},
	}
}

func (s *schemas) operation(rt *route) object {
	op := object{"operationId": rt.id, "tags": []string{rt.tag}, "summary": rt.about, "responses": s.responses(rt)}
	if rt.open {
		op["security"] = []any{}
	}
	params := []any{}
	if strings.Contains(rt.path, "{name}") {
		params = append(params, object{"name": "name", "in": "path", "required": true, "schema": object{"type": "string"}, "description": nameHelp(rt)})
	}
	for _, p := range rt.params {
		params = append(params, object{"name": p.name, "in": "query", "schema": p.schema(), "description": p.about})
	}
	if len(params) > 0 {
		op["parameters"] = params
	}
	if rt.body != nil {
		op["requestBody"] = object{"required": rt.needsBody, "content": object{"application/json": object{"schema": s.of(rt.body())}}}
	}
	return op
}

func nameHelp(rt *route) string {
	if rt.tag == "groups" {
		return "a group"
	}
	return `"process", or "group:process"`
}

func (p *param) schema() object {
	switch {
	case p.kind == list:
		return object{"type": "array", "items": object{"type": "string"}}
	case p.enum != nil:
		return object{"type": "string", "enum": p.enum}
	}
	return object{"type": string(p.kind)}
}

func (s *schemas) responses(rt *route) object {
	answer := object{"description": "OK", "content": s.content(rt)}
	out := object{"200": answer, "default": object{"$ref": "#/components/responses/Problem"}}
	for _, status := range rt.status {
		out[strconv.Itoa(status)] = answer
	}
	for _, status := range statuses(rt) {
		if _, there := out[status]; !there {
			out[status] = object{"$ref": "#/components/responses/Problem"}
		}
	}
	return out
}

func (s *schemas) content(rt *route) object {
	if rt.media != "" {
		s.of(rt.answer) // described, though the stream itself is text
		return object{rt.media: object{"schema": object{"type": "string"}}}
	}
	out := object{"application/json": object{"schema": s.of(rt.answer)}}
	if slices.ContainsFunc(rt.params, func(p param) bool { return p.name == "format" }) {
		out["text/plain"] = object{"schema": object{"type": "string"}}
	}
	return out
}

// statuses are those of the refusals of a route.
func statuses(rt *route) []string {
	var out []string
	for _, k := range append([]fault.Kind{fault.IncorrectParameters, fault.ShutdownState}, rt.may...) {
		if s := strconv.Itoa(k.Row().HTTP); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}
