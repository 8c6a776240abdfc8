package python

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// message is a line of the interpreter's.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *problem        `json:"error"`
}

// problem is a refusal in JSON-RPC's form.
type problem struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    map[string]any `json:"data,omitempty"`
}

// answer is what became of a call.
type answer struct {
	Call     int64             `json:"call"`
	XML      string            `json:"xml"`
	Fault    []json.RawMessage `json:"fault"` // code and text
	Crash    string            `json:"crash"` // a traceback
	Text     string            `json:"text"`  // of the exception, with its class
	Marshal  bool              `json:"marshal"`
	Deferred bool              `json:"deferred"`
}

// most is how many requests of plug-ins are served at a time: more are refused.
const most = 256

// patient is how many lines of nonsense are told; who goes on says nothing new.
const patient = 10

// hear takes a line. What cannot be understood is told in the log, by its beginning.
func (l *life) hear(line []byte) {
	if id, result, ok := plain(line); ok {
		l.settle(id, reply{raw: result})
		return
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		if l.nonsense.Add(1) <= patient {
			l.b.o.Journal.PythonNonsense(line)
		}
		return
	}
	switch {
	case m.Method == "":
		l.answered(&m)
	case len(m.ID) == 0 || string(m.ID) == "null":
		l.told(m.Method, m.Params)
	default:
		l.requested(&m)
	}
}

// answered hands an answer to who waits for it.
func (l *life) answered(m *message) {
	id, err := strconv.ParseInt(string(m.ID), 10, 64)
	if err != nil {
		return
	}
	if m.Error != nil {
		l.settle(id, reply{err: errors.New(m.Error.Message)})
		return
	}
	l.settle(id, reply{raw: m.Result})
}

// plain takes an answer apart that is written as our own host writes most of them. Whoever decodes the result finds out
// if it is none.
func plain(line []byte) (id int64, result json.RawMessage, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"jsonrpc":"2.0","id":`))
	for len(rest) > 0 && '0' <= rest[0] && rest[0] <= '9' && id < math.MaxInt64/10-1 {
		id, rest = 10*id+int64(rest[0]-'0'), rest[1:]
	}
	if ok {
		rest, ok = bytes.CutPrefix(rest, []byte(`,"result":`))
	}
	if ok {
		rest, ok = bytes.CutSuffix(rest, []byte("}"))
	}
	return id, json.RawMessage(rest), ok && len(rest) > 0
}

// settle gives an answer to whoever waits for it, if somebody still does.
func (l *life) settle(id int64, r reply) {
	l.mu.Lock()
	take := l.waiting[id]
	delete(l.waiting, id)
	l.mu.Unlock()
	if take != nil {
		take(r)
	}
}

// told takes a notification.
func (l *life) told(method string, params json.RawMessage) {
	switch method {
	case "log":
		var p struct {
			Level int
			Text  string
		}
		if json.Unmarshal(params, &p) == nil {
			l.b.o.Journal.Python(config.Level(p.Level), p.Text)
		}
	case "rpc.result":
		var a answer
		if json.Unmarshal(params, &a) != nil {
			return
		}
		l.mu.Lock()
		c := l.deferred[a.Call]
		delete(l.deferred, a.Call)
		l.mu.Unlock()
		if c != nil {
			c <- reply{answer: a}
		}
	case "events.mask":
		var p struct{ Types []string }
		if json.Unmarshal(params, &p) == nil {
			l.listen(p.Types)
		}
	}
}

// requested serves a request in a goroutine of its own: it may wait, and it may call back.
func (l *life) requested(m *message) {
	serve, known := served[m.Method]
	l.mu.Lock()
	crowded := l.serving >= most
	if !crowded {
		l.serving++
	}
	l.mu.Unlock()
	switch {
	case crowded:
		l.respond(m.ID, nil, &problem{Code: -32000, Message: "too many requests at a time"})
		return
	case !known:
		l.respond(m.ID, nil, &problem{Code: -32601, Message: "no such request: " + m.Method})
		l.served()
		return
	}
	l.tasks.Go(func() {
		defer l.served()
		result, err := serve(l, m.Params)
		if err != nil {
			l.respond(m.ID, nil, problemOf(err))
			return
		}
		l.respond(m.ID, result, nil)
	})
}

func (l *life) served() {
	l.mu.Lock()
	l.serving--
	l.mu.Unlock()
}
