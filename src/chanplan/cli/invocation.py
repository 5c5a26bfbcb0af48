"""What every command is given: the options that stand before the command, and where to print."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from chanplan.ports.metrics import Metrics

if TYPE_CHECKING:
    from chanplan.app.workspace import Workspace
    from chanplan.execution.pacing import Patience
    from chanplan.execution.stopping import Stop


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the command line. `environment` already leads to the sandbox where it was asked for."""

    config: Path
    sandbox: bool
    colour: bool
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    metrics: Metrics | None = None
    """Who hears of each call to a service, when somebody wants to."""
    ahead: Callable[[], timedelta] | None = None
    """How far the services' time is ahead of the machine's; with `--sandbox` alone."""

    def opened(
        self,
        *,
        config: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stop: "Stop | None" = None,
        metrics: Metrics | None = None,
        parallelism: int = 16,
        patience: "Patience | None" = None,
    ) -> AbstractContextManager["Workspace"]:
        """Open the workspace that the options name, or another one as they say; see `open_workspace`."""
        from chanplan.app.wiring import open_workspace
        from chanplan.execution.pacing import OF_RUNS

        return open_workspace(
            config or self.config,
            self.environment if environment is None else environment,
            stop=stop,
            metrics=metrics or self.metrics,
            parallelism=parallelism,
            patience=patience or OF_RUNS,
            ahead=self.ahead,
        )

    @property
    def width(self) -> int:
        """Columns of the terminal; 100 where there is none."""
        return shutil.get_terminal_size((100, 24)).columns

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def draws(self, stream: TextIO) -> bool:
        """Whether a stream takes block characters and colour; what doesn't gets ASCII."""
        return self.colours(stream) and (stream.encoding or "").lower().replace("-", "") == "utf8"

    def colours(self, stream: TextIO) -> bool:
        """Whether a stream is a terminal that wants colour."""
        return self.colour and stream.isatty() and not self.environment.get("NO_COLOR")
