"""The daemon, as plug-ins see it.

Usage: supervisord [options]
"""
from _reeve import link
from _reeve.guard import Guarded, refuse, refusing
from supervisor import events, states  # noqa: F401
from supervisor.options import ServerOptions, decode_wait_status, signame  # noqa: F401
from supervisor.states import SupervisorStates, getProcessStateDescription  # noqa: F401
from supervisor.states import ProcessStates, getSupervisorStateDescription  # noqa: F401


class Groups(dict):
    """The active groups by name, in the order of the configuration."""

    def __setitem__(self, name, group):
        sources = [config._reeve_source for config in group.config.process_configs]
        if None in sources:
            refuse("adding a group with process %r" % group.config.process_configs[sources.index(None)].name, "config")
        self._pending[name] = group
        try:
            if group.config._reeve_parsed:
                link.call("addProcessGroup", group.config.name)
            else:
                link.ask("group.add", name=group.config.name, priority=group.config.priority, sources=sources)
        finally:
            self._pending.pop(name, None)

    def __delitem__(self, name):
        if name not in self:
            raise KeyError(name)
        link.call("removeProcessGroup", name)
        dict.pop(self, name, None)

    def pop(self, name, *default):
        if name not in self:
            return dict.pop(self, name, *default)
        group = self[name]
        del self[name]
        return group


class Supervisor(metaclass=Guarded):
    """The daemon: its groups, its options, and what it can be asked for."""
    _free = ()
    _refused = frozenset("""main run runforever tick handle_signal stop_groups ordered_stop_groups_phase_1
        ordered_stop_groups_phase_2 lastshutdownreport""".split())
    __getattr__ = refusing

    def __init__(self, options):
        self.options = options
        self.process_groups = Groups()
        self.process_groups._pending = {}
        self.stopping = False
        self.ticks = {}

    def get_state(self):
        return self.options.mood

    def reap(self, once=False, recursionguard=0):
        """Has the daemon hear of what has ended."""
        link.ask("reap")

    def diff_to_active(self):
        """Groups of the configuration as last read that are new or changed, and active ones that are not in it."""
        found = link.ask("config.diff")
        new = {group.name: group for group in self.options.process_group_configs}
        return ([new[name] for name in found["added"] if name in new],
                [new[name] for name in found["changed"] if name in new],
                [self.process_groups[name].config for name in found["removed"] if name in self.process_groups])

    def add_process_group(self, config):
        """Makes a group active; False when it is already."""
        if config.name in self.process_groups:
            return False
        self.process_groups[config.name] = config.make_group()
        return True

    def remove_process_group(self, name):
        """Takes a group out; False while any of its processes runs."""
        if self.process_groups[name].get_unstopped_processes():
            return False
        link.call("removeProcessGroup", name)
        return True

    def get_process_map(self):
        refuse("asking for the descriptors of processes", "Supervisor")

    def shutdown_report(self):
        """The processes that are still there."""
        return [process for group in self.process_groups.values() for process in group.get_unstopped_processes()]


type.__setattr__(Supervisor, "_guarded", "Supervisor")


def timeslice(period, when):
    return int(when - when % period)
