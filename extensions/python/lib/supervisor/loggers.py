"""Loggers: the daemon's own, whose lines go to supervisord's main log, and plain ones that plug-ins make."""
import errno
import os
import sys
import time
import traceback

from supervisor.compat import as_string, is_text_stream, syslog


class LevelsByName:
    CRIT = 50
    ERRO = 40
    WARN = 30
    INFO = 20
    DEBG = 10
    TRAC = 5
    BLAT = 3


class LevelsByDescription:
    critical = LevelsByName.CRIT
    error = LevelsByName.ERRO
    warn = LevelsByName.WARN
    info = LevelsByName.INFO
    debug = LevelsByName.DEBG
    trace = LevelsByName.TRAC
    blather = LevelsByName.BLAT


LOG_LEVELS_BY_NUM = {number: name for name, number in vars(LevelsByName).items() if not name.startswith("_")}


def getLevelNumByDescription(description):
    """The number of a level by its long name; None when there is no such level."""
    return getattr(LevelsByDescription, description, None)


class LogRecord:
    def __init__(self, level, msg, **kw):
        self.level = level
        self.msg = msg
        self.kw = kw
        self.dictrepr = None

    def asdict(self):
        """Message, name of the level and time, made once."""
        if self.dictrepr is None:
            now = time.time()
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
            text = as_string(self.msg)
            self.dictrepr = {
                "message": text % self.kw if self.kw else text,
                "levelname": LOG_LEVELS_BY_NUM[self.level],
                "asctime": "%s,%03d" % (stamp, (now - int(now)) * 1000),
            }
        return self.dictrepr


class Handler:
    fmt = "%(message)s"
    level = LevelsByName.INFO

    def __init__(self, stream=None):
        self.stream = stream
        self.closed = False

    def setFormat(self, fmt):
        self.fmt = fmt

    def setLevel(self, level):
        self.level = level

    def flush(self):
        try:
            self.stream.flush()
        except OSError as why:
            if why.errno != errno.EPIPE:
                raise

    def close(self):
        if self.closed:
            return
        try:
            standard = self.stream.fileno() < 3
        except (AttributeError, OSError):
            standard = False
        if not standard:
            self.stream.close()
            self.closed = True

    def emit(self, record):
        try:
            if self.fmt == "%(message)s" and isinstance(record.msg, bytes) and not record.kw:
                text = record.msg
            else:
                text = self.fmt % record.asdict()
            if is_text_stream(self.stream):
                text = as_string(text)
            elif isinstance(text, str):
                text = text.encode("utf-8")
            self.stream.write(text)
            self.flush()
        except Exception:
            self.handleError()

    def handleError(self):
        traceback.print_exc(file=sys.stderr)


class StreamHandler(Handler):
    def __init__(self, strm=None):
        Handler.__init__(self, strm)

    def remove(self):
        if hasattr(self.stream, "clear"):
            self.stream.clear()

    def reopen(self):
        pass


class BoundIO:
    """Keeps the last `maxbytes` that were written."""

    def __init__(self, maxbytes, buf=b""):
        self.maxbytes = maxbytes
        self.buf = buf

    def flush(self):
        pass

    def close(self):
        self.clear()

    def write(self, b):
        if len(self.buf) + len(b) > self.maxbytes:
            self.buf = self.buf[len(b):]
        self.buf += b

    def getvalue(self):
        return self.buf

    def clear(self):
        self.buf = b""


class FileHandler(Handler):
    def __init__(self, filename, mode="ab"):
        Handler.__init__(self)
        try:
            self.stream = open(filename, mode)
        except OSError as why:
            if mode != "ab" or why.errno != errno.ESPIPE:
                raise
            mode = "wb"  # a device or pipe has no end to seek to
            self.stream = open(filename, mode)
        self.baseFilename = filename
        self.mode = mode

    def reopen(self):
        self.close()
        self.stream = open(self.baseFilename, self.mode)
        self.closed = False

    def remove(self):
        self.close()
        try:
            os.remove(self.baseFilename)
        except OSError as why:
            if why.errno != errno.ENOENT:
                raise


