package rest

import (
	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
)

// waitBody is the body of requests that may take long.
type waitBody struct {
	// Wait answers only when it is done; without it, true. If the client hangs
	// up meanwhile, what was begun goes on.
	Wait *bool `json:"wait,omitempty"`
}

// signalBody names a signal.
type signalBody struct {
	Signal string `json:"signal"` // by name (HUP, SIGHUP) or number (1)
}

// stdinBody is what a process is to read: either text or bytes.
type stdinBody struct {
	Data  string `json:"data,omitempty"`        // sent as UTF-8
	Bytes []byte `json:"data_base64,omitempty"` // sent as they are
}

// eventBody is an event from outside.
type eventBody struct {
	Type string `json:"type"` // goes into the event's type
	Data string `json:"data"` // the event's body
}

func (a *ask) wait() bool {
	w := a.body.(*waitBody).Wait
	return w == nil || *w
}

func (a *ask) signal() string { return a.body.(*signalBody).Signal }

// input is what is to be written.
func (a *ask) input() ([]byte, error) {
	b := a.body.(*stdinBody)
	if b.Data != "" && b.Bytes != nil {
		return nil, fault.New(fault.IncorrectParameters, "data or data_base64, not both")
	}
	if b.Bytes != nil {
		return b.Bytes, nil
	}
	return []byte(b.Data), nil
}

// done answers a request that has nothing to tell but that it was obeyed.
func done(err error) (any, error) { return client.Done{Done: err == nil}, err }

// results tells what became of each.
func results(list []service.Result, err error) (any, error) {
	out := client.Results{Results: make([]client.Result, 0, len(list))}
	for _, r := range list {
		out.Results = append(out.Results, client.Result{
			Name: service.Namespec(r.Group, r.Name), Group: r.Group, Process: r.Name,
			Code: int(r.Status), Fault: r.Status.String(), Message: r.Description,
		})
	}
	return out, err
}

// either answers a request whose name may have meant a whole group. One process has one result.
func (a *ask) either(list []service.Result, whole bool, err error) (any, error) {
	if whole || err != nil {
		return results(list, err)
	}
	d, err := a.f.s.Detail(a.ctx, a.name)
	if f, ok := fault.As(err); ok && (f.Kind == fault.BadName || f.Kind == fault.ShutdownState) {
		return results(nil, nil) // it is done, and the process has gone since
	}
	return results([]service.Result{{Name: d.Name, Group: d.Group, Status: fault.Success, Description: "OK"}}, err)
}

func oneStart(a *ask) (any, error) {
	return a.either(a.f.s.Start(a.waiting(a.wait()), a.name, a.wait()))
}

func oneStop(a *ask) (any, error) {
	return a.either(a.f.s.Stop(a.waiting(a.wait()), a.name, a.wait()))
}

func oneRestart(a *ask) (any, error) {
	return a.either(a.f.s.RestartProcess(a.waiting(a.wait()), a.name, a.wait()))
}

func oneSignal(a *ask) (any, error) {
	return a.either(a.f.s.Signal(a.ctx, a.name, a.signal()))
}

func oneClear(a *ask) (any, error) {
	return a.either(nil, false, a.f.s.ClearProcessLogs(a.ctx, a.name))
}

func oneWrite(a *ask) (any, error) {
	data, err := a.input()
	if err != nil {
		return nil, err
	}
	return a.either(nil, false, a.f.s.Write(a.ctx, a.name, data))
}

func groupStart(a *ask) (any, error) {
	return results(a.f.s.StartGroup(a.waiting(a.wait()), a.name, a.wait()))
}

func groupStop(a *ask) (any, error) {
	return results(a.f.s.StopGroup(a.waiting(a.wait()), a.name, a.wait()))
}

func groupRestart(a *ask) (any, error) {
	return results(a.f.s.RestartGroup(a.waiting(a.wait()), a.name, a.wait()))
}

func groupSignal(a *ask) (any, error) {
	return results(a.f.s.SignalGroup(a.ctx, a.name, a.signal()))
}

func groupClear(a *ask) (any, error) { return results(a.f.s.ClearGroupLogs(a.ctx, a.name)) }

func groupWrite(a *ask) (any, error) {
	data, err := a.input()
	if err != nil {
		return nil, err
	}
	return results(a.f.s.WriteGroup(a.ctx, a.name, data))
}

func addGroup(a *ask) (any, error)    { return done(a.f.s.AddGroup(a.ctx, a.name)) }
func removeGroup(a *ask) (any, error) { return done(a.f.s.RemoveGroup(a.ctx, a.name)) }

func allStart(a *ask) (any, error) {
	return results(a.f.s.StartAll(a.waiting(a.wait()), a.wait()))
}

func allStop(a *ask) (any, error) {
	return results(a.f.s.StopAll(a.waiting(a.wait()), a.wait()))
}

func allRestart(a *ask) (any, error) {
	return results(a.f.s.RestartAll(a.waiting(a.wait()), a.wait()))
}

func allSignal(a *ask) (any, error) { return results(a.f.s.SignalAll(a.ctx, a.signal())) }
func allClear(a *ask) (any, error)  { return results(a.f.s.ClearAllProcessLogs(a.ctx)) }

func allWrite(a *ask) (any, error) {
	data, err := a.input()
	if err != nil {
		return nil, err
	}
	return results(a.f.s.WriteAll(a.ctx, data))
}
