package config

// Overrides are the values of supervisord's command line, already converted. A nil pointer and a false flag mean that
// the option was not given; what was given beats the file (CLI-007). Flags can only switch on.
type Overrides struct {
	Nodaemon, Silent, Nocleanup, StripANSI bool

	User        *string // checked by Parse, as Supervisor does (CLI-006)
	Directory   *string
	Logfile     *string
	Pidfile     *string
	Identifier  *string
	Childlogdir *string

	LogfileMaxbytes *int64 // bytes
	LogfileBackups  *int
	Loglevel        *Level
	Umask           *int
	Minfds          *int
	Minprocs        *int

	// Known tells whether a "module:function" that is not one of Supervisor's stock ones can be resolved. Nil knows
	// none. It is asked for result_handler and for the factories of rpcinterface and ctlplugin sections.
	Known func(spec string) bool
	// Owned are the kinds of section that belong to guests: nats for [nats] and [nats:x].
	Owned []string
}

// set replaces *to when from was given.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// apply lays the command line over what the file said.
func (o *Overrides) apply(d *Daemon) {
	d.Nodaemon = d.Nodaemon || o.Nodaemon
	d.Silent = d.Silent || o.Silent
	d.Nocleanup = d.Nocleanup || o.Nocleanup
	d.StripANSI = d.StripANSI || o.StripANSI
	set(&d.User, o.User)
	set(&d.Directory, o.Directory)
	set(&d.Logfile, o.Logfile)
	set(&d.Pidfile, o.Pidfile)
	set(&d.Identifier, o.Identifier)
	set(&d.Childlogdir, o.Childlogdir)
	set(&d.LogfileMaxbytes, o.LogfileMaxbytes)
	set(&d.LogfileBackups, o.LogfileBackups)
	set(&d.Loglevel, o.Loglevel)
	set(&d.Umask, o.Umask)
	set(&d.Minfds, o.Minfds)
	set(&d.Minprocs, o.Minprocs)
}
