"""A plug-in that tries every rule of calls and answers."""
import functools

from supervisor import events
from supervisor.compat import xmlrpclib
from supervisor.http import NOT_DONE_YET
from supervisor.xmlrpc import Faults, RPCError


class Told(RPCError):
    def __init__(self, text):
        self.code = 5000
        self.text = text


class Base(object):
    def inherited(self):
        return "inherited"


class Probe(Base):
    constant = 5

    def __init__(self, supervisord, options):
        self.supervisord = supervisord
        self.options = options
        self.count = 0
        self.attached = lambda: "attached"
        self.hidden = Base()

    def plain(self, a, b=2):
        """ Adds.

        @param int a first
        @param int b second
        @return int sum
        """
        return a + b

    def undocumented(self):
        return True

    def echo(self, *args):
        """@return array what came"""
        return list(args)

    def kinds(self, *args):
        return [type(arg).__name__ for arg in args]

    @staticmethod
    def static():
        return 1

    @classmethod
    def of_class(cls):
        return cls.__name__

    def _private(self):
        return "no"

    def fault(self, code, text):
        raise RPCError(code, text)

    def bare_fault(self, code):
        raise RPCError(code)

    def crash(self):
        raise ValueError("inside")

    def type_error(self):
        return len(5)

    def nothing(self):
        return None

    def big(self):
        return 1 << 31

    def pair(self):
        return (1, 2)

    def single(self):
        return (7,)

    def raw(self):
        return b"\x00\xff"

    def thing(self):
        return RPCError(Faults.BAD_NAME, "x")

    def bound(self):
        return self.undocumented

    def partial(self):
        return functools.partial(int, 1)

    def later(self, times):
        left = [times]

        def poll():
            left[0] -= 1
            return NOT_DONE_YET if left[0] >= 0 else "late"

        poll.delay = 0.01
        poll.rpcinterface = self
        return poll

    def later_fault(self):
        def poll():
            raise RPCError(Faults.NOT_RUNNING, "late")

        poll.delay = 0.01
        return poll

    def later_crash(self):
        def poll():
            raise ValueError("late")

        poll.delay = 0.01
        return poll

    def no_delay(self):
        return lambda: 1

    def counted(self):
        self.count += 1
        return self.count

    def kwargs(self):
        return self.options

    def new_fault(self):
        Faults.MY_OWN = 4711
        raise RPCError(4711, "told")

    def unnamed_fault(self):
        raise RPCError(4712)

    @property
    def unready(self):
        raise RuntimeError("not yet")

    def exits(self):
        raise SystemExit(3)

    def later_exit(self):
        def poll():
            raise SystemExit(4)

        poll.delay = 0.01
        return poll

    def returned_fault(self):
        return xmlrpclib.Fault(78, "returned")

    def surrogate(self):
        return "\udc80"

    def bad_line(self):
        self.supervisord.options.logger.info("%(missing)s", a=1)
        return True

    def remote(self):
        heard = []
        events.subscribe(events.RemoteCommunicationEvent, heard.append)
        events.notify(events.RemoteCommunicationEvent("kind", "mine"))
        self.heard = heard
        return len(heard)

    def count_heard(self):
        return len(self.heard)

    def subclassed(self):
        raise Told("its own words")


def make_probe(supervisord, **options):
    return Probe(supervisord, options)


def make_nothing(supervisord):
    return None


def make_strict(supervisord):
    return Probe(supervisord, {})


def make_broken(supervisord, **options):
    raise ValueError("cannot be made")


def make_missing(supervisord):
    """Says what it hears of what is not there."""
    from supervisor.options import ServerOptions
    from supervisor.process import Subprocess
    told = []
    process = supervisord.process_groups["g"].processes["a"]
    for owner, name in [(process, "record_spawnerr"), (Subprocess, "_spawn_as_child"), (supervisord, "runforever"),
                        (supervisord.options, "daemonize"), (ServerOptions, "fork"), (process, "nosuch"), (Subprocess, "nosuch")]:
        assert not hasattr(owner, name) and getattr(owner, name, 5) == 5
        try:
            getattr(owner, name)
        except AttributeError as why:
            told.append("%s: %s" % (type(why).__name__, str(why).split(":")[0]))

    class Told(object):
        def get(self):
            return told

    return Told()
