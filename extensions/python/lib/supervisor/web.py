"""Of Supervisor's web pages, nothing but the table of their names."""
from _reeve.guard import Views, Unbridgeable, _INSTEAD

VIEWS = Views()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise ImportError("supervisor.web.%s does not exist under Reeve: %s" % (name, _INSTEAD["web"]))
