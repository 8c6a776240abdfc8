"""Factories by their names."""
import importlib
import re

_SPEC = re.compile(r"^\s*([\w.]+)\s*:\s*([\w.]+)\s*(\[.*\])?\s*$")


def resolve(spec):
    """What "module:attribute" names. ImportError when there is no such thing."""
    parts = _SPEC.match(spec)
    if parts is None:
        raise ImportError("it is not of the form module:function")
    found = importlib.import_module(parts.group(1))
    for name in parts.group(2).split("."):
        try:
            found = getattr(found, name)
        except AttributeError as why:
            raise ImportError(str(why))
    return found
