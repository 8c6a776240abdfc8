"""Processes and groups of the daemon, as plug-ins see them: what is known of them is here, what they do is asked for."""
import errno
import functools
import os
import shlex

from _reeve import link
from _reeve.guard import Guarded, refuse, refusing
from supervisor import events  # noqa: F401
from supervisor.compat import as_bytes, as_string  # noqa: F401
from supervisor.datatypes import RestartUnconditionally  # noqa: F401
from supervisor.dispatchers import EventListenerStates  # noqa: F401
from supervisor.options import BadCommand, ProcessException, decode_wait_status, make_namespec, signame  # noqa: F401
from supervisor.states import ProcessStates, STOPPED_STATES, SupervisorStates, getProcessStateDescription  # noqa: F401


@functools.total_ordering
class Subprocess(metaclass=Guarded):
    """One process. The daemon keeps its fields up to date."""
    _free = ()
    _refused = frozenset("""record_spawnerr set_uid drain _prepare_child_fds _spawn_as_parent _spawn_as_child event_map
        _check_and_adjust_for_system_clock_rollback""".split())
    __getattr__ = refusing
    pid = 0
    config = None
    state = ProcessStates.STOPPED
    listener_state = None
    event = None
    laststart = 0
    laststop = 0
    laststopreport = 0
    delay = 0
    administrative_stop = False
    system_stop = False
    killing = False
    backoff = 0
    exitstatus = None
    spawnerr = None
    group = None

    def __init__(self, config):
        object.__setattr__(self, "config", config)
        object.__setattr__(self, "dispatchers", {})
        object.__setattr__(self, "pipes", {})

    def __setattr__(self, name, value):
        if name in _KNOWN:
            refuse("setting %r of process %r" % (name, self.config.name), "state")
        object.__setattr__(self, name, value)

    def _do(self, op, **more):
        return link.ask("proc.do", group=self.group.config.name, name=self.config.name, op=op, **more)

    def get_state(self):
        return self.state

    def get_execv_args(self):
        """File and arguments of its command; ProcessException says why there are none."""
        try:
            argv = shlex.split(self.config.command)
        except ValueError as why:
            raise BadCommand("can't parse command %r: %s" % (self.config.command, why))
        if not argv:
            raise BadCommand("command is empty")
        found, st = argv[0], None
        places = [argv[0]] if "/" in argv[0] else [os.path.join(place, argv[0]) for place in self.config.get_path()]
        for place in places:
            try:
                st = self.config.options.stat(place)
            except OSError:
                continue
            found = place
            break
        self.config.options.check_execv_args(found, argv, st)
        return found, argv

    def spawn(self):
        """Starts it. Its pid, or None and spawnerr is set."""
        if self.pid:
            self.config.options.logger.warn("process '%s' already running" % self.config.name)
            return None
        self._do("spawn")
        return self.pid or None

    def stop(self):
        """Has it stopped. None, or why not."""
        return self.kill(self.config.stopsignal)

    def kill(self, sig):
        """Has it stopped by a signal. None, or why not."""
        if not self.pid and self.state != ProcessStates.BACKOFF:
            return "attempted to kill %s with sig %s but it wasn't running" % (self.config.name, signame(sig))
        return self._do("kill", signal=int(sig))

    def signal(self, sig):
        """Sends it a signal. None, or why not."""
        if not self.pid:
            return "attempted to send %s sig %s but it wasn't running" % (self.config.name, signame(sig))
        return self._do("signal", signal=int(sig))

    def write(self, chars):
        """Writes to its stdin."""
        if not self.pid or self.killing:
            raise OSError(errno.EPIPE, "Process already closed")
        data = as_bytes(chars)
        if not isinstance(data, bytes):
            raise TypeError("a bytes-like object is required, not %r" % type(chars).__name__)
        self._do("write", data=data.decode("latin-1"))

    def transition(self):
        """Has the daemon do what is due. It does so by itself; afterwards its fields are up to date."""
        self._do("transition")

    def give_up(self):
        """Has it not tried again: it is FATAL then."""
        self._assertInState(ProcessStates.BACKOFF)
        self._do("give_up")

    def removelogs(self):
        link.call("clearProcessLogs", make_namespec(self.group.config.name, self.config.name))

    def reopenlogs(self):
        """Nothing: the daemon opens logs again when it is told to by SIGUSR2."""

    def stop_report(self):
        """Nothing: the daemon tells of stops that take long."""

    def change_state(self, new_state, expected=True):
        refuse("changing the state of process %r" % self.config.name, "state")

    def finish(self, pid, sts):
        refuse("finishing process %r" % self.config.name, "state")

    def _assertInState(self, *states):
        if self.state not in states:
            raise AssertionError("Assertion failed for %s: %s not in %s" % (
                self.config.name, getProcessStateDescription(self.state),
                " ".join(getProcessStateDescription(state) for state in states)))

    def __lt__(self, other):
        return self.config.priority < other.config.priority

    def __eq__(self, other):
        return self.config.priority == other.config.priority

    __hash__ = None

    def __repr__(self):
        return "<Subprocess at %s with name %s in state %s>" % (
            id(self), self.config.name, getProcessStateDescription(self.state))


