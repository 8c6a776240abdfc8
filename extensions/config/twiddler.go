package config

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/ext"
)

func init() { ext.Register("reeve.twiddler:make", NewTwiddler) }

// twiddlerVersion is the version of supervisor_twiddler whose methods these are.
const twiddlerVersion = "1.0"

// notInWhitelist is supervisor_twiddler's own fault.
const notInWhitelist ext.Code = 230

// Twiddler is the guest that answers to the methods of supervisor_twiddler.
type Twiddler struct {
	allowed  []string // methods; none is all
	host     ext.Host
	programs ext.Programs
}

var _ ext.Methods = (*Twiddler)(nil)

// NewTwiddler reads the section.
func NewTwiddler(s ext.Section) (ext.Extension, error) {
	if err := s.Only("whitelist"); err != nil {
		return nil, err
	}
	t := &Twiddler{}
	for name := range strings.SplitSeq(s.Options["whitelist"], ",") {
		if name = strings.TrimSpace(name); name != "" {
			t.allowed = append(t.allowed, name)
		}
	}
	return t, nil
}

// Init keeps the host.
func (t *Twiddler) Init(h ext.Host) (err error) {
	t.host = h
	t.programs, err = programsOf(h)
	return err
}

// Close has nothing to end.
func (t *Twiddler) Close() error { return nil }

// Methods is the table. Its signatures are those that clients of supervisor_twiddler read.
func (t *Twiddler) Methods() []ext.Method {
	group := "group_name: Name of an existing process group"
	list := ext.MustTable(t, map[string]ext.Doc{
		"GetAPIVersion": {Help: "Return the version of the API of supervisor_twiddler that this is.", Result: "version", Access: ext.Read},
		"GetGroupNames": {Help: "Return the names of the process groups.", Result: "names", Access: ext.Read},
		"Log": {
			Help:   "Write a message to the main log.",
			Params: []string{"message: Message to write to the log", "level: Log level name (INFO) or code (20)"}, Access: ext.Operate,
		},
		"AddProgramToGroup": {
			Help: "Add a program to a process group. Depending on its numprocs, one or more processes are added.",
			Params: []string{group, "program_name: Name of the new program",
				"program_options: Program options, as in a configuration file"},
		},
		"RemoveProcessFromGroup": {
			Help:   "Remove a stopped process, not a whole program, from a process group.",
			Params: []string{group, "process_name: Name of the process to remove"},
		},
	})
	for i := range list {
		if list[i].Name == "log" {
			list[i].Params[1].Kind = "string|int"
		}
	}
	return list
}

// update is asked first by every method.
func (t *Twiddler) update(ctx context.Context, method string) error {
	if _, err := t.host.Call(ctx, "supervisor.getState"); err != nil {
		return err
	}
	if len(t.allowed) > 0 && !slices.Contains(t.allowed, method) {
		return ext.Refuse(notInWhitelist, "%s", method)
	}
	return nil
}

// GetAPIVersion is the version.
func (t *Twiddler) GetAPIVersion(ctx context.Context) (string, error) {
	return twiddlerVersion, t.update(ctx, "getAPIVersion")
}

// GetGroupNames are the groups, empty ones too.
func (t *Twiddler) GetGroupNames(ctx context.Context) ([]string, error) {
	if err := t.update(ctx, "getGroupNames"); err != nil {
		return nil, err
	}
	return t.programs.Groups(ctx)
}

// levels are the names that supervisor_twiddler knows.
var levels = map[string]ext.Level{
	"CRIT": ext.Critical, "ERRO": ext.Error, "WARN": ext.Warn, "INFO": ext.Info, "DEBG": ext.Debug, "TRAC": ext.Trace,
	"BLAT": ext.Blather,
}

// Log writes to the main log.
func (t *Twiddler) Log(ctx context.Context, message string, level *any) error {
	if err := t.update(ctx, "log"); err != nil {
		return err
	}
	l, known := ext.Info, true
	if level != nil {
		switch v := (*level).(type) {
		case string:
			l, known = levels[strings.ToUpper(v)]
		case int64:
			l, known = ext.Level(v), false
			for _, number := range levels {
				known = known || number == l
			}
		default:
			known = false
		}
	}
	if !known {
		return ext.Refuse(ext.IncorrectParameters, "")
	}
	t.host.Log(l, "%s", message)
	return nil
}

// AddProgramToGroup adds a program.
func (t *Twiddler) AddProgramToGroup(ctx context.Context, group, program string, options map[string]any) error {
	if err := t.update(ctx, "addProgramToGroup"); err != nil {
		return err
	}
	texts, err := texts(options)
	if err != nil {
		return err
	}
	_, err = t.programs.AddProcesses(ctx, group, program, texts)
	var f *ext.Fault
	if errors.As(err, &f) && f.Code == ext.AlreadyAdded {
		return ext.Refuse(ext.BadName, "%s", f.Text)
	}
	return err
}

// RemoveProcessFromGroup removes a process.
func (t *Twiddler) RemoveProcessFromGroup(ctx context.Context, group, process string) error {
	if err := t.update(ctx, "removeProcessFromGroup"); err != nil {
		return err
	}
	return t.programs.RemoveProcess(ctx, group, process)
}

// programsOf is the host as this guest needs it.
func programsOf(h ext.Host) (ext.Programs, error) {
	p, ok := h.(ext.Programs)
	if !ok {
		return nil, errors.New("this host does not let programs be changed")
	}
	return p, nil
}

// texts are the values of options as they would stand in a file: clients send numbers and booleans too.
func texts(options map[string]any) (map[string]string, error) {
	out := make(map[string]string, len(options))
	for name, v := range options {
		switch v := v.(type) {
		case string, bool, int64, float64:
			out[name] = fmt.Sprint(v)
		default:
			return nil, ext.Refuse(ext.IncorrectParameters, "option %s is neither a string nor a number", name)
		}
	}
	return out, nil
}
