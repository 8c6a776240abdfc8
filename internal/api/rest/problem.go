package rest

import (
	"context"
	"errors"
	"fmt"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

const failed = fault.Failed

// words say what each kind of refusal means; what it is about stands for the %s.
var words = map[fault.Kind]string{
	fault.UnknownMethod:        "there is no such method",
	fault.IncorrectParameters:  "the parameters are not those that the method takes",
	fault.BadArguments:         "the arguments make no sense together",
	fault.SignatureUnsupported: "there is no such method, or it does not tell its signature",
	fault.ShutdownState:        "supervisord is shutting down",
	fault.BadName:              "there is no process or group called %s",
	fault.BadSignal:            "there is no signal called %s",
	fault.NoFile:               "there is no such file: %s",
	fault.NotExecutable:        "this cannot be executed: %s",
	fault.Failed:               "it went wrong: %s",
	fault.AbnormalTermination:  "%s ended before it was up",
	fault.SpawnError:           "%s could not be started",
	fault.AlreadyStarted:       "%s is started already",
	fault.NotRunning:           "%s is not running",
	fault.Success:              "OK",
	fault.AlreadyAdded:         "group %s is active already",
	fault.StillRunning:         "group %s has processes that are running",
	fault.Forbidden:            "that is not allowed",
	fault.CantReread:           "the configuration cannot be read: %s",
}

// explain words a refusal. A kind of an extension's own is told as it is.
func explain(f *fault.Error) string {
	w, known := words[f.Kind]
	switch {
	case !known || w == "":
		return f.Error()
	case !hasPlace(w) && f.Detail != "":
		return w + ": " + f.Detail
	case !hasPlace(w):
		return w
	}
	return fmt.Sprintf(w, f.Detail)
}

func hasPlace(w string) bool {
	for i := 0; i+1 < len(w); i++ {
		if w[i] == '%' {
			return true
		}
	}
	return false
}

// refuse answers an error. What is no refusal is a defect of ours or of an extension; it is logged, and its text is
// nobody's business.
func (f *Face) refuse(r *httpd.Request, err error) *httpd.Response {
	if refused, ok := fault.As(err); ok {
		return problem(refused.Kind.Row().HTTP, refused.Kind, explain(refused))
	}
	if errors.Is(err, context.Canceled) {
		return nil // the client has hung up
	}
	if f.o.Internal != nil {
		f.o.Internal("answer "+r.Line, err)
	}
	return problem(500, failed, "an internal error; see the main log")
}

func problem(status int, kind fault.Kind, message string, more ...httpd.Field) *httpd.Response {
	resp := spell(status, client.Problem{Code: int(kind), Fault: kind.String(), Message: message})
	resp.Header = append(resp.Header, more...)
	return resp
}

// Refuse is a refusal of whoever may not come in.
func Refuse(status int, text string) *httpd.Response { return problem(status, fault.Forbidden, text) }

// wrong refuses what was asked in a way that nobody understands.
func wrong(format string, args ...any) *httpd.Response {
	return problem(400, fault.IncorrectParameters, fmt.Sprintf(format, args...))
}

func noRoute(path string) *httpd.Response {
	return problem(404, fault.UnknownMethod, "there is nothing at "+path+"; see /api/v1/openapi.json")
}

func wrongMethod(method, allowed string) *httpd.Response {
	return problem(405, fault.UnknownMethod, "this path takes "+allowed+", not "+method, httpd.Field{Name: "Allow", Value: allowed})
}
