"""Names of processes, configuration parsers, and the options of the daemon as plug-ins see them."""
import configparser
import getopt
import os
import signal as _signal
import stat
import sys
import xmlrpc.client as xmlrpclib

from _reeve import link
from _reeve.guard import Guarded, refuse, refusing
from supervisor import loggers, states, xmlrpc
from supervisor.datatypes import Automatic, existing_dirpath, integer, list_of_strings, url  # noqa: F401
from supervisor.compat import as_bytes, as_string  # noqa: F401
from supervisor.datatypes import (  # noqa: F401
    InetStreamSocketConfig, Syslog, UnixStreamSocketConfig, auto_restart, boolean, byte_size, colon_separated_user_group,
    dict_of_key_value_pairs, existing_directory, gid_for_uid, inet_address, list_of_exitcodes, logfile_name, logging_level,
    name_to_uid, octal_type, process_or_group_name, profile_options, signal_number)

VERSION = "4.4.0"


def normalize_path(v):
    return os.path.normpath(os.path.abspath(os.path.expanduser(v)))


def make_namespec(group_name, process_name):
    """How operators call a process: by its name alone when its group has the same."""
    return process_name if group_name == process_name else "%s:%s" % (group_name, process_name)


def split_namespec(namespec):
    """The names of group and process. The process is None when all of the group are meant."""
    group, colon, process = namespec.partition(":")
    if not colon:
        return namespec, namespec
    return group, None if process in ("", "*") else process


class ProcessException(Exception):
    """A process cannot be started."""


class BadCommand(ProcessException):
    """Its command is no command line."""


class NotExecutable(ProcessException):
    """Its file is there and no program."""


class NotFound(ProcessException):
    """Its file is not there."""


class NoPermission(ProcessException):
    """Its file may not be executed by the daemon."""


def expand(s, expansions, name):
    """A value with its %(names)s replaced."""
    try:
        return s % expansions
    except KeyError as missing:
        raise ValueError("Format string %r for %r contains names (%s) which cannot be expanded. Available names: %s" % (
            s, name, missing, ", ".join(sorted(expansions))))
    except Exception as why:
        raise ValueError("Format string %r for %r is badly formatted: %s" % (s, name, why))


_marker = []


class UnhosedConfigParser(configparser.RawConfigParser):
    """Reads files as the daemon does: comments may stand behind values, sections may come twice."""
    mysection = "supervisord"

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("inline_comment_prefixes", (";", "#"))
        kwargs.setdefault("strict", False)
        configparser.RawConfigParser.__init__(self, *args, **kwargs)
        self.section_to_file = {}
        self.expansions = {}

    def read(self, filenames, **kwargs):
        """Reads files, and remembers where each section came from."""
        if isinstance(filenames, str):
            filenames = [filenames]
        read = []
        for filename in filenames:
            before = set(self.sections())
            read += configparser.RawConfigParser.read(self, [filename], **kwargs)
            for section in self.sections():
                if section not in before:
                    self.section_to_file[section] = filename
        return read

    def saneget(self, section, option, default=_marker, do_expand=True, expansions={}):
        """An option, expanded; the default when it is missing."""
        try:
            value = self.get(section, option)
        except configparser.NoOptionError:
            if default is _marker:
                raise
            value = default
        if do_expand and isinstance(value, str):
            names = dict(self.expansions)
            names.update(expansions)
            value = expand(value, names, "%s.%s" % (section, option))
        return value

    def getdefault(self, option, default=_marker, expansions={}, **kwargs):
        return self.saneget(self.mysection, option, default=default, expansions=expansions, **kwargs)

    def expand_here(self, here):
        for section in self.sections():
            for key, value in self.items(section):
                if "%(here)s" in value:
                    assert here is not None, "here has not been set to a path"
                    self.set(section, key, value.replace("%(here)s", here))


class Config(object):
    """Something with a priority and a name, by which it is sorted."""

    def __ne__(self, other):
        return not self.__eq__(other)

    def _key(self):
        return self.priority, self.name

    def __lt__(self, other):
        return self._key() < other._key()

    def __le__(self, other):
        return self._key() <= other._key()

    def __gt__(self, other):
        return self._key() > other._key()

    def __ge__(self, other):
        return self._key() >= other._key()

    def __repr__(self):
        return "<%s instance at %s named %s>" % (self.__class__, id(self), self.name)


