"""The process that runs plug-ins for supervisord."""
import os
import signal
import sys
import threading
import time
import traceback
import types

from _reeve import link
from _reeve.channel import Channel, Closed
from _reeve.mirror import Mirror
from _reeve.spec import resolve
from supervisor import events, xmlrpc
from supervisor.compat import as_bytes
from supervisor.dispatchers import RejectEvent
from supervisor.http import NOT_DONE_YET
from supervisor.loggers import LevelsByName
from supervisor.xmlrpc import Faults, RPCError, xmlrpclib

_GOOD = {"verdict": "ok"}  # of a result handler that has returned
_GOOD_TEXT = b'{"verdict":"ok"}'
_POLL = 0.02  # seconds between two looks at a deferred result that asks for none


def crash():
    """What is told of an exception that is no fault, sys.exit's among them: no plug-in ends what runs all of them."""
    kind, value = sys.exc_info()[:2]
    return {"crash": traceback.format_exc(), "text": "%s:%s" % (kind, value)}


def fault(code, text, many):
    """What is told of a fault. One of many is a value like any other, whatever its code is."""
    spelled = spell({"faultCode": code, "faultString": text}, many)
    if "crash" in spelled or many and not isinstance(code, int):
        return spelled
    return {"fault": [int(code) if isinstance(code, int) else code, text]}


class Waiting(object):
    """A deferred result that has not come yet."""

    def __init__(self, call, callback, many, delay, now):
        self.call, self.callback, self.many, self.delay = call, callback, many, max(delay, _POLL)
        self.due = now + self.delay


