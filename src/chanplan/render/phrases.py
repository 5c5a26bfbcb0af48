"""Numbers, times and lists in words."""

from collections.abc import Sequence
from datetime import UTC, datetime

from chanplan.model.plans import Summary


def counted(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun: `1 change`, `10,000 changes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(parts: Sequence[str]) -> str:
    """Join words as a sentence does: `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def seconds_in_words(seconds: float) -> str:
    """Write a length of time with its two largest units: `0.4 s`, `12 s`, `2 min 5 s`, `1 h 5 min`, `3 days 2 h`."""
    if seconds < 9.95:
        text = f"{max(seconds, 0.0):.1f}".removesuffix(".0")
        return f"{text} s"
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    named = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"), (left, "s")]
    while named[0][0] == 0:
        named.pop(0)
    return " ".join(f"{number:,} {unit}" for number, unit in named[:2] if number)


def ago(then: datetime, now: datetime) -> str:
    """Write how long ago something was: `just now`, `3 days 2 h ago`; and what a clock that went back makes of it."""
    seconds = (now - then).total_seconds()
    if abs(seconds) < 1:
        return "just now"
    length = seconds_in_words(abs(round(seconds)))
    return f"{length} ago" if seconds > 0 else f"{length} ahead of this machine's clock"


def moment(at: datetime) -> str:
    """Write a time for people, to the minute and in UTC: `2026-11-23 17:05 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def stamp(at: datetime | None) -> str | None:
    """Write a time for machines: RFC 3339 in UTC with a Z."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def headline(summary: Summary, *, errored: bool = False) -> str:
    """Write the line that sums a plan up, such as `Plan: 3 to create, …; 2 wait.` or `No changes.`."""
    parts = [
        f"{summary.create:,} to create",
        f"{summary.update:,} to update",
        f"{summary.replace:,} to replace",
        f"{summary.delete:,} to delete",
    ]
    if summary.imported:
        parts.insert(0, f"{summary.imported:,} to import")
    if summary.forget:
        parts.append(f"{summary.forget:,} to forget")
    elif not summary.imported and not (summary.create or summary.update or summary.replace or summary.delete):
        return "No changes in what could be read." if errored else "No changes."
    waits = f"; {summary.waiting:,} {'waits' if summary.waiting == 1 else 'wait'}" if summary.waiting else ""
    return f"Plan: {', '.join(parts)}{waits}."