class ProcessConfig(Config):
    """The configuration of one process. The daemon looks at it once, so it does not change afterwards."""
    req_param_names = [
        "name", "uid", "command", "directory", "umask", "priority", "autostart", "autorestart", "startsecs",
        "startretries", "stdout_logfile", "stdout_capture_maxbytes", "stdout_events_enabled", "stdout_syslog",
        "stdout_logfile_backups", "stdout_logfile_maxbytes", "stderr_logfile", "stderr_capture_maxbytes",
        "stderr_logfile_backups", "stderr_logfile_maxbytes", "stderr_events_enabled", "stderr_syslog", "stopsignal",
        "stopwaitsecs", "stopasgroup", "killasgroup", "exitcodes", "redirect_stderr"]
    optional_param_names = ["environment", "serverurl"]

    _reeve_fixed = False
    _reeve_source = None  # how the daemon finds a configuration that is not that of an active process
    _told = None

    def __init__(self, options, **params):
        self.options = options
        for name in self.req_param_names:
            setattr(self, name, params[name])
        for name in self.optional_param_names:
            setattr(self, name, params.get(name))

    def __setattr__(self, name, value):
        if self._reeve_fixed and name in _CONFIG_NAMES:
            refuse("setting %r of the configuration of %r" % (name, self.name), "config")
        object.__setattr__(self, name, value)

    def __eq__(self, other):
        if not isinstance(other, ProcessConfig):
            return False
        for name in self.req_param_names + self.optional_param_names:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine is not Automatic and theirs is not Automatic and mine != theirs:
                return False
        return True

    __hash__ = None

    def get_path(self):
        """Where its command is looked for."""
        path = (self.environment or {}).get("PATH")
        return path.split(os.pathsep) if path is not None else self.options.get_path()

    def create_autochildlogs(self):
        """Nothing: the daemon names the logs of a process when it takes it on."""

    def make_process(self, group=None):
        """A process that becomes one when it is put into group.processes."""
        from supervisor.process import Subprocess
        process = Subprocess(self)
        object.__setattr__(process, "group", group)
        return process


_CONFIG_NAMES = frozenset(ProcessConfig.req_param_names + ProcessConfig.optional_param_names)


class EventListenerConfig(ProcessConfig):
    pass


class FastCGIProcessConfig(ProcessConfig):
    def make_process(self, group=None):
        if group is None:
            raise NotImplementedError("FastCGI programs require a group")
        return ProcessConfig.make_process(self, group)


class ProcessGroupConfig(Config):
    _reeve_parsed = False  # it is one of the file as last read

    def __init__(self, options, name, priority, process_configs):
        self.options = options
        self.name = name
        self.priority = priority
        self.process_configs = process_configs

    def _same(self, other, *names):
        return isinstance(other, type(self)) and all(
            getattr(self, name, None) == getattr(other, name, None)
            for name in ("name", "priority", "process_configs") + names)

    def __eq__(self, other):
        return self._same(other)

    __hash__ = None

    def after_setuid(self):
        for config in self.process_configs:
            config.create_autochildlogs()

    def make_group(self):
        """A group that becomes one when it is put into supervisord.process_groups."""
        from supervisor.process import ProcessGroup
        return ProcessGroup(self)


class EventListenerPoolConfig(ProcessGroupConfig):
    def __init__(self, options, name, priority, process_configs, buffer_size, pool_events, result_handler):
        ProcessGroupConfig.__init__(self, options, name, priority, process_configs)
        self.buffer_size = buffer_size
        self.pool_events = pool_events
        self.result_handler = result_handler

    def __eq__(self, other):
        return self._same(other, "buffer_size", "pool_events", "result_handler")

    __hash__ = None


class FastCGIGroupConfig(ProcessGroupConfig):
    def __init__(self, options, name, priority, process_configs, socket_config):
        ProcessGroupConfig.__init__(self, options, name, priority, process_configs)
        self.socket_config = socket_config

    def __eq__(self, other):
        return self._same(other, "socket_config")

    __hash__ = None


