"""How an open intent of an earlier run ends."""

from dataclasses import dataclass

from chanplan.model.snapshots import Edit, Intent


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome is known: the intent closes with these edits."""

    intent: Intent
    edits: tuple[Edit, ...]
    outcome: str
    """A sentence for people."""
    succeeded: bool = False
    """Whether what was intended is fully done, so that its approved fingerprint is spent."""


@dataclass(frozen=True, slots=True)
class Continued:
    """An update was interrupted: the intent stays open, and the plan repeats the update from its recorded prior."""

    intent: Intent
    outcome: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody can tell what happened: a person must say, by an import."""

    intent: Intent
    reason: str
    remedy: str


Settlement = Settled | Continued | Ambiguous
