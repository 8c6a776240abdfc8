package ctl

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/getopt"
)

// options are what the command line and the configuration file say together.
type options struct {
	help        bool
	interactive bool
	url         string
	username    string
	password    string
	hasUsername bool // it was given, be it empty
	hasPassword bool
	tls         config.ClientTLS
	token       string
	json        bool // answers are JSON
	prompt      string
	history     string // path, or empty for none
	plugins     []config.CtlPlugin
	python      string // the interpreter of plug-ins that name none; empty for whichever is found
	file        string // the configuration, empty for none
	here        string // absolute, its directory
	progname    string
	action      []string
	argv        []string // all that was typed
}

const shortOptions = "h?c:is:u:p:r:"

// longNames gives the short option that a long one spells out.
var longNames = map[string]string{
	"--help": "-h", "--configuration": "-c", "--interactive": "-i", "--serverurl": "-s",
	"--username": "-u", "--password": "-p", "--history_file": "-r",
} // the others have no short form: Supervisor may come to want it

var longOptions = []string{"help", "configuration=", "interactive", "serverurl=", "username=", "password=", "history_file=",
	"tls_ca=", "tls_cert=", "tls_key=", "token=", "json"}

// parseOptions reads the command line and then the file that it names or
// that is found; the command line wins (CFG-099). The error is for the user
// (CTL-001).
func parseOptions(progname string, args []string, w config.World) (*options, error) {
	found, action, err := getopt.Parse(args, shortOptions, longOptions)
	if err != nil {
		return nil, err
	}
	given := map[string]string{}
	for _, o := range found {
		name := o.Name
		if short, ok := longNames[name]; ok {
			name = short
		}
		switch name {
		case "-h", "-?":
			return &options{help: true}, nil
		case "-s":
			if !isURL(o.Value) {
				quoted := config.Quote(o.Value)
				return nil, fmt.Errorf("invalid value for %s %s: value %s is not a URL", o.Name, quoted, quoted)
			}
		}
		if _, twice := given[name]; twice {
			return nil, fmt.Errorf("conflicting command line option %s", config.Quote(o.Name))
		}
		given[name] = o.Value
	}
	path, file, err := readFile(progname, given, w)
	if err != nil {
		return nil, err
	}
	o := &options{
		progname: progname, action: action, prompt: file.Prompt, plugins: file.Plugins, python: file.Python, file: path,
	}
	if path != "" {
		o.here = filepath.Dir(w.Abs(path))
	}
	_, interactive := given["-i"]
	o.interactive = interactive || len(action) == 0
	o.url = override(given, "-s", file.ServerURL)
	o.username = override(given, "-u", file.Username)
	o.password = override(given, "-p", file.Password)
	_, username := given["-u"]
	_, password := given["-p"]
	o.hasUsername, o.hasPassword = username || file.HasUsername, password || file.HasPassword
	o.history = override(given, "-r", file.HistoryFile)
	o.tls = config.ClientTLS{
		CA: override(given, "--tls_ca", file.TLS.CA), Cert: override(given, "--tls_cert", file.TLS.Cert), Key: override(given, "--tls_key", file.TLS.Key),
	}
	o.token = override(given, "--token", file.Token)
	_, o.json = given["--json"]
	return o, nil
}

func override(given map[string]string, option, fallback string) string {
	if v, ok := given[option]; ok {
		return v
	}
	return fallback
}

// readFile reads the configuration file and says where it is; none at all is fine (CFG-004).
func readFile(progname string, given map[string]string, w config.World) (path string, c *config.Client, err error) {
	path, named := given["-c"]
	if !named {
		for _, candidate := range config.SearchPaths(progname) {
			if _, found, _ := w.ReadFile(candidate); found {
				path, named = candidate, true
				break
			}
		}
	}
	if !named {
		return "", config.DefaultClient(), nil
	}
	c, err = config.ParseClient(path, w)
	return path, c, err
}

// isURL tells whether s has a scheme and something after it.
func isURL(s string) bool {
	scheme, rest := splitScheme(s)
	rest = strings.TrimPrefix(rest, "//")
	return scheme != "" && rest != "" && !strings.ContainsAny(rest[:1], "?#")
}

// splitScheme cuts "http:" off a URL; the scheme comes in lower case, and
// empty when there is none.
func splitScheme(s string) (scheme, rest string) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return "", s
	}
	if c := scheme[0] | 0x20; c < 'a' || c > 'z' {
		return "", s
	}
	return strings.ToLower(scheme), rest
}
