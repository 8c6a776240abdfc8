package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// decode reads a body into a pointer to a struct, strictly.
func decode(raw []byte, into any) *httpd.Response {
	switch {
	case raw[0] != '{':
		return wrong("the body is not a JSON object")
	case !utf8.Valid(raw):
		return wrong("the body is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	err := dec.Decode(into)
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) {
		return wrong("cannot read the body: %s cannot be %s", other.Field, article(other.Value))
	}
	if err != nil {
		return wrong("cannot read the body: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); err != io.EOF {
		return wrong("cannot read the body: there is more behind the object")
	}
	again := json.NewDecoder(bytes.NewReader(raw))
	again.UseNumber() // some may be too large for a float
	if name, bad := strange(again, names(into)); bad {
		return wrong("cannot read the body: %q is there twice, or not spelled like this", name)
	}
	return nil
}

func article(kind string) string {
	if strings.ContainsRune("aeiou", rune(kind[0])) {
		return "an " + kind
	}
	return "a " + kind
}

// names are what a type calls its members.
func names(into any) map[string]bool {
	known := map[string]bool{}
	for t, i := reflect.TypeOf(into).Elem(), 0; i < t.NumField(); i++ {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known[name] = true
	}
	return known
}

// strange finds a member that encoding/json overlooks in a value that it has read: one that is there twice in an object,
// or one that differs in case from what it is called. Without known any name will do.
func strange(dec *json.Decoder, known map[string]bool) (name string, bad bool) {
	token, _ := dec.Token()
	begin, nested := token.(json.Delim)
	if !nested {
		return "", false
	}
	seen := map[string]bool{}
	for dec.More() {
		if begin == '{' {
			token, _ := dec.Token()
			if name, _ = token.(string); seen[name] || known != nil && !known[name] {
				return name, true
			}
			seen[name] = true
		}
		if name, bad = strange(dec, nil); bad {
			return name, true
		}
	}
	_, _ = dec.Token() // its end
	return "", false
}
