"""The way to the daemon, for the modules that plug-ins see. In a process without a daemon behind it there is none."""
import time

import supervisor.xmlrpc

from _reeve.channel import Refused

_STALE = 0.02  # seconds without news

_channel = None
_between = None


def connect(channel, between=None):
    """Sets the channel. `between` is called while an answer is waited for and something has come in."""
    global _channel, _between
    _channel, _between = channel, between


def ask(_request, **params):
    """Asks the daemon. A fault of its is raised as RPCError, any other refusal as Refused."""
    if _channel is None:
        raise RuntimeError("there is no daemon behind this process")
    try:
        return _channel.ask(_request, params, _between)
    except Refused as why:
        data = why.data if isinstance(why.data, dict) else {}
        if "fault" in data:
            error = supervisor.xmlrpc.RPCError(data["fault"])
            error.text = why.message
            raise error from None
        if "valueerror" in data:
            raise ValueError(why.message) from None
        if "errno" in data:
            raise OSError(data["errno"], why.message) from None
        raise


def call(method, *args):
    """Calls a method of the main interface."""
    return ask("sup.call", method=method, args=list(args))


def look():
    """Brings what the objects say up to date, unless something has just been heard."""
    if time.monotonic() - _channel.heard >= _STALE:
        ask("reap")


def tell(_request, **params):
    """Tells the daemon something that it does not answer."""
    if _channel is not None:
        _channel.notify(_request, params)
