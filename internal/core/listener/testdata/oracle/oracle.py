"""Plays stories of event listeners with Supervisor's own pools and dispatchers, one JSON object a story.

  oracle.py SEED COUNT

Two pools share the serials. Each step is what happens (an event, bytes that a member writes, a member that begins or
ceases to run, dies, is born again, does not read any more) and what each pool made of it: states, sends, losses and
events that go back, in the words of pool_test.go. Bytes are spelt as Latin-1.
"""
import errno
import json
import random
import re
import sys

sys.path.insert(0, '/usr/lib/python3/dist-packages')

from supervisor import dispatchers, events, process  # noqa: E402
from supervisor.states import EventListenerStates, ProcessStates  # noqa: E402
from supervisor.tests.base import DummyOptions  # noqa: E402

HAPPENINGS = {
    'TICK_5': lambda: events.Tick5Event(5, None),
    'TICK_60': lambda: events.Tick60Event(60, None),
    'REMOTE_COMMUNICATION': lambda: events.RemoteCommunicationEvent('t', 'd'),
    'SUPERVISOR_STATE_CHANGE_RUNNING': lambda: events.SupervisorRunningEvent(),
    'SUPERVISOR_STATE_CHANGE_STOPPING': lambda: events.SupervisorStoppingEvent(),
}
WISHES = ['EVENT', 'TICK', 'TICK_5', 'TICK_60', 'REMOTE_COMMUNICATION', 'SUPERVISOR_STATE_CHANGE', 'SUPERVISOR_STATE_CHANGE_RUNNING']
READY = [b'READY\n'] * 12 + [b'READY', b'READY\nREADY\n', b'JUNKJUNK', b'\n', b'ready\n', b'']
RESULT = [b'RESULT 2\nOK'] * 8 + [b'RESULT 4\nFAIL'] * 4 + [
    b'RESULT 2\nOKREADY\n', b'RESULT 4\nFAILREADY\n', b'RESULT 0\n', b'RESULT x\n', b'RESULT\n', b'\n', b'RESULT  02 \nOK', b'RESULT 1_0\n0123456789',
    b'RESULT 2\nOK\n', b'FOOBARS2\nOK', b'RESULT \xff\n', b'RESULT 2\nNO', b'RESULT 3\nOK', b'RESULT 2', b'RESULT +2\nOK']


class Logger:
    """Turns the lines of the main log into what is told."""

    def __init__(self, story):
        self.story = story

    def debug(self, msg, **kw):
        for find, words in ((r'(\w)(\d): \w+ -> (\w+)$', r'\1 \2:\3'),
                            (r'rebuffering event (\d+) for pool (\w) \(buf size=(\d+), max=\d+\)', r'\2 again \1(\3)'),
                            (r'pool (\w) event buffer overflowed, discarding event (\d+)', r'\1 lost \2'),
                            (r'event (\d+) sent to listener (\w)(\d)', r'\2 \1>\3'),
                            (r'epipe occurred while sending event (\d+) to listener (\w)(\d)', r'\2 \1!>\3')):
            m = re.match(find, msg)
            if m:
                pool, text = m.expand(words).split(' ', 1)
                self.story.told[pool].append(text)

    error = warn = info = debug


class Config:
    def __init__(self, options, **kw):
        self.options = options
        self.__dict__.update(kw)


class Member:
    """A process of a pool: its state and its pipes are played."""

    def __init__(self, config, group):
        self.config, self.group = config, group
        self.state, self.deaf, self.pid = ProcessStates.STARTING, False, 1
        self.pending = b''
        self.born()

    def born(self):
        self.dispatcher = dispatchers.PEventListenerDispatcher(self, 'stdout', 0)
        self.state, self.deaf, self.alive, self.pending = ProcessStates.STARTING, False, True, b''

    def gone(self):
        self.state, self.alive = ProcessStates.EXITED, False
        if self.event is not None:
            events.notify(events.EventRejectedEvent(self, self.event))
            self.event = None

    def say(self, data):
        self.config.options.readfd_result = data
        self.dispatcher.handle_read_event()

    def write(self, data):
        if self.deaf:
            raise OSError(errno.EPIPE, 'played')

    def transition(self):
        pass


class Story:
    def __init__(self, rng):
        self.rng = rng
        self.told = {'a': [], 'b': []}
        events.callbacks[:] = []
        events.GlobalSerial = process.GlobalSerial
        process.GlobalSerial.serial = -1
        options = DummyOptions()
        options.logger, options.strip_ansi, options.identifier = Logger(self), False, 's'
        self.pools, self.setup = {}, {}
        for name in 'ab':
            limit, members = rng.choice([1, 1, 2, 3, 10]), rng.randint(1, 3)
            wishes = sorted({rng.choice(WISHES) for _ in range(rng.randint(1, 3))})
            configs = [Config(options, name=name + str(i), stdout_logfile=None, stderr_logfile=None) for i in range(members)]
            for c in configs:
                c.make_process = lambda group, c=c: Member(c, group)
            config = Config(options, name=name, priority=1, process_configs=configs, buffer_size=limit,
                            pool_events=[getattr(events.EventTypes, w) for w in wishes], result_handler=dispatchers.default_handler)
            self.pools[name] = process.EventListenerPool(config)
            self.setup[name] = {'limit': limit, 'members': members, 'events': wishes}

    def step(self):
        rng = self.rng
        pool = rng.choice('ab')
        i = rng.randrange(len(self.pools[pool].processes))
        m = self.pools[pool].processes[pool + str(i)]
        what = rng.random()
        if what < 0.35:
            name = rng.choice(list(HAPPENINGS))
            events.notify(HAPPENINGS[name]())
            return ['event', name]
        if not m.alive:
            m.born()
            return ['born', pool, i]
        if what < 0.85:
            if not m.pending:
                m.pending = rng.choice(RESULT if m.listener_state == EventListenerStates.BUSY else READY)
            n = len(m.pending) if rng.random() < 0.7 else rng.randint(0, len(m.pending))
            data, m.pending = m.pending[:n], m.pending[n:]
            if data:
                m.say(data)
            return ['say', pool, i, data.decode('latin-1')]
        if what < 0.95:
            m.state = ProcessStates.RUNNING if m.state != ProcessStates.RUNNING or rng.random() < 0.5 else ProcessStates.STOPPING
            return ['run', pool, i, m.state == ProcessStates.RUNNING]
        if what < 0.975:
            m.deaf = True  # until it is born again: a pipe that is broken stays so
            return ['deaf', pool, i, m.deaf]
        m.gone()
        return ['gone', pool, i]

    def play(self, n):
        steps = []
        for _ in range(n):
            for told in self.told.values():
                del told[:]
            what = self.step()
            for pool in self.pools.values():
                pool.transition()
            left = {name: [e.serial for e in p.event_buffer] for name, p in self.pools.items()}
            steps.append({'what': what, 'told': {k: list(v) for k, v in self.told.items()}, 'left': left})
        return {'pools': self.setup, 'steps': steps}


def main(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        print(json.dumps(Story(rng).play(rng.randint(5, 60))))


main(int(sys.argv[1]), int(sys.argv[2]))
