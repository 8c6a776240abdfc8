package config

var programTopic = Topic{
	Kind: "program", Suffix: named,
	Help: "A program to run, as one process or several. It is a group of its own name unless a [group:x] lists it.",
	Options: []Setting{
		{Name: "command", Type: "command", Example: "/bin/cat", Live: true, Help: "what to run, split as a shell would but not run by one; required"},
		{Name: "process_name", Type: "text", Default: "%(program_name)s", Help: "name of each process; must hold %(process_num)s when numprocs is above 1"},
		{Name: "join_group", Type: "text", Example: "thegroup", Help: "name of a group that it belongs to without being in its programs=; not in Supervisor"},
		{Name: "numprocs", Type: "integer", Default: "1", Help: "how many copies to run"},
		{Name: "numprocs_start", Type: "integer", Default: "0", Help: "the first copy's %(process_num)s"},
		{Name: "directory", Type: "text", Example: "/tmp", Help: "where to change to before the program is run"},
		{Name: "umask", Type: "octal", Example: "022", Help: "file creation mask of the program; the daemon's without"},
		{Name: "priority", Type: "integer", Default: "999", Help: "order of starting, the lowest first; stopping goes the other way"},
		{Name: "autostart", Type: "boolean", Default: "true", Help: "start it together with the daemon"},
		{Name: "autorestart", Type: "restart", Default: "unexpected", Help: "start it again when it ends after it was running"},
		{Name: "startsecs", Type: "integer", Default: "1", Help: "seconds it must stay up to count as running"},
		{Name: "startretries", Type: "integer", Default: "3", Help: "further tries when it does not stay up"},
		{Name: "exitcodes", Type: "exit codes", Default: "0", Help: "exit codes that autorestart=unexpected expects"},
		{Name: "stopsignal", Type: "signal", Default: "TERM", Help: "signal that asks it to end"},
		{Name: "stopwaitsecs", Type: "integer", Default: "10", Help: "seconds after which SIGKILL follows"},
		{Name: "stopasgroup", Type: "boolean", Default: "false", Help: "send the stop signal to its whole process group; implies killasgroup"},
		{Name: "killasgroup", Type: "boolean", Default: "false", Help: "send SIGKILL to its whole process group"},
		{Name: "user", Type: "user", Example: "nobody", Help: "account to run it as; needs root"},
		{Name: "redirect_stderr", Type: "boolean", Default: "false", Help: "put its standard error into its standard output"},
		{Name: "stdout_logfile", Type: "log", Default: "AUTO", Example: "/tmp/theprogram.log", Help: "where standard output goes"},
		{Name: "stdout_logfile_maxbytes", Type: "bytes", Default: "50MB", Help: "size at which that log is rotated; 0 for never"},
		{Name: "stdout_logfile_backups", Type: "integer", Default: "10", Help: "how many rotated logs are kept"},
		{Name: "stdout_capture_maxbytes", Type: "bytes", Default: "0", Help: "how much of a capture on standard output is kept for its event; 0 for no capture"},
		{Name: "stdout_events_enabled", Type: "boolean", Default: "false", Help: "make an event of everything written to standard output"},
		{Name: "stdout_syslog", Type: "boolean", Default: "false", Help: "also send standard output to syslog"},
		{Name: "stderr_logfile", Type: "log", Default: "AUTO", Example: "/tmp/theprogram.err", Help: "where standard error goes"},
		{Name: "stderr_logfile_maxbytes", Type: "bytes", Default: "50MB", Help: "size at which that log is rotated; 0 for never"},
		{Name: "stderr_logfile_backups", Type: "integer", Default: "10", Help: "how many rotated logs are kept"},
		{Name: "stderr_capture_maxbytes", Type: "bytes", Default: "0", Help: "how much of a capture on standard error is kept for its event; 0 for no capture"},
		{Name: "stderr_events_enabled", Type: "boolean", Default: "false", Help: "make an event of everything written to standard error"},
		{Name: "stderr_syslog", Type: "boolean", Default: "false", Help: "also send standard error to syslog"},
		{Name: "log_format", Type: "raw, prefix or json", Default: "raw", Help: "form of what goes to a console such as /dev/stdout: the bytes, lines with the program before them, or an object a line; not in Supervisor, see logs.md"},
		{Name: "log_timestamps", Type: "boolean", Default: "true", Help: "put the time before those lines, unless they are raw; not in Supervisor"},
		{Name: "environment", Type: "pairs", Example: `A="1",B="2"`, Help: "variables of this program, on top of the daemon's"},
		{Name: "serverurl", Type: "url", Default: "AUTO", Help: "what the program finds in SUPERVISOR_SERVER_URL"},
	},
}

var listenerTopic = Topic{
	Kind: "eventlistener", Suffix: named, Process: true,
	Help: "Processes that are told of events on standard input and answer on standard output. They form a pool, whose " +
		"priority is -1 by default, so that it starts first and stops last. Every option of [program:x] is valid; " +
		"redirect_stderr must stay off and stdout_capture_maxbytes does nothing.",
	Options: []Setting{
		{Name: "events", Type: "list", Example: "PROCESS_STATE,TICK_60", Help: "the events or families of events to be told of; required"},
		{Name: "buffer_size", Type: "integer", Default: "10", Help: "how many events wait for a free listener before the oldest is dropped"},
		{Name: "result_handler", Type: "factory", Default: "supervisor.dispatchers:default_handler", Help: "what judges the answers of the listeners"},
		{Name: "event_length", Type: "characters or bytes", Default: "characters", Help: "what len: in the header of an event counts; not in Supervisor, which counts characters"},
		{Name: "protocol_error", Type: "ignore or restart", Default: "ignore", Help: "what is done about a listener that breaks the protocol; not in Supervisor, which ignores it"},
	},
}

var fcgiTopic = Topic{
	Kind: "fcgi-program", Suffix: named, Process: true,
	Help: "A FastCGI program: its processes share one socket, which the daemon opens and hands over as standard input. " +
		"Every option of [program:x] is valid. A unix socket whose file somebody has removed, a cleaner of /tmp for instance, is " +
		"made again for the next process that is started, so restarting one is enough to be reached again; those that run " +
		"already keep the socket that they were given, which has no name any more. Keep such sockets below /run.",
	Options: []Setting{
		{Name: "socket", Type: "url", Example: "unix:///tmp/%(program_name)s.sock", Help: "unix:///absolute/path or tcp://host:port; required"},
		{Name: "socket_backlog", Type: "integer", Default: "the system's maximum", Example: "1024", Help: "how many connections may wait, from 1 to 65535"},
		{Name: "socket_owner", Type: "user:group", Default: "user of the program", Example: "nobody:nogroup", Help: "owner of a unix socket"},
		{Name: "socket_mode", Type: "octal", Default: "0700", Help: "mode of a unix socket"},
	},
}
