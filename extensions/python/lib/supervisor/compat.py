"""Names that were spelled differently in Python 2."""
import _thread as thread  # noqa: F401
import configparser as ConfigParser  # noqa: F401
import http.client as httplib  # noqa: F401
import html.entities as htmlentitydefs  # noqa: F401
import io
import urllib.parse as urlparse
import urllib.parse as urllib  # noqa: F401
import xmlrpc.client as xmlrpclib
from base64 import decodebytes as decodestring, encodebytes as encodestring  # noqa: F401
from hashlib import md5, sha1  # noqa: F401
from html import escape  # noqa: F401
from html.parser import HTMLParser  # noqa: F401
from io import StringIO  # noqa: F401
from string import ascii_letters as letters  # noqa: F401
from sys import maxsize as maxint  # noqa: F401

try:
    import syslog
except ImportError:
    syslog = None

Fault = xmlrpclib.Fault
PY2 = False
PY3 = True
long = int
unicode = str
raw_input = input
basestring = str
unichr = chr
StringTypes = (str,)


def as_bytes(s, encoding="utf-8"):
    return s.encode(encoding) if isinstance(s, str) else s


def as_string(s, encoding="utf-8"):
    return s.decode(encoding) if isinstance(s, (bytes, bytearray)) else s


def is_text_stream(stream):
    """Whether a stream takes str and not bytes."""
    if isinstance(stream, io.TextIOBase):
        return True
    return "b" not in str(getattr(stream, "mode", "b" if isinstance(stream, (io.RawIOBase, io.BufferedIOBase)) else ""))


def print_function(*args, **kwargs):
    print(*args, **kwargs)


def total_ordering(cls):
    import functools
    return functools.total_ordering(cls)
