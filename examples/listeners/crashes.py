#!/usr/bin/env python3
"""Notes every program that ends when it should not, with the module that comes with Supervisor:

    [eventlistener:crashes]
    command=/usr/bin/python3 /path/to/crashes.py /var/log/crashes.txt
    events=PROCESS_STATE_EXITED,PROCESS_STATE_FATAL
"""
import sys

from supervisor import childutils


def main(path):
    while True:
        headers, payload = childutils.listener.wait()
        facts = childutils.get_headers(payload)
        if facts.get("expected") != "1":
            with open(path, "a") as notes:
                notes.write("%s:%s %s\n" % (facts["groupname"], facts["processname"], headers["eventname"]))
        childutils.listener.ok()


if __name__ == "__main__":
    main(sys.argv[1])
