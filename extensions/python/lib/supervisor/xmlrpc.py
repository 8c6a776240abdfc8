"""Faults, how a method is found and called, and how its result is spelled in XML."""
import datetime
import http.client
import socket
import types
import xmlrpc.client as xmlrpclib
from base64 import b64encode
from urllib.parse import urlparse

from supervisor.compat import as_bytes, as_string  # noqa: F401
from supervisor.http import NOT_DONE_YET  # noqa: F401


class Faults:
    UNKNOWN_METHOD = 1
    INCORRECT_PARAMETERS = 2
    BAD_ARGUMENTS = 3
    SIGNATURE_UNSUPPORTED = 4
    SHUTDOWN_STATE = 6
    BAD_NAME = 10
    BAD_SIGNAL = 11
    NO_FILE = 20
    NOT_EXECUTABLE = 21
    FAILED = 30
    ABNORMAL_TERMINATION = 40
    SPAWN_ERROR = 50
    ALREADY_STARTED = 60
    NOT_RUNNING = 70
    SUCCESS = 80
    ALREADY_ADDED = 90
    STILL_RUNNING = 91
    CANT_REREAD = 92


def getFaultDescription(code):
    """The name of a fault's number, also of one that a plug-in has added to Faults."""
    for name, value in vars(Faults).items():
        if value == code:
            return name
    return "UNKNOWN"


class RPCError(Exception):
    """A fault: what a method raises to answer with one."""

    def __init__(self, code, extra=None):
        self.code = code
        self.text = getFaultDescription(code)
        if extra is not None:
            self.text = "%s: %s" % (self.text, extra)

    def __str__(self):
        return "code=%r, text=%r" % (self.code, self.text)


def xmlrpc_marshal(value):
    """The XML of an answer."""
    if isinstance(value, xmlrpclib.Fault):
        return xmlrpclib.dumps(value)
    return xmlrpclib.dumps(value if isinstance(value, tuple) else (value,), methodresponse=True)


def capped_int(value):
    """A number as large as XML-RPC can spell it."""
    return max(xmlrpclib.MININT, min(xmlrpclib.MAXINT, int(value)))


def make_datetime(text):
    return datetime.datetime.strptime(text, "%Y%m%dT%H:%M:%S")


def traverse(ob, method, params):
    """Calls "namespace.method" of ob, and nothing that lies deeper, is hidden or is no method."""
    parts = method.split(".")
    if len(parts) != 2 or parts[1].startswith("_"):
        raise RPCError(Faults.UNKNOWN_METHOD)
    found = getattr(ob, parts[0], None)
    if found is not None:
        found = getattr(found, parts[1], None)
    if not isinstance(found, types.MethodType):
        raise RPCError(Faults.UNKNOWN_METHOD)
    try:
        return found(*params)
    except TypeError:
        raise RPCError(Faults.INCORRECT_PARAMETERS)


class RootRPCInterface:
    def __init__(self, subinterfaces):
        for name, rpcinterface in subinterfaces:
            setattr(self, name, rpcinterface)


class AttrDict(dict):
    """A dict whose keys are attributes too; those that it has not are None."""

    def __getattr__(self, name):
        return self.get(name)


def gettags(comment):
    """The tags of a docstring, as (line, tag, type, name, text); what stands before the first has no tag."""
    tags = []
    line, tag, kind, name, text = 0, None, None, None, []
    for number, written in enumerate(comment.split("\n")):
        written = written.strip()
        if not written.startswith("@"):
            if written:
                text.append(written)
            continue
        tags.append((line, tag, kind, name, "\n".join(text)))
        words = written.split(None, 3)
        line, tag = number, words[0][1:]
        kind = words[1] if len(words) > 1 else ""
        name = words[2] if len(words) > 2 else ""
        text = [words[3].lstrip()] if len(words) > 3 else []
    tags.append((line, tag, kind, name, "\n".join(text)))
    return tags


class UnixStreamHTTPConnection(http.client.HTTPConnection):
    """HTTP over the unix socket whose path is set as `socketfile`."""
    socketfile = None

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.socketfile)


class SupervisorTransport(xmlrpclib.Transport):
    """XML-RPC to http://host:port or unix:///path, over one connection that stays open."""
    connection = None

    def __init__(self, username=None, password=None, serverurl=None):
        xmlrpclib.Transport.__init__(self)
        self.username = username
        self.password = password
        self.verbose = False
        self.serverurl = serverurl
        if not serverurl.startswith(("http://", "unix://")):
            raise ValueError("Unknown protocol for serverurl %s" % serverurl)

    def _get_connection(self):
        if self.serverurl.startswith("unix://"):
            connection = UnixStreamHTTPConnection("localhost")
            connection.socketfile = self.serverurl[len("unix://"):]
            return connection
        parts = urlparse(self.serverurl)
        return http.client.HTTPConnection(parts.hostname, parts.port or 80)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def request(self, host, handler, request_body, verbose=0):
        body = as_bytes(request_body)
        if not self.connection:
            self.connection = self._get_connection()
        headers = {"User-Agent": self.user_agent, "Content-Type": "text/xml", "Accept": "text/xml",
                   "Content-Length": str(len(body))}
        if self.username is not None and self.password is not None:
            word = b64encode(as_bytes("%s:%s" % (self.username, self.password)))
            headers["Authorization"] = "Basic " + word.decode("ascii")
        self.connection.request("POST", handler, body, headers)
        response = self.connection.getresponse()
        if response.status != 200:
            self.close()
            raise xmlrpclib.ProtocolError(host + handler, response.status, response.reason, "")
        parser, target = self.getparser()
        parser.feed(response.read())
        parser.close()
        return target.close()
