package rest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/client"
)

// schemas makes JSON schemas of Go types. What they mean is what their comments say.
type schemas struct {
	made     object            // by name
	comments map[string]string // of "Type" and "Type.Field"
}

func newSchemas(t *testing.T) *schemas {
	t.Helper()
	s := &schemas{made: object{}, comments: map[string]string{}}
	for _, pattern := range []string{"*.go", "../../../client/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range files {
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			s.read(f)
		}
	}
	return s
}

// read takes the comments of one file's types.
func (s *schemas) read(f *ast.File) {
	for _, d := range f.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, spec := range gen.Specs {
			ts := spec.(*ast.TypeSpec)
			st, ok := ts.Type.(*ast.StructType)
			if !ok {
				continue
			}
			s.comments[ts.Name.Name] = flat(gen.Doc.Text())
			for _, field := range st.Fields.List {
				text := flat(field.Doc.Text())
				if text == "" {
					text = flat(field.Comment.Text())
				}
				for _, n := range field.Names {
					s.comments[ts.Name.Name+"."+n.Name] = text
				}
			}
		}
	}
}

func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func (s *schemas) ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// of is the schema of a value's type.
func (s *schemas) of(v any) object { return s.schema(reflect.TypeOf(v)) }

func (s *schemas) schema(t reflect.Type) object {
	switch {
	case t == nil || t.Kind() == reflect.Interface:
		return object{}
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[[]byte]():
		return object{"type": "string", "contentEncoding": "base64"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.schema(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": s.schema(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.schema(t.Elem())}
	case reflect.Struct:
		return s.object(t)
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		return object{"type": "string"}
	}
	return object{"type": "integer"}
}

// object is the schema of a struct, which has a name of its own.
func (s *schemas) object(t reflect.Type) object {
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	if _, there := s.made[name]; there {
		return s.ref(name)
	}
	props, required := object{}, []string{}
	s.made[name] = object{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" {
			continue
		}
		p := s.schema(f.Type)
		optional := strings.Contains(opts, "omit")
		if !optional {
			required = append(required, tag)
			if f.Type.Kind() == reflect.Pointer {
				p["type"] = []any{p["type"], "null"}
			}
		}
		if c := s.comments[t.Name()+"."+f.Name]; c != "" {
			p["description"] = c
		}
		props[tag] = p
	}
	s.made[name] = object{
		"type": "object", "properties": props, "required": required, "additionalProperties": false, "description": s.comments[t.Name()],
	}
	return s.ref(name)
}

// members lists the members of a struct for the page: name, type and meaning.
func (s *schemas) members(v any) [][3]string {
	t := reflect.TypeOf(v)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var out [][3]string
	for i := range t.NumField() {
		f := t.Field(i)
		tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := typeWord(f.Type)
		if strings.Contains(opts, "omit") {
			kind += ", may be absent"
		} else if f.Type.Kind() == reflect.Pointer {
			kind += " or null"
		}
		out = append(out, [3]string{tag, kind, s.comments[t.Name()+"."+f.Name]})
	}
	return out
}

func typeWord(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Pointer:
		return typeWord(t.Elem())
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t == reflect.TypeFor[[]byte]():
		return "base64"
	case t.Kind() == reflect.Slice:
		return "list of " + typeWord(t.Elem())
	case t.Kind() == reflect.Struct:
		return "[" + t.Name() + "](#" + strings.ToLower(t.Name()) + ")"
	case t.Kind() == reflect.Map:
		return "object of " + typeWord(t.Elem())
	case t.Kind() == reflect.Interface:
		return "any"
	case t.Kind() == reflect.Float64:
		return "number"
	}
	return t.Kind().String()
}

// TestACommentIsAMeaning: each member of what goes over the line says what it is, or its name does.
func TestACommentIsAMeaning(t *testing.T) {
	t.Parallel()
	s := newSchemas(t)
	for _, m := range s.members(client.Problem{}) {
		if m[2] == "" {
			t.Errorf("Problem.%s means nothing", m[0])
		}
	}
}
