"""The days that a command is about, as options: one, a range, or so many of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

MOST_DAYS = 1_000
_WORDS = {"yesterday": -1, "today": 0, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was typed: a date, or a word that the sandbox's clock makes one."""

    text: str

    def on(self, today: date) -> date:
        """Give the date."""
        offset = _WORDS.get(self.text)
        return date.fromisoformat(self.text) if offset is None else today + timedelta(offset)


class DayType(click.ParamType[Day]):
    """A UTC day on the command line."""

    name = "DAY"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Day:
        """Read a day, or fail with what one looks like."""
        text = str(value)
        if text not in _WORDS:
            try:
                text = date.fromisoformat(text).isoformat()
            except ValueError:
                words = ", ".join(_WORDS)
                self.fail(f"'{text[:40]}' isn't a day: write 2026-11-01, or one of {words}.", param, ctx)
        return Day(text)


def day_options(command: F) -> F:
    """Add the options that `days_of` takes."""
    for option in reversed(
        (
            click.option("--on", type=DayType(), help="This day alone; today, if nothing else is said."),
            click.option("--from", "first", type=DayType(), help="The first day."),
            click.option(
                "--to", "last", type=DayType(), help="The last day; today, if --from is given alone."
            ),
            click.option(
                "--days",
                type=click.IntRange(1, MOST_DAYS),
                help="So many days, from --from on, or up to --to or today.",
            ),
        )
    ):
        command = option(command)
    return command


def days_of(
    today: date, *, on: Day | None, first: Day | None, last: Day | None, days: int | None
) -> list[date]:
    """Give the days in their order. Raises `click.UsageError` for options that don't go together."""
    if on is not None and (first, last, days) != (None, None, None):
        raise click.UsageError("--on is one day; leave out --from, --to and --days.")
    if on is not None:
        return [on.on(today)]
    if None not in (first, last, days):
        raise click.UsageError("Of --from, --to and --days, give two at most.")
    start = None if first is None else first.on(today)
    end = None if last is None else last.on(today)
    if start is None:
        end = today if end is None else end
        start = end - timedelta((days or 1) - 1)
    elif end is None:
        end = today if days is None else start + timedelta(days - 1)
    if start > end:
        raise click.UsageError(f"The first day, {start}, is after the last, {end}.")
    if (end - start).days >= MOST_DAYS:
        raise click.UsageError(f"These are more than {MOST_DAYS:,} days.")
    return [start + timedelta(number) for number in range((end - start).days + 1)]
