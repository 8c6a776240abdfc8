#!/usr/bin/env python3
"""An extension in Python: counts the crashes of each program, and restarts a group on demand.

    [rpcinterface:watch]
    command = /path/to/watch.py
    limit = 3
"""
import json, sys

crashes, asked, options = {}, {}, {}
METHODS = [
    {"name": "crashes", "help": "Return how often each process has crashed.", "result": "struct", "access": "read"},
    {"name": "bounce", "help": "Restart a group.", "params": [{"name": "group", "type": "string"}], "access": "operate"},
]


def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


for line in sys.stdin:
    m = json.loads(line)
    method, params, id = m.get("method"), m.get("params", {}), m.get("id")
    if method == "initialize":
        options = params["options"]
        send(id=id, result={"protocol": 1, "methods": METHODS, "events": ["PROCESS_STATE_EXITED"]})
    elif method == "event" and not params.get("expected"):
        n = crashes[params["process"]] = crashes.get(params["process"], 0) + 1
        if n == int(options.get("limit", 3)):
            send(method="log", params={"level": "warn", "text": "%s has crashed %d times" % (params["process"], n)})
    elif method == "call" and params["method"] == "crashes":
        send(id=id, result=crashes)
    elif method == "call":  # bounce: the daemon's answer to our own call comes as a message like any other
        asked["b%d" % id] = (id, params["params"])
        send(id="b%d" % id, method="call", params={"method": "supervisor.stopProcessGroup", "params": params["params"]})
    elif id in asked:
        caller, group = asked.pop(id)
        send(id="s%d" % caller, method="call", params={"method": "supervisor.startProcessGroup", "params": group})
        send(id=caller, **({"error": m["error"]} if "error" in m else {"result": True}))
