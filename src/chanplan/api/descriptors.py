"""Open files: every connection is one, and so is whatever the engine opens meanwhile."""

import contextlib
import resource

BESIDES = 1_024
"""For the state, the services, the log, and connections whose TLS handshake isn't over, which nobody has counted yet."""


def make_room(connections: int) -> None:
    """Let this process open as many files as so many connections and all beside them need, as far as the system allows:
    the limit that shells set is about as high as the bound of connections, and whoever fills that with connections that say
    nothing would keep the state from being opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + BESIDES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # Some systems allow less than they say.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
