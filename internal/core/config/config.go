// Package config turns the text of a configuration file into a Config, exactly as Supervisor understands it:
// the grammar of Python's RawConfigParser, %-expansions, includes, defaults and checks. It touches nothing itself;
// files, users and the host name come in through World. Diff says what an update would change.
package config

// Config is one file with its includes, read and checked. It is never changed once Parse has returned it.
type Config struct {
	File      string // the path as it was given
	Here      string // absolute directory of File, or empty
	Daemon    Daemon
	Servers   []Server   // inet before unix, each in file order (CFG-066)
	Operators []Operator // [user:x] in file order
	Plugins   []Plugin   // [rpcinterface:x] in file order
	Groups    []Group    // by priority, then name (CFG-090)
	// Notices are written to the main log once it is open: criticals, then warnings, then infos (CFG-058).
	Criticals, Warnings, Infos []string
}

// Daemon is [supervisord].
type Daemon struct {
	Logfile         string // "syslog", or a path as written (tilde expanded); made absolute by the daemon; empty with LogHost
	LogHost         string // "udp:host:port" or "tcp:host:port"; empty for none
	LogfileMaxbytes int64
	LogfileBackups  int
	Loglevel        Level
	Pidfile         string
	Identifier      string
	Umask           int
	User            string // as written; empty for none
	UID, GID        int    // of User; -1 when it is empty
	Directory       string
	Nodaemon        bool
	Silent          bool
	Nocleanup       bool
	StripANSI       bool
	Minfds          int
	Minprocs        int
	Childlogdir     string
	Python          string // of plug-ins; empty for the first one that can be found
	Environment     []Var  // in the order of the file, the last of a name wins
}

// Level is a log level with Supervisor's numbers: a line is written when its level is at least the log's.
type Level int

// The levels.
const (
	Blather  Level = 3
	Trace    Level = 5
	Debug    Level = 10
	Info     Level = 20
	Warn     Level = 30
	Error    Level = 40
	Critical Level = 50
)

// Var is one environment variable.
type Var struct{ Name, Value string }

// Server is one [unix_http_server] or [inet_http_server] section.
type Server struct {
	Section  string // the section's name as written, "inet_http_server:x"
	Unix     bool
	Path     string // unix: absolute
	Chmod    int    // unix
	UID, GID int    // unix: chown, -1 for unchanged
	Host     string // inet: lower case, empty for every address
	Port     int
	HasAuth  bool // username and password are both given
	Username string
	Password string

	AllowUIDs    []int    // unix: who may connect, beside root and ourselves; nil for all
	MetricsOpen  bool     // /metrics needs no credentials
	AllowedHosts []string // lower case: by which the server may be called, beside addresses and the machine's own names
	Certfile     string   // inet: absolute, as the next two; empty for no TLS
	Keyfile      string
	ClientCA     string // certificates of clients are asked for and checked against this
	TLSAt        string // where certfile stands: file:line
	Limits       Limits
}

// Plugin is one [rpcinterface:x] or [ctlplugin:x] section, or one that a guest owns. Options are all its other keys, in
// file order.
type Plugin struct {
	Name    string // x
	Section string
	Factory string // module:function; of a section that a guest owns, its kind; empty for an executable
	Options []Var
	// Process is the executable of a section with command= in place of a factory; nil for others.
	Process     *Process
	CallTimeout int // of an executable, in seconds

	File  string         // where the section stands
	Line  int            // of its head
	Lines map[string]int // of its options
}

// BuiltIn is true of the sections that name the interface that we have built in.
func (p *Plugin) BuiltIn() bool { return p.Factory == MainInterface }

// Kind tells what sort of section a group came from.
type Kind uint8

// The kinds of group.
const (
	Program Kind = iota // [program:x] or [group:x]
	Listener
	FastCGI
	Guest // the executable of an [rpcinterface:x], which no list of processes shows
)

