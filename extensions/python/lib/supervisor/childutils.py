"""For programs that listen to events or talk back to the daemon that started them."""
import sys
import time
import xmlrpc.client as xmlrpclib

from supervisor.compat import as_string
from supervisor.dispatchers import PEventListenerDispatcher
from supervisor.events import ProcessCommunicationEvent
from supervisor.xmlrpc import SupervisorTransport


def getRPCTransport(env):
    return SupervisorTransport(
        env.get("SUPERVISOR_USERNAME", ""), env.get("SUPERVISOR_PASSWORD", ""), env["SUPERVISOR_SERVER_URL"])


def getRPCInterface(env):
    return xmlrpclib.ServerProxy("http://127.0.0.1", getRPCTransport(env))


def get_headers(line):
    return dict(word.split(":") for word in line.split())


def eventdata(payload):
    head, data = payload.split("\n", 1)
    return get_headers(head), data


def get_asctime(now=None):
    now = time.time() if now is None else now
    return "%s,%03d" % (time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)), (now - int(now)) * 1000)


class ProcessCommunicationsProtocol:
    def send(self, msg, fp=None):
        fp = fp or sys.stdout
        fp.write(as_string(ProcessCommunicationEvent.BEGIN_TOKEN))
        fp.write(msg)
        fp.write(as_string(ProcessCommunicationEvent.END_TOKEN))
        fp.flush()

    def stdout(self, msg):
        return self.send(msg, sys.stdout)

    def stderr(self, msg):
        return self.send(msg, sys.stderr)


pcomm = ProcessCommunicationsProtocol()


class EventListenerProtocol:
    def wait(self, stdin=None, stdout=None):
        stdin = stdin or sys.stdin
        self.ready(stdout)
        headers = get_headers(stdin.readline())
        return headers, stdin.read(int(headers["len"]))

    def ready(self, stdout=None):
        self._put(as_string(PEventListenerDispatcher.READY_FOR_EVENTS_TOKEN), stdout)

    def ok(self, stdout=None):
        self.send("OK", stdout)

    def fail(self, stdout=None):
        self.send("FAIL", stdout)

    def send(self, data, stdout=None):
        self._put("%s%d\n%s" % (as_string(PEventListenerDispatcher.RESULT_TOKEN_START), len(data), data), stdout)

    def _put(self, text, stdout):
        stdout = stdout or sys.stdout
        stdout.write(text)
        stdout.flush()


listener = EventListenerProtocol()
