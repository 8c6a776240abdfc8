"""A distribution called supervisor, for importlib.metadata."""
import importlib.metadata

from supervisor.options import VERSION


class Distribution(importlib.metadata.Distribution):
    """Has a name and a version, and no files."""

    def read_text(self, filename):
        if filename in ("METADATA", "PKG-INFO"):
            return "Metadata-Version: 2.1\nName: supervisor\nVersion: %s\n" % VERSION
        return None

    def locate_file(self, path):
        return path


def distributions():
    return [Distribution()]
