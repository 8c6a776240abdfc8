"""The main interface: what is known is answered from here, what is to be done is asked of the daemon."""
import datetime
import time
import types

from _reeve import link
from _reeve.guard import Guarded
from supervisor.compat import as_bytes, as_string  # noqa: F401
from supervisor.datatypes import Automatic, RestartUnconditionally, RestartWhenExitUnexpected, signal_number
from supervisor.events import RemoteCommunicationEvent, notify  # noqa: F401
from supervisor.http import NOT_DONE_YET
from supervisor.options import (  # noqa: F401
    BadCommand, NoPermission, NotExecutable, NotFound, VERSION, make_namespec, readFile, split_namespec, tailFile)
from supervisor.states import (  # noqa: F401
    RUNNING_STATES, SIGNALLABLE_STATES, STOPPED_STATES, ProcessStates, SupervisorStates, getProcessStateDescription,
    getSupervisorStateDescription)
from supervisor.xmlrpc import Faults, RPCError, capped_int

API_VERSION = "3.0"


class SupervisorNamespaceRPCInterface(metaclass=Guarded):
    _free = ()

    def __init__(self, supervisord):
        self.supervisord = supervisord

    def _update(self, text):
        self.update_text = text
        mood = self.supervisord.options.mood
        if isinstance(mood, int) and mood < SupervisorStates.RUNNING:
            raise RPCError(Faults.SHUTDOWN_STATE)

    def getAPIVersion(self):
        """ Version of this RPC interface.

        @return string version
        """
        self._update("getAPIVersion")
        return API_VERSION

    getVersion = getAPIVersion

    def getSupervisorVersion(self):
        """ Version of Supervisor that the daemon behaves as.

        @return string version
        """
        self._update("getSupervisorVersion")
        return VERSION

    def getIdentification(self):
        """ Identifier of this daemon, from its configuration.

        @return string identifier
        """
        self._update("getIdentification")
        return self.supervisord.options.identifier

    def getState(self):
        """ State of the daemon.

        @return struct state int statecode, string statename
        """
        self._update("getState")
        code = self.supervisord.options.mood
        return {"statecode": code, "statename": getSupervisorStateDescription(code)}

    def getPID(self):
        """ Process id of the daemon.

        @return int pid
        """
        self._update("getPID")
        return self.supervisord.options.get_pid()

    def readLog(self, offset, length):
        """ Read the daemon's own log.

        @param int offset first byte; negative counts from the end
        @param int length bytes; 0 for all that follow
        @return string result bytes of the log
        """
        return self._ask("readLog", offset, length)

    readMainLog = readLog

    def clearLog(self):
        """ Empty the daemon's own log.

        @return boolean result true unless a fault says otherwise
        """
        return self._ask("clearLog")

    def shutdown(self):
        """ Stop every process, then the daemon.

        @return boolean result true unless a fault says otherwise
        """
        self._update("shutdown")
        self.supervisord.options.mood = SupervisorStates.SHUTDOWN
        return True

    def restart(self):
        """ Stop every process, read the configuration again and start.

        @return boolean result true unless a fault says otherwise
        """
        self._update("restart")
        self.supervisord.options.mood = SupervisorStates.RESTARTING
        return True

    def reloadConfig(self):
        """ Read the configuration again and tell which groups differ; nothing is started or stopped.

        @return array result [[added, changed, removed]], each a list of group names
        """
        return self._ask("reloadConfig")

    def addProcessGroup(self, name):
        """ Activate a group of the configuration as last read.

        @param string name group name
        @return boolean result true unless a fault says otherwise
        """
        return self._ask("addProcessGroup", name)

    def removeProcessGroup(self, name):
        """ Take a stopped group out of service.

        @param string name group name
        @return boolean result true unless a fault says otherwise
        """
        return self._ask("removeProcessGroup", name)

    # Helpers that plug-ins call and override.

    def _ask(self, method, *args):
        self._update(method)
        return link.call(method, *args)

    def _getAllProcesses(self, lexical=False):
        """(group, process) of all processes, by name or by priority."""
        groups = self.supervisord.process_groups
        if lexical:
            return [(groups[g], groups[g].processes[p]) for g in sorted(groups) for p in sorted(groups[g].processes)]
        return [(group, process) for group in sorted(groups.values()) for process in sorted(group.processes.values())]

    def _getGroupAndProcess(self, name):
        group_name, process_name = split_namespec(name)
        group = self.supervisord.process_groups.get(group_name)
        process = None if group is None or process_name is None else group.processes.get(process_name)
        if group is None or process is None and process_name is not None:
            raise RPCError(Faults.BAD_NAME, name)
        return group, process

    def _sorted(self, name):
        group = self.supervisord.process_groups.get(name)
        if group is None:
            raise RPCError(Faults.BAD_NAME, name)
        return [(group, process) for process in sorted(group.processes.values())]

    def _deferred(self, callback, delay):
        def deferred():
            link.look()  # a plug-in may ask in a loop of its own, in the thread that hears the news
            return callback()

        deferred.delay = delay
        deferred.rpcinterface = self
        return deferred

    # Starting, stopping, signalling.

    def startProcess(self, name, wait=True):
        """ Start a process.

        @param string name process name, group:name, or group:* for a whole group
        @param boolean wait answer only when it is done (default true)
        @return boolean result true unless a fault says otherwise
        """
        self._update("startProcess")
        group, process = self._getGroupAndProcess(name)
        if process is None:
            return self.startProcessGroup(group.config.name, wait)
        link.call("startProcess", name, False)
        if not wait or process.get_state() == ProcessStates.RUNNING:
            return True

        def onwait():
            if process.spawnerr:
                raise RPCError(Faults.SPAWN_ERROR, name)
            state = process.get_state()
            if state not in (ProcessStates.STARTING, ProcessStates.RUNNING):
                raise RPCError(Faults.ABNORMAL_TERMINATION, name)
            return True if state == ProcessStates.RUNNING else NOT_DONE_YET

        return self._deferred(onwait, 0.05)

    def startProcessGroup(self, name, wait=True):
        """ Start the processes of a group that do not run.

        @param string name group name
        @param boolean wait answer only when it is done (default true)
        @return array result one struct per process: name, group, status, description
        """
        self._update("startProcessGroup")
        return self._deferred(make_allfunc(self._sorted(name), isNotRunning, self.startProcess, wait=wait), 0.05)

    def startAllProcesses(self, wait=True):
        """ Start all processes that do not run.

        @param boolean wait answer only when it is done (default true)
        @return array result one struct per process: name, group, status, description
        """
        self._update("startAllProcesses")
        return self._deferred(make_allfunc(self._getAllProcesses(), isNotRunning, self.startProcess, wait=wait), 0.05)

    def stopProcess(self, name, wait=True):
        """ Stop a process.

        @param string name process name, group:name, or group:* for a whole group
        @param boolean wait answer only when it is done (default true)
        @return boolean result true unless a fault says otherwise
        """
        self._update("stopProcess")
        group, process = self._getGroupAndProcess(name)
        if process is None:
            return self.stopProcessGroup(group.config.name, wait)
        link.call("stopProcess", name, False)
        if not wait or process.get_state() in STOPPED_STATES:
            return True

        def onwait():
            return True if process.get_state() in STOPPED_STATES else NOT_DONE_YET

        return self._deferred(onwait, 0)

    def stopProcessGroup(self, name, wait=True):
        """ Stop the running processes of a group.

        @param string name group name
        @param boolean wait answer only when it is done (default true)
        @return array result one struct per process: name, group, status, description
        """
        self._update("stopProcessGroup")
        return self._deferred(make_allfunc(self._sorted(name), isRunning, self.stopProcess, wait=wait), 0.05)

    def stopAllProcesses(self, wait=True):
        """ Stop all running processes.

        @param boolean wait answer only when it is done (default true)
        @return array result one struct per process: name, group, status, description
        """
        self._update("stopAllProcesses")
        return self._deferred(make_allfunc(self._getAllProcesses(), isRunning, self.stopProcess, wait=wait), 0.05)

    def signalProcess(self, name, signal):
        """ Send a signal to a process.

        @param string name process name, group:name, or group:* for a whole group
        @param string signal signal by name (HUP) or number (1)
        @return boolean result
        """
        self._update("signalProcess")
        group, process = self._getGroupAndProcess(name)
        if process is None:
            return self.signalProcessGroup(group.config.name, signal=signal)
        try:
            signal_number(signal)
        except ValueError:
            raise RPCError(Faults.BAD_SIGNAL, signal)
        return link.call("signalProcess", name, str(signal))

    def signalProcessGroup(self, name, signal):
        """ Send a signal to the processes of a group.

        @param string name group name
        @param string signal signal by name (HUP) or number (1)
        @return array result one struct per process: name, group, status, description
        """
        self._update("signalProcessGroup")
        return make_allfunc(self._sorted(name), isSignallable, self.signalProcess, signal=signal)()

    def signalAllProcesses(self, signal):
        """ Send a signal to all processes.

        @param string signal signal by name (HUP) or number (1)
        @return array result one struct per process: name, group, status, description
        """
        self._update("signalAllProcesses")
        return make_allfunc(self._getAllProcesses(), isSignallable, self.signalProcess, signal=signal)()

    # What is known.

    def getAllConfigInfo(self):
        """ The configuration as last read, one struct per process.

        @return array result
        """
        self._update("getAllConfigInfo")
        groups = self.supervisord.process_groups
        rows = [_config_row(group, process, group.name in groups)
                for group in self.supervisord.options.process_group_configs for process in group.process_configs]
        return sorted(rows, key=lambda row: row["name"])

    def _interpretProcessInfo(self, info):
        """What a person wants to know of a process, in a few words."""
        state = info["state"]
        if state == ProcessStates.RUNNING:
            up = max(0, int(info["now"]) - int(info["start"]))
            return "pid %s, uptime %s" % (info["pid"], datetime.timedelta(seconds=up))
        if state in (ProcessStates.FATAL, ProcessStates.BACKOFF):
            return info["spawnerr"] or 'unknown error (try "tail %s")' % info["name"]
        if state in (ProcessStates.STOPPED, ProcessStates.EXITED):
            if not info["start"]:
                return "Not started"
            return time.strftime("%b %d %I:%M %p", time.localtime(info["stop"]))
        return ""

    def getProcessInfo(self, name):
        """ What is known about a process.

        @param string name process name, or group:name
        @return struct result
        """
        self._update("getProcessInfo")
        group, process = self._getGroupAndProcess(name)
        if process is None:
            raise RPCError(Faults.BAD_NAME, name)
        state, stdout = process.get_state(), process.config.stdout_logfile or ""
        info = {
            "name": process.config.name, "group": group.config.name, "start": capped_int(process.laststart),
            "stop": capped_int(process.laststop), "now": capped_int(self._now()), "state": state,
            "statename": getProcessStateDescription(state), "spawnerr": process.spawnerr or "",
            "exitstatus": process.exitstatus or 0, "logfile": stdout, "stdout_logfile": stdout,
            "stderr_logfile": process.config.stderr_logfile or "", "pid": process.pid,
        }
        info["description"] = self._interpretProcessInfo(info)
        return info

    def _now(self):
        return time.time()

    def getAllProcessInfo(self):
        """ What is known about all processes, by group and name.

        @return array result
        """
        self._update("getAllProcessInfo")
        return [self.getProcessInfo(make_namespec(group.config.name, process.config.name))
                for group, process in self._getAllProcesses(lexical=True)]

    # Logs.

    def _readProcessLog(self, name, offset, length, channel):
        return link.call("readProcess%sLog" % channel.capitalize(), name, offset, length)

    def _tailProcessLog(self, name, offset, length, channel):
        return link.call("tailProcess%sLog" % channel.capitalize(), name, offset, length)

    def readProcessStdoutLog(self, name, offset, length):
        """ Read a process's stdout log.

        @param string name process name, or group:name
        @param int offset first byte; negative counts from the end
        @param int length bytes; 0 for all that follow
        @return string result bytes of the log
        """
        self._update("readProcessStdoutLog")
        return self._readProcessLog(name, offset, length, "stdout")

    readProcessLog = readProcessStdoutLog

    def readProcessStderrLog(self, name, offset, length):
        """ Read a process's stderr log.

        @param string name process name, or group:name
        @param int offset first byte; negative counts from the end
        @param int length bytes; 0 for all that follow
        @return string result bytes of the log
        """
        self._update("readProcessStderrLog")
        return self._readProcessLog(name, offset, length, "stderr")

    def tailProcessStdoutLog(self, name, offset, length):
        """ Read the end of a process's stdout log: the last bytes when more than length came since offset.

        @param string name process name, or group:name
        @param int offset first byte; negative counts from the end
        @param int length at most this many bytes
        @return array result [text, size of the log in bytes, whether more came than fits]
        """
        self._update("tailProcessStdoutLog")
        return self._tailProcessLog(name, offset, length, "stdout")

    tailProcessLog = tailProcessStdoutLog

    def tailProcessStderrLog(self, name, offset, length):
        """ Read the end of a process's stderr log, as tailProcessStdoutLog does.

        @param string name process name, or group:name
        @param int offset first byte; negative counts from the end
        @param int length at most this many bytes
        @return array result [text, size of the log in bytes, whether more came than fits]
        """
        self._update("tailProcessStderrLog")
        return self._tailProcessLog(name, offset, length, "stderr")

    def clearProcessLogs(self, name):
        """ Empty a process's logs.

        @param string name process name, or group:name
        @return boolean result true unless a fault says otherwise
        """
        return self._ask("clearProcessLogs", name)

    clearProcessLog = clearProcessLogs

    def clearAllProcessLogs(self):
        """ Empty the logs of all processes.

        @return array result one struct per process: name, group, status, description
        """
        self._update("clearAllProcessLogs")
        return self._deferred(make_allfunc(self._getAllProcesses(), lambda process: True, self.clearProcessLog), 0.05)

    # Talking to processes and listeners.

    def sendProcessStdin(self, name, chars):
        """ Send text to a process's stdin, as UTF-8.

        @param string name process name, or group:name
        @param string chars the text
        @return boolean result true unless a fault says otherwise
        """
        self._update("sendProcessStdin")
        if not isinstance(chars, (str, bytes)):
            raise RPCError(Faults.INCORRECT_PARAMETERS, chars)
        return link.call("sendProcessStdin", name, as_bytes(chars).decode("utf-8", "replace"))

    def sendRemoteCommEvent(self, type, data):
        """ Publish an event that listeners of REMOTE_COMMUNICATION receive.

        @param string type goes into the event's type
        @param string data the event's body
        @return boolean result true unless a fault says otherwise
        """
        return link.call("sendRemoteCommEvent", type, data)


