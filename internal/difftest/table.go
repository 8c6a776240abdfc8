package difftest

import (
	"regexp"
	"strings"
)

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// Masks are differences that touch a word or a line of many outcomes.
var Masks = []Mask{
	{Find: re(`(?m)^(For help, use \S+ -h) \(see .*\)$`), With: "$1", Reason: "an error of the configuration also says the file and line to look at", Readme: "error in a file"},
	{Find: re(`\b4\.(2\.5|4\.0)\b`), With: "VERSION", Reason: "we speak as 4.4 (VER-009)", Readme: "`4.4.0`"},
	{Find: re(`<member>\n<name>autorestart</name>\n<value>.*</value>\n</member>\n`), With: "", Reason: "4.4 tells autorestart (VER-002)", Readme: "`getAllConfigInfo`"},
	{Find: re(`(cannot be resolved within \[[^\]]*\]): .*`), With: "$1", Reason: "4.4 says why a module cannot be imported (VER-005)", Readme: "plug-in that cannot be resolved"},
	{Find: re(`(?m)^(?:\S+:\d+: )?UserWarning: (.*)\n(?:  self\.warnings\.warn\(\n)?`), With: "UserWarning: $1\n", Reason: "a warning does not name a line of Python", Readme: "`UserWarning`"},
	{Find: re(`(?m)(error: <class .*?)(?:: file: F line: N)?$`), With: "$1", Reason: "an unexpected error does not name a line of Python", Readme: "`error: <class ...>`"},
	{Find: re(`(?m)^WARN Unknown (?:option|section) .*\n`), With: "", Reason: "misspelt options and sections are warned about", Readme: "misspelt option or section"},
	{Find: re(`(?m)^WARN \S+: cannot judge its result by .*\n`), With: "", Reason: "a result handler that raises says why in the log", Readme: "`result_handler`"},
	{Find: re(`(?s)^(HTTP/1\.\d 401 .*)\((?:open|closed)\)\n$`), With: "$1", Reason: "a connection that is answered 401 and Connection: close is closed (SEC-002)", Readme: "after a 401"},
	{Find: re(`\(stderr\)\nunknown/unsupported auth method: digest\n`), With: "", Reason: "an unknown way of authentication is a 401 and no line on stderr", Readme: "credentials that are no base64"},
	{Find: re(`(?m)^ERRO \S+:Server Error: .*\n`), With: "", Reason: "credentials that cannot be read are a 401 and no internal error", Readme: "credentials that are no base64"},
	{Find: re(`(?m)^(?:INFO audit: .*|WARN refused .*: credentials that nobody has)\n`), With: "", Reason: "who changed what, and who could not prove to be somebody, is logged", Readme: "a line for each change that somebody asks for"},
	{Do: withoutTracebacks, Reason: "the log tells of an internal error in one line, without a traceback of Python", Readme: "internal errors"},
	{Find: re(`FAILED: (?:&lt;class .*|argument of a type that the method cannot take)</string>`), With: "FAILED</string>",
		Reason: "an internal error in a multicall does not name a class of Python", Readme: "`system.multicall`"},
}

// internalError begins the log's words about an error that is nobody's but ours.
var internalError = re(`^(CRIT Handling XML-RPC request with data ).*`)

// withoutTracebacks takes out of a main log what follows such a line.
func withoutTracebacks(log string) string {
	var out []string
	inside := false
	for line := range strings.SplitSeq(log, "\n") {
		switch {
		case internalError.MatchString(line):
			out, inside = append(out, internalError.ReplaceAllString(line, "$1")), true
		case leveled.MatchString(line) || strings.HasPrefix(line, "  about "):
			inside = false
		}
		if !inside {
			out = append(out, line)
		}
	}
	return strings.TrimSuffix(strings.Join(out, "\n"), "\n")
}

