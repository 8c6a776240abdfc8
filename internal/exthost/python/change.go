package python

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
)

// drafts are configurations of processes that plug-ins have had read and may add: the daemon keeps what it has read, so
// that what is added has been checked.
type drafts struct {
	next  int
	known map[int]config.Process
}

// manyDrafts is how many are kept; plug-ins that never add what they have read lose the oldest.
const manyDrafts = 10_000

// draft keeps one and gives it a number.
func (l *life) draft(p config.Process) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.drafts.known == nil {
		l.drafts.known = map[int]config.Process{}
	}
	l.drafts.next++
	l.drafts.known[l.drafts.next] = p
	delete(l.drafts.known, l.drafts.next-manyDrafts)
	return l.drafts.next
}

// section reads the options of a program that is in no file.
func (l *life) section(params json.RawMessage) (any, error) {
	var p struct {
		Section, Group string
		Options        [][2]string
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	_, program, _ := strings.Cut(p.Section, ":")
	options := make([]config.Var, len(p.Options))
	for i, o := range p.Options {
		options[i] = config.Var{Name: o[0], Value: o[1]}
	}
	list, err := l.b.o.Service.Processes(program, p.Group, options)
	if f, refused := fault.As(err); refused {
		return nil, valueError(f.Detail)
	}
	if err != nil {
		return nil, err
	}
	out := make([]any, len(list))
	for i := range list {
		fields := configFields(&list[i])
		fields["token"] = l.draft(list[i])
		out[i] = fields
	}
	return out, nil
}

// source is where a configuration comes from: a draft, or the file as it was last read.
type source struct {
	Token  int
	Parsed [2]string // group and process
}

// find is the configuration.
func (l *life) find(s source) (config.Process, error) {
	if s.Token != 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		if p, ok := l.drafts.known[s.Token]; ok {
			return p, nil
		}
		return config.Process{}, fmt.Errorf("the configuration is too old")
	}
	for _, g := range l.b.o.Service.Config().Groups {
		for _, p := range g.Processes {
			if g.Name == s.Parsed[0] && p.Name == s.Parsed[1] {
				return p, nil
			}
		}
	}
	return config.Process{}, fmt.Errorf("%s:%s is not in the configuration any more", s.Parsed[0], s.Parsed[1])
}

// addProcess adds a process to an active group.
func (l *life) addProcess(params json.RawMessage) (any, error) {
	var p struct {
		Group  string
		Source source
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	ctx, cancel := l.context()
	defer cancel()
	one, err := l.find(p.Source)
	if err != nil {
		return nil, err
	}
	return nil, l.b.o.Service.Adopt(ctx, p.Group, one)
}

// removeProcess takes a stopped process out of its group.
func (l *life) removeProcess(params json.RawMessage) (any, error) {
	var p struct{ Group, Name string }
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	ctx, cancel := l.context()
	defer cancel()
	return nil, l.b.o.Service.RemoveProcess(ctx, p.Group, p.Name)
}

// addGroup makes a group that is in no file, and adds its processes one after the other.
func (l *life) addGroup(params json.RawMessage) (any, error) {
	var p struct {
		Name     string
		Priority int
		Sources  []source
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	ctx, cancel := l.context()
	defer cancel()
	list := make([]config.Process, len(p.Sources))
	for i, s := range p.Sources {
		var err error
		if list[i], err = l.find(s); err != nil {
			return nil, err
		}
	}
	if err := l.b.o.Service.NewGroup(ctx, p.Name, p.Priority); err != nil {
		return nil, err
	}
	for _, one := range list {
		if err := l.b.o.Service.Adopt(ctx, p.Name, one); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
