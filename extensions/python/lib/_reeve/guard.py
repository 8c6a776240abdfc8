"""What plug-ins cannot do to the daemon is refused where they try it, in a sentence."""

_INSTEAD = {
    "Subprocess": "the daemon starts, stops and reaps processes itself and asks no Python; subscribe to events with "
                  "supervisor.events, or configure an [eventlistener:x]",
    "POutputDispatcher": "the daemon reads the output of processes itself; give stdout_logfile several targets, or set "
                         "stdout_events_enabled and subscribe to PROCESS_LOG events",
    "ServerOptions": "signals and descriptors are the daemon's; `supervisorctl signal` passes signals to programs",
    "Supervisor": "the daemon's loop runs no Python; watch descriptors in a thread of your own",
    "SupervisorNamespaceRPCInterface": "the daemon answers these methods itself; make a subclass, and name a factory of it "
                                       "in [rpcinterface:supervisor]",
    "DefaultControllerPlugin": "supervisorctl's own commands are no Python; make commands of your own with other names",
    "supervisorctl": "it is a program of its own; start it as one",
    "Logger": "the daemon writes its log itself; see `logfile` and `stdout_logfile` in its manual",
    "web": "the daemon makes its web page itself",
    "http": "the daemon serves HTTP itself",
    "config": "the daemon does not look at a configuration again that it has accepted; make one with "
              "options.processes_from_section and add a process of it",
    "state": "the daemon alone says in what state a process is; use spawn, stop or signal",
}


class Unbridgeable(RuntimeError):
    """Something that a plug-in may do inside Supervisor and not here."""


class Missing(Unbridgeable, AttributeError):
    """A part of Supervisor that is not here. hasattr says so too."""


def refuse(what, kind, error=Unbridgeable):
    raise error("%s cannot be done under Reeve: %s" % (what, _INSTEAD[kind]))


def missing(cls, name, whose):
    """Refuses a part that the class has under Supervisor (`_refused`), and any other as Python does."""
    for base in cls.__mro__:
        if name in base.__dict__.get("_refused", ()):
            refuse("using %s.%s.%s" % (cls.__module__, cls.__name__, name), base.__dict__["_guarded"], Missing)
    raise AttributeError("%s has no attribute %r" % (whose, name))


def refusing(self, name):
    """The __getattr__ of classes that have a `_refused`."""
    missing(type(self), name, "%r object" % type(self).__name__)


class Guarded(type):
    """The type of classes of which plug-ins may make subclasses, but into which they cannot put code of their own.

    A class lists in `_free` what may be replaced because it means nothing here, and in `_refused` what it has under
    Supervisor and not here.
    """

    def __getattr__(cls, name):
        missing(cls, name, "type object %r" % cls.__name__)

    def __setattr__(cls, name, value):
        if cls.__dict__.get("_guarded") and name not in cls._free and not name.startswith("__"):
            refuse("replacing %s.%s.%s" % (cls.__module__, cls.__name__, name), cls._guarded)
        type.__setattr__(cls, name, value)

    def __delattr__(cls, name):
        if cls.__dict__.get("_guarded"):
            refuse("deleting %s.%s.%s" % (cls.__module__, cls.__name__, name), cls._guarded)
        type.__delattr__(cls, name)


class Views(dict):
    """A table that takes nothing new."""

    def _no(self, *args, **kwargs):
        refuse("changing supervisor.web.VIEWS", "web")

    __setitem__ = __delitem__ = update = setdefault = pop = clear = popitem = _no
