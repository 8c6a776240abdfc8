package rpc2

import (
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// wordless is whether a refusal would come to Supervisor's own supervisorctl for one process: it has words for the faults
// that it knows, and of any other it tells "Unknown result code 403" and not the reason. What it tells whole is an HTTP
// status. It alone sends these two headers together, as do clients made of supervisor.xmlrpc; all others get the fault.
func wordless(r *httpd.Request, method string) bool {
	switch method {
	case "supervisor.startProcess", "supervisor.stopProcess", "supervisor.signalProcess", "supervisor.clearProcessLog", "supervisor.clearProcessLogs":
		return r.Get("Accept") == "text/xml" && strings.HasPrefix(r.Get("User-Agent"), "Python-xmlrpc/")
	}
	return false
}

// inTheStatus tells a refusal behind the status.
func inTheStatus(refused *fault.Error) *httpd.Response {
	reason := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' { // the line of a status is ASCII
			return '?'
		}
		return c
	}, refused.Error())
	body := reason + "\n"
	return &httpd.Response{Status: 403, Reason: reason, Body: []byte(body), Header: []httpd.Field{
		{Name: "Content-Type", Value: "text/plain"}, {Name: "Content-Length", Value: strconv.Itoa(len(body))},
	}}
}
