"""Keeps the objects that plug-ins see in step with the daemon."""
from supervisor import options as _options
from supervisor import process as _process
from supervisor.supervisord import Supervisor

_GROUPS = {
    "group": (_options.ProcessGroupConfig, _process.ProcessGroup, _options.ProcessConfig, _process.Subprocess),
    "eventlistener": (_options.EventListenerPoolConfig, _process.EventListenerPool, _options.EventListenerConfig,
                      _process.Subprocess),
    "fcgi": (_options.FastCGIGroupConfig, _process.FastCGIProcessGroup, _options.FastCGIProcessConfig,
             _process.FastCGISubprocess),
}


class Mirror(object):
    def __init__(self):
        self.options = _options.ServerOptions()
        self.supervisord = Supervisor(self.options)
        self.changes = 0  # grows with every delta

    def begin(self, about):
        """Takes what does not change while the daemon lives."""
        for name, value in about.items():
            if name == "pid":
                self.options._pid = value
            elif name == "server_configs":
                self.options.server_configs = [_server(server) for server in value or ()]
            else:
                setattr(self.options, name, value)

    def apply(self, delta):
        """Takes what has changed."""
        self.changes += 1
        if "mood" in delta:
            self.options._mood = delta["mood"]
        if "groups" in delta or "order" in delta:
            self._groups(delta.get("groups", []), delta.get("order"))
        if "parsed" in delta:
            self._parsed(delta["parsed"])
        groups = self.supervisord.process_groups
        for group, name, fields in delta.get("processes", ()):
            found = groups[group].processes.get(name) if group in groups else None
            if found is not None:
                found.__dict__.update(fields)

    def _groups(self, changed, order):
        groups = self.supervisord.process_groups
        for told in changed:
            known = groups.get(told["name"])
            if known is None:
                known = self._new_group(told)
                dict.__setitem__(groups, told["name"], known)
            self._fill(known, told)
        if order is None:
            return
        kept = {name: groups[name] for name in order if name in groups}
        for name in list(groups):
            dict.pop(groups, name)
        for name, group in kept.items():
            dict.__setitem__(groups, name, group)

    def _new_group(self, told):
        pending = self.supervisord.process_groups._pending.get(told["name"])
        if pending is not None:
            for name in list(pending.processes):
                pending._pending[name] = dict.pop(pending.processes, name)
            pending._reeve_live = True
            return pending
        config_class, group_class = _GROUPS[told["kind"]][:2]
        group = group_class(_group_config(config_class, self.options, told, []))
        group._reeve_live = True
        return group

    def _fill(self, group, told):
        """Brings a group's configurations and processes in line with what the daemon has."""
        config_class, process_class = _GROUPS[told["kind"]][2:]
        group.config.priority = told["priority"]
        names = []
        for fields in told["configs"]:
            name = fields["name"]
            names.append(name)
            known, adopted = group.processes.get(name), group._pending.pop(name, None)
            if adopted is not None:
                adopted.config.__dict__.update(_options.fields_of(fields))
                adopted.config.__dict__.update(_told=fields, _reeve_source=None)
                known = adopted
            elif known is None or known.config._told != fields:
                known = process_class(_process_config(config_class, self.options, fields))
            known.__dict__["group"] = group
            dict.__setitem__(group.processes, name, known)
        for name in [name for name in group.processes if name not in names]:
            dict.pop(group.processes, name)
        waiting = [config for config in group.config.process_configs if config._reeve_source is not None]
        group.config.process_configs[:] = [group.processes[name].config for name in names] + [
            config for config in waiting if config.name not in names]

    def _parsed(self, told):
        made = []
        for one in told:
            config_class, process_class = _GROUPS[one["kind"]][0], _GROUPS[one["kind"]][2]
            group = _group_config(config_class, self.options, one, [
                _process_config(process_class, self.options, fields) for fields in one["configs"]])
            group._reeve_parsed = True
            for config in group.process_configs:
                config._reeve_source = {"parsed": [group.name, config.name]}
            made.append(group)
        self.options.process_group_configs = made

    def find(self, group, name):
        """A process; None when there is none."""
        found = self.supervisord.process_groups.get(group)
        return found.processes.get(name) if found is not None else None


def _process_config(config_class, options, fields):
    config = config_class(options, **_options.fields_of(fields))
    config._told = fields
    config._reeve_fixed = True
    return config


def _group_config(config_class, options, told, configs):
    if config_class is _options.EventListenerPoolConfig:
        return config_class(options, told["name"], told["priority"], configs, told.get("buffer_size", 10), [], None)
    if config_class is _options.FastCGIGroupConfig:
        return config_class(options, told["name"], told["priority"], configs, None)
    return config_class(options, told["name"], told["priority"], configs)


def _server(told):
    import socket
    server = dict(told)
    server["family"] = socket.AF_UNIX if "file" in told else socket.AF_INET
    if "chown" in server:
        server["chown"] = tuple(server["chown"])
    return server
