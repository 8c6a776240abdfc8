package rpc2_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// logged waits until a log holds a text: it is written outside of the bubble.
func (d *daemon) logged(name, text string) {
	for {
		if got, _ := os.ReadFile(filepath.Join(d.dir, name)); string(got) == text {
			return
		}
	}
}

// TestOnlyNamesOfTheTableAreMethods: neither what is behind them nor what is near them.
// holds: RPC-004 SEC-007
// fault: 3
func TestOnlyNamesOfTheTableAreMethods(t *testing.T) {
	t.Parallel()
	serve(t, func(d *daemon) {
		for _, name := range []string{
			"supervisor.supervisord.options.warnings.linecache.os.system", "supervisor.supervisord.options.kill", "supervisor.__class__",
			"supervisor.__init__", "supervisor._update", "supervisor._getAllProcesses", "supervisor.update_text", "system.x.y", "system.namespaces",
			"system.__class__", "supervisor.getPID.__call__", "supervisor.getPID.getPID", "getState", "Supervisor.getPID", "supervisor.getpid",
			"supervisor.GetPID", ".getPID", "supervisor.", "supervisor", ".", "..", "...", " supervisor.getPID", "supervisor.getPID ",
			"supervisor.getPID\n", "supervisor..getPID", "супервизор.getPID", "supervisor.ｇetPID", "supervisor.getPID\x7f", "/RPC2", "none.getPID",
			"supervisor.offer", "supervisor.Serve", "supervisor.help", "rpc2.call", strings.Repeat("a.", 10000) + "b",
		} {
			if got := d.call(name, "id"); got != "1 UNKNOWN_METHOD" {
				t.Errorf("%.60q: %s", name, got)
			}
		}
	})
}

// TestMulticallAnswersPlainResultsInTheirOrder, a fault for what fails, and 500 for what is no call at all.
// holds: RPC-050 RPC-051 RPC-052
func TestMulticallAnswersPlainResultsInTheirOrder(t *testing.T) {
	t.Parallel()
	one := func(method any, params ...any) xmlrpc.Struct {
		return xmlrpc.Struct{{Name: "methodName", Value: method}, {Name: "params", Value: params}}
	}
	serve(t, func(d *daemon) {
		for _, c := range []struct {
			args []any
			want string
		}{
			{[]any{[]any{one("supervisor.getAPIVersion"), one("supervisor.getState")}}, `["3.0" {statecode=1 statename="RUNNING"}]`},
			{[]any{[]any{xmlrpc.Struct{{Name: "methodName", Value: "supervisor.getAPIVersion"}}}}, `["3.0"]`},
			{[]any{[]any{one("supervisor.startProcess", "solo"), one("supervisor.startProcess", "solo"), one("supervisor.stopProcess", "solo")}},
				`[true {faultCode=60 faultString="ALREADY_STARTED: solo"} true]`},
			{[]any{[]any{one("supervisor.signalAllProcesses", "HUP"), one("nope")}},
				`[[{name="a" group="g" status=80 description="OK"}] {faultCode=1 faultString="UNKNOWN_METHOD"}]`},
			{[]any{[]any{xmlrpc.Struct{{Name: "params", Value: []any{}}}}}, `[{faultCode=2 faultString="INCORRECT_PARAMETERS: No methodName"}]`},
			{[]any{[]any{one("system.multicall", []any{})}}, `[{faultCode=2 faultString="INCORRECT_PARAMETERS: Recursive system.multicall forbidden"}]`},
			{[]any{[]any{one("supervisor.getState", 1)}}, `[{faultCode=2 faultString="INCORRECT_PARAMETERS"}]`},
			{[]any{[]any{}}, "[]"},
			{[]any{[]any{1}}, "HTTP 500"},
			{[]any{"text"}, "HTTP 500"},
			{nil, "2 INCORRECT_PARAMETERS"},
			{[]any{[]any{}, 1}, "2 INCORRECT_PARAMETERS"},
		} {
			if got := d.call("system.multicall", c.args...); got != c.want {
				t.Errorf("%s: %s\nwant %s", show(c.args), got, c.want)
			}
		}
		if got := d.call("system.multicall", []any{one("supervisor.getProcessInfo", 5), one("supervisor.getAPIVersion")}); !strings.HasPrefix(got, "[{faultCode=30 faultString=\"FAILED: ") || !strings.HasSuffix(got, `"} "3.0"]`) {
			t.Error(got)
		}
	})
}

