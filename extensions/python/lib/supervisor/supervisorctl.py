"""What commands for supervisorctl are made of.

Supervisorctl itself is no Python: its own commands run in the program that started this process, and `Controller` is
how they, its options and its output look from here.
"""
import cmd
import errno
import socket
import sys
import threading

from _reeve import link
from _reeve.guard import Guarded, refuse
from supervisor import states, xmlrpc  # noqa: F401
from supervisor.compat import as_string, raw_input, unicode, urlparse, xmlrpclib  # noqa: F401
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import ClientOptions, make_namespec, split_namespec  # noqa: F401

# The name of each command of supervisorctl's own to its help. Set before plug-ins are loaded.
_own = {}


class LSBInitExitStatuses:
    SUCCESS = 0
    GENERIC = 1
    INVALID_ARGS = 2
    UNIMPLEMENTED_FEATURE = 3
    INSUFFICIENT_PRIVILEGES = 4
    NOT_INSTALLED = 5
    NOT_RUNNING = 7


class LSBStatusExitStatuses:
    NOT_RUNNING = 3
    UNKNOWN = 4


DEAD_PROGRAM_FAULTS = (
    xmlrpc.Faults.SPAWN_ERROR, xmlrpc.Faults.ABNORMAL_TERMINATION, xmlrpc.Faults.NOT_RUNNING)

_NO_NAMESPACE = (
    "Sorry, supervisord responded but did not recognize the supervisor namespace commands that supervisorctl uses to "
    "control it.  Please check that the [rpcinterface:supervisor] section is enabled in the configuration file (see "
    "sample.conf).")
_OTHER_API = (
    "Sorry, this version of supervisorctl expects to talk to a server with API version %s, but the remote version is "
    "%s.")
_API_VERSION = "3.0"


class Controller(cmd.Cmd):
    """Supervisorctl. Any thread may use it."""

    def __init__(self, options, completekey="tab", stdin=None, stdout=None):
        cmd.Cmd.__init__(self, completekey, stdin, stdout)
        self.options = options
        self.options.plugins = []
        self.prompt = "%s> " % options.prompt
        self.vocab = ["help"]
        self.exitstatus = LSBInitExitStatuses.SUCCESS

    def _admit(self, plugin, name):
        """Takes a plug-in on that a factory has made."""
        for attribute in dir(plugin):
            if attribute.startswith("do_") and callable(getattr(plugin, attribute)):
                self.vocab.append(attribute[3:])
        self.options.plugins.append(plugin)
        plugin.name = name

    # what plug-ins call

    def output(self, message):
        self.stdout.write(message + "\n")
        self.stdout.flush()

    def get_supervisor(self):
        """A proxy of the namespace `supervisor`."""
        return self.get_server_proxy("supervisor")

    def get_server_proxy(self, namespace=None):
        """A proxy of a namespace, or of all that the daemon offers."""
        proxy = self.options.getServerProxy()
        return proxy if namespace is None else getattr(proxy, namespace)

    def upcheck(self):
        """Whether there is a daemon that speaks our language; if not, that has been said."""
        said = None
        try:
            version = self.get_supervisor().getVersion()
            if version != _API_VERSION:
                said = LSBInitExitStatuses.NOT_INSTALLED, _OTHER_API % (_API_VERSION, version)
        except xmlrpclib.Fault as fault:
            if fault.faultCode != xmlrpc.Faults.UNKNOWN_METHOD:
                self.exitstatus = LSBInitExitStatuses.GENERIC
                raise
            said = LSBInitExitStatuses.UNIMPLEMENTED_FEATURE, _NO_NAMESPACE
        except socket.error as why:
            if why.errno == errno.ECONNREFUSED:
                said = LSBInitExitStatuses.INSUFFICIENT_PRIVILEGES, "%s refused connection" % self.options.serverurl
            elif why.errno == errno.ENOENT:
                said = LSBInitExitStatuses.NOT_RUNNING, "%s no such file" % self.options.serverurl
            else:
                self.exitstatus = LSBInitExitStatuses.GENERIC
                raise
        if said is None:
            return True
        self.output(said[1])
        self.exitstatus = said[0]
        return False

    def set_exitstatus_from_xmlrpc_fault(self, faultcode, ignored_faultcode=None):
        if faultcode in (ignored_faultcode, xmlrpc.Faults.SUCCESS):
            return
        dead = faultcode in DEAD_PROGRAM_FAULTS
        self.exitstatus = LSBInitExitStatuses.NOT_RUNNING if dead else LSBInitExitStatuses.GENERIC

    def onecmd(self, line):
        """Does what a line says. What goes wrong has been said when it returns."""
        name, arg, line = self.parseline(line)
        if not line:
            return self.emptyline()
        if not name:
            return self.default(line)
        self.lastcmd = line
        do = self._get_do_func(name)
        if do is None:
            return self._pass_on(line)
        return self._attempt(line, lambda: do(arg))

    def emptyline(self):
        return None

    def default(self, line):
        self.output("*** Unknown syntax: %s" % line)
        self.exitstatus = LSBInitExitStatuses.GENERIC

    def do_help(self, arg):
        if arg.strip() == "help":
            self.help_help()
            return
        for plugin in self.options.plugins:
            plugin.do_help(arg)

    def help_help(self):
        self.output("help\t\tPrint a list of available actions")
        self.output("help <action>\tPrint help for <action>")

    def do_EOF(self, arg):
        self.output("")
        return 1

    def help_EOF(self):
        self.output("To quit, type ^D or use the quit command")

    # how that is done

    def _get_do_func(self, name):
        """What does a command here; None for one that is done elsewhere."""
        if name in _own:
            return None
        name = "do_" + name
        found = getattr(self, name, None)
        for plugin in self.options.plugins:
            if found:
                break
            found = getattr(plugin, name, None)
        return found

    def _attempt(self, line, do):
        """Does something, and says what went wrong as supervisorctl does."""
        try:
            try:
                return do()
            except xmlrpclib.ProtocolError as refusal:
                if refusal.errcode != 401:
                    raise
                self.output("Server requires authentication")
                if self.options.interactive:
                    self._authenticate()
                    return self.onecmd(line)
                self.exitstatus = LSBInitExitStatuses.GENERIC
            return do()  # so that the refusal is shown as well
        except Exception:
            where, kind, value, _ = asyncore.compact_traceback()
            self.output("error: %s, %s: file: %s line: %s" % (kind, value, where[0], where[2]))
            self.exitstatus = LSBInitExitStatuses.GENERIC

    def _authenticate(self):
        told = link.ask("authenticate")
        if told is None:
            raise EOFError("EOF when reading a line")
        self.options.username, self.options.password = told

    def _pass_on(self, line):
        """Has a line done by supervisorctl itself."""
        options = self.options
        here = threading.current_thread() is threading.main_thread()
        if here:
            _Waiting.main = True
        try:
            did = link.ask("onecmd", line=line, server=[options.serverurl, options.username, options.password])
        finally:
            if here:
                _Waiting.main = False
        options.serverurl, options.username, options.password = did["server"]
        if did["exitstatus"]:
            self.exitstatus = did["exitstatus"]
        if did.get("exit") is not None:
            raise SystemExit(did["exit"])
        if did.get("interrupted"):
            raise KeyboardInterrupt
        return 1 if did.get("stop") else None


