"""The process that runs plug-ins for supervisorctl, which owns stdin, stdout and stderr with it."""
import importlib
import io
import os
import signal
import sys

from _reeve import link
from _reeve.channel import Channel, Closed
from _reeve.spec import resolve
from supervisor import supervisorctl
from supervisor.compat import as_string, xmlrpclib
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import ClientOptions


class Lines(io.TextIOBase):
    """Stdin of a shell that reads from a pipe: whoever else has read ahead hands on the lines."""

    def readable(self):
        return True

    def readline(self, size=-1):
        return link.ask("readline") or ""

    def read(self, size=-1):
        return "".join(iter(self.readline, ""))


class Foreign(object):
    """A plug-in that runs elsewhere. It is listed for its turn in help and in the search for a command."""

    def __init__(self, ctl, index):
        self.ctl, self.index, self.names = ctl, index, None

    def do_help(self, arg):
        link.ask("help", plugin=self.index, topic=arg)

    def __getattr__(self, attribute):
        if not attribute.startswith("do_"):
            raise AttributeError(attribute)
        if self.names is None:
            self.names = link.ask("commands", plugin=self.index)
        if attribute[3:] not in self.names:
            raise AttributeError(attribute)
        return lambda arg: self.ctl._pass_on(("%s %s" % (attribute[3:], arg)).strip())


class Relay(xmlrpclib.Transport):
    """Has supervisorctl make the calls, where it knows more of the way than a plug-in can: certificates and tokens."""

    def __init__(self, server):
        xmlrpclib.Transport.__init__(self)
        self.server = server

    def request(self, host, handler, request_body, verbose=False):
        text = as_string(request_body)
        answer = link.ask("post", server=self.server, body=text)
        if answer.get("status"):
            raise xmlrpclib.ProtocolError(host + handler, answer["status"], answer["reason"], {})
        if "body" not in answer:
            raise OSError(answer.get("errno") or 0, answer["error"])
        parser, target = self.getparser()
        parser.feed(answer["body"].encode("utf-8"))
        parser.close()
        return target.close()


class Options(ClientOptions):
    relayed = False

    def getServerProxy(self):
        if not self.relayed:
            return ClientOptions.getServerProxy(self)
        server = [self.serverurl, self.username, self.password]
        return xmlrpclib.ServerProxy("http://127.0.0.1", transport=Relay(server))


def options_of(told):
    options = Options()
    options.relayed = told["relayed"]
    options.interactive = 1 if told["interactive"] else 0
    options.prompt = told["prompt"]
    options.configfile = told["configfile"] or None
    options.here = told["here"] or None
    options.history_file = options.history = told["history_file"] or None
    options.args = told["args"]
    options.progname = told["progname"]
    options.serverurl, options.username, options.password = told["server"]
    section = options.configroot.supervisorctl
    for name in ("interactive", "prompt", "serverurl", "username", "password", "history_file"):
        setattr(section, name, getattr(options, name))
    return options


class Host(object):
    def __init__(self, read, write, rest):
        self.channel = Channel(read, write)
        self.channel.feed(rest)
        link.connect(self.channel)
        self.running = False
        self.plugins = {}  # index in the file to plug-in
        self.methods = {"load": self.load, "do": self.do, "help": self.help, "complete": self.complete}

    def run(self):
        signal.signal(signal.SIGINT, self.interrupt)
        while True:
            message = self.channel.next()
            if message["method"] == "bye":
                return
            do = self.methods.get(message["method"])
            if do is None:
                self.channel.refuse(message["id"], -32601, "no such method")
                continue
            self.channel.answer(message["id"], do(**message["params"]))

    def interrupt(self, sig, frame):
        """Ctrl-C ends the command that runs, if it is one of a plug-in's."""
        if self.running and not supervisorctl._Waiting.main:
            raise KeyboardInterrupt

    def load(self, plugins, own, options):
        supervisorctl._own.update(own)
        supervisorctl.DefaultControllerPlugin._fill()
        options = options_of(options)
        options.plugin_factories = [("default", supervisorctl.DefaultControllerPlugin, {})]
        self.ctl = supervisorctl.Controller(options)
        self.ctl._admit(supervisorctl.DefaultControllerPlugin(self.ctl), "default")
        return [self.admit(index, plugin) for index, plugin in enumerate(plugins)]

    def admit(self, index, told):
        """Makes one plug-in; answers its commands, or why there are none."""
        if "spec" not in told:
            self.ctl.options.plugins.append(Foreign(self.ctl, index))
            return {}
        did = self.attempt(lambda: self.make(index, told))
        if "exit" in did or "interrupted" in did:
            did["error"] = "its factory ended the program"
        return did.pop("returned", None) or did

    def make(self, index, told):
        try:
            try:
                factory = resolve(told["spec"])
            except ImportError as why:
                return {"unresolved": str(why)}
            options = dict(told["options"])
            self.ctl.options.plugin_factories.append((told["name"], factory, options))
            plugin = factory(self.ctl, **options)
            self.ctl._admit(plugin, told["name"])
        except SyntaxError as why:
            return {"error": "%s, %s: file: %s line: %s" % (type(why), why.msg, why.filename, why.lineno)}
        except Exception:
            where, kind, value, _ = asyncore.compact_traceback()
            return {"error": "%s, %s: file: %s line: %s" % (kind, value, where[0], where[2])}
        self.plugins[index] = plugin
        names = [name[3:] for name in dir(plugin) if name.startswith("do_") and name != "do_help"]
        return {"commands": [name for name in names if callable(getattr(plugin, "do_" + name))]}

    def do(self, plugin, command, arg, line, exitstatus, server):
        return self.perform(exitstatus, server, lambda: self.ctl._attempt(
            line, lambda: getattr(self.plugins[plugin], "do_" + command)(arg)))

    def help(self, plugin, topic, exitstatus, server):
        def explain():
            self.plugins[plugin].do_help(topic)
            return True
        did = self.perform(exitstatus, server, lambda: self.ctl._attempt("help " + topic, explain))
        did["failed"] = not did.pop("stop", False)
        return did

    def perform(self, exitstatus, server, do):
        options = self.ctl.options
        self.ctl.exitstatus = exitstatus
        options.serverurl, options.username, options.password = server
        did = self.attempt(do)
        did["stop"] = bool(did.pop("returned", None))
        did["exitstatus"] = self.ctl.exitstatus
        did["server"] = [options.serverurl, options.username, options.password]
        return did

    def attempt(self, do):
        """Runs a plug-in's code; it may end the program."""
        self.running = True
        try:
            try:
                return {"returned": do()}
            finally:
                self.running = False
                flush()
        except SystemExit as end:
            return {"exit": status_of(end.code)}
        except KeyboardInterrupt:
            self.running = False
            return {"interrupted": True}

    def complete(self, plugin, command, text, line, begin, end):
        """The words that a plug-in offers; None when it does not care."""
        words = getattr(self.plugins[plugin], "complete_" + command, None)
        if words is None:
            return None
        did = self.attempt(lambda: words(text, line, begin, end))
        return [str(word) for word in did.get("returned") or []]


def status_of(code):
    """The exit status that sys.exit's argument means; a text is printed."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass


def main(params, read, write, rest):
    if params.get("lines"):
        sys.stdin = Lines()
    try:
        Host(read, write, rest).run()
    except (Closed, KeyboardInterrupt):
        flush()
        os._exit(1)
