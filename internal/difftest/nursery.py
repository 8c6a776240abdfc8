"""Runs Debian's supervisord and supervisorctl many times without starting Python each time.

One connection is one run: a line of JSON says which program, its arguments, its directory, its environment and the
files that are its stdin, stdout and stderr; the answer is its pid and, when it has ended, its exit status. Each run is
a fork of this process, in which the program's modules are loaded and nothing of theirs has been called yet.
"""
import json
import os
import signal
import socket
import sys

import supervisor
from supervisor import supervisorctl, supervisord
from supervisor import http, rpcinterface, xmlrpc  # noqa: F401  loaded here once, for all

MAINS = {'supervisord': supervisord.main, 'supervisorctl': supervisorctl.main}


def run(job):
    os.setsid()
    os.chdir(job['dir'])
    for fd, (path, flags) in enumerate([(job['stdin'], os.O_RDONLY), (job['stdout'], os.O_WRONLY), (job['stderr'], os.O_WRONLY)]):
        os.dup2(os.open(path, flags), fd)
    os.closerange(3, 64)
    os.environ.clear()
    os.environ.update(dict(pair.split('=', 1) for pair in job['env']))
    sys.path[1:1] = [place for place in os.environ.get('PYTHONPATH', '').split(':') if place]
    # What a scenario has below supervisor/ stands for files that somebody has put into the package's directory.
    supervisor.__path__ += [os.path.join(place, 'supervisor') for place in sys.path[1:]]
    sys.argv = [job['argv0']] + job['args']
    sys.exit(MAINS[job['program']]())


def attend(conn):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    line = conn.makefile('r', encoding='utf-8').readline()
    if not line:
        return
    job = json.loads(line)
    pid = os.fork()
    if pid == 0:
        run(job)
    conn.sendall(b'%d\n' % pid)
    _, status = os.waitpid(pid, 0)
    conn.sendall(b'%d\n' % os.waitstatus_to_exitcode(status))


def main():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(100)
    while True:
        conn, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            attend(conn)
            os._exit(0)
        conn.close()


main()