// Group is a set of processes that is added and removed together.
type Group struct {
	Name     string
	Kind     Kind
	Priority int
	// Processes are in the order in which they are started; two of one name may stand here, of which the later one
	// is run (CFG-088).
	Processes []Process

	BufferSize    int      // Listener
	Events        []string // Listener: upper case, sorted, no name twice
	ResultHandler string   // Listener: module:function
	EventBytes    bool     // Listener: event_length=bytes (EVT-003)
	HealBreach    bool     // Listener: protocol_error=restart
	Socket        Socket   // FastCGI
}

// Socket is the shared socket of an [fcgi-program:x].
type Socket struct {
	URL      string // unix:///path or tcp://host:port; what Diff compares (RPC-016)
	Path     string // unix
	Host     string // tcp
	Port     int
	Mode     int // unix
	UID, GID int // unix: -1 for unchanged
	Backlog  int // 0 for the system's own maximum
}

// Autorestart is the value of the option; see proc.Restart for what it does.
type Autorestart uint8

// The values of autorestart.
const (
	RestartUnexpected Autorestart = iota
	RestartAlways
	RestartNever
)

// Process is one process to run, all options resolved.
type Process struct {
	Name         string
	Program      string // x of [program:x]
	Command      string // as expanded; split into words only when it is started (PROC-039)
	Directory    string // empty for none
	Umask        int    // -1 for none
	Priority     int
	Hidden       bool // a guest's: left out of lists and of what is done to all
	Autostart    bool
	Autorestart  Autorestart
	Startsecs    int
	Startretries int
	User         string // as written; empty for none
	UID          int    // -1 for none
	Stdout       Channel
	Stderr       Channel
	LogFormat    LogFormat // on consoles
	// LogTimestamps puts the time before each line, unless the format is raw.
	LogTimestamps bool
	Stopsignal    int
	Stopwaitsecs  int
	Stopasgroup   bool
	Killasgroup   bool
	Exitcodes     []int
	Redirect      bool // redirect_stderr
	// Environment is [supervisord] environment overridden by the program's own; no name twice, sorted by name.
	Environment []Var
	ServerURL   string // empty for AUTO
	// Socket is what a FastCGI process accepts on instead of reading its stdin, also in a [group:x]; nil for others.
	Socket *Socket
}

// Channel is where one output stream of a process goes.
type Channel struct {
	Log Log // the one that clients read
	// Also are the paths of the other targets, when the option names several; in its order, none twice.
	Also            []string
	LogfileMaxbytes int64
	LogfileBackups  int
	CaptureMaxbytes int64
	EventsEnabled   bool
	Syslog          bool
	LogHost         string // "udp:host:port" or "tcp:host:port"; empty for none
}

// LogKind tells the three sorts of logfile value apart.
type LogKind uint8

// The kinds of log.
const (
	LogAuto LogKind = iota
	LogNone
	LogFile
)

// Log is the value of a logfile option. Path is set for LogFile, and for LogAuto once the daemon has made the file.
type Log struct {
	Kind LogKind
	Path string
}

// World is what a configuration may ask of the machine. Every method must be safe to call any number of times.
type World interface {
	// ReadFile returns the bytes of a file. found is false when there is no such path; err says why an existing one
	// cannot be read.
	ReadFile(path string) (data []byte, found bool, err error)
	// Glob expands a shell pattern as Python's glob does: no match is an empty list.
	Glob(pattern string) []string
	IsDir(path string) bool
	// Abs makes a path absolute against the working directory and cleans it.
	Abs(path string) string
	// Home is the home directory of a user, or of the caller when name is empty; found is false for nobody.
	Home(name string) (dir string, found bool)
	// User looks a name or number up; gid is the user's primary group.
	User(nameOrID string) (uid, gid int, found bool)
	Group(nameOrID string) (gid int, found bool)
	UID() int
	Hostname() string
	TempDir() string
	Environ() []Var
}
