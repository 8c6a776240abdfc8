"""JSON-RPC 2.0 over two descriptors, one message a line.

There is no thread that reads. Whoever waits for something reads for all the others, so that a call costs no switch of
threads, and so that a plug-in's own threads may ask while the main thread is busy. Requests of the other side are kept
in a queue for the main thread, which alone answers them; news (notifications that say what has changed) are handed to
`news` at once, by whoever reads, before anything that stood behind them.
"""
import collections
import json
import os
import select
import threading
import time

_dumps = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_loads = json.loads


class Closed(Exception):
    """The other side is gone."""


class Refused(Exception):
    """The other side answered a request with an error: `code`, `message` and `data` of it."""

    def __init__(self, error):
        self.code = error.get("code", 0)
        self.message = error.get("message", "")
        self.data = error.get("data")
        Exception.__init__(self, self.message)


class Channel(object):
    def __init__(self, read, write):
        self._read_fd = read
        self._write_fd = write
        self._rest = b""  # the beginning of a line
        self._cond = threading.Condition(threading.Lock())  # guards what follows
        self._reading = False
        self._closed = False
        self._answers = {}
        self._queue = collections.deque()
        self._last = 0
        self.heard = 0  # when something was read
        self._write_lock = threading.Lock()
        self._poll = select.poll()
        self._poll.register(read, select.POLLIN)
        self.news = {}  # method to function: notifications that are heard at once
        self.onclose = None

    def feed(self, rest):
        """Takes what had been read before there was a channel."""
        whole = rest.rfind(b"\n") + 1
        self._rest = rest[whole:]
        self._take(rest[:whole])

    # what goes out

    def send(self, message):
        self._send(_dumps(message).encode("ascii") + b"\n")

    def _send(self, data):
        with self._write_lock:
            while data:
                try:
                    n = os.write(self._write_fd, data)
                except OSError:
                    raise Closed()
                data = data[n:]

    def notify(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def answer(self, ident, result):
        self.send({"jsonrpc": "2.0", "id": ident, "result": result})

    def answer_text(self, ident, text):
        """The same with a result that is JSON already."""
        self._send(b'{"jsonrpc":"2.0","id":%d,"result":%s}\n' % (ident, text))

    def refuse(self, ident, code, message, data=None):
        error = {"code": code, "message": message}
        if data is not None:
            error["data"] = data
        self.send({"jsonrpc": "2.0", "id": ident, "error": error})

    def ask(self, method, params, between=None):
        """Sends a request and waits for its answer. Meanwhile calls `between` whenever something has been read."""
        with self._cond:
            self._last += 1
            ident = self._last
            self._answers[ident] = None
        self.send({"jsonrpc": "2.0", "id": ident, "method": method, "params": params})
        self._until(lambda: self._answers[ident] is not None, None, between)
        with self._cond:
            answer = self._answers.pop(ident)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer.get("result")

    # what comes in

    def next(self, timeout=None):
        """The next request or notification for the main thread; None when `timeout` seconds have passed."""
        if not self._queue:
            self._until(lambda: bool(self._queue), timeout)
        with self._cond:
            return self._queue.popleft() if self._queue else None

    def pick(self, *methods):
        """Takes what is queued of some methods, past everything else."""
        with self._cond:
            picked = [m for m in self._queue if m.get("method") in methods]
            if picked:
                self._queue = collections.deque(m for m in self._queue if m.get("method") not in methods)
        return picked

    def _until(self, ready, timeout, between=None):
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._cond:
                if ready():
                    return
                if self._closed:
                    raise Closed()
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    return
                if self._reading:
                    self._cond.wait(left)
                    mine = False
                else:
                    self._reading = mine = True
            if mine:
                try:
                    self._read(left)
                finally:
                    with self._cond:
                        self._reading = False
                        self._cond.notify_all()
            if between is not None:
                between()

    def _read(self, timeout):
        if timeout is not None and not self._poll.poll(timeout * 1000):
            return
        try:
            data = os.read(self._read_fd, 1 << 18)
        except OSError:
            data = b""
        self.heard = time.monotonic()
        if not data:
            with self._cond:
                self._closed = True
            if self.onclose is not None:
                self.onclose()
            return
        if not data.endswith(b"\n"):
            whole = data.rfind(b"\n") + 1
            if not whole:
                self._rest += data
                return
            data, rest = self._rest + data[:whole], data[whole:]
            self._rest = rest
        elif self._rest:
            data, self._rest = self._rest + data, b""
        self._take(data)

    def _take(self, lines):
        for line in lines.split(b"\n"):
            if not line.strip():
                continue
            message = _loads(line.decode("utf-8"))
            method = message.get("method")
            if method is None:
                with self._cond:
                    if message.get("id") in self._answers:
                        self._answers[message["id"]] = message
                continue
            hear = self.news.get(method)
            if hear is not None:
                hear(message.get("params"))
                continue
            with self._cond:
                self._queue.append(message)