class Dummy:
    """Somewhere to put attributes."""


class Options(object):
    """What is given on a command line and in a file."""
    stderr = sys.stderr
    stdout = sys.stdout
    exit = staticmethod(sys.exit)
    configfile = None
    here = None
    uid = gid = None
    progname = sys.argv[0] if sys.argv else ""

    def __init__(self, require_configfile=True):
        self.require_configfile = require_configfile
        self.environ_expansions = {"ENV_" + name: value for name, value in os.environ.items()}
        beside = os.path.dirname(os.path.dirname(self.progname))
        self.searchpaths = [
            os.path.join(beside, "etc", "supervisord.conf"), os.path.join(beside, "supervisord.conf"),
            "supervisord.conf", "etc/supervisord.conf", "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"]

    def usage(self, msg):
        self.stderr.write("Error: %s\n" % msg)
        self.stderr.write("For help, use %s -h\n" % self.progname)
        self.exit(2)

    def exists(self, path):
        return os.path.exists(path)

    def open(self, fn, mode="r"):
        return open(fn, mode)


class SignalReceiver(metaclass=Guarded):
    """Signals are the daemon's: there are none here."""
    _free = ()

    def __init__(self):
        self._signals_recvd = []

    def receive(self, sig, frame):
        pass

    def get_signal(self):
        return None


class ServerOptions(Options, metaclass=Guarded):
    """The daemon's options. Those of the running daemon are supervisord.options."""
    _free = ("cleanup_fds",)
    _refused = frozenset("""cleanup clear_autochildlogdir close_child_pipes close_fd close_logger close_parent_pipes
        configroot daemonize drop_privileges dup2 execve _exit fork get_autochildlog_name get_plugins get_socket_map
        import_spec make_http_servers make_logger make_pipes mktempfile openhttpservers process_config_file
        process_groups_from_parser read_config readfd reopenlogs server_configs_from_parser set_rlimits_or_exit
        set_uid_or_exit setpgrp setsignals setumask waitpid write write_pidfile""".split())
    __getattr__ = refusing
    identifier = "supervisor"
    loglevel = loggers.LevelsByName.INFO
    logfile = pidfile = directory = umask = childlogdir = serverurl = user = None
    nodaemon = silent = nocleanup = strip_ansi = False
    minfds, minprocs = 1024, 200
    passwdfile = profile_options = None
    unlink_pidfile = unlink_socketfiles = True
    httpservers = ()
    args = ()
    first = True
    test = False

    def __init__(self):
        Options.__init__(self)
        self.process_group_configs = []
        self.server_configs = []
        self.rpcinterface_factories = []
        self.parse_criticals, self.parse_warnings, self.parse_infos = [], [], []
        self.pidhistory = {}
        self.signal_receiver = SignalReceiver()
        self._mood = states.SupervisorStates.RUNNING
        self._pid = os.getpid()
        self._logger = DaemonLogger(self)

    def realize(self, *args, **kwargs):
        refuse("reading the daemon's configuration with ServerOptions.realize", "config")

    @property
    def mood(self):
        """What the daemon is up to, a number of SupervisorStates. Setting it to SHUTDOWN or RESTARTING makes it so."""
        return self._mood

    @mood.setter
    def mood(self, value):
        link.ask("mood.set", value=int(value))
        self._mood = int(value)

    @property
    def logger(self):
        """The daemon's log."""
        return self._logger

    @logger.setter
    def logger(self, value):
        refuse("setting options.logger", "Logger")

    def getLogger(self, *args, **kwargs):
        return loggers.getLogger(*args, **kwargs)

    def get_pid(self):
        return self._pid

    def get_path(self):
        return os.environ.get("PATH", "/bin:/usr/bin").split(os.pathsep)

    def kill(self, pid, sig):
        os.kill(pid, sig)

    def stat(self, filename):
        return os.stat(filename)

    def get_signal(self):
        return self.signal_receiver.get_signal()

    def cleanup_fds(self):
        """Nothing: there are no descriptors of the daemon's here."""

    def close_httpservers(self):
        refuse("closing the daemon's HTTP servers", "http")

    def process_config(self, do_usage=True):
        """Has the daemon read its configuration again, into process_group_configs. ValueError says what is wrong."""
        link.ask("config.reread")

    def processes_from_section(self, parser, section, group_name, klass=None):
        """The configurations of the processes of a section. ValueError says what is wrong with it."""
        pairs = [[key, "" if value is None else str(value)] for key, value in parser.items(section)]
        made = []
        for fields in link.ask("config.section", section=section, options=pairs, group=group_name):
            config = (klass or ProcessConfig)(self, **fields_of(fields))
            config._reeve_source = {"token": fields["token"]}
            config._reeve_fixed = True
            made.append(config)
        return made

    def check_execv_args(self, filename, argv, st):
        if st is None:
            raise NotFound("can't find command %r" % filename)
        if stat.S_ISDIR(st[stat.ST_MODE]):
            raise NotExecutable("command at %r is a directory" % filename)
        if not stat.S_IMODE(st[stat.ST_MODE]) & 0o111:
            raise NotExecutable("command at %r is not executable" % filename)
        if not os.access(filename, os.X_OK):
            raise NoPermission("no permission to run command %r" % filename)