class Host(object):
    def __init__(self, read, write, rest):
        self.mirror = Mirror()
        self.channel = Channel(read, write)
        self.channel.news = {"state": self.mirror.apply}
        self.channel.feed(rest)
        self.servers = {}  # number of the HTTP server to its namespaces
        self.leaving = False
        self.waiting = {}  # number of the call to its deferred result
        self.handlers = {}  # spec to the result handler, which is looked up once, as Supervisor does
        self.own = []  # type and data of remote events that plug-ins have told and the daemon will tell again
        self.seen = 0  # mirror.changes when the deferred results were last asked
        link.connect(self.channel, self.pump)
        events._changed = self.mask
        events._publish = self.publish
        self.methods = {
            "init": self.init, "resolve": self.resolve, "make": self.make, "rpc.call": self.call,
            "rpc.cancel": self.cancel, "result": self.result, "event": self.event, "ping": self.ping,
            "stopping": self.stopping, "sync": self.ping, "forget": self.forget,
            "moved": self.moved,
        }

    def run(self):
        while not self.leaving:
            message = self.channel.next(self.patience())
            if message is not None:
                self.handle(message)
            self.poll()

    def handle(self, message):
        do = self.methods.get(message["method"])
        ident = message.get("id")
        if do is None:
            if ident is not None:
                self.channel.refuse(ident, -32601, "no such method: %s" % message["method"])
            return
        try:
            answer = do(message.get("params") or {})
        except Closed:
            raise
        except Exception:
            if ident is None:
                self.log(LevelsByName.CRIT, traceback.format_exc())
            else:
                self.channel.refuse(ident, -32603, traceback.format_exc())
            return
        if ident is None:
            return
        if answer is _GOOD:
            self.channel.answer_text(ident, _GOOD_TEXT)
        else:
            self.channel.answer(ident, answer)

    def pump(self):
        """Hears events while a plug-in waits for an answer of the daemon, and imports what that answer may depend on.
        The main thread alone does so."""
        if on_main_thread():
            for message in self.channel.pick("event", "resolve"):
                self.handle(message)

    def log(self, level, text):
        self.channel.notify("log", {"level": level, "text": text})

    # Beginning and end.

    def init(self, params):
        self.mirror.begin(params["about"])
        self.mirror.apply(params["state"])
        return {"python": sys.version.split()[0], "protocol": 1}

    def moved(self, params):
        os.umask(params["umask"])
        if params["directory"]:
            try:
                os.chdir(params["directory"])
            except OSError:
                pass  # the daemon has told

    def ping(self, params):
        return {}

    def stopping(self, params):
        self.leaving = True
        return {}

    def resolve(self, params):
        """Why each of the specs cannot be resolved, or None."""
        why = []
        for spec in params["specs"]:
            try:
                resolve(spec)
            except ImportError as error:
                why.append({"text": str(error)})
            except Closed:
                raise
            except BaseException as error:
                why.append({"text": "%s: %s" % (type(error).__name__, error), "traceback": traceback.format_exc()})
            else:
                why.append(None)
        return why

    def make(self, params):
        """Makes the namespaces of one HTTP server, up to the first that cannot be made."""
        made = []
        namespaces = self.servers.setdefault(params["server"], {})
        for one in params["namespaces"]:
            try:
                instance = resolve(one["spec"])(self.mirror.supervisord, **dict(one["options"]))
            except Closed:
                raise
            except BaseException:
                made.append({"traceback": traceback.format_exc()})
                return made
            namespaces[one["name"]] = instance
            made.append({"none": instance is None})
        for one, name in zip(made, [one["name"] for one in params["namespaces"]]):
            one["methods"] = listed(namespaces[name])
        return made

    def forget(self, params):
        for namespaces in self.servers.values():
            namespaces.pop(params["namespace"], None)

    # Calls.

    def call(self, params):
        namespaces = self.servers.get(params["server"], {})
        many = params.get("many", False)
        try:
            found = namespaces.get(params["namespace"])
            name = params["method"]
            func = None if found is None or name.startswith("_") else getattr(found, name, None)
            if not isinstance(func, types.MethodType):
                raise RPCError(Faults.UNKNOWN_METHOD)
            try:
                value = func(*[unwrap(arg) for arg in params["args"]])
            except TypeError:
                raise RPCError(Faults.INCORRECT_PARAMETERS)
            if isinstance(value, types.FunctionType):
                delay = 0.05 if many else float(value.delay)
                now = time.monotonic()
                waiting = self.waiting[params["call"]] = Waiting(params["call"], value, many, delay, now)
                waiting.due = now
                return {"deferred": True}
        except RPCError as why:
            return fault(why.code, why.text, many)
        except Closed:
            raise
        except BaseException:
            return crash()
        return spell(value, many)

    def cancel(self, params):
        self.waiting.pop(params["call"], None)

    def patience(self):
        """Seconds until the next deferred result is to be asked; None when there is none."""
        if not self.waiting:
            return None
        if self.seen != self.mirror.changes:
            return 0
        return max(0, min(waiting.due for waiting in self.waiting.values()) - time.monotonic())

    def poll(self):
        """Asks the deferred results that are due, and all of them when something has changed."""
        if not self.waiting:
            return
        changed, self.seen = self.seen != self.mirror.changes, self.mirror.changes
        now = time.monotonic()
        for waiting in list(self.waiting.values()):
            if not changed and waiting.due > now:
                continue
            try:
                value = waiting.callback()
                if value is NOT_DONE_YET:
                    waiting.due = time.monotonic() + waiting.delay
                    continue
                answer = spell(value, waiting.many)
            except RPCError as why:
                answer = fault(why.code, why.text, waiting.many)
            except Closed:
                raise
            except BaseException:
                answer = crash()
            if self.waiting.pop(waiting.call, None) is not None:
                answer["call"] = waiting.call
                self.channel.notify("rpc.result", answer)

    # Events and results.

    def mask(self):
        """Tells the daemon which events somebody here wants."""
        wanted = []
        for name, kind in vars(events.EventTypes).items():
            if not name.startswith("_") and any(issubclass(kind, base) for base, _ in events.callbacks):
                wanted.append(name)
        if "REMOTE_COMMUNICATION" not in wanted:
            del self.own[:]
        self.channel.notify("events.mask", {"types": wanted})

    def publish(self, event):
        if isinstance(event, events.RemoteCommunicationEvent):
            kind, data = text(event.type), text(event.data)
            if any(issubclass(events.RemoteCommunicationEvent, base) for base, _ in events.callbacks):
                self.own.append((kind, data))
            link.ask("events.notify", type=kind, data=data)
            return
        for name, kind in vars(events.EventTypes).items():
            if kind is event.__class__ and event.__class__.__module__ == "supervisor.events":
                raise RuntimeError("%s is for the daemon to tell" % name)

    def event(self, params):
        if params["type"] == "REMOTE_COMMUNICATION" and (params["kind"], params["data"]) in self.own:
            self.own.remove((params["kind"], params["data"]))  # whoever told it has had it heard here
            return
        made, process, before = self.made(params)
        if made is None:
            return
        try:
            for kind, callback in list(events.callbacks):
                if not isinstance(made, kind):
                    continue
                try:
                    callback(made)
                except Closed:
                    raise
                except BaseException:
                    self.log(LevelsByName.CRIT, "%r raised an exception for %s: %s" % (
                        callback, params["type"], traceback.format_exc()))
        finally:
            if process is not None:
                for name, (then, old) in before.items():
                    if process.__dict__.get(name) == then:
                        process.__dict__[name] = old

    def made(self, params):
        """The event object. The process it is about is for now as it was when it happened."""
        kind = getattr(events.EventTypes, params["type"], None)
        if kind is None:
            return None, None, {}
        process, before = None, {}
        if "name" in params:
            process = self.mirror.find(params["group"], params["name"])
            if process is None:
                return None, None, {}
            for name, value in params.get("fields", {}).items():
                before[name] = (value, getattr(process, name))
                process.__dict__[name] = value
        if issubclass(kind, events.ProcessStateEvent):
            return kind(process, params["from"], params.get("expected", True)), process, before
        if issubclass(kind, (events.ProcessLogEvent, events.ProcessCommunicationEvent)):
            return kind(process, params["pid"], params["data"].encode("latin-1")), process, before
        if issubclass(kind, events.ProcessGroupEvent):
            return kind(params["group"]), process, before
        if issubclass(kind, events.TickEvent):
            return kind(params["when"], self.mirror.supervisord), process, before
        if issubclass(kind, events.RemoteCommunicationEvent):
            return kind(params["kind"], params["data"]), process, before
        return kind(), process, before

    def result(self, params):
        """Asks a result handler about what a listener has answered."""
        made, process, before = self.made(params["event"])
        listener = self.mirror.find(params["group"], params["process"])
        if listener is not None:
            listener.__dict__["event"] = made
        try:
            spec = params["spec"]
            handler = self.handlers.get(spec)
            if handler is None:
                handler = self.handlers[spec] = resolve(spec)
            handler(made, params["result"].encode("latin-1"))
            return _GOOD
        except RejectEvent:
            return {"verdict": "reject"}
        except Closed:
            raise
        except BaseException:
            return dict(crash(), verdict="error")
        finally:
            if listener is not None:
                listener.__dict__["event"] = None
            if process is not None:
                for name, (then, old) in before.items():
                    if process.__dict__.get(name) == then:
                        process.__dict__[name] = old


