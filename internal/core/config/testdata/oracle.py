"""Answers questions about configuration files with Debian's Supervisor, one JSON object a line in and out."""
import io
import json
import os
import shlex
import sys

import supervisor.options as options
from supervisor import datatypes, events

OLD_PAIRS = datatypes.dict_of_key_value_pairs
OLD_GETDEFAULT = options.UnhosedConfigParser.getdefault


class Refused(Exception):
    pass


def posix_pairs(arg):
    """What 4.4 makes of environment= (VER-004)."""
    real = shlex.shlex
    datatypes.shlex.shlex = lambda text: real(text, posix=True)
    try:
        lexer = datatypes.shlex.shlex(str(arg))
        lexer.wordchars += '/.+-():'
        tokens = list(lexer)
    finally:
        datatypes.shlex.shlex = real
    pairs = {}
    for at in range(0, len(tokens), 4):
        triple = tokens[at:at + 3]
        if len(triple) != 3 or triple[1] != '=':
            raise ValueError("Unexpected end of key/value pairs in value '%s'" % arg)
        pairs[triple[0]] = triple[2]
    return pairs


def single_pass(self, option, *args, **kw):
    """[supervisord] environment is expanded once in 4.4 (VER-003)."""
    if self.mysection == 'supervisord' and option == 'environment':
        kw['do_expand'] = False
    return OLD_GETDEFAULT(self, option, *args, **kw)


def speak(version):
    new = version != '4.2'
    options.dict_of_key_value_pairs = posix_pairs if new else OLD_PAIRS
    options.UnhosedConfigParser.getdefault = single_pass if new else OLD_GETDEFAULT


def refuse(message):
    raise Refused(str(message))


def log(value):
    if value is options.Automatic:
        return 'AUTO'
    return value or None


def restart(value):
    if value is datatypes.RestartUnconditionally:
        return 'always'
    return 'never' if value is False else 'unexpected'


def process(config):
    shown = {}
    for key in ('name', 'command', 'priority', 'autostart', 'startsecs', 'startretries', 'stopwaitsecs',
                'stopasgroup', 'killasgroup', 'exitcodes', 'redirect_stderr', 'environment', 'stopsignal', 'umask',
                'uid'):
        shown[key] = getattr(config, key)
    shown['stopsignal'] = int(config.stopsignal)
    shown['autorestart'] = restart(config.autorestart)
    shown['directory'] = config.directory or ''
    shown['serverurl'] = config.serverurl or ''
    for stream in ('stdout', 'stderr'):
        shown[stream + '_logfile'] = log(getattr(config, stream + '_logfile'))
        for key in ('logfile_maxbytes', 'logfile_backups', 'capture_maxbytes', 'events_enabled', 'syslog'):
            shown['%s_%s' % (stream, key)] = getattr(config, '%s_%s' % (stream, key))
    return shown


def group(config):
    shown = {'name': config.name, 'priority': config.priority, 'kind': 'program',
             'processes': [process(p) for p in config.process_configs]}
    if isinstance(config, options.EventListenerPoolConfig):
        shown['kind'] = 'listener'
        shown['buffer_size'] = config.buffer_size
        shown['events'] = sorted(events.getEventNameByType(e) for e in config.pool_events)
        shown['result_handler'] = '%s:%s' % (config.result_handler.__module__, config.result_handler.__name__)
    if isinstance(config, options.FastCGIGroupConfig):
        socket = config.socket_config
        shown['kind'] = 'fastcgi'
        shown['socket'] = {'url': socket.url, 'backlog': socket.backlog or 0,
                           'mode': getattr(socket, 'mode', None),
                           'owner': list(getattr(socket, 'owner', None) or (-1, -1))}
    return shown


def server(config):
    shown = {key: config.get(key) for key in ('section', 'host', 'port', 'file', 'chmod', 'username', 'password')}
    shown['chown'] = list(config.get('chown', (-1, -1)))
    return shown


