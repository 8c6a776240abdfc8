"""The names of the event loop that plug-ins import. There is no such loop here."""
import sys


class ExitNow(Exception):
    """Ends the daemon's loop."""


def compact_traceback():
    """The exception that is being handled: where it was raised, its type, its value, and the way there."""
    kind, value, trace = sys.exc_info()
    steps = []
    while trace is not None:
        code = trace.tb_frame.f_code
        steps.append((code.co_filename, code.co_name, str(trace.tb_lineno)))
        trace = trace.tb_next
    if not steps:
        raise AssertionError("traceback does not exist")
    return steps[-1], kind, value, " ".join("[%s|%s|%s]" % step for step in steps)
