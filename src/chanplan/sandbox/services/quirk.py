"""One line of a table of quirks: what an imitated service does that its public reference doesn't say, or says otherwise."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Quirk(Generic[T]):
    """One fact: the value that the code uses, what it means and who says so."""

    value: T
    means: str
    source: str