_KNOWN = frozenset([
    "pid", "config", "state", "laststart", "laststop", "delay", "administrative_stop", "system_stop", "killing",
    "backoff", "exitstatus", "spawnerr", "group"])


class FastCGISubprocess(Subprocess):
    pass


class Processes(dict):
    """The processes of a group by name. Putting one in makes the daemon take it on, taking one out makes it forget it."""

    def __init__(self, group):
        dict.__init__(self)
        self._group = group

    def __setitem__(self, name, process):
        if self._group._reeve_live:
            source = process.config._reeve_source
            if source is None:
                refuse("adding process %r" % name, "config")
            self._group._pending[name] = process
            try:
                link.ask("group.add_process", group=self._group.config.name, source=source)
            finally:
                self._group._pending.pop(name, None)
        else:
            dict.__setitem__(self, name, process)

    def __delitem__(self, name):
        if name not in self:
            raise KeyError(name)
        if self._group._reeve_live:
            link.ask("group.remove_process", group=self._group.config.name, name=name)
        dict.pop(self, name, None)

    def pop(self, name, *default):
        if name not in self:
            return dict.pop(self, name, *default)
        process = self[name]
        del self[name]
        return process


@functools.total_ordering
class ProcessGroupBase(metaclass=Guarded):
    """A group of processes."""
    _free = ()
    _refused = frozenset(["get_dispatchers"])
    __getattr__ = refusing
    _reeve_live = False

    def __init__(self, config):
        self.config = config
        self._pending = {}
        self.processes = Processes(self)
        for process in config.process_configs:
            self.processes[process.name] = process.make_process(self)

    def __lt__(self, other):
        return self.config.priority < other.config.priority

    def __eq__(self, other):
        return self.config.priority == other.config.priority

    __hash__ = None

    def __repr__(self):
        return "<%s instance at %s named %s>" % (self.__class__, id(self), self.config.name)

    def get_unstopped_processes(self):
        return [process for process in self.processes.values() if process.state not in STOPPED_STATES]

    def stop_all(self):
        """Has all of them stopped."""
        link.call("stopProcessGroup", self.config.name, False)

    def removelogs(self):
        for process in self.processes.values():
            process.removelogs()

    def reopenlogs(self):
        pass

    def transition(self):
        """Has the daemon do what is due for all of them."""
        link.ask("group.transition", group=self.config.name)

    def before_remove(self):
        pass


class ProcessGroup(ProcessGroupBase):
    pass


class FastCGIProcessGroup(ProcessGroup):
    pass


class EventListenerPool(ProcessGroupBase):
    pass


for _class in (Subprocess, FastCGISubprocess, ProcessGroupBase, ProcessGroup, FastCGIProcessGroup, EventListenerPool):
    type.__setattr__(_class, "_guarded", "Subprocess")
