package config

var unixTopic = Topic{
	Kind: "unix_http_server", Suffix: either,
	Help: "A control socket in the file system. Several are possible as [unix_http_server:x].",
	Options: []Setting{
		{Name: "file", Type: "path", Example: "/tmp/supervisor.sock", Live: true, Help: "where the socket is made; required"},
		{Name: "chmod", Type: "octal", Default: "0700", Help: "mode of the socket file"},
		{Name: "chown", Type: "user:group", Example: "nobody:nogroup", Help: "owner of the socket file, the group may be left out"},
		{Name: "username", Type: "text", Example: "user", Help: "name that clients must give; only together with password"},
		{Name: "password", Type: "text", Example: "123", Help: "password that clients must give, plain or as {SHA} and hex digits"},
		{Name: "allow_uids", Type: "list", Example: "nobody, 1000", Help: "users who may connect, beside root and the daemon's own; all who can open the file without it; not in Supervisor"},
		{Name: "metrics_open", Type: "boolean", Default: "false", Help: "answer /metrics to everybody, without credentials; not in Supervisor"},
		{Name: "max_connections", Type: "integer", Default: "1024", Help: "connections at a time; past it the one that was idle longest is closed; not in Supervisor"},
		{Name: "max_header_bytes", Type: "bytes", Default: "64KB", Help: "size of a request's headers; not in Supervisor"},
		{Name: "max_body_bytes", Type: "bytes", Default: "16MB", Help: "size of a request's body; not in Supervisor"},
		{Name: "header_timeout", Type: "integer", Default: "30", Help: "seconds that a client may take for a request's headers; not in Supervisor"},
		{Name: "body_timeout", Type: "integer", Default: "60", Help: "seconds that a client may take to send a body, or to take an answer; not in Supervisor"},
	},
}

var inetTopic = Topic{
	Kind: "inet_http_server", Suffix: either,
	Help: "A TCP port with the web page and the API, not encrypted and by default open to whoever reaches it: bind it to " +
		"localhost or a trusted network and set a password. Several are possible as [inet_http_server:x].",
	Options: []Setting{
		{Name: "port", Type: "address", Example: "127.0.0.1:9001", Help: "host:port, or a port alone or *:port for every address; required"},
		{Name: "username", Type: "text", Example: "user", Help: "name that clients must give; only together with password"},
		{Name: "password", Type: "text", Example: "123", Help: "password that clients must give, plain or as {SHA} and hex digits"},
		{Name: "certfile", Type: "path", Example: "/etc/ssl/supervisor.pem", Help: "certificate, with those between it and its root; it makes the server speak TLS 1.2 or later only, and is read again when it changes; not in Supervisor"},
		{Name: "keyfile", Type: "path", Example: "/etc/ssl/supervisor.key", Help: "key of the certificate; not in Supervisor"},
		{Name: "client_ca", Type: "path", Example: "/etc/ssl/clients.pem", Help: "certificates of clients are asked for and must be signed by one of these; without any the client must have another proof; not in Supervisor"},
		{Name: "allowed_hosts", Type: "list", Example: "supervisor.lan", Help: "host names under which pages, events and JSON may be asked for on a server without credentials, beside addresses, localhost and the machine's own name; not in Supervisor"},
		{Name: "metrics_open", Type: "boolean", Default: "false", Help: "answer /metrics to everybody, without credentials; not in Supervisor"},
		{Name: "max_connections", Type: "integer", Default: "1024", Help: "connections at a time; past it the one that was idle longest is closed; not in Supervisor"},
		{Name: "max_header_bytes", Type: "bytes", Default: "64KB", Help: "size of a request's headers; not in Supervisor"},
		{Name: "max_body_bytes", Type: "bytes", Default: "16MB", Help: "size of a request's body; not in Supervisor"},
		{Name: "header_timeout", Type: "integer", Default: "30", Help: "seconds that a client may take for a request's headers; not in Supervisor"},
		{Name: "body_timeout", Type: "integer", Default: "60", Help: "seconds that a client may take to send a body, or to take an answer; not in Supervisor"},
	},
}

var daemonTopic = Topic{
	Kind: "supervisord",
	Help: "The daemon itself. The section must be there, even when it is empty. The command line beats every option here.",
	Options: []Setting{
		{Name: "logfile", Type: "file", Default: "supervisord.log", Example: "/tmp/supervisord.log", Live: true, Help: "the daemon's own log; the word syslog sends it there, syslog@host:514 to a log host"},
		{Name: "logfile_maxbytes", Type: "bytes", Default: "50MB", Live: true, Help: "size at which the log is rotated; 0 for never"},
		{Name: "logfile_backups", Type: "integer", Default: "10", Live: true, Help: "how many rotated logs are kept"},
		{Name: "loglevel", Type: "level", Default: "info", Live: true, Help: "how much is logged"},
		{Name: "pidfile", Type: "file", Default: "supervisord.pid", Example: "/tmp/supervisord.pid", Live: true, Help: "where the daemon writes its pid"},
		{Name: "nodaemon", Type: "boolean", Default: "false", Live: true, Help: "stay in the foreground"},
		{Name: "silent", Type: "boolean", Default: "false", Live: true, Help: "in the foreground, do not repeat the log on standard output"},
		{Name: "minfds", Type: "integer", Default: "1024", Live: true, Help: "descriptors that must be available, else the daemon does not start"},
		{Name: "minprocs", Type: "integer", Default: "200", Live: true, Help: "processes that must be allowed, else the daemon does not start"},
		{Name: "umask", Type: "octal", Default: "022", Help: "file creation mask; set only when the daemon goes into the background"},
		{Name: "user", Type: "user", Example: "nobody", Help: "account to switch to at start; needs root"},
		{Name: "identifier", Type: "text", Default: "supervisor", Help: "name of this daemon for clients and in names of automatic logs"},
		{Name: "directory", Type: "directory", Example: "/tmp", Help: "where to change to when the daemon goes into the background"},
		{Name: "nocleanup", Type: "boolean", Default: "false", Help: "keep the automatic logs of an earlier life"},
		{Name: "childlogdir", Type: "directory", Default: "the system's directory for temporary files", Example: "/tmp", Help: "where automatic logs of programs are made"},
		{Name: "strip_ansi", Type: "boolean", Default: "false", Help: "take ANSI colours and the like out of the logs of programs"},
		{Name: "python", Type: "command", Default: "python3 on PATH, else /usr/bin/python3", Example: "/usr/bin/python3", Help: "interpreter of plug-ins written in Python; not in Supervisor, see python.md"},
		{Name: "environment", Type: "pairs", Example: `KEY="value",KEY2="value2"`, Help: "variables for every program, also usable as %(ENV_KEY)s in later sections"},
	},
}