// TestWhatIsNoCallIsRefusedQuickly: wrong verbs, no length, far too much, too deep, and text that multiplies itself.
// holds: HTTP-001 HTTP-002 HTTP-003 HTTP-007 HTTP-017 SEC-008
// fault: 3
func TestWhatIsNoCallIsRefusedQuickly(t *testing.T) {
	t.Parallel()
	const getAPI = "<methodCall><methodName>supervisor.getAPIVersion</methodName></methodCall>"
	deep := strings.Repeat("<value><array><data>", 200_000)
	var bomb strings.Builder
	bomb.WriteString(`<!DOCTYPE x [<!ENTITY a0 "lol">`)
	for i := range 30 {
		fmt.Fprintf(&bomb, `<!ENTITY a%d "&a%d;&a%d;&a%d;&a%d;">`, i+1, i, i, i, i)
	}
	bomb.WriteString("]><methodCall><methodName>&a30;</methodName></methodCall>")
	with := func(line, headers, body string) string { return line + " HTTP/1.1\r\n" + headers + "\r\n" + body }
	length := func(s string) string { return fmt.Sprintf("Content-Length: %d\r\n", len(s)) }
	serve(t, func(d *daemon) {
		for _, c := range []struct{ name, request, want string }{
			{"a call", with("POST /RPC2", length(getAPI), getAPI), "200"},
			{"a call elsewhere", with("POST /RPC2/foo", length(getAPI), getAPI), "200"},
			{"a call with a question", with("POST /RPC2foo?x=1", length(getAPI), getAPI), "200"},
			{"a call in percents", with("POST /%52PC2", length(getAPI), getAPI), "200"},
			{"a call in small letters", with("POST /rpc2", length(getAPI), getAPI), "400"},
			{"GET", with("GET /RPC2", "", ""), "400"},
			{"HEAD", with("HEAD /RPC2", "", ""), "400"},
			{"PUT", with("PUT /RPC2", length(getAPI), getAPI), "400"},
			{"no length", with("POST /RPC2", "", ""), "411"},
			{"chunks", with("POST /RPC2", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), "411"},
			{"nothing", with("POST /RPC2", "Content-Length: 0\r\n", ""), "400"},
			{"a hundred megabytes, of which none is read", with("POST /RPC2", "Content-Length: 100000000\r\n", ""), "413"},
			{"no XML", with("POST /RPC2", "Content-Length: 5\r\n", "hello"), "400"},
			{"no method", with("POST /RPC2", "Content-Length: 13\r\n", "<methodCall/>"), "400"},
			{"nested without end", with("POST /RPC2", length("<methodCall><methodName>x</methodName><params><param>"+deep), "<methodCall><methodName>x</methodName><params><param>"+deep), "400"},
			{"a bomb of entities", with("POST /RPC2", length(bomb.String()), bomb.String()), "400"},
			{"entities in use", with("POST /RPC2", length(`<!DOCTYPE x [<!ENTITY v "API">]>`+strings.Replace(getAPI, "API", "&v;", 1)), `<!DOCTYPE x [<!ENTITY v "API">]>`+strings.Replace(getAPI, "API", "&v;", 1)), "200"},
		} {
			got := d.raw(c.request)
			if f := strings.Fields(got); len(f) < 2 || f[1] != c.want {
				t.Errorf("%s: %.60q, want %s", c.name, got, c.want)
			}
		}
	})
}

// TestArgumentsAreReadAsPythonReadsThem: what fits is taken, what does not is a fault, a 500, or a name nobody has.
// holds: RPC-006 HTTP-006 HTTP-007 HTTP-008
func TestArgumentsAreReadAsPythonReadsThem(t *testing.T) {
	t.Parallel()
	call := func(method string, params ...string) string {
		return "<methodCall><methodName>" + method + "</methodName><params>" + strings.Join(params, "") + "</params></methodCall>"
	}
	p := func(v string) string { return "<param><value>" + v + "</value></param>" }
	serve(t, func(d *daemon) {
		for _, c := range []struct{ body, want string }{
			{call("supervisor.readLog", p("<double>0.9</double>"), p("<double>4.9</double>")), "<string>2000</string>"},
			{call("supervisor.readLog", p("<boolean>0</boolean>"), p("<i8>4</i8>")), "<string>2000</string>"},
			{call("supervisor.readLog", p("<int> 0 </int>"), p(" 4 ")), "<string>2000</string>"},
			{call("supervisor.readLog", p("<nil/>"), p("<int>4</int>")), "INCORRECT_PARAMETERS"},
			{call("supervisor.readLog", p("<int>zero</int>"), p("<int>4</int>")), "HTTP 400"},
			{call("supervisor.getProcessInfo", p("<nil/>")), "HTTP 500"},
			{call("supervisor.getProcessInfo", p("<dateTime.iso8601>20000101T00:00:00</dateTime.iso8601>")), "HTTP 500"},
			{call("supervisor.getProcessInfo", p("<array><data></data></array>")), "HTTP 500"},
			{call("supervisor.getProcessInfo", p("<base64>ZzphCg==</base64>")), "BAD_NAME: g:a"},
			{call("supervisor.getProcessInfo", p("g:a")), "<string>RUNNING</string>"},
			{call("supervisor.startProcess", p("g:a"), p("<string></string>")), "ALREADY_STARTED: g:a"},
			{call("supervisor.stopProcessGroup", p("<boolean>1</boolean>")), "BAD_NAME: True"},
			{call("supervisor.stopProcessGroup", p("<double>1.5</double>")), "BAD_NAME: 1.5"},
			{call("supervisor.stopProcessGroup", p("<struct></struct>")), "INCORRECT_PARAMETERS"},
		} {
			status, body := d.post(c.body)
			got := body
			if status != 200 {
				got = fmt.Sprint("HTTP ", status)
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("%s\n%s\nwant %s", c.body, got, c.want)
			}
		}
		heard := d.Bus.Subscribe(bus.Of("REMOTE_COMMUNICATION"), 10)
		defer heard.Close()
		d.call("supervisor.sendRemoteCommEvent", 5, []any{"x", true, 1.0})
		if got, _, err := heard.Next(t.Context()); err != nil || got.Event.Kind != "5" || string(got.Event.Data) != "['x', True, 1.0]" {
			t.Errorf("%+v %v", got, err)
		}
	})
}

// TestMulticallHoldsNoMoreThanItMay: a small request for much, often, is refused before it is the daemon's memory.
func TestMulticallHoldsNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	serve(t, func(d *daemon) {
		one := xmlrpc.Struct{{Name: "methodName", Value: "supervisor.getAllConfigInfo"}}
		for n, want := range map[int]string{3: "", 40_000: "30 FAILED: the results are too long together"} {
			calls := make([]any, n)
			for i := range calls {
				calls[i] = one
			}
			if got := d.call("system.multicall", calls); got != want && (want != "" || !strings.HasPrefix(got, "[[{")) {
				t.Errorf("%d: %.80s", n, got)
			}
		}
	})
}