class _Waiting:
    """Whether the main thread waits for a command of supervisorctl's own, which hears Ctrl-C itself."""
    main = False


def get_names(inst):
    """All attributes of an object's classes, some of them several times."""
    names, classes = [], [inst.__class__]
    while classes:
        one = classes.pop(0)
        classes.extend(one.__bases__)
        names.extend(dir(one))
    return names


class ControllerPluginBase:
    """What a plug-in's class is made from. Its methods do_x, help_x and complete_x are about the command x."""
    name = "unnamed"

    def __init__(self, controller):
        self.ctl = controller

    def _doc_header(self):
        return "%s commands (type help <topic>):" % self.name

    doc_header = property(_doc_header)

    def do_help(self, arg):
        if arg:
            self._explain(arg)
            return
        names = set(get_names(self))
        documented = [
            name[3:] for name in sorted(names) if name.startswith("do_")
            and ("help_" + name[3:] in names or getattr(self, name).__doc__)]
        self.ctl.output("")
        self.ctl.print_topics(self.doc_header, documented, 15, 80)

    def _explain(self, topic):
        missing = object()
        explain = getattr(self, "help_" + topic, missing)
        if explain is not missing:
            explain()
            return
        text = getattr(getattr(self, "do_" + topic, None), "__doc__", None)
        self.ctl.output(text or self.ctl.nohelp % (topic,))


class DefaultControllerPlugin(ControllerPluginBase, metaclass=Guarded):
    """Supervisorctl's own commands."""
    name = "default"
    _free = ("name",)

    def __setattr__(self, attribute, value):
        if type(self) is DefaultControllerPlugin and attribute not in ("ctl", "name"):
            refuse("replacing %s of supervisorctl's own commands" % attribute, "DefaultControllerPlugin")
        object.__setattr__(self, attribute, value)

    def __getattr__(self, attribute):
        if attribute in _INNARDS:
            refuse("using DefaultControllerPlugin.%s" % attribute, "DefaultControllerPlugin")
        raise AttributeError("%r object has no attribute %r" % (type(self).__name__, attribute))

    def do_help(self, arg):
        if type(self) is not DefaultControllerPlugin:
            ControllerPluginBase.do_help(self, arg)
        else:
            link.ask("help", plugin=-1, topic=arg)

    @classmethod
    def _fill(cls):
        """Gives the class the commands that there are."""
        for name, text in _own.items():
            type.__setattr__(cls, "do_" + name, _passing(name))
            type.__setattr__(cls, "help_" + name, _telling(text))
        type.__setattr__(cls, "_guarded", "DefaultControllerPlugin")


# What Supervisor's own commands are made of, and plug-ins have been seen to replace.
_INNARDS = frozenset([
    "_clearresult", "_formatChanges", "_formatConfigInfo", "_show_statuses", "_signalresult", "_startresult", "_stopresult",
    "_tailf", "listener"])


def _passing(name):
    def do(self, arg):
        return self.ctl._pass_on(("%s %s" % (name, arg)).strip())
    return do


def _telling(text):
    def tell(self):
        self.ctl.output(text)
    return tell


def main(args=None, options=None):
    """Refuses: supervisorctl is another program here."""
    refuse("running supervisorctl as a function", "supervisorctl")