var rpcTopic = Topic{
	Kind: "rpcinterface", Suffix: named, Free: true,
	Help: "One set of API methods. [rpcinterface:supervisor] must stay for supervisorctl and the web page to work. All " +
		"other options of the section go to the factory. With command in place of a factory, which is not in Supervisor, " +
		"an executable offers the methods, see extensions.md. Of [program:x] such a section has directory, environment, user, " +
		"umask, serverurl, startsecs, startretries, autorestart (true by default), exitcodes, stopsignal, stopwaitsecs, " +
		"stopasgroup, killasgroup, stderr_logfile, stderr_logfile_maxbytes, stderr_logfile_backups and stderr_syslog; all " +
		"other options go to the executable.",
	Options: []Setting{
		{Name: rpcFactory, Type: "factory", Example: "supervisor.rpcinterface:make_main_rpcinterface", Live: true, Help: "what makes the methods; required without command. What is not compiled in is looked for in Python, see python.md"},
		{Name: "command", Type: "command", Example: "/usr/local/bin/myextension", Help: "an executable that offers the methods; not in Supervisor, see extensions.md"},
		{Name: "python", Type: "command", Default: "that of [supervisord]", Example: "/usr/bin/python3", Help: "interpreter of plug-ins written in Python, one for all of them; not in Supervisor"},
		{Name: "call_timeout", Type: "seconds", Default: "60 for an executable, 600 for Python", Example: "60", Help: "how long a call of an executable or of a plug-in written in Python may take before its caller gets a fault; not in Supervisor"},
	},
}

var clientTopic = Topic{
	Kind: "supervisorctl",
	Help: "What supervisorctl uses; it is read from the root file only, never from an included one.",
	Options: []Setting{
		{Name: "serverurl", Type: "url", Default: "http://localhost:9001", Example: "unix:///tmp/supervisor.sock", Live: true, Help: "how to reach the daemon: unix://path, http://host:port or https://host:port"},
		{Name: "username", Type: "text", Example: "user", Help: "name to give, as in the server's section"},
		{Name: "password", Type: "text", Example: "123", Help: "password to give, as in the server's section"},
		{Name: "prompt", Type: "text", Default: "supervisor", Help: "prompt of the shell"},
		{Name: "token", Type: "text", Example: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA", Help: "token to give in place of name and password, %(ENV_X)s keeps it out of the file; not in Supervisor"},
		{Name: "tls_ca", Type: "path", Example: "/etc/ssl/supervisor-ca.pem", Help: "certificates that an https server's must come from; the system's without it; not in Supervisor"},
		{Name: "tls_cert", Type: "path", Example: "/etc/ssl/operator.pem", Help: "certificate to show to an https server; not in Supervisor"},
		{Name: "tls_key", Type: "path", Example: "/etc/ssl/operator.key", Help: "key of that certificate; not in Supervisor"},
		{Name: "history_file", Type: "path", Example: "~/.sc_history", Help: "where the shell keeps its history; none without"},
	},
}

var ctlTopic = Topic{
	Kind: "ctlplugin", Suffix: named, Free: true,
	Help: "Further commands for supervisorctl. All other options of the section go to the factory.",
	Options: []Setting{
		{Name: ctlFactory, Type: "factory", Example: "package.module:function", Help: "what makes the commands; this or command is required"},
		{Name: "command", Type: "command", Example: "/usr/local/bin/theplugin", Help: "an executable that offers commands, in place of a factory; not in Supervisor, see supervisorctl.md"},
		{Name: "python", Type: "command", Default: "that of [supervisord]", Example: "/usr/bin/python3", Help: "interpreter of a factory in Python; not in Supervisor, see python.md"},
	},
}

var groupTopic = Topic{
	Kind: "group", Suffix: named,
	Help: "Programs that are handled together under the name group:program. They have no groups of their own any more.",
	Options: []Setting{
		{Name: "programs", Type: "list", Example: "theprogram", Help: "names of programs and FastCGI programs"},
		{Name: "priority", Type: "integer", Default: "999", Help: "order of starting among groups, the lowest first"},
	},
}

var includeTopic = Topic{
	Kind: "include",
	Help: "Further files to read, each pattern's in the order of their names. Included files cannot include.",
	Options: []Setting{
		{Name: "files", Type: "patterns", Example: "relative/directory/*.ini", Help: "shell patterns between blanks, relative to this file; required"},
	},
}
