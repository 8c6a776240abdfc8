"""Plays lives of processes with Supervisor's own Subprocess and prints what happened in them.

  oracle.py lives SEED COUNT   random lives, for oracle_test.go to replay
  oracle.py truth              what becomes of every exit code under every policy, as in truth.txt

The fork, the signal, the clock and the death of the child are played; everything that is decided is decided by
Supervisor. A life is a line "life" with its policy and then one line an event, with four fields between tabs: the
time in 1/64 s, the event, what Supervisor did about it (separated by semicolons), and what it then knew.
"""
import errno
import random
import sys

sys.path.insert(0, '/usr/lib/python3/dist-packages')

from supervisor import events, process  # noqa: E402
from supervisor.datatypes import RestartUnconditionally, RestartWhenExitUnexpected  # noqa: E402
from supervisor.states import ProcessStates, RUNNING_STATES, getProcessStateDescription  # noqa: E402
from supervisor.tests.base import DummyOptions, DummyPConfig  # noqa: E402

UNITS = 64
RESTARTS = {'true': RestartUnconditionally, 'unexpected': RestartWhenExitUnexpected, 'false': False}


class Clock:
    """A clock that never shows the same time twice, so that "later than" and "not before" mean the same."""

    def __init__(self):
        self.units = 100 * UNITS
        self.looks = 0

    def time(self):
        self.looks += 1
        return self.units / UNITS + self.looks * 2.0 ** -30


class Config(DummyPConfig):
    def make_dispatchers(self, proc):
        return {}, {}


class Options(DummyOptions):
    """The operating system: who is born, and whether a signal arrives."""

    def __init__(self, told, refuses):
        DummyOptions.__init__(self)
        self.told = told
        self.refuses = refuses
        self.next_pid = 100
        self.signal_refused = False

    def fork(self):
        if self.refuses():
            self.told.append('nofork')
            raise OSError(errno.EAGAIN, 'played')
        self.next_pid += 1
        self.told.append('fork %d' % self.next_pid)
        return self.next_pid

    def kill(self, pid, sig):
        self.told.append('kill %d %d' % (pid, sig))
        if self.signal_refused:
            raise OSError(errno.EPERM, 'played')


class Life:
    def __init__(self, policy, refuses):
        self.clock = process.time = Clock()
        self.told = []
        self.options = Options(self.told, refuses)
        events.callbacks[:] = [(events.ProcessStateEvent, self.announced)]
        config = Config(self.options, 'p', '/bin/p', autostart=policy['autostart'],
                        autorestart=RESTARTS[policy['autorestart']], exitcodes=policy['exitcodes'],
                        **{key: policy[key] for key in ('startsecs', 'startretries', 'stopsignal', 'stopwaitsecs',
                                                        'stopasgroup', 'killasgroup')})
        self.process = process.Subprocess(config)
        self.process.get_execv_args = lambda: ('/bin/p', ['/bin/p'])

    def announced(self, event):
        payload = event.payload().split(' ', 2)[2]
        self.told.append('%s %s' % (getProcessStateDescription(self.process.state), payload))

    def settle(self):
        """Lets Supervisor's loop turn until nothing more comes of it."""
        before = -1
        while before != len(self.told):
            before = len(self.told)
            self.process.transition()

    def known(self):
        p = self.process
        return '%s %d %d %d' % (getProcessStateDescription(p.state), p.pid, p.backoff, p.exitstatus or 0)

    def start(self):
        if self.process.state not in RUNNING_STATES and self.process.state != ProcessStates.UNKNOWN:
            self.process.spawn()

    def stop(self):
        if self.process.state in RUNNING_STATES:
            self.process.stop()

    def die(self, code):
        status = 15 if code < 0 else code << 8
        self.process.finish(self.process.pid, status)


def random_policy(luck):
    return {
        'autostart': luck.random() < 0.5,
        'startsecs': luck.choice((-1, 0, 1, 1, 2, 5)),
        'startretries': luck.choice((0, 1, 2, 3)),
        'stopwaitsecs': luck.choice((1, 2, 10)),
        'stopsignal': luck.choice((15, 15, 2, 1)),
        'stopasgroup': luck.random() < 0.3,
        'killasgroup': luck.random() < 0.3,
        'autorestart': luck.choice(('true', 'false', 'unexpected')),
        'exitcodes': luck.choice(((0,), (0, 2), (), (1, 255))),
    }


def random_event(luck, life):
    p = life.process
    dice = luck.random()
    if p.pid and p.state != ProcessStates.UNKNOWN and dice < 0.35:
        return 'died %d' % luck.choice((0, 0, 1, 2, 255, -1))
    if dice < 0.45 and life.options.mood > 0:
        return 'start'
    if dice < 0.60:
        return 'stop' if luck.random() < 0.97 else 'stop lost'
    if dice < 0.62 and life.options.mood > 0:
        return 'hold'
    if dice < 0.65 and life.options.mood < 0 and p.state == ProcessStates.BACKOFF:
        return 'giveup'
    return 'tick'


def obey(life, event):
    words = event.split()
    life.options.signal_refused = words[-1] == 'lost'
    if words[0] == 'start':
        life.start()
    elif words[0] == 'stop':
        life.stop()
    elif words[0] == 'died':
        life.die(int(words[1]))
    elif words[0] == 'hold':
        life.options.mood = -1
    elif words[0] == 'giveup':
        life.process.give_up()
    life.settle()
    life.options.signal_refused = False


def spelled(policy):
    words = []
    for key, value in policy.items():
        if isinstance(value, tuple):
            value = ','.join(map(str, value))
        words.append('%s=%s' % (key, int(value) if isinstance(value, bool) else value))
    return ' '.join(words)


def live(luck, number, out):
    policy = random_policy(luck)
    life = Life(policy, lambda: luck.random() < 0.15)
    out('life %d %s\n' % (number, spelled(policy)))
    for turn in range(luck.randint(4, 22)):
        event = random_event(luck, life)
        if turn == 0:
            event = 'autostart' if policy['autostart'] else 'start'
        elif luck.random() < 0.7:
            life.clock.units += luck.choice((1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 192, 320, 640, 700))
        obey(life, event)
        out('%d\t%s\t%s\t%s\n' % (life.clock.units, event, ';'.join(life.told), life.known()))
        life.told.clear()


def lives(seed, count):
    luck = random.Random(seed)
    for number in range(count):
        live(luck, number, sys.stdout.write)


def truth():
    for startsecs in (0, 1):
        for restart in RESTARTS:
            for codes in ((0,), (0, 2), ()):
                for code in (0, 1, 2, -1):
                    for units in (32, 96):
                        policy = {'autostart': True, 'startsecs': startsecs, 'startretries': 1, 'stopwaitsecs': 10,
                                  'stopsignal': 15, 'stopasgroup': False, 'killasgroup': False,
                                  'autorestart': restart, 'exitcodes': codes}
                        life = Life(policy, lambda: False)
                        obey(life, 'autostart')
                        life.clock.units += units
                        obey(life, 'tick')
                        life.told.clear()
                        obey(life, 'died %d' % code)
                        print('startsecs=%d autorestart=%s exitcodes=%s code=%d after=%gs: %s' % (
                            startsecs, restart, ','.join(map(str, codes)), code, units / UNITS, ', '.join(
                                word.split()[0] for word in life.told if 'from_state' in word)))


if __name__ == '__main__':
    if sys.argv[1] == 'truth':
        truth()
    else:
        lives(int(sys.argv[2]), int(sys.argv[3]))