type.__setattr__(SupervisorNamespaceRPCInterface, "_guarded", "SupervisorNamespaceRPCInterface")


def _config_row(group, process, inuse):
    row = {}
    about = {"group": group.name, "group_prio": group.priority, "inuse": inuse, "process_prio": process.priority}
    for name in ("autostart", "autorestart", "directory", "uid", "command", "exitcodes", "group", "group_prio", "inuse",
                 "killasgroup", "name", "process_prio", "redirect_stderr", "startretries", "startsecs", "stdout_capture_maxbytes", "stdout_events_enabled",
                 "stdout_logfile", "stdout_logfile_backups", "stdout_logfile_maxbytes", "stdout_syslog", "stopsignal",
                 "stopwaitsecs", "stderr_capture_maxbytes", "stderr_events_enabled", "stderr_logfile",
                 "stderr_logfile_backups", "stderr_logfile_maxbytes", "stderr_syslog", "serverurl"):
        value = about[name] if name in about else getattr(process, name)
        if value is Automatic:
            value = "auto"
        elif value is None:
            value = "none"
        elif value is RestartUnconditionally:
            value = True
        elif value is RestartWhenExitUnexpected:
            value = "unexpected"
        elif name == "stopsignal":
            value = int(value)
        row[name] = value
    return row


