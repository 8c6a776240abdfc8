package xmlrpc_test

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// oracle is Supervisor's own decoder, one process for many documents.
type oracle struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// It answers one line a document: "malformed", or the method and the
// parameters in a spelling that describe() repeats.
const oracleProgram = `
import sys, json, datetime
from supervisor.xmlrpc import supervisor_xmlrpc_handler
h = supervisor_xmlrpc_handler(None, [])
def d(v):
    if v is None: return "nil"
    if isinstance(v, bool): return "bool:%d" % v
    if isinstance(v, int): return "int:%d" % max(-2**63, min(2**63-1, v))
    if isinstance(v, float): return "float:" + repr(v)
    if isinstance(v, str): return "str:" + json.dumps(v)
    if isinstance(v, datetime.datetime): return "time:%04d-%d-%d-%d-%d-%d" % v.timetuple()[:6]
    if isinstance(v, dict): return "{" + ",".join(json.dumps(k) + "=" + d(x) for k, x in v.items()) + "}"
    return "[" + ",".join(d(x) for x in v) + "]"
for line in sys.stdin:
    try:
        params, method = h.loads(bytes.fromhex(line).decode("utf-8"))
        text = json.dumps(method or "") + " " + d(list(params or []))
    except Exception as e:
        text = "malformed"
    print(text, flush=True)
`

func newOracle(t *testing.T) *oracle {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import supervisor.xmlrpc").Run(); err != nil {
		t.Skip("needs Debian's supervisor package for python3 as the oracle: " + err.Error())
	}
	cmd := exec.Command(python, "-c", oracleProgram)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return &oracle{in, bufio.NewReaderSize(out, 1<<20)}
}

func (o *oracle) ask(t *testing.T, doc string) string {
	t.Helper()
	_, err := fmt.Fprintf(o.in, "%x\n", doc)
	must(t, err)
	answer, err := o.out.ReadString('\n')
	must(t, err)
	return strings.TrimSuffix(answer, "\n")
}

func ours(doc string) string {
	call, err := xmlrpc.ParseCall([]byte(doc), xmlrpc.Limits{})
	if err == xmlrpc.ErrNoMethod {
		// The parameters of a call without method are of no interest.
		return `""`
	}
	if err != nil {
		return "malformed"
	}
	return pyString(call.Method) + " " + describe(call.Params)
}

