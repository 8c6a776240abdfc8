package xmlrpc_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// holds: SEC-008
func TestHostileDocumentsAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	laughs := "<!ENTITY a0 'ha'>"
	for i := 1; i < 12; i++ {
		laughs += fmt.Sprintf("<!ENTITY a%d '%s'>", i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	chain := "<!ENTITY a0 'x'>"
	for i := 1; i < 100; i++ {
		chain += fmt.Sprintf("<!ENTITY a%d '&a%d;'>", i, i-1)
	}
	for _, c := range []struct{ name, doc, why string }{
		{"a million arrays within each other", strings.Repeat("<value><array><data>", 1e6), "too deep"},
		{"entities that multiply", doctype(laughs, "&a11;"), "expand to too much"},
		{"entities that multiply in an attribute", doctype(laughs, "<a b='&a11;'/>"), "expand to too much"},
		{"a long chain of entities", doctype(chain, "&a99;"), "entities too deep"},
		{"a long chain of entities in an attribute", doctype(chain, "<a b='&a99;'/>"), "entities too deep"},
		{"one big entity many times", doctype("<!ENTITY e '"+strings.Repeat("x", 1e5)+"'>", strings.Repeat("&e;", 1e5)), "expand to too much"},
		{"more attributes than anybody needs", "<a" + strings.Repeat(" b='1'", 1e6) + "/>", "bad attributes"},
		{"namespaces within namespaces", strings.Repeat("<a xmlns:b='c'>", 500), "too many namespaces"},
		{"too many bytes", strings.Repeat(" ", 65<<20), "too long"},
		{"a file from outside", doctype("<!ENTITY e SYSTEM 'file:///etc/passwd'>", "&e;"), "undefined entity"},
		{"a parameter entity", doctype("<!ENTITY % e 'x'> %e;", "m"), "entity"},
	} {
		_, err := xmlrpc.ParseCall([]byte(c.doc), xmlrpc.Limits{})
		if err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want something about %q", c.name, err, c.why)
		}
	}
}

// holds: SEC-008
func TestLimitsAreTheCallersToSet(t *testing.T) {
	t.Parallel()
	doc := doctype("<!ENTITY e 'abc'>", "&e;")
	if c, err := xmlrpc.ParseCall([]byte(doc), xmlrpc.Limits{Bytes: len(doc), Depth: 2, Entities: 3}); err != nil || c.Method != "abc" {
		t.Errorf("a document at every limit: %v, %v", c, err)
	}
	for _, lim := range []xmlrpc.Limits{{Bytes: len(doc) - 1}, {Depth: 1}, {Entities: 2}} {
		if _, err := xmlrpc.ParseCall([]byte(doc), lim); err == nil {
			t.Errorf("nothing was refused with %+v", lim)
		}
	}
}

// holds: HTTP-007
func TestACallWithoutMethodIsNotACallThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for doc, missing := range map[string]bool{
		"<methodCall/>": true, "<methodCall><methodName/></methodCall>": true,
		"<methodCall>": false, "": false, call("<params><param/></params>"): false,
	} {
		_, err := xmlrpc.ParseCall([]byte(doc), xmlrpc.Limits{})
		if err == nil || errors.Is(err, xmlrpc.ErrNoMethod) != missing {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

func TestACallInLatin1IsReadWhenItSaysSo(t *testing.T) {
	t.Parallel()
	body := "<a><methodName>caf\xe9</methodName></a>"
	c, err := xmlrpc.ParseCall([]byte("<?xml version='1.0' encoding=\"ISO-8859-1\"?>"+body), xmlrpc.Limits{})
	if err != nil || c.Method != "café" {
		t.Errorf("declared: %q, %v", c.Method, err)
	}
	if _, err := xmlrpc.ParseCall([]byte(body), xmlrpc.Limits{}); err == nil {
		t.Error("bytes that are no UTF-8 passed without a declaration")
	}
}

// holds: RPC-010 RPC-011
func TestAnyBytesMakeAWellFormedAnswer(t *testing.T) {
	t.Parallel()
	all := make([]byte, 0, 1<<16)
	for hi := range 256 {
		for lo := range 256 {
			all = append(all, byte(hi), byte(lo))
		}
	}
	for _, s := range []string{"a\x1b[31mred\x00\x01", "cut \xc3", "\xe2\x82 middle", "\uFFFE\uFFFF", "\xed\xa0\x80", string(all)} {
		answer := xmlrpc.AppendResponse(nil, xmlrpc.Struct{{s, s}})
		dec := xml.NewDecoder(strings.NewReader(string(answer)[len("<?xml version='1.0'?>"):]))
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%.40q: %v", s, err)
			}
		}
		fault := xmlrpc.AppendFault(nil, 1, s)
		if _, err := xmlrpc.ParseCall(fault, xmlrpc.Limits{}); err != xmlrpc.ErrNoMethod {
			t.Errorf("%.40q: %v", s, err)
		}
	}
	if got := string(xmlrpc.AppendString(nil, "a\x1bb\xffc\r\n\t€")); got != "<value><string>a\uFFFDb\uFFFDc\r\n\t€</string></value>\n" {
		t.Errorf("%q", got)
	}
}