class DaemonLogger(loggers.Logger, metaclass=Guarded):
    """Writes into supervisord's main log."""
    _free = ()
    _guarded = "Logger"

    def __init__(self, options):
        self._options = options
        self._handlers = Handlers([DaemonHandler()])

    @property
    def level(self):
        return self._options.loglevel

    @level.setter
    def level(self, value):
        refuse("setting the level of the daemon's log", "Logger")

    @property
    def handlers(self):
        return self._handlers

    @handlers.setter
    def handlers(self, value):
        refuse("replacing the handlers of the daemon's log", "Logger")

    def log(self, level, msg, **kw):
        if level >= self._options.loglevel:
            self._handlers[0].emit(loggers.LogRecord(level, msg, **kw))

    def addHandler(self, hdlr):
        refuse("adding a handler to the daemon's log", "Logger")

    def close(self):
        pass


class DaemonHandler(loggers.Handler):
    """Stands for the daemon's own way to its log."""

    def emit(self, record):
        try:
            text = record.asdict()["message"]
        except Exception:
            self.handleError()  # a line that cannot be made costs nobody a call
        else:
            link.tell("log", level=record.level, text=text)

    def setFormat(self, fmt):
        refuse("setting the format of the daemon's log", "Logger")

    def setLevel(self, level):
        refuse("setting the level of the daemon's log", "Logger")

    def close(self):
        pass

    def reopen(self):
        pass

    def remove(self):
        pass


class Handlers(list):
    """The handlers of the daemon's log; there cannot be others."""

    def _no(self, *args, **kwargs):
        refuse("changing the handlers of the daemon's log", "Logger")

    append = extend = insert = remove = pop = clear = __setitem__ = __delitem__ = __iadd__ = _no


type.__setattr__(ServerOptions, "_guarded", "ServerOptions")
type.__setattr__(SignalReceiver, "_guarded", "ServerOptions")


def fields_of(fields):
    """The fields of a process's configuration, as the daemon tells them, in the types of Supervisor."""
    from supervisor.datatypes import RestartUnconditionally, RestartWhenExitUnexpected
    out = {}
    for name, value in fields.items():
        if name not in _CONFIG_NAMES:
            continue
        if name in ("stdout_logfile", "stderr_logfile") and value is True:
            value = Automatic
        elif name == "autorestart":
            value = {True: RestartUnconditionally, False: False}.get(value, RestartWhenExitUnexpected)
        elif name == "stopsignal":
            try:
                value = _signal.Signals(value)
            except ValueError:
                pass
        out[name] = value
    return out