func describe(v any) string {
	switch v := v.(type) {
	case xmlrpc.Nil:
		return "nil"
	case bool:
		if v {
			return "bool:1"
		}
		return "bool:0"
	case int64:
		return "int:" + strconv.FormatInt(v, 10)
	case float64:
		one := string(xmlrpc.AppendFloat(nil, v))
		return "float:" + strings.TrimSuffix(strings.TrimPrefix(one, "<value><double>"), "</double></value>\n")
	case string:
		return "str:" + pyString(v)
	case xmlrpc.DateTime:
		return fmt.Sprintf("time:%04d-%d-%d-%d-%d-%d", v.Year, v.Month, v.Day, v.Hour, v.Minute, v.Second)
	case xmlrpc.Struct:
		parts := []string{}
		for _, m := range v {
			parts = append(parts, pyString(m.Name)+"="+describe(m.Value))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		parts := []string{}
		for _, item := range v {
			parts = append(parts, describe(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	panic(fmt.Sprintf("a %T came out of the decoder", v))
}

// pyString spells s as Python's json.dumps.
func pyString(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteString(`\` + string(r))
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\b':
			out.WriteString(`\b`)
		case r == '\f':
			out.WriteString(`\f`)
		case r > 0xFFFF:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		case r < ' ' || r > '~':
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func same(ours, theirs string) bool {
	return ours == theirs || ours == `""` && strings.HasPrefix(theirs, `"" `)
}

// holds: HTTP-006 HTTP-007 HTTP-008 RPC-006
func TestCallsAreReadAsSupervisorReadsThem(t *testing.T) {
	t.Parallel()
	o := newOracle(t)
	for _, doc := range documents() {
		got, want := ours(doc), o.ask(t, doc)
		if !same(got, want) {
			t.Errorf("%q\n  got  %s\n  want %s", doc, got, want)
		}
	}
}

// holds: HTTP-006 HTTP-007
func TestDamagedCallsAreReadAsSupervisorReadsThem(t *testing.T) {
	t.Parallel()
	o := newOracle(t)
	rounds := 20000
	if testing.Short() {
		rounds = 2000
	}
	if s := os.Getenv("ROUNDS"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	seed := uint64(rounds)
	rng := rand.New(rand.NewPCG(seed, 7))
	docs := documents()
	accepted, bad := 0, 0
	for range rounds {
		doc := docs[rng.IntN(len(docs))]
		for range 1 + rng.IntN(3) {
			doc = damage(rng, doc, docs)
		}
		if strings.Contains(doc, "%") || strings.Contains(doc, "<!ELEMENT") {
			continue // parameter entities are refused, and declarations of elements hardly looked at
		}
		got, want := ours(doc), o.ask(t, doc)
		if got != "malformed" {
			accepted++
		}
		if !same(got, want) {
			t.Errorf("%q\n  got  %s\n  want %s", doc, got, want)
			if bad++; bad > 20 {
				t.Fatal("and so on")
			}
		}
	}
	if accepted < rounds/20 {
		t.Errorf("only %d of %d documents were acceptable: the test proves little", accepted, rounds)
	}
}

var pieces = []string{"<", ">", "</", "/>", "&", ";", "&lt;", "&amp;", "&#13;", "&#0;", "&#x41;", "&e;", "'", "\"", "=", " ", "\r\n", "\r",
	"]]>", "<![CDATA[x]]>", "<!-- c -->", "<?p i?>", "--", "a", "_", "1", "-", "+", ".", ":", "é", "\u00a0", "٣", "\x01", "\U0001F600",
	"<value>", "</value>", "<value/>", "<int>", "</int>", "<string>", "<nil/>", "<i8>7</i8>", "<array>", "<data>", "<x>", "</x>",
	" xmlns='u'", " xmlns=''", " a='&lt;'", " a='<'", "xmlns:p='q'", "p:", "<methodName>m</methodName>", "<param>", "<params>"}

func damage(rng *rand.Rand, doc string, docs []string) string {
	if doc == "" {
		return pieces[rng.IntN(len(pieces))]
	}
	at := boundary(doc, rng.IntN(len(doc)))
	end := boundary(doc, min(len(doc), at+rng.IntN(8)))
	switch rng.IntN(5) {
	case 0:
		return doc[:at] + doc[end:]
	case 1:
		return doc[:end] + doc[at:]
	case 2: // swap one tag's name for another's
		names := []string{"int", "i4", "boolean", "string", "double", "value", "data", "array", "struct", "member", "base64",
			"dateTime.iso8601", "nil", "name", "param", "params", "methodName"}
		from, to := names[rng.IntN(len(names))], names[rng.IntN(len(names))]
		return strings.NewReplacer("<"+from+">", "<"+to+">", "</"+from+">", "</"+to+">").Replace(doc)
	case 3:
		other := docs[rng.IntN(len(docs))]
		return doc[:at] + other[boundary(other, rng.IntN(len(other)+1)):]
	}
	return doc[:at] + pieces[rng.IntN(len(pieces))] + doc[at:]
}

// boundary moves at back to where a character begins.
func boundary(s string, at int) int {
	for at > 0 && at < len(s) && s[at]&0xC0 == 0x80 {
		at--
	}
	return at
}

// holds: HTTP-005
func TestAnswersAreSpelledAsPythonSpellsThem(t *testing.T) {
	t.Parallel()
	newOracle(t) // for its Skip
	rng := rand.New(rand.NewPCG(3, 4))
	floats := []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 1.5, 1e15, 1e16, 123456789012345680, 1e-4, 1e-5, 1e100, 5e-324, math.MaxFloat64, 1e22, 1e21}
	for range 300 {
		floats = append(floats, math.Float64frombits(rng.Uint64()), rng.NormFloat64(), rng.NormFloat64()*1e16)
	}
	var in, want strings.Builder
	for _, f := range floats {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		fmt.Fprintf(&in, "%v\n", f)
		want.Write(xmlrpc.AppendResponse(nil, f))
	}
	cmd := exec.Command("/usr/bin/python3", "-c", `
import sys, xmlrpc.client as x
for line in sys.stdin: sys.stdout.write(x.dumps((float(line),), methodresponse=True))
s = {"name": "a<&>b\r", "é\U0001F600": [1, -2147483648, True, False, "", {}, [], 2147483647], "n": {"x": "]]>\"'\x7f\u0085"}}
sys.stdout.write(x.dumps((s,), methodresponse=True) + x.dumps(x.Fault(10, "BAD_NAME: <n>")))
sys.stdout.write(x.dumps(("a", 1, s), "supervisor.startProcess") + x.dumps((), "system.listMethods"))
`)
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8")
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	must(t, err)
	s := xmlrpc.Struct{{"name", "a<&>b\r"}, {"é\U0001F600", []any{1, int64(-1 << 40), true, false, []byte{}, xmlrpc.Struct{}, []string{}, 1 << 40}},
		{"n", xmlrpc.Struct{{"x", "]]>\"'\x7f\u0085"}}}}
	want.Write(xmlrpc.AppendResponse(nil, s))
	want.Write(xmlrpc.AppendFault(nil, 10, "BAD_NAME: <n>"))
	want.Write(xmlrpc.AppendCall(nil, "supervisor.startProcess", []any{"a", 1, s}))
	want.Write(xmlrpc.AppendCall(nil, "system.listMethods", nil))
	if string(out) != want.String() {
		t.Errorf("ours and Python's differ:\n%s", firstDifference(want.String(), string(out)))
	}
}

func firstDifference(ours, theirs string) string {
	a, b := strings.Split(ours, "\n"), strings.Split(theirs, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: ours %q, theirs %q", i, a[i], b[i])
		}
	}
	return "one is longer"
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
