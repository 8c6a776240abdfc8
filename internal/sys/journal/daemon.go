package journal

import (
	"strconv"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// Notice writes a text of the configuration as it is (CFG-055, CFG-058, CFG-081, CFG-082).
func (j *Journal) Notice(level config.Level, text string) { j.logf(level, "%s", text) }

// UIDSet says whom the daemon runs as (CFG-063).
func (j *Journal) UIDSet(uid int) { j.logf(config.Info, "Set uid to user %d succeeded", uid) }

// RunningAsRoot says that nobody said whom it should run as (CFG-063).
func (j *Journal) RunningAsRoot() {
	j.logf(config.Critical, "Supervisor is running as root.  Privileges were not dropped because no user is specified in "+
		"the config file.  If you intend to run as root, you can set user=root in the config file to avoid this message.")
}

// LimitIncreased says that a limit was raised; name is RLIMIT_NOFILE or RLIMIT_NPROC (CFG-064).
func (j *Journal) LimitIncreased(name string, limit int) {
	j.logf(config.Info, "Increased %s limit to %d", name, limit)
}

// Daemonizing says that the daemon goes into the background (CLI-010).
func (j *Journal) Daemonizing() { j.logf(config.Info, "daemonizing the supervisord process") }

// ParentExiting says that its first process ends.
func (j *Journal) ParentExiting() { j.logf(config.Blather, "supervisord forked; parent exiting") }

// CurrentDirectory says where it went (CLI-010).
func (j *Journal) CurrentDirectory(dir string) {
	j.logf(config.Info, "set current directory: %s", Repr(dir))
}

// CannotChdir says why it did not (CLI-010).
func (j *Journal) CannotChdir(dir string, err error) {
	j.logf(config.Critical, "can't chdir into %s: %s", Repr(dir), reason(err, dir))
}

// Started says that the daemon is up (LOG-002).
func (j *Journal) Started(pid int) { j.logf(config.Info, "supervisord started with pid %d", pid) }

// CouldNotWritePidfile stands in the place of Started (CLI-011).
func (j *Journal) CouldNotWritePidfile(path string) {
	j.logf(config.Critical, "could not write pidfile %s", path)
}

// CannotClearChildlogs says that the directory of AUTO logs could not be read (LOG-022).
func (j *Journal) CannotClearChildlogs() { j.logf(config.Warn, "Could not clear childlog dir") }

// CannotCleanUp says that an old AUTO log could not be removed (LOG-022).
func (j *Journal) CannotCleanUp(path string) {
	j.logf(config.Warn, "Failed to clean up %s", Repr(path))
}

// ExitRequest says which signal asked for the end (LOG-004).
func (j *Journal) ExitRequest(sig int) {
	j.logf(config.Warn, "received %s indicating exit request", SignalName(sig))
}

// RestartRequest says which signal asked for a restart (LOG-004).
func (j *Journal) RestartRequest(sig int) {
	j.logf(config.Warn, "received %s indicating restart request", SignalName(sig))
}

// RestartIgnored says that it came too late (LOG-004).
func (j *Journal) RestartIgnored(sig int) {
	j.logf(config.Warn, "ignored %s indicating restart request (shutdown in progress)", SignalName(sig))
}

// ReopenRequest says which signal asked for the logs to be reopened (LOG-004).
func (j *Journal) ReopenRequest(sig int) {
	j.logf(config.Info, "received %s indicating log reopen request", SignalName(sig))
}

// LogReopen follows ReopenRequest, before Reopen is called (LOG-004).
func (j *Journal) LogReopen() { j.logf(config.Info, "supervisord logreopen") }

func (j *Journal) reopening() { j.logf(config.Info, "reopening log file") }

// ChildQuit says that the bell rang (LOG-004).
func (j *Journal) ChildQuit(sig int) {
	j.logf(config.Debug, "received %s indicating a child quit", SignalName(sig))
}

// SignalIgnored says that a signal means nothing.
func (j *Journal) SignalIgnored(sig int) {
	j.logf(config.Blather, "received %s indicating nothing", SignalName(sig))
}

// CreatingSocket and ClosingSocket tell of a FastCGI socket, by its URL (PROC-049).
func (j *Journal) CreatingSocket(url string) { j.logf(config.Info, "Creating socket %s", url) }

// ClosingSocket is the other end of CreatingSocket.
func (j *Journal) ClosingSocket(url string) { j.logf(config.Info, "Closing socket %s", url) }

// RPCInterface says that a namespace is there, once for each server (LOG-002).
func (j *Journal) RPCInterface(name string) {
	j.logf(config.Info, "RPC interface %s initialized", Repr(name))
}

// NoAuth says that a server lets everybody in who can reach it (SEC-006).
func (j *Journal) NoAuth(section string) {
	j.logf(config.Critical, "Server %s running without any HTTP authentication checking", Repr(section))
}

// RPCCalled, RPCReturned and RPCFault tell of one call (LOG-007).
func (j *Journal) RPCCalled(method string) {
	j.logf(config.Trace, "XML-RPC method called: %s()", method)
}

// RPCReturned says that the call went well.
func (j *Journal) RPCReturned(method string) {
	j.logf(config.Trace, "XML-RPC method %s() returned successfully", method)
}

// RPCFault says what it was refused with.
func (j *Journal) RPCFault(method string, code int, text string) {
	j.logf(config.Trace, "XML-RPC method %s() returned fault: [%d] %s", method, code, text)
}

// RPCUnmarshallable says that a request was no XML-RPC (LOG-008).
func (j *Journal) RPCUnmarshallable(data []byte) {
	j.logf(config.Error, "XML-RPC request data %s is invalid: unmarshallable", beginning(data))
}

// RPCNoMethod says that a request named no method (LOG-008).
func (j *Journal) RPCNoMethod(data []byte) {
	j.logf(config.Error, "XML-RPC request data %s is invalid: no method name", beginning(data))
}

// RPCPanic says that a request met a bug (LOG-008).
func (j *Journal) RPCPanic(data []byte, problem string) {
	j.logf(config.Critical, "Handling XML-RPC request with data %s raised an unexpected exception: %s",
		beginning(data), problem)
}

// mostQuoted bounds in bytes what is quoted of a request: whoever sends one may make it as long as 16 MiB.
const mostQuoted = 4096

// beginning quotes a request, up to a bound.
func beginning(data []byte) string {
	if len(data) <= mostQuoted {
		return Repr(string(data))
	}
	return Repr(string(data[:mostQuoted])) + "... (" + strconv.Itoa(len(data)) + " bytes)"
}

// RequestsLeft says that requests are still being answered although their time is over.
func (j *Journal) RequestsLeft(n int) {
	j.logf(config.Warn, "%d requests do not end when their context does (going on without them)", n)
}

// Access tells of one HTTP answer (LOG-007). For a unix socket host is "localhost" and port 0. size is that of headers
// and body. The time is printed in GMT with the offset of the local zone, which is what the original does.
func (j *Journal) Access(host string, port int, at time.Time, request string, status, size int) {
	if !j.Enabled(config.Trace) {
		return
	}
	j.logf(config.Trace, "%s:%d - - [%s %s] \"%s\" %d %d", host, port, at.UTC().Format("02/Jan/2006:15:04:05"),
		at.Format("-0700"), request, status, size)
}

// Internal says that something of ours went wrong that no operator caused; err may be long.
func (j *Journal) Internal(doing string, err error) {
	j.logf(config.Critical, "cannot %s: %v (please report this)", doing, err)
}

// CannotReopen says that a log goes on in its old file.
func (j *Journal) CannotReopen(path string, err error) {
	j.logf(config.Error, "cannot reopen \"%s\": %v (writing goes on in the old file)", path, err)
}

// OutputLost says that a program's output cannot be kept, because the disk is full, say.
func (j *Journal) OutputLost(path string, err error) {
	j.logf(config.Error, "cannot write \"%s\": %v (output is lost until it can be written again)", path, err)
}

// RestartRefused says that a restart was asked for and cannot be: the configuration is broken, and everything goes on.
func (j *Journal) RestartRefused(err error) {
	j.logf(config.Critical, "cannot restart: %s (everything keeps running)", err)
}

// TooFewDescriptors says that not all programs can run at a time.
func (j *Journal) TooFewDescriptors(need int, have uint64) {
	j.logf(config.Warn, "cannot run all programs at a time: they need %d file descriptors and the limit is %d "+
		"(raise minfds; those that find none left will be retried)", need, have)
}

// UnknownOptions names what a section has that its interface does not take.
func (j *Journal) UnknownOptions(section string, options []config.Var) {
	names := make([]string, len(options))
	for i, o := range options {
		names[i] = o.Name
	}
	j.logf(config.Warn, "cannot use [%s]: its interface takes no option %s", section, strings.Join(names, ", "))
}

// SocketAgain says that somebody has removed a socket's file, and that it is there again.
func (j *Journal) SocketAgain(path string) {
	j.logf(config.Warn, "socket %s had been removed (made again)", path)
}

// SharedSocketAgain says the same of a FastCGI program's socket, and what that does not help.
func (j *Journal) SharedSocketAgain(path string) {
	j.logf(config.Warn, "socket %s had been removed (made again; processes that run keep the old one)", path)
}

// SocketLost says that it could not be made again.
func (j *Journal) SocketLost(path string, err error) {
	j.logf(config.Error, "socket %s has been removed: %v (tried again when something happens there)", path, err)
}

// SocketsUnwatched says that nobody will notice.
func (j *Journal) SocketsUnwatched(err error) {
	j.logf(config.Debug, "cannot watch the sockets: %v (one that is removed is not made again)", err)
}
