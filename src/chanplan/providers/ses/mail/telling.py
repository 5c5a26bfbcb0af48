"""What couldn't be asked, or not wholly, in words: warnings, each with what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chanplan.model.errors import ProviderError
from chanplan.model.mail_evidence import MailSender
from chanplan.model.problems import Problem, Severity

T = TypeVar("T")

_NAMED = 3
"""Addresses that a warning names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One part of the evidence: what was told, and what stood in the way of the rest."""

    found: T
    problems: tuple[Problem, ...] = ()
    error: ProviderError | None = field(default=None)
    """Why it wasn't told wholly, or at all."""


def warning(code: str, message: str, remedy: str) -> Problem:
    """Give a warning about a whole account and region."""
    return Problem(code, message, remedy, Severity.WARNING)


def unasked(what: str, error: ProviderError, consequence: str) -> Problem:
    """Warn of a failed question: `WHAT_denied` where a permission is missing, else `WHAT_unavailable`."""
    kind = "denied" if error.code == "access_denied" else "unavailable"
    remedy = error.remedy or "Run it again; what wasn't told moves no tier meanwhile."
    return warning(f"{what}_{kind}", f"{error.message} {consequence}", remedy)


def listed(senders: Sequence[MailSender]) -> str:
    """Name some senders, and count the rest."""
    names = [str(each.address) for each in sorted(senders, key=lambda each: each.address)[:_NAMED]]
    rest = len(senders) - len(names)
    return ", ".join(names) + (f" and {rest:,} more" if rest else "")
