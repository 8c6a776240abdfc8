package kernel

import (
	"os"
	"strings"
	"syscall"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// CommandError says why a command cannot be run, in Supervisor's words (PROC-041). Missing tells NO_FILE from
// NOT_EXECUTABLE.
type CommandError struct {
	Text    string
	Missing bool
}

func (e *CommandError) Error() string { return e.Text }

// Command finds the file that a command line names and splits its words. A name without a slash is looked for in
// path, where the first that exists wins even if it cannot be run (PROC-039); one with a slash is looked at from our
// own directory, whatever directory the program will have (PROC-040).
func Command(command string, path []string) (file string, argv []string, err error) {
	argv, err = config.SplitCommand(command)
	if err != nil {
		return "", nil, &CommandError{Text: "can't parse command " + config.Quote(command) + ": " + err.Error()}
	}
	if len(argv) == 0 {
		return "", nil, &CommandError{Text: "command is empty"}
	}
	file, err = Executable(argv[0], path)
	if err != nil {
		return "", nil, err
	}
	return file, argv, nil
}

// Executable is the file that the first word of a command means; see Command.
func Executable(name string, path []string) (file string, err error) {
	file = name
	var info os.FileInfo
	if strings.Contains(file, "/") {
		info, err = os.Stat(file)
	} else {
		file, info, err = search(file, path)
	}
	quoted := config.Quote(file)
	switch {
	case err != nil:
		return "", &CommandError{Text: "can't find command " + quoted, Missing: true}
	case info.IsDir():
		return "", &CommandError{Text: "command at " + quoted + " is a directory"}
	case info.Mode().Perm()&0o111 == 0:
		return "", &CommandError{Text: "command at " + quoted + " is not executable"}
	case syscall.Access(file, 1) != nil:
		return "", &CommandError{Text: "no permission to run command " + quoted}
	}
	return file, nil
}

func search(name string, path []string) (string, os.FileInfo, error) {
	for _, dir := range path {
		file := name
		if dir != "" {
			file = strings.TrimSuffix(dir, "/") + "/" + name
		}
		if info, err := os.Stat(file); err == nil {
			return file, info, nil
		}
	}
	return name, nil, syscall.ENOENT
}

// Path splits a PATH value; an empty one is the fallback of PROC-039.
func Path(value string) []string {
	if value == "" {
		return []string{"/bin", "/usr/bin", "/usr/local/bin"}
	}
	return strings.Split(value, ":")
}
