"""Of Supervisor's HTTP server, the names that plug-ins import."""
import os as _os
import supervisor as _supervisor

__path__ = [_os.path.join(home, "medusa") for home in _supervisor.__path__]
