"""Results of event listeners, and the names of what reads the output of processes in Supervisor."""
from _reeve.guard import Guarded
from supervisor import loggers  # noqa: F401
from supervisor.compat import as_string  # noqa: F401
from supervisor.events import EventRejectedEvent, ProcessLogStderrEvent, ProcessLogStdoutEvent, notify  # noqa: F401
from supervisor.medusa.asyncore_25 import compact_traceback  # noqa: F401
from supervisor.states import EventListenerStates, getEventListenerStateDescription  # noqa: F401


class RejectEvent(Exception):
    """A result handler raises this to have an event told again."""


def default_handler(event, response):
    if response != b"OK":
        raise RejectEvent(response)


class PDispatcher(metaclass=Guarded):
    """One channel of one process. The daemon makes none of these for Python."""


class POutputDispatcher(PDispatcher):
    _free = ()


class PEventListenerDispatcher(PDispatcher):
    _free = ()
    READY_FOR_EVENTS_TOKEN = b"READY\n"
    RESULT_TOKEN_START = b"RESULT "
    READY_FOR_EVENTS_LEN = len(READY_FOR_EVENTS_TOKEN)
    RESULT_TOKEN_START_LEN = len(RESULT_TOKEN_START)


class PInputDispatcher(PDispatcher):
    _free = ()


def stripEscapes(s):
    """The bytes without ANSI escapes: from ESC [ to one of the letters that end them."""
    out = []
    at = 0
    while True:
        start = s.find(b"\x1b[", at)
        if start < 0:
            return b"".join(out) + s[at:]
        out.append(s[at:start])
        at = start + 1
        while at < len(s) and s[at:at + 1] not in (
                b"H", b"f", b"A", b"B", b"C", b"D", b"R", b"s", b"u", b"J", b"K", b"h", b"l", b"p", b"m"):
            at += 1
        at += 1


for _class in (POutputDispatcher, PEventListenerDispatcher, PInputDispatcher):
    type.__setattr__(_class, "_guarded", "POutputDispatcher")