def make_allfunc(processes, predicate, func, **extra_kwargs):
    """A deferred result that calls func for all processes that predicate takes, and answers when all are done."""
    waiting = []
    results = []
    begun = []

    def told(group, process, status=Faults.SUCCESS, description="OK"):
        results.append({"name": process.config.name, "group": group.config.name, "status": status,
                        "description": description})

    def begin():
        begun.append(True)
        for group, process in processes:
            if not predicate(process):
                continue
            try:
                value = func(make_namespec(group.config.name, process.config.name), **extra_kwargs)
            except RPCError as why:
                told(group, process, why.code, why.text)
                continue
            if isinstance(value, types.FunctionType):
                waiting.append((group, process, value))
            else:
                told(group, process)

    def allfunc():
        if not begun:
            begin()
        for entry in list(waiting):
            group, process, callback = entry
            try:
                if callback() is NOT_DONE_YET:
                    continue
            except RPCError as why:
                told(group, process, why.code, why.text)
            else:
                told(group, process)
            waiting.remove(entry)
        return NOT_DONE_YET if waiting else results

    return allfunc


def isRunning(process):
    return process.get_state() in RUNNING_STATES


def isNotRunning(process):
    return not isRunning(process)


def isSignallable(process):
    return process.get_state() in SIGNALLABLE_STATES


def make_main_rpcinterface(supervisord):
    return SupervisorNamespaceRPCInterface(supervisord)