class ClientOptions(Options):
    """Where a daemon is, from a command line and the [supervisorctl] section of a file."""
    interactive = None
    prompt = "supervisor"
    serverurl = username = password = history_file = None
    doc = None

    def __init__(self):
        Options.__init__(self, require_configfile=False)
        self.plugin_factories = []
        self.plugins = []
        self.args = []
        self.configroot = Dummy()
        self.configroot.supervisorctl = Dummy()

    def realize(self, args=None, doc=None, progname=None):
        args = sys.argv[1:] if args is None else args
        self.doc = doc
        self.progname = progname or self.progname
        try:
            given, self.args = getopt.getopt(list(args), "hc:is:u:p:r:", [
                "help", "configuration=", "interactive", "serverurl=", "username=", "password=", "history_file="])
        except getopt.error as why:
            self.usage(why)
        names = {"-c": "configfile", "-s": "serverurl", "-u": "username", "-p": "password", "-r": "history_file"}
        names.update({"--configuration": "configfile", "--serverurl": "serverurl", "--username": "username",
                      "--password": "password", "--history_file": "history_file"})
        from_line = set()
        for option, value in given:
            if option in ("-h", "--help"):
                self.stdout.write("%s\n" % (self.doc or ""))
                self.exit(0)
            elif option in ("-i", "--interactive"):
                self.interactive = 1
            else:
                setattr(self, names[option], value)
                from_line.add(names[option])
        if self.configfile is None:
            self.configfile = next((path for path in self.searchpaths if os.path.exists(path)), None)
        if self.configfile is not None:
            try:
                self.read_config(self.configfile, from_line)
            except ValueError as why:
                self.usage(why)
        self.serverurl = self.serverurl or "http://localhost:9001"
        if not self.args:
            self.interactive = 1

    def read_config(self, fp, from_line=()):
        parser = UnhosedConfigParser()
        parser.expansions = self.environ_expansions
        parser.mysection = "supervisorctl"
        if hasattr(fp, "read"):
            parser.read_file(fp)
        else:
            self.here = os.path.dirname(normalize_path(fp))
            if not self.exists(fp):
                raise ValueError("could not find config file %s" % fp)
            try:
                with self.open(fp) as stream:
                    parser.read_file(stream)
            except OSError:
                raise ValueError("could not read config file %s" % fp)
        if "supervisorctl" not in parser.sections():
            raise ValueError(".ini file does not include supervisorctl section")
        for name in ("serverurl", "prompt", "username", "password", "history_file"):
            value = parser.getdefault(name, getattr(self, name), expansions={"here": self.here})
            if name == "serverurl" and value and value.startswith("unix://"):
                value = "unix://" + normalize_path(value[len("unix://"):])
            if name == "history_file" and value:
                value = normalize_path(value)
            setattr(self.configroot.supervisorctl, name, value)
            if name not in from_line:
                setattr(self, name, value)

    def getServerProxy(self):
        return xmlrpclib.ServerProxy("http://127.0.0.1", transport=xmlrpc.SupervisorTransport(
            self.username, self.password, self.serverurl))


def signame(sig):
    """The name of a signal by its number."""
    try:
        return _signal.Signals(sig).name
    except ValueError:
        return "signal %d" % sig


def decode_wait_status(sts):
    """Exit status, -1 for a signal, and a sentence about it."""
    if os.WIFEXITED(sts):
        code = os.WEXITSTATUS(sts) & 0xFFFF
        return code, "exit status %s" % code
    if os.WIFSIGNALED(sts):
        text = "terminated by %s" % signame(os.WTERMSIG(sts))
        return -1, text + (" (core dumped)" if os.WCOREDUMP(sts) else "")
    return -1, "unknown termination cause 0x%04x" % sts


def readFile(filename, offset, length):
    """Bytes of a file: from offset, or as many as a negative offset says from its end."""
    if length < 0 or offset < 0 and length:
        raise ValueError("BAD_ARGUMENTS")
    try:
        with open(filename, "rb") as f:
            if offset < 0:
                f.seek(max(0, f.seek(0, os.SEEK_END) + offset))
                return f.read(-offset)
            f.seek(offset)
            return f.read(length) if length else f.read()
    except OSError:
        raise ValueError("FAILED")


def tailFile(filename, offset, length):
    """[text, size of the file, whether more came since offset than length bytes]"""
    try:
        with open(filename, "rb") as f:
            size = f.seek(0, os.SEEK_END)
            overflow = size > offset + length
            want = max(0, length) if overflow or offset < size else 0
            f.seek(max(0, size - want))
            return [f.read(want).decode("utf-8", "replace"), size, overflow]
    except OSError:
        return ["", offset, False]
