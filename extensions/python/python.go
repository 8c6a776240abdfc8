// Package python holds what runs in a Python interpreter: a package "supervisor" of our own making, which plug-ins
// written for Supervisor import, and the hosts that load such plug-ins for supervisord (_reeve.host) and supervisorctl
// (_reeve.ctlhost). It only hands them out as texts; who starts an interpreter sends them down a pipe, so that nothing
// is written to disk and nothing has to be installed.
//
// An interpreter is started as
//
//	python3 -c Boot            the channel is stdin and stdout; they are then taken away from plug-ins
//	python3 -c Boot 3 4        the channel is read from descriptor 3 and written to 4; stdin and stdout stay
//
// and First is the first line it reads. From then on both sides speak JSON-RPC 2.0, one message a line.
package python

import (
	"embed"
	"encoding/json"
	"io/fs"
	"strings"
)

// Boot is the program given to "python3 -c".
//
//go:embed boot.py
var Boot string

//go:embed loader.py
var loader string

//go:embed all:lib
var lib embed.FS

// Sources are all modules: path below the package root, such as "supervisor/xmlrpc.py", to text.
func Sources() map[string]string {
	all := map[string]string{}
	err := fs.WalkDir(lib, "lib", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".py") {
			return err
		}
		text, err := lib.ReadFile(path)
		all[strings.TrimPrefix(path, "lib/")] = string(text)
		return err
	})
	if err != nil {
		panic(err) // the files are part of the binary
	}
	return all
}

// First is the line that Boot reads first, with its line feed. main is the module to run, argv what plug-ins see as
// sys.argv, and more is handed to main beside them; the names "loader", "modules", "main" and "argv" are taken.
func First(main string, argv []string, more map[string]any) ([]byte, error) {
	params := map[string]any{}
	for k, v := range more {
		params[k] = v
	}
	params["loader"], params["modules"], params["main"], params["argv"] = loader, Sources(), main, argv
	line, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": "boot", "params": params})
	return append(line, '\n'), err
}
