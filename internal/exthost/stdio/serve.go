package stdio

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
)

// told takes a notification of the guest's. One that we do not know is passed over.
func (l *life) told(m jsonrpc.Message) {
	switch m.Method {
	case "log":
		var p struct {
			Level string `json:"level"`
			Text  string `json:"text"`
		}
		if json.Unmarshal(m.Params, &p) != nil {
			l.breach("log takes level and text", m.Params)
			return
		}
		level, known := levels[p.Level]
		if !known {
			level = ext.Info
		}
		text := p.Text[:min(len(p.Text), longestLog)]
		l.pace(len(text))
		l.g.host.Log(level, "%s", text)
	case "cancel":
		var p struct {
			ID json.RawMessage `json:"id"`
		}
		if json.Unmarshal(m.Params, &p) == nil {
			l.mu.Lock()
			cancel := l.serving[string(p.ID)]
			l.mu.Unlock()
			if cancel != nil {
				cancel()
			}
		}
	}
}

// pace waits when the guest has had its share of the main log for now: a flood would rotate away what others said there.
// Meanwhile its pipe is left alone, so that nothing is lost. It is called by whoever reads.
func (l *life) pace(n int) {
	select {
	case <-l.share:
		l.share = nil
	default:
	}
	if l.share == nil {
		l.share, l.logged = time.After(time.Second), 0
	}
	l.logged += n + aroundLog
	if l.logged < logASecond {
		return
	}
	select {
	case <-l.share:
		l.share = nil
	case <-l.ctx.Done():
	}
}

var levels = map[string]ext.Level{
	"debug": ext.Debug, "info": ext.Info, "warn": ext.Warn, "error": ext.Error, "critical": ext.Critical,
}

// asked takes a request of the guest's: a call of the API.
func (l *life) asked(m jsonrpc.Message) {
	if m.Method != "call" {
		l.refuse(m.ID, jsonrpc.MethodNotFound, "the daemon has no "+m.Method+", there is only call")
		return
	}
	var p struct {
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	if err := json.Unmarshal(m.Params, &p); m.Params == nil || err != nil || p.Method == "" {
		l.refuse(m.ID, jsonrpc.InvalidParams, "call takes method and params")
		return
	}
	args := []any{}
	if p.Params != nil {
		v, err := jsonrpc.ParseValue(p.Params)
		list, isList := v.([]any)
		if err != nil || !isList {
			l.refuse(m.ID, jsonrpc.InvalidParams, "params are no array of values: "+words(err))
			return
		}
		args = list
	}
	ctx, why := l.enter(m.ID)
	if why != "" {
		l.refuse(m.ID, jsonrpc.InvalidRequest, why)
		return
	}
	l.g.work.Go(func() { l.serve(ctx, m.ID, p.Method, args) })
}

func words(err error) string {
	if err == nil {
		return "it is something else"
	}
	return err.Error()
}

// enter begins to serve a request, if it may be.
func (l *life) enter(id string) (context.Context, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, twice := l.serving[id]; twice {
		return nil, "a request with this id is being served"
	}
	if len(l.serving) >= mostRequests {
		return nil, "too many requests are being served"
	}
	ctx, cancel := context.WithCancel(l.ctx)
	l.serving[id] = cancel
	return ctx, ""
}

// serve calls and answers.
func (l *life) serve(ctx context.Context, id, method string, args []any) {
	v, err := l.g.host.Call(ctx, method, args...)
	var text []byte
	if err == nil {
		text, err = jsonrpc.AppendValue(nil, v)
	}
	l.mu.Lock()
	l.serving[id]()
	delete(l.serving, id)
	l.mu.Unlock()
	if err == nil {
		l.answer(func(b []byte) []byte { return jsonrpc.AppendResult(b, id, text) })
		return
	}
	var f *ext.Fault
	if errors.As(err, &f) {
		l.refuse(id, int(f.Code), f.Text)
		return
	}
	l.refuse(id, jsonrpc.InternalError, err.Error())
}

func (l *life) refuse(id string, code int, why string) {
	l.answer(func(b []byte) []byte { return jsonrpc.AppendFailure(b, id, &jsonrpc.Error{Code: code, Text: why}) })
}

// answer writes an answer. A guest that asks and does not read is none.
func (l *life) answer(spell func([]byte) []byte) {
	l.mu.Lock()
	var err error
	if !l.broken {
		l.buf = spell(l.buf[:0])
		err = l.send()
	}
	l.mu.Unlock()
	if err != nil {
		l.breach(err.Error(), nil)
	}
}