// Table lists what we do otherwise on purpose.
var Table = []Intended{
	{"", re(`^run supervisor(d|ctl) (-c bare )?(-h|-\?|--help|-hv)( extra)?$`), re(`^exit 0\nsupervisor(d|ctl) -- `),
		"the help is in our words", "help texts"},
	{"", re(`^ctl help`), re(`^exit 0\n`),
		"the help is in our words", "help texts"},
	{"", re(`^run echo_supervisord_conf`), re(`^exit 0\n; Sample supervisor config file\.\n`),
		"the sample is in our words", "sample configuration"},
	{"", re(`^rpc system.methodHelp `), re(`^200 OK`),
		"the help of methods is in our words", "`system.methodHelp`"},
	{"", re(`^run supervisorctl -c (garbage|broken|included) `), re(`^exit 2\n\(stderr\)\nError: (Source contains parsing errors|File contains no section headers)`),
		"supervisorctl reports a broken file as supervisord does (CFG-100)", "`supervisorctl` with a broken file"},
	{"sec-auth", re(`Basic (!!!!|dXNlcg==)`), re(`^HTTP/1.1 401 `),
		"credentials that cannot be read are a 401 (SEC-003)", "credentials that are no base64"},
	{"cli-daemon-refused", re(`^run supervisord -n -c factory$`), re(`^exit 2\n(.|\n)*Error: no\.such:thing cannot be resolved within \[rpcinterface:x\]`),
		"an interpreter is asked, so the main log is open by then", "plug-in that nobody finds"},
	{"cfg-refused/handler", re(`^run supervisord -n -c handler.bad$`), re(`^exit 2\n(.|\n)*Error: no\.such:thing cannot be resolved within \[eventlistener:e\]`),
		"an interpreter is asked, so the main log is open by then", "plug-in that nobody finds"},
	{"cfg-refused/handler", re(`^sh ls supervisord.log`), re(`supervisord\.log\n`),
		"an interpreter is asked, so the main log is open by then", "plug-in that nobody finds"},
	{"cfg-bom", re(`.`), nil,
		"a byte order mark is skipped (CFG-101)", "byte order mark"},
	{"sig-usr1", re(`alive|the end`), re(`alive|^exit 0`),
		"SIGUSR1 is ignored instead of killing the daemon and leaving its programs (SIG-005)", "`SIGUSR1`"},
	{"sig-hup-broken", re(`.`), re(`alive|RUNNING|^exit 0`),
		"a restart into a broken file does not happen (SIG-008)", "HUP, `reload` with a broken file"},
	{"cfg-default", re(`^run supervisord`), re(`takes no option autostart(.|\n)*Could not make supervisor rpc interface`),
		"a line instead of a Python traceback (CFG-097)", "option that the built-in RPC interface"},
	{"", re(`^http.*(Content-Length|Authorization):\S`), re(`^HTTP/1.1 (200|404) `),
		"a header needs no blank after its colon (HTTP-016)", "header without a blank"},
	{"http-rpc", re(`^http 0 .*Content-Length: 0`), re(`HTTP/1.1 400 Bad Request`),
		"an empty request is answered with 400 (HTTP-003)", "`Content-Length: 0`"},
	{"http-rpc", re(`^http 0 .*HTTP/1.1\\nContent-Length: 69\\n`), re(`HTTP/1.1 200 OK`),
		"lines may end without carriage return (HTTP-014)", "bare line feeds"},
	{"http-rpc", re(`^http 1 "GET /nope\\r`), re(`^\(no answer: closed\)`),
		"requests of HTTP/0.9 are not answered (HTTP-015)", "request line without a version"},
	{"", re(`^http 1 "HEAD `), re(`(?s)^HTTP/1\.1 40\d .*text/html\n\n+\((open|closed)\)\n?$`),
		"an answer to HEAD has no body, or it would be taken for the next answer", "HEAD"},
	{"http-logtail", re(`GET /logtail HTTP`), re(`^HTTP/1.1 404 `),
		"a log tail of nobody is a 404 (HTTP-019)", "`/logtail` without a name"},
	{"", re(`^run pidproxy( x)?$`), re(`^exit 1\n`),
		"the help is in our words", "help texts"},
	{"ctl-dead", re(`^ctl (reread|update|reload|avail|add|remove)`), re(`^exit 1\nunix://DIR/s (no such file|refused connection)\n$`),
		"every command says of a dead server what most of them say (CTL-007)", "against a dead server"},
}
