"""Who holds the lock of a workspace."""

from dataclasses import dataclass
from datetime import datetime

LONGEST = 700
"""Characters of a text that are told: whoever can write to a bucket could write any there."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A lock as anybody can see it. The texts are what its holder wrote."""

    id: str
    """Drawn by its holder; what `unlock` takes."""
    holder: str
    """User, host and process."""
    reason: str
    """The command."""
    started: datetime
    """In UTC."""
    silent: float | None = None
    """Seconds since the last sign of life; None where the lock dies with its holder."""

    over: bool = False
    """Whether its process has ended for certain: it ran on this machine. False says nothing."""

    def __str__(self) -> str:
        holder, reason = self.holder[:LONGEST], self.reason[:LONGEST]
        since = self.started.isoformat(timespec="seconds").replace("+00:00", "Z")
        life = "" if self.silent is None else f"; its last sign of life was {round(self.silent)} s ago"
        end = ", and the process has ended" if self.over else ""
        return f"{holder} ({reason}) since {since}{life}{end}"
