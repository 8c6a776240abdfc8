"""What happens: classes of events, and who wants to hear of them."""
from supervisor.compat import as_string
from supervisor.states import getProcessStateDescription

callbacks = []
_changed = None  # called when somebody subscribes or unsubscribes


def subscribe(type, callback):
    """Has callback(event) called for every event that is an instance of type."""
    callbacks.append((type, callback))
    if _changed is not None:
        _changed()


def unsubscribe(type, callback):
    callbacks.remove((type, callback))
    if _changed is not None:
        _changed()


def clear():
    callbacks[:] = []
    if _changed is not None:
        _changed()


_publish = None  # takes an event to the daemon


def notify(event):
    """Tells an event of a plug-in's own to everybody. The daemon's events are the daemon's to tell."""
    if _publish is not None:
        _publish(event)
    deliver(event)


def deliver(event):
    for type, callback in list(callbacks):
        if isinstance(event, type):
            callback(event)


def _group_of(process):
    return process.group.config.name if process.group is not None else ""


def _text(data):
    try:
        return as_string(data)
    except UnicodeDecodeError:
        return "Undecodable: %r" % data


class Event:
    """Everything that happens."""


class ProcessLogEvent(Event):
    channel = None

    def __init__(self, process, pid, data):
        self.process = process
        self.pid = pid
        self.data = data

    def payload(self):
        return "processname:%s groupname:%s pid:%s channel:%s\n%s" % (
            self.process.config.name, _group_of(self.process), self.pid, self.channel, _text(self.data))


class ProcessLogStdoutEvent(ProcessLogEvent):
    channel = "stdout"


class ProcessLogStderrEvent(ProcessLogEvent):
    channel = "stderr"


class ProcessCommunicationEvent(Event):
    BEGIN_TOKEN = b"<!--XSUPERVISOR:BEGIN-->"
    END_TOKEN = b"<!--XSUPERVISOR:END-->"

    def __init__(self, process, pid, data):
        self.process = process
        self.pid = pid
        self.data = data

    def payload(self):
        return "processname:%s groupname:%s pid:%s\n%s" % (
            self.process.config.name, _group_of(self.process), self.pid, _text(self.data))


class ProcessCommunicationStdoutEvent(ProcessCommunicationEvent):
    channel = "stdout"


class ProcessCommunicationStderrEvent(ProcessCommunicationEvent):
    channel = "stderr"


class RemoteCommunicationEvent(Event):
    def __init__(self, type, data):
        self.type = type
        self.data = data

    def payload(self):
        return "type:%s\n%s" % (self.type, self.data)


class SupervisorStateChangeEvent(Event):
    def payload(self):
        return ""


class SupervisorRunningEvent(SupervisorStateChangeEvent):
    pass


class SupervisorStoppingEvent(SupervisorStateChangeEvent):
    pass


class EventRejectedEvent:
    """A listener has rejected an event. This is not an Event: nobody hears of it who wants all events."""

    def __init__(self, process, event):
        self.process = process
        self.event = event


class ProcessStateEvent(Event):
    frm = None
    to = None

    def __init__(self, process, from_state, expected=True):
        self.process = process
        self.from_state = from_state
        self.expected = expected
        self.extra_values = self.get_extra_values()  # now: the process goes on

    def payload(self):
        pairs = [("processname", self.process.config.name), ("groupname", _group_of(self.process)),
                 ("from_state", getProcessStateDescription(self.from_state))]
        return " ".join("%s:%s" % pair for pair in pairs + list(self.extra_values))

    def get_extra_values(self):
        return []


class ProcessStateFatalEvent(ProcessStateEvent):
    pass


class ProcessStateUnknownEvent(ProcessStateEvent):
    pass


class ProcessStateStartingOrBackoffEvent(ProcessStateEvent):
    def get_extra_values(self):
        return [("tries", int(self.process.backoff))]


class ProcessStateBackoffEvent(ProcessStateStartingOrBackoffEvent):
    pass


class ProcessStateStartingEvent(ProcessStateStartingOrBackoffEvent):
    pass


class ProcessStateExitedEvent(ProcessStateEvent):
    def get_extra_values(self):
        return [("expected", int(self.expected)), ("pid", self.process.pid)]


class _WithPid(ProcessStateEvent):
    def get_extra_values(self):
        return [("pid", self.process.pid)]


class ProcessStateRunningEvent(_WithPid):
    pass


class ProcessStateStoppingEvent(_WithPid):
    pass


class ProcessStateStoppedEvent(_WithPid):
    pass


class ProcessGroupEvent(Event):
    def __init__(self, group):
        self.group = group

    def payload(self):
        return "groupname:%s\n" % self.group


class ProcessGroupAddedEvent(ProcessGroupEvent):
    pass


class ProcessGroupRemovedEvent(ProcessGroupEvent):
    pass


class TickEvent(Event):
    def __init__(self, when, supervisord):
        self.when = when
        self.supervisord = supervisord

    def payload(self):
        return "when:%s" % self.when


class Tick5Event(TickEvent):
    period = 5


class Tick60Event(TickEvent):
    period = 60


class Tick3600Event(TickEvent):
    period = 3600


TICK_EVENTS = [Tick5Event, Tick60Event, Tick3600Event]


class EventTypes:
    EVENT = Event
    PROCESS_STATE = ProcessStateEvent
    PROCESS_STATE_STOPPED = ProcessStateStoppedEvent
    PROCESS_STATE_EXITED = ProcessStateExitedEvent
    PROCESS_STATE_STARTING = ProcessStateStartingEvent
    PROCESS_STATE_STOPPING = ProcessStateStoppingEvent
    PROCESS_STATE_BACKOFF = ProcessStateBackoffEvent
    PROCESS_STATE_FATAL = ProcessStateFatalEvent
    PROCESS_STATE_RUNNING = ProcessStateRunningEvent
    PROCESS_STATE_UNKNOWN = ProcessStateUnknownEvent
    PROCESS_COMMUNICATION = ProcessCommunicationEvent
    PROCESS_COMMUNICATION_STDOUT = ProcessCommunicationStdoutEvent
    PROCESS_COMMUNICATION_STDERR = ProcessCommunicationStderrEvent
    PROCESS_LOG = ProcessLogEvent
    PROCESS_LOG_STDOUT = ProcessLogStdoutEvent
    PROCESS_LOG_STDERR = ProcessLogStderrEvent
    REMOTE_COMMUNICATION = RemoteCommunicationEvent
    SUPERVISOR_STATE_CHANGE = SupervisorStateChangeEvent
    SUPERVISOR_STATE_CHANGE_RUNNING = SupervisorRunningEvent
    SUPERVISOR_STATE_CHANGE_STOPPING = SupervisorStoppingEvent
    TICK = TickEvent
    TICK_5 = Tick5Event
    TICK_60 = Tick60Event
    TICK_3600 = Tick3600Event
    PROCESS_GROUP = ProcessGroupEvent
    PROCESS_GROUP_ADDED = ProcessGroupAddedEvent
    PROCESS_GROUP_REMOVED = ProcessGroupRemovedEvent


def getEventNameByType(requested):
    """The name of a class of events, as listeners know it; None when it has none."""
    for name, kind in vars(EventTypes).items():
        if kind is requested:
            return name
    return None


def register(name, event):
    """Gives a class of events of a plug-in's own a name."""
    setattr(EventTypes, name, event)
