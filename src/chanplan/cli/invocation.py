"""What every command is given: the options that stand before the command, and where to print."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from chanplan.ports.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the command line. `environment` already leads to the sandbox where it was asked for."""

    config: Path
    sandbox: bool
    colour: bool
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    metrics: Metrics | None = None
    """Who hears of each call to a service, when somebody wants to."""

    @property
    def width(self) -> int:
        """Columns of the terminal; 100 where there is none."""
        return shutil.get_terminal_size((100, 24)).columns

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def colours(self, stream: TextIO) -> bool:
        """Whether a stream is a terminal that wants colour."""
        return self.colour and stream.isatty() and not self.environment.get("NO_COLOR")
