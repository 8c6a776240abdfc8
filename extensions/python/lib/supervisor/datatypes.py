"""What the values of a configuration mean."""
import grp
import os
import pwd
import shlex
import signal
import socket
from urllib.parse import urlparse

from supervisor.loggers import getLevelNumByDescription

TRUTHY_STRINGS = ("yes", "true", "on", "1")
FALSY_STRINGS = ("no", "false", "off", "0")


def process_or_group_name(name):
    """A name without what would break the listeners' protocol or a URL."""
    name = str(name).strip()
    for character in " :/":
        if character in name:
            raise ValueError("Invalid name: %r because of character: %r" % (name, character))
    return name


def integer(value):
    return int(value)


def boolean(s):
    word = str(s).lower()
    if word in TRUTHY_STRINGS:
        return True
    if word in FALSY_STRINGS:
        return False
    raise ValueError("not a valid boolean value: " + repr(s))


def list_of_strings(arg):
    if not arg:
        return []
    try:
        return [part.strip() for part in arg.split(",")]
    except Exception:
        raise ValueError("not a valid list of strings: " + repr(arg))


def list_of_ints(arg):
    if not arg:
        return []
    try:
        return [int(part) for part in arg.split(",")]
    except Exception:
        raise ValueError("not a valid list of ints: " + repr(arg))


def list_of_exitcodes(arg):
    try:
        codes = list_of_ints(arg)
    except ValueError:
        codes = [-1]
    if any(code < 0 or code > 255 for code in codes):
        raise ValueError("not a valid list of exit codes: " + repr(arg))
    return codes


def dict_of_key_value_pairs(arg):
    """KEY=value pairs between commas; a value in quotes may have commas in it."""
    lexer = shlex.shlex(str(arg))
    lexer.wordchars += "/.+-():"
    words = list(lexer)
    pairs = {}
    for at in range(0, len(words), 4):
        if len(words) < at + 3 or words[at + 1] != "=":
            raise ValueError("Unexpected end of key/value pairs in value '%s'" % arg)
        pairs[words[at]] = words[at + 2].strip("'\"")
    return pairs


class Automatic:
    """The log that the daemon names itself."""


class Syslog:
    """The log that goes to syslog."""


LOGFILE_NONES = ("none", "off", None)
LOGFILE_AUTOS = (Automatic, "auto")
LOGFILE_SYSLOGS = (Syslog, "syslog")


def logfile_name(val):
    word = val.lower() if hasattr(val, "lower") else val
    if word in LOGFILE_NONES:
        return None
    if word in LOGFILE_AUTOS:
        return Automatic
    if word in LOGFILE_SYSLOGS:
        return Syslog
    return existing_dirpath(val)


class RangeCheckedConversion:
    def __init__(self, conversion, min=None, max=None):
        self._conversion, self._min, self._max = conversion, min, max

    def __call__(self, value):
        got = self._conversion(value)
        if self._min is not None and got < self._min:
            raise ValueError("%r is below lower bound (%r)" % (got, self._min))
        if self._max is not None and got > self._max:
            raise ValueError("%r is above upper bound (%r)" % (got, self._max))
        return got


port_number = RangeCheckedConversion(integer, min=1, max=0xFFFF)


def inet_address(s):
    """host and port of "host:port", "*:port" or "port"; every host is ''."""
    host, colon, port = s.rpartition(":")
    if colon and not port:
        raise ValueError("no port number specified in %r" % s)
    try:
        number = port_number(port)
    except ValueError:
        if colon:
            raise
        raise ValueError("not a valid port number: %r " % s)
    host = host.lower()
    return ("" if host == "*" else host), number


class SocketAddress:
    def __init__(self, s):
        if "/" in s or ":" not in s:
            self.family, self.address = socket.AF_UNIX, s
        else:
            self.family, self.address = socket.AF_INET, inet_address(s)


class SocketConfig:
    """A socket of a FastCGI group, by what the configuration says of it."""
    url = ""
    backlog = None

    def __repr__(self):
        return "<%s at %s for %s>" % (self.__class__, id(self), self.url)

    def __str__(self):
        return str(self.url)

    def __eq__(self, other):
        return isinstance(other, SocketConfig) and self.url == other.url

    def __ne__(self, other):
        return not self == other

    def get_backlog(self):
        return self.backlog


