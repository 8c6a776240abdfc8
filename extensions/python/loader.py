"""Installs the modules that came with the first line, and runs the one that was named. Nothing is written to disk.

boot.py runs this text with boot = (params, read descriptor, write descriptor, bytes already read).
"""
import importlib
import importlib.abc
import importlib.machinery
import sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds our own modules, by full name, before anybody else is asked."""

    def __init__(self, texts):
        self.texts = {}
        self.packages = set()
        for path, text in texts.items():
            name = path[:-len(".py")].replace("/", ".")
            if name.endswith(".__init__"):
                name = name[:-len(".__init__")]
                self.packages.add(name)
            self.texts[name] = (path, text)

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.texts:
            return None
        spec = importlib.machinery.ModuleSpec(
            fullname, self, origin="reeve/" + self.texts[fullname][0], is_package=fullname in self.packages)
        spec.has_location = True
        return spec

    def get_source(self, fullname):
        return self.texts[fullname][1]

    def get_code(self, fullname):
        path, text = self.texts[fullname]
        return compile(text, "reeve/" + path, "exec", dont_inherit=True)

    def is_package(self, fullname):
        return fullname in self.packages

    def find_distributions(self, context=None):
        """Says that Supervisor is installed, for plug-ins that ask for a version of it."""
        name = getattr(context, "name", None)
        if name is not None and name.lower() != "supervisor":
            return []
        try:
            from _reeve import dist
        except ImportError:
            return []
        return dist.distributions()


def run(params, read, write, rest):
    # What the interpreter has loaded by itself, for a namespace package or a sitecustomize, is not ours.
    for name in [name for name in sys.modules if name.split(".")[0] in ("supervisor", "_reeve")]:
        del sys.modules[name]
    sys.meta_path.insert(0, Finder(params["modules"]))
    sys.argv = list(params.get("argv") or ["supervisord"])
    importlib.import_module(params["main"]).main(params, read, write, rest)


run(*boot)
