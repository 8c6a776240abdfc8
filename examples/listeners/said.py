#!/usr/bin/env python3
"""Collects what programs say between <!--XSUPERVISOR:BEGIN--> and <!--XSUPERVISOR:END-->, and what is said over the API.
It needs nothing but Python:

    [eventlistener:said]
    command=/usr/bin/python3 /path/to/said.py /var/log/said.txt
    events=PROCESS_COMMUNICATION,REMOTE_COMMUNICATION
"""
import sys


def event():
    """Waits for one event; the payload is text, because len counts characters."""
    print("READY", flush=True)
    line = stdin.readline()
    if not line:
        sys.exit(0)
    header = dict(word.split(":", 1) for word in line.split())
    return header, stdin.read(int(header["len"]))


def done(result="OK"):
    print("RESULT %d\n%s" % (len(result), result), end="", flush=True)


# newline="" keeps every byte that a program wrote: a carriage return is one character of len too.
stdin = open(0, encoding="utf-8", newline="")
while True:
    header, payload = event()
    about, said = payload.split("\n", 1)
    try:
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write("%s %s\n" % (about.split()[0], said))
        done()
    except OSError as problem:
        print("cannot write %s: %s" % (sys.argv[1], problem), file=sys.stderr)
        done("FAIL")  # the event comes again
