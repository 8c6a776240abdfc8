"""What plug-ins written for Supervisor import, over Reeve's daemon.

Our own modules come first. A module that somebody has put into the directory of an installed Supervisor, such as
supervisor/myrpc.py, is found there.
"""
import os as _os
import sys as _sys


def _homes():
    """The directories called supervisor on the path, and Debian's."""
    found = []
    for place in list(_sys.path) + ["/usr/lib/python3/dist-packages"]:
        home = _os.path.join(place or _os.getcwd(), __name__)
        if home not in found and _os.path.isdir(home):
            found.append(home)
    return found


__path__ = _homes()
