"""Problems: what is wrong with somebody's input, where, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chanplan.model.addresses import Address
from chanplan.model.values import Value


class Severity(StrEnum):
    """How much a problem stops."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or deserves a warning."""

    code: str
    """Stable, for machines: `unknown_key`, `sender_domain_mismatch`, …"""
    message: str
    """What is wrong and why, a full sentence."""
    remedy: str = ""
    """What to do, a full sentence; a command to run stands on its own line."""
    severity: Severity = Severity.ERROR
    source: Source | None = None
    address: Address | None = None
    data: Mapping[str, Value] = field(default_factory=dict)
    """Values for machines, for example `expected_domain`."""
