"""Of Supervisor's web server, the names that plug-ins import."""


class NOT_DONE_YET:
    """What a deferred result answers until it has one."""