def on_main_thread():
    return threading.current_thread() is threading.main_thread()


def text(data):
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)


def unwrap(value):
    """An argument in Python's types: what JSON has no form for comes as {"$": [kind, text]}."""
    if isinstance(value, dict):
        if "$" in value:
            kind, what = value["$"]
            if kind == "time":
                return xmlrpc.make_datetime(what)
            return {key: unwrap(one) for key, one in what}
        return {key: unwrap(one) for key, one in value.items()}
    if isinstance(value, list):
        return [unwrap(one) for one in value]
    return value


def spell(value, many):
    """The answer with a value. One of many stands in an array, so that it may be whatever an array may hold."""
    try:
        if isinstance(value, xmlrpclib.Fault) and not many:
            return fault(value.faultCode, value.faultString, many)
        body = xmlrpc.xmlrpc_marshal([value] if many else value)
        return {"xml": as_bytes(body).decode("utf-8")}  # what UTF-8 cannot spell is refused here
    except Closed:
        raise
    except BaseException:
        answer = crash()
        answer["marshal"] = True
        return answer


def listed(instance):
    """What an object tells of: what its own class has, callable from outside or not. It may have more methods."""
    rows = []
    for name in vars(instance.__class__) if instance is not None else ():
        if name.startswith("_"):
            continue
        try:
            found = getattr(instance, name)
        except Exception:
            continue  # a property that is not ready yet is no method
        if not callable(found):
            continue
        doc = str(found.__doc__)
        kind, params = None, []
        for tag in xmlrpc.gettags(doc):
            if tag[1] == "return":
                kind = tag[2]
            elif tag[1] == "param":
                params.append(tag[2])
        rows.append({"name": name, "help": doc, "signature": None if kind is None else [kind] + params})
    return rows


def leave(*args):
    raise Closed()


def main(params, read, write, rest):
    # Not ignored: what a plug-in starts would inherit that.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *args: None)
    signal.signal(signal.SIGTERM, leave)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    host = Host(read, write, rest)
    try:
        host.run()
    except Closed:
        pass
    sys.stdout.flush()
    sys.exit(0)
