package ctl

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/config"
)

// The fault codes that commands tell apart.
const (
	faultUnknownMethod  = 1
	faultShutdown       = 6
	faultBadName        = 10
	faultBadSignal      = 11
	faultNoFile         = 20
	faultNotExecutable  = 21
	faultFailed         = 30
	faultAbnormal       = 40
	faultSpawnError     = 50
	faultAlreadyStarted = 60
	faultNotRunning     = 70
	faultSuccess        = 80
	faultAlreadyAdded   = 90
	faultStillRunning   = 91
	faultCantReread     = 92
	faultForbidden      = 403 // ours: the role is too small
)

// faultCode is the code of a refusal by the daemon, 0 for any other error.
func faultCode(err error) int {
	var f *client.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return 0
}

// spellFault is a fault as Python prints it.
func spellFault(f *client.Fault) string {
	return fmt.Sprintf("<Fault %d: %s>", f.Code, config.Quote(f.String))
}

// outcome sets the exit status after the result of one process; ignored is a
// code that counts as success (CTL-023, CTL-026, CTL-029).
func (c *controller) outcome(code, ignored int) {
	switch code {
	case ignored, faultSuccess:
	case faultSpawnError, faultAbnormal, faultNotRunning:
		c.exit = exitNotRunning
	default:
		c.exit = exitGeneric
	}
}

// An unknownResult is a code that a command has no words for (CTL-031).
type unknownResult struct {
	code int
	name string
}

func (e unknownResult) Error() string {
	return fmt.Sprintf("Unknown result code %d for %s", e.code, e.name)
}

// explain puts an error that no command had words for into one line. It
// starts like Supervisor's, which names the Python exception, because scripts
// look for it; the place in the Python source that follows there is left out
// (CTL-009). A daemon that is not there gets the words that other commands
// have for it (CTL-007).
func explain(err error, url string) string {
	var fault *client.Fault
	var refused *client.HTTPError
	switch {
	case errors.As(err, &fault):
		return "error: <class 'xmlrpc.client.Fault'>, " + spellFault(fault)
	case errors.As(err, &refused):
		return fmt.Sprintf("error: <class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: %d %s>", refused.Status, refused.Reason)
	case client.Refused(err):
		return url + " refused connection"
	case client.Missing(err):
		return url + " no such file"
	}
	class, text := pythonError(err)
	return "error: <class '" + class + "'>, " + text
}

// pythonClasses are the exceptions that Python has for errors of sockets.
var pythonClasses = map[syscall.Errno]string{
	syscall.EACCES: "PermissionError", syscall.EPERM: "PermissionError", syscall.ENOTDIR: "NotADirectoryError",
	syscall.ECONNRESET: "ConnectionResetError", syscall.EPIPE: "BrokenPipeError", syscall.ETIMEDOUT: "TimeoutError",
	syscall.ECONNREFUSED: "ConnectionRefusedError", syscall.ENOENT: "FileNotFoundError",
}

func pythonError(err error) (class, text string) {
	var errno syscall.Errno
	var unknown unknownResult
	var protocol *client.UnknownProtocolError
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &errno):
		class = pythonClasses[errno]
		if class == "" {
			class = "OSError"
		}
		return class, fmt.Sprintf("[Errno %d] %s", int(errno), capital(errno.Error()))
	case errors.As(err, &unknown), errors.As(err, &protocol):
		return "ValueError", err.Error()
	case errors.As(err, &certificate):
		return "ssl.SSLCertVerificationError", err.Error()
	case errors.As(err, &dns):
		return "socket.gaierror", "[Errno -2] Name or service not known"
	case errors.Is(err, errNoInput):
		return "EOFError", errNoInput.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "http.client.RemoteDisconnected", "Remote end closed connection without response"
	case errors.Is(err, context.DeadlineExceeded):
		return "TimeoutError", "timed out"
	}
	return "Exception", err.Error()
}

// capital starts a text with a capital, as C's strerror does and Go's does not.
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-0x20) + s[1:]
	}
	return s
}
