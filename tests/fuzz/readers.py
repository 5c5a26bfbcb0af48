"""All readers of what was in somebody's hands, with the files that each is tried on.

A reader gives one word for what became of an input (`taken`, or the code of an error of ours) and raises for what
may never be: another exception, an error without code or remedy, two answers to one question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.fuzz.mutations import BYTES, JSON, TEXT, Mutation
from tests.fuzz.reading_configurations import read_configuration
from tests.fuzz.reading_outcomes import outcome_files, read_outcome
from tests.fuzz.reading_plans import plan_files, read_plan
from tests.fuzz.reading_states import (
    change_rows,
    databases,
    read_database,
    read_document,
    read_recovery,
    recovery_files,
    state_documents,
)
from tests.fuzz.reading_words import read_words

CORPUS = Path(__file__).parent / "corpus"
VALID = ("valid", "made")
"""How the names of files begin that a reader takes."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One way in."""

    name: str
    share: int
    """Its part of every hundred cases."""
    mutations: Sequence[Mutation]
    read: Callable[[bytes, Path], str]
    """Looks at a file of these bytes; the folder is its own."""
    made: Callable[[], list[bytes]] = list
    """Makes valid files, where code writes them."""

    def corpus(self) -> list[tuple[str, bytes]]:
        """Give its files, each with its name: those that are kept, and those that are made."""
        return _corpus(self)


@cache
def _corpus(reader: Reader) -> list[tuple[str, bytes]]:
    folder = CORPUS / reader.name.replace(" ", "-")
    kept = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*"))]
    return [*kept, *((f"made-{number}", data) for number, data in enumerate(reader.made()))]


READERS = {
    reader.name: reader
    for reader in (
        Reader("configuration", 25, TEXT, read_configuration),
        Reader("plan", 25, JSON, read_plan, plan_files),
        Reader("state document", 20, JSON, read_document, state_documents),
        Reader("state database", 10, (*BYTES, *[change_rows] * 8), read_database, databases),
        Reader("recovery file", 10, JSON, read_recovery, recovery_files),
        Reader("outcome", 5, JSON, read_outcome, outcome_files),
        Reader("words", 5, TEXT, read_words),
    )
}