class RotatingFileHandler(FileHandler):
    def __init__(self, filename, mode="ab", maxBytes=512 * 1024 * 1024, backupCount=10):
        FileHandler.__init__(self, filename, "ab" if maxBytes > 0 else mode)
        self.maxBytes = maxBytes
        self.backupCount = backupCount

    def emit(self, record):
        FileHandler.emit(self, record)
        self.doRollover()

    def doRollover(self):
        """Moves a file that is full to the first backup, and the backups on by one."""
        if self.maxBytes <= 0 or self.stream.tell() < self.maxBytes:
            return
        self.stream.close()
        names = [self.baseFilename] + ["%s.%d" % (self.baseFilename, i) for i in range(1, self.backupCount + 1)]
        for i in range(self.backupCount, 0, -1):
            if os.path.exists(names[i - 1]):
                os.replace(names[i - 1], names[i])
        self.stream = open(self.baseFilename, "wb")


class SyslogHandler(Handler):
    def __init__(self):
        Handler.__init__(self)
        assert syslog is not None, "there is no syslog"

    def close(self):
        pass

    def reopen(self):
        pass

    def _syslog(self, msg):
        syslog.syslog(msg)

    def emit(self, record):
        try:
            params = dict(record.asdict())
            for line in params["message"].rstrip("\n").split("\n"):
                params["message"] = line
                self._syslog(self.fmt % params)
        except Exception:
            self.handleError()


class Logger:
    def __init__(self, level=None, handlers=None):
        self.level = LevelsByName.INFO if level is None else level
        self.handlers = [] if handlers is None else handlers

    def close(self):
        for handler in self.handlers:
            handler.close()

    def blather(self, msg, **kw):
        self._at(LevelsByName.BLAT, msg, kw)

    def trace(self, msg, **kw):
        self._at(LevelsByName.TRAC, msg, kw)

    def debug(self, msg, **kw):
        self._at(LevelsByName.DEBG, msg, kw)

    def info(self, msg, **kw):
        self._at(LevelsByName.INFO, msg, kw)

    def warn(self, msg, **kw):
        self._at(LevelsByName.WARN, msg, kw)

    def error(self, msg, **kw):
        self._at(LevelsByName.ERRO, msg, kw)

    def critical(self, msg, **kw):
        self._at(LevelsByName.CRIT, msg, kw)

    def _at(self, level, msg, kw):
        if level >= self.level:
            self.log(level, msg, **kw)

    def log(self, level, msg, **kw):
        record = LogRecord(level, msg, **kw)
        for handler in self.handlers:
            if level >= handler.level:
                handler.emit(record)

    def addHandler(self, hdlr):
        self.handlers.append(hdlr)

    def getvalue(self):
        raise NotImplementedError


def getLogger(level=None):
    return Logger(level)


def _attach(logger, handler, fmt):
    handler.setFormat(fmt)
    handler.setLevel(logger.level)
    logger.addHandler(handler)


def handle_boundIO(logger, fmt, maxbytes=1 << 21):
    stream = BoundIO(maxbytes)
    _attach(logger, StreamHandler(stream), fmt)
    logger.getvalue = stream.getvalue


def handle_stdout(logger, fmt):
    _attach(logger, StreamHandler(sys.stdout), fmt)


def handle_syslog(logger, fmt):
    _attach(logger, SyslogHandler(), fmt)


def handle_file(logger, filename, fmt, rotating=False, maxbytes=0, backups=0):
    if filename == "syslog":
        handler = SyslogHandler()
    elif rotating:
        handler = RotatingFileHandler(filename, "a", maxbytes, backups)
    else:
        handler = FileHandler(filename)
    _attach(logger, handler, fmt)
