"""What every answer of a reader must be."""

import re
from collections.abc import Callable
from typing import TypeVar

from chanplan.model.errors import ChanplanError

T = TypeVar("T")

TAKEN = "taken"
"""What became of an input that was no error."""


def check_error(error: ChanplanError) -> None:
    """Insist on an error that a person can act on: a stable code, a sentence, what to do."""
    assert re.fullmatch(r"[a-z0-9_]+", error.code), error.code
    assert error.message
    assert error.remedy, error.message


def answer(read: Callable[[], T]) -> T | tuple[str, str]:
    """Read, and give what was read, or the code and message of an error of ours; any other goes through."""
    try:
        return read()
    except ChanplanError as error:
        check_error(error)
        return error.code, error.message
