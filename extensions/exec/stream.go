package exec

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"sync"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/ext"
)

// request is the body of POST /ext/NAME/run.
type request struct {
	Command any     `json:"command"` // a list of words, or a line for a shell
	Options Options `json:"options"`
}

// event is one line of the answer: output, or how it ended, or why it did not begin. Data is text, Base64 bytes that
// are none.
type event struct {
	Stream string  `json:"stream,omitempty"` // stdout or stderr
	Data   string  `json:"data,omitempty"`
	Base64 []byte  `json:"base64,omitempty"`
	Exit   *Answer `json:"exit,omitempty"`
	Fault  *wrong  `json:"fault,omitempty"`
}

// wrong is a fault as JSON.
type wrong struct {
	Code ext.Code `json:"code"`
	Text string   `json:"text"`
}

// Page makes no entry in the menu.
func (x *Exec) Page() ext.Page { return ext.Page{Access: x.access} }

// ServeHTTP runs the command of POST run and sends what it writes as it comes, one JSON object a line. It ends when the
// caller leaves. What cannot be begun is answered with a status and one line.
func (x *Exec) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.URL.Path != "/run":
		refuse(w, http.StatusNotFound, ext.Refuse(ext.UnknownMethod, "there is only run"))
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, ext.Refuse(ext.BadArguments, "a command is posted"))
		return
	case kind != "application/json": // which no form of another site can send
		refuse(w, http.StatusUnsupportedMediaType, ext.Refuse(ext.BadArguments, "a command is posted as application/json"))
		return
	}
	var q request
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		refuse(w, http.StatusBadRequest, ext.Refuse(ext.IncorrectParameters, "%s", err))
		return
	}
	o, err := x.order(r.Context(), q.Command, &q.Options)
	if err != nil {
		refuse(w, http.StatusForbidden, err)
		return
	}
	x.stream(r.Context(), w, o)
}

func refuse(w http.ResponseWriter, status int, err error) {
	f := &ext.Fault{Code: ext.Failed, Text: err.Error()}
	errors.As(err, &f)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	line, _ := json.Marshal(event{Fault: &wrong{f.Code, f.Text}})
	_, _ = w.Write(append(line, '\n'))
}

// stream carries an order out.
func (x *Exec) stream(ctx context.Context, w http.ResponseWriter, o *order) {
	s := &lines{w: w}
	out, errs := &output{s: s, name: "stdout"}, &output{s: s, name: "stderr"}
	o.c.Stdout, o.c.Stderr = out, errs
	a, err := x.carryOut(ctx, o)
	if err != nil && !s.begun() {
		refuse(w, http.StatusConflict, err)
		return
	}
	out.flush()
	errs.flush()
	s.send(event{Exit: a})
}

// lines is the answer on its way, of both outputs.
type lines struct {
	mu    sync.Mutex // guards what follows
	w     http.ResponseWriter
	began bool
	line  bytes.Buffer
}

func (s *lines) begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.began
}

func (s *lines) send(e event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.began {
		s.began = true
		s.w.Header().Set("Content-Type", "application/x-ndjson")
		s.w.Header().Set("Cache-Control", "no-store")
	}
	s.line.Reset()
	to := json.NewEncoder(&s.line)
	to.SetEscapeHTML(false)
	if err := to.Encode(e); err != nil {
		return err
	}
	if _, err := s.w.Write(s.line.Bytes()); err != nil {
		return err
	}
	return http.NewResponseController(s.w).Flush()
}

// output is one output of the command; a letter that is not whole yet waits for its rest.
type output struct {
	s    *lines
	name string
	rest []byte
}

func (o *output) Write(p []byte) (int, error) {
	text := append(o.rest, p...)
	whole := len(text) - tail(text)
	o.rest = append([]byte(nil), text[whole:]...)
	return len(p), o.send(text[:whole])
}

func (o *output) flush() {
	_ = o.send(o.rest)
	o.rest = nil
}

func (o *output) send(p []byte) error {
	switch {
	case len(p) == 0:
		return nil
	case written(p):
		return o.s.send(event{Stream: o.name, Data: string(p)})
	}
	return o.s.send(event{Stream: o.name, Base64: p})
}

// written tells whether bytes are better sent as text: JSON makes six of every control character.
func written(p []byte) bool {
	return utf8.Valid(p) && bytes.IndexFunc(p, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' && r != '\r' && r != '\x1b' || r == 0x7f
	}) < 0
}

// tail is how many bytes at the end may be the beginning of a letter.
func tail(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if c := p[len(p)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(p[len(p)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}
