package journal

import (
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// Python is what a plug-in has written to our log, or a traceback of one.
func (j *Journal) Python(level config.Level, text string) { j.logf(level, "%s", text) }

// PythonReady says that plug-ins can be loaded.
func (j *Journal) PythonReady(version string) {
	j.logf(config.Debug, "Python %s is ready for plug-ins", version)
}

// PythonInstead says that the first interpreter cannot load what another one can.
func (j *Journal) PythonInstead(taken, first string, why error) {
	j.logf(config.Info, "plug-ins run in %s, as %s cannot load them: %v", Repr(taken), Repr(first), why)
}

// PythonGone says that the plug-ins have ended with their interpreter.
func (j *Journal) PythonGone() {
	j.logf(config.Critical, "the Python interpreter has ended (it is started again; what plug-ins kept in memory is lost)")
}

// PythonSlow says that nobody waits for a call any more.
func (j *Journal) PythonSlow(method string, limit time.Duration) {
	j.logf(config.Warn, "%s did not answer within %s (its caller got a fault; what it does goes on)", method, limit)
}

// PythonNonsense says that a line of the interpreter's means nothing.
func (j *Journal) PythonNonsense(line []byte) {
	const most = 200
	if len(line) > most {
		line = line[:most]
	}
	j.logf(config.Error, "the Python interpreter sent what is no message: %s", BytesRepr(line))
}
