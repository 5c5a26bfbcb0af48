"""What `--verbose` adds on standard error: where we are, and a line for each attempt of a call to a service.

Never requests or answers: they hold what people wrote, and the libraries' own debugging prints signatures with them.
"""

import platform
import sys
import threading
from pathlib import Path

import click

from chanplan.app.version import version
from chanplan.render.escapes import visible


class CallLines:
    """Metrics for a reader: one line for each attempt, such as `sesv2:CreateTenant: throttled after 0.012 s`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def called(self, provider: str, operation: str, seconds: float, outcome: str) -> None:  # noqa: ARG002 - the port's signature
        """Tell that an attempt ended."""
        # The stream is looked up each time: a live display puts itself in its place to stay below the lines.
        with self._lock:
            print(f"{operation}: {outcome} after {seconds:.3f} s", file=sys.stderr, flush=True)


def say_where(config: Path) -> None:
    """Say what a report of a bug needs: the versions and the root file."""
    click.echo(
        f"chanplan {version()}, Python {platform.python_version()}, {platform.system()}; configuration {visible(str(config.absolute()))}",
        err=True,
    )