def daemon(o):
    section = o.configroot.supervisord
    keys = ('minfds', 'minprocs', 'directory', 'user', 'umask', 'logfile_maxbytes', 'logfile_backups', 'loglevel',
            'identifier', 'nodaemon', 'silent', 'childlogdir', 'nocleanup', 'strip_ansi')
    shown = {key: getattr(o, key) for key in keys}
    for key in ('nodaemon', 'silent', 'nocleanup', 'strip_ansi'):
        shown[key] = bool(shown[key])
    shown['logfile'] = o.logfile
    shown['pidfile'] = o.pidfile
    shown['environment'] = list(section.environment.items())
    shown['uid'] = o.uid
    shown['gid'] = o.gid
    return shown


def server_options(request):
    o = options.ServerOptions()
    o.poller.close()
    o.usage = refuse
    o.warnings = None
    return o


def diff(request):
    from supervisor.supervisord import Supervisor

    class Active:
        def __init__(self, config):
            self.config = config

    both = []
    for path in (request['active'], request['next']):
        o = server_options(request)
        o.realize(['-c', path], '', 'supervisord')
        both.append(o)
    active, following = both
    for config in active.process_group_configs:
        for p in config.process_configs:
            p.options = type('Options', (), {'identifier': 'x',
                                             'get_autochildlog_name': staticmethod(lambda n, i, c: '/auto/' + n + c)})
        config.after_setuid()
    daemon = Supervisor(following)
    daemon.process_groups = {c.name: Active(c) for c in active.process_group_configs}
    return [[c.name for c in part] for part in daemon.diff_to_active()]


def parse(request):
    o = server_options(request)
    o.realize(['-c', request['path']] + request.get('args', []), '', 'supervisord')
    section = o.configroot.supervisord
    return {
        'daemon': daemon(o),
        'servers': [server(s) for s in section.server_configs],
        'plugins': [[name, list(extras.items())] for name, _, extras in section.rpcinterface_factories],
        'groups': [group(g) for g in o.process_group_configs],
        'warnings': o.parse_warnings,
        'infos': o.parse_infos,
    }


def client(request):
    o = options.ClientOptions()
    o.usage = refuse
    o.import_spec = lambda spec: spec
    o.realize(['-c', request['path']], '', 'supervisorctl')
    return {
        'serverurl': o.serverurl, 'prompt': o.prompt, 'username': o.username, 'password': o.password,
        'history': o.history_file,
        'plugins': [[name, list(extras.items())] for name, _, extras in o.plugin_factories[1:]],
    }


def ini(request):
    parser = options.UnhosedConfigParser()
    parser.read_file(io.StringIO(request['text'], newline=None), 'f.conf')
    sections = [[name, list(parser._sections[name].items())] for name in parser.sections()]
    return {'default': list(parser._defaults.items()), 'sections': sections}


def split(request):
    return shlex.split(request['text'])


def environment(request):
    return list((posix_pairs if request.get('version') != '4.2' else OLD_PAIRS)(request['text']).items())


def expand(request):
    return options.expand(request['text'], request['names'], request['option'])


def convert(request):
    value = getattr(datatypes, request['what'])(request['text'])
    if value in (datatypes.RestartUnconditionally, datatypes.RestartWhenExitUnexpected) or \
            request['what'] == 'auto_restart':
        return restart(value)
    return value


def quoted(request):
    return [repr(request['text']), ascii(request['text']), request['text'].lower(), request['text'].strip()]


QUESTIONS = {f.__name__: f for f in (parse, client, ini, split, environment, expand, convert, quoted, diff)}


def answer(request):
    os.environ.clear()
    os.environ.update(request.get('env') or {})
    speak(request.get('version'))
    try:
        return {'value': QUESTIONS[request['op']](request)}
    except (Refused, ValueError, options.ConfigParser.ParsingError) as why:
        return {'error': str(why)}


for line in sys.stdin.buffer:
    reply = json.dumps(answer(json.loads(line)))
    sys.stdout.write(reply + '\n')
    sys.stdout.flush()