// holds: RPC-011
func TestAnswersOfAnySupervisorCanBeRead(t *testing.T) {
	t.Parallel()
	wrap := func(v string) string {
		return "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n" + v + "</param>\n</params>\n</methodResponse>\n"
	}
	for doc, want := range map[string]any{
		wrap("<value><string>\x1b[1m\x00\x01&#27;\xff</string></value>\n"):                           "\x1b[1m\x00\x01\x1b\xff",
		wrap("<value><i8>12345678901</i8></value>"):                                                  int64(12345678901),
		wrap("<value><boolean>1</boolean></value>"):                                                  true,
		wrap("<value><nil/></value>"):                                                                xmlrpc.Nil{},
		wrap("<value>bare</value>"):                                                                  "bare",
		wrap("<value><base64>aGk=</base64></value>"):                                                 "hi",
		string(xmlrpc.AppendResponse(nil, []any{xmlrpc.Struct{{"a", 1}, {"b", []any{}}}, "x", 1.5})): []any{xmlrpc.Struct{{"a", int64(1)}, {"b", []any{}}}, "x", 1.5},
	} {
		got, err := xmlrpc.ParseResponse([]byte(doc), xmlrpc.Limits{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, %v; want %#v", doc, got, err, want)
		}
	}
	var fault *xmlrpc.Fault
	_, err := xmlrpc.ParseResponse(xmlrpc.AppendFault(nil, 10, "BAD_NAME: \x01<x>"), xmlrpc.Limits{})
	if !errors.As(err, &fault) || *fault != (xmlrpc.Fault{Code: 10, String: "BAD_NAME: \uFFFD<x>"}) {
		t.Errorf("fault: %v", err)
	}
	for _, doc := range []string{"", "<methodResponse/>", wrap(""), "<methodResponse><fault><value>x</value></fault></methodResponse>", "<html>", "busy"} {
		if _, err := xmlrpc.ParseResponse([]byte(doc), xmlrpc.Limits{}); err == nil || errors.As(err, &fault) {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

type info struct{ name, description string }

var nameKey, groupKey, startKey, stateKey, textKey, logKey, pidKey = xmlrpc.NewKey("name"), xmlrpc.NewKey("group"), xmlrpc.NewKey("start"),
	xmlrpc.NewKey("state"), xmlrpc.NewKey("statename"), xmlrpc.NewKey("stdout_logfile"), xmlrpc.NewKey("pid")

func (p *info) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.AppendStructHead(dst)
	dst = nameKey.AppendString(dst, p.name)
	dst = groupKey.AppendString(dst, p.name)
	for range 4 {
		dst = startKey.AppendInt(dst, 1700000000)
	}
	dst = textKey.AppendString(dst, "RUNNING")
	dst = textKey.AppendString(dst, "")
	dst = stateKey.AppendInt(dst, 0)
	for range 3 {
		dst = logKey.AppendString(dst, "/var/log/supervisor/a.log")
	}
	dst = pidKey.AppendInt(dst, 12345)
	dst = textKey.AppendString(dst, p.description)
	return xmlrpc.AppendStructTail(dst)
}

type infos []info

func (all infos) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.AppendArrayHead(dst)
	for i := range all {
		dst = all[i].AppendXMLRPC(dst)
	}
	return xmlrpc.AppendArrayTail(dst)
}

func hundred() infos {
	all := make(infos, 100)
	for i := range all {
		all[i] = info{fmt.Sprintf("program_%02d", i), "pid 12345, uptime 0:01:02"}
	}
	return all
}

func TestAnswersAreSpelledWithoutAllocating(t *testing.T) {
	var v any = hundred()
	dst := make([]byte, 0, 1<<18)
	if n := testing.AllocsPerRun(10, func() { dst = xmlrpc.AppendResponse(dst[:0], v) }); n != 0 {
		t.Errorf("%v allocations for 100 processes", n)
	}
}

func TestAKeySpellsWhatItsNameSpells(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pid", "a<b", ""} {
		k := xmlrpc.NewKey(name)
		for got, want := range map[string]string{
			string(k.AppendInt(nil, 1<<40)):    string(xmlrpc.AppendMember(nil, name, 1<<40)),
			string(k.AppendString(nil, "<x>")): string(xmlrpc.AppendMember(nil, name, "<x>")),
		} {
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		if got, want := string(xmlrpc.AppendBoolMember(nil, name, true)), string(xmlrpc.AppendMember(nil, name, true)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func BenchmarkAppendHundredInfos(b *testing.B) {
	var v any = hundred()
	dst := make([]byte, 0, 1<<18)
	b.ReportAllocs()
	for b.Loop() {
		dst = xmlrpc.AppendResponse(dst[:0], v)
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkParseCall(b *testing.B) {
	data := xmlrpc.AppendCall(nil, "supervisor.getProcessInfo", []any{"program_01"})
	b.ReportAllocs()
	for b.Loop() {
		_, err := xmlrpc.ParseCall(data, xmlrpc.Limits{})
		must(b, err)
	}
}

func BenchmarkParseHundredInfos(b *testing.B) {
	data := xmlrpc.AppendResponse(nil, hundred())
	b.ReportAllocs()
	for b.Loop() {
		_, err := xmlrpc.ParseResponse(data, xmlrpc.Limits{})
		must(b, err)
	}
}

func FuzzParseCall(f *testing.F) {
	for _, doc := range documents() {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		c, err := xmlrpc.ParseCall([]byte(doc), xmlrpc.Limits{})
		xmlrpc.ParseResponse([]byte(doc), xmlrpc.Limits{})
		if err != nil || !sendable(c.Params) {
			return
		}
		again, err := xmlrpc.ParseCall(xmlrpc.AppendCall(nil, c.Method, c.Params), xmlrpc.Limits{Depth: 1 << 20})
		if err != nil {
			t.Fatalf("what was read from %q cannot be read back: %v", doc, err)
		}
		if len(again.Params) != len(c.Params) {
			t.Fatalf("%q: %d parameters became %d", doc, len(c.Params), len(again.Params))
		}
	})
}

// sendable tells whether v holds no Nil and no date.
func sendable(v any) bool {
	switch v := v.(type) {
	case xmlrpc.Nil:
		return false
	case []any:
		for _, item := range v {
			if !sendable(item) {
				return false
			}
		}
	case xmlrpc.Struct:
		for _, m := range v {
			if !sendable(m.Value) {
				return false
			}
		}
	}
	return true
}

func TestNaturalValuesAreGosOwn(t *testing.T) {
	t.Parallel()
	given := []any{
		int64(1), "s", true, 1.5, xmlrpc.Nil{}, xmlrpc.DateTime{Year: 2026, Month: 1, Day: 2, Hour: 3, Minute: 4, Second: 5},
		xmlrpc.Base64("hi"), xmlrpc.Struct{{Name: "a", Value: []any{xmlrpc.Nil{}}}, {Name: "b", Value: xmlrpc.Struct{}}},
	}
	want := []any{
		int64(1), "s", true, 1.5, nil, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		[]byte("hi"), map[string]any{"a": []any{nil}, "b": map[string]any{}},
	}
	if d := cmp.Diff(want, xmlrpc.Natural(given)); d != "" {
		t.Error(d)
	}
	if given[4] != (xmlrpc.Nil{}) {
		t.Error("the value itself has changed")
	}
}
