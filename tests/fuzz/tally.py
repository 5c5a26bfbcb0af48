"""Counts, in a few lines."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.fuzz.answers import TAKEN

PREFIX = "fuzzed "
"""Of the property under which a test reports its counts."""


def summary(answers: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Write how many files each reader was given, and what became of them."""
    lines = [
        f"fuzzed {reader}: {sum(counts.values()):,} inputs, {counts.get(TAKEN, 0):,} taken, "
        f"the others refused with {len([word for word in counts if word != TAKEN])} codes"
        for reader, counts in answers.items()
    ]
    return [*lines, f"fuzzed in all: {sum(sum(counts.values()) for counts in answers.values()):,} inputs"]


def added(properties: Iterable[tuple[str, object]]) -> dict[str, Counter[str]]:
    """Add up what tests reported."""
    answers: dict[str, Counter[str]] = {}
    for name, counts in properties:
        if name.startswith(PREFIX) and isinstance(counts, Mapping):
            answers.setdefault(name.removeprefix(PREFIX), Counter()).update(counts)
    return answers
