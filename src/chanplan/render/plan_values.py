"""Values of a document from outside, each looked at before it is taken."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TypeVar

from chanplan.model.values import Value

Document = Mapping[str, Value]

_Word = TypeVar("_Word", bound=StrEnum)


class Unusable(Exception):
    """No plan: why, in half a sentence."""


def as_map(value: Value) -> Document:
    """Give an object. Raises `Unusable` for anything else."""
    if isinstance(value, dict):
        return value
    raise Unusable("something else stands where an object belongs")


def as_map_or_none(value: Value) -> Document | None:
    """Give an object or None. Raises `Unusable` for anything else."""
    return None if value is None else as_map(value)


def as_list(value: Value) -> Sequence[Value]:
    """Give a list. Raises `Unusable` for anything else."""
    if isinstance(value, list):
        return value
    raise Unusable("something else stands where a list belongs")


def as_maps(value: Value) -> Sequence[Document]:
    """Give a list of objects. Raises `Unusable` for anything else."""
    return [as_map(item) for item in as_list(value)]


def as_text(value: Value) -> str:
    """Give a text. Raises `Unusable` for anything else."""
    if isinstance(value, str):
        return value
    raise Unusable("something else stands where a text belongs")


def as_text_or_none(value: Value) -> str | None:
    """Give a text or None. Raises `Unusable` for anything else."""
    return None if value is None else as_text(value)


def as_texts(value: Value) -> tuple[str, ...]:
    """Give a list of texts. Raises `Unusable` for anything else."""
    return tuple([as_text(item) for item in as_list(value)])


def as_flag(value: Value) -> bool:
    """Give true or false. Raises `Unusable` for anything else."""
    if isinstance(value, bool):
        return value
    raise Unusable("something else stands where true or false belongs")


def as_whole(value: Value) -> int:
    """Give a whole number. Raises `Unusable` for anything else."""
    # To JSON Schema, 7.0 is an integer too, and true is none.
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return int(value)
    raise Unusable("something else stands where a whole number belongs")


def as_count(value: Value, least: int = 0) -> int:
    """Give a whole number of at least `least`. Raises `Unusable` for anything else."""
    number = as_whole(value)
    if number >= least:
        return number
    raise Unusable(f"a number is less than {least}")


def as_number(value: Value) -> float:
    """Give a number of 0 or more. Raises `Unusable` for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise Unusable("something else stands where a number of 0 or more belongs")


@cache
def _words(kind: type[_Word]) -> Mapping[str, _Word]:
    return {word.value: word for word in kind}


def as_word(kind: type[_Word], value: Value) -> _Word:
    """Give the member that a word stands for. Raises `Unusable` for anything else."""
    word: _Word | None = _words(kind).get(as_text(value))
    if word is None:
        raise Unusable("a word has no meaning where it stands")
    return word


def as_time(value: Value) -> datetime:
    """Give a time. Raises `Unusable` for anything else."""
    try:
        at = datetime.fromisoformat(as_text(value))
        if at.utcoffset() is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unusable("a time isn't written as 2026-11-23T17:05:00Z")


def as_time_or_none(value: Value) -> datetime | None:
    """Give a time or None. Raises `Unusable` for anything else."""
    return None if value is None else as_time(value)