class InetStreamSocketConfig(SocketConfig):
    def __init__(self, host, port, **kwargs):
        self.host = host.lower()
        self.port = port_number(port)
        self.url = "tcp://%s:%d" % (self.host, self.port)
        self.backlog = kwargs.get("backlog")

    def addr(self):
        return self.host, self.port


class UnixStreamSocketConfig(SocketConfig):
    def __init__(self, path, **kwargs):
        self.path = path
        self.url = "unix://%s" % path
        self.mode = kwargs.get("mode")
        self.owner = kwargs.get("owner")
        self.backlog = kwargs.get("backlog")

    def addr(self):
        return self.path

    def get_mode(self):
        return self.mode

    def get_owner(self):
        return self.owner


def colon_separated_user_group(arg):
    """Ids of "user" or "user:group"; a group that is not named is -1."""
    try:
        user, colon, group = arg.partition(":")
        return name_to_uid(user), name_to_gid(group) if colon else -1
    except Exception:
        raise ValueError("Invalid user:group definition %s" % arg)


def name_to_uid(name):
    try:
        uid = int(name)
    except ValueError:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            raise ValueError("Invalid user name %s" % name)
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise ValueError("Invalid user id %s" % name)
    return uid


def name_to_gid(name):
    try:
        gid = int(name)
    except ValueError:
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            raise ValueError("Invalid group name %s" % name)
    try:
        grp.getgrgid(gid)
    except KeyError:
        raise ValueError("Invalid group id %s" % name)
    return gid


def gid_for_uid(uid):
    return pwd.getpwuid(uid).pw_gid


def octal_type(arg):
    try:
        return int(arg, 8)
    except (TypeError, ValueError):
        raise ValueError("%s can not be converted to an octal type" % arg)


def existing_directory(v):
    path = os.path.expanduser(v)
    if os.path.isdir(path):
        return path
    raise ValueError("%s is not an existing directory" % v)


def existing_dirpath(v):
    path = os.path.expanduser(v)
    above = os.path.dirname(path)
    if not above or os.path.isdir(above):
        return path
    raise ValueError("The directory named as part of the path %s does not exist" % v)


def logging_level(value):
    level = getLevelNumByDescription(str(value).lower())
    if level is None:
        raise ValueError("bad logging level name %r" % value)
    return level


class SuffixMultiplier:
    """Numbers with a suffix that multiplies them; all suffixes are of one length."""

    def __init__(self, d, default=1):
        self._d = d
        self._default = default
        sizes = {len(suffix) for suffix in d}
        assert len(sizes) <= 1
        self._keysz = sizes.pop() if sizes else None

    def __call__(self, v):
        v = v.lower()
        for suffix, times in self._d.items():
            if v.endswith(suffix):
                return int(v[:-len(suffix)]) * times
        return int(v) * self._default


byte_size = SuffixMultiplier({"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30})


def url(value):
    parts = urlparse(value)
    if parts.scheme and (parts.netloc or parts.path):
        return value
    raise ValueError("value %r is not a URL" % value)


SIGNUMS = [getattr(signal, k) for k in dir(signal) if k.startswith("SIG")]


def signal_number(value):
    try:
        number = int(value)
    except (ValueError, TypeError):
        name = value.strip().upper()
        number = getattr(signal, name if name.startswith("SIG") else "SIG" + name, None)
        if number is None:
            raise ValueError("value %r is not a valid signal name" % value)
    if number not in SIGNUMS:
        raise ValueError("value %r is not a valid signal number" % value)
    return number


class RestartWhenExitUnexpected:
    """autorestart=unexpected"""


class RestartUnconditionally:
    """autorestart=true"""


def auto_restart(value):
    word = str(value.lower())
    if word in TRUTHY_STRINGS:
        return RestartUnconditionally
    if word in FALSY_STRINGS:
        return False
    if word == "unexpected":
        return RestartWhenExitUnexpected
    raise ValueError("invalid 'autorestart' value %r" % word)


def profile_options(value):
    words = [word.lower() for word in list_of_strings(value)]
    return [word for word in words if word != "callers"], "callers" in words
