"""Feeds random output to Supervisor's own dispatcher and prints what became of it, one JSON object a case.

  oracle.py SEED COUNT

A case has the chunks as they were read, whether escape sequences are stripped, the bound of what is captured, and then
what was logged and what events were told, in their order. Bytes are spelt as Latin-1.
"""
import json
import random
import sys

sys.path.insert(0, '/usr/lib/python3/dist-packages')

from supervisor import dispatchers, events  # noqa: E402
from supervisor.tests.base import DummyOptions, DummyPConfig, DummyProcess  # noqa: E402

BEGIN, END = b'<!--XSUPERVISOR:BEGIN-->', b'<!--XSUPERVISOR:END-->'
PIECES = [BEGIN, END, BEGIN, END, BEGIN[:12], BEGIN[12:], END[:-1], END[-1:], b'<', b'<!--', b'>', b'-->', b'\n', b'', b'a', b'z' * 25,
          b'z' * 60, 'é'.encode(), b'\xff', b'\x00', b'\x1b[', b'\x1b[31m', b'\x1b[0', b'm', b'\x1b', b'[', b'H', b'SUPERVISOR',
          b'xxxxxxxxxxxxxxxxxxxxxxx', b'y' * 24]


def chunks(rng):
    text = b''.join(rng.choice(PIECES) for _ in range(rng.randint(1, 30)))
    cuts = sorted(rng.randint(0, len(text)) for _ in range(rng.randint(0, 8)))
    parts = [text[a:b] for a, b in zip([0] + cuts, cuts + [len(text)])]
    return [p for p in parts if p]


def case(rng):
    strip, bound = rng.random() < 0.4, rng.choice([1, 20, 40, 1000])
    parts = chunks(rng)
    options = DummyOptions()
    options.strip_ansi = strip
    options.loglevel = 20
    log, told = [], []
    config = DummyPConfig(options, 'p', '/bin/p', stdout_logfile='/p', stdout_capture_maxbytes=bound)
    config.stdout_events_enabled = config.stderr_events_enabled = True
    process = DummyProcess(config)
    process.pid = 1
    events.callbacks[:] = [(events.ProcessLogEvent, lambda e: told.append('log ' + e.data.decode('latin-1'))),
                           (events.ProcessCommunicationEvent, lambda e: told.append('comm ' + e.data.decode('latin-1')))]
    d = dispatchers.POutputDispatcher(process, events.ProcessCommunicationStdoutEvent, 0)
    d.normallog.info = lambda data, **kw: log.append(data.decode('latin-1'))
    d.childlog = d.normallog
    real = BoundIO(bound)
    d.capturelog.info = lambda data, **kw: real.write(data)
    d.capturelog.getvalue = lambda: real.getvalue()
    d.capturelog.handlers = [real]
    for part in parts:
        options.readfd_result = part
        d.handle_read_event()
    return {'strip': strip, 'bound': bound, 'chunks': [p.decode('latin-1') for p in parts], 'log': ''.join(log), 'told': told}


class BoundIO:
    """Supervisor's own, behind what a handler has."""

    def __init__(self, bound):
        from supervisor.loggers import BoundIO
        self.make = lambda: BoundIO(bound)
        self.io = self.make()

    def write(self, data):
        self.io.write(data)

    def getvalue(self):
        return self.io.getvalue()

    def flush(self):
        pass

    def remove(self):
        pass

    def reopen(self):
        self.io = self.make()


def main(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        print(json.dumps(case(rng)))


main(int(sys.argv[1]), int(sys.argv[2]))
