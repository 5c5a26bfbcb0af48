"""Whatever stands in a file, each reader takes it or says what is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.cases import CI_CASES, CI_SEED, Case, numbers_of, run
from tests.fuzz.readers import READERS, VALID
from tests.fuzz.tally import PREFIX

BATCH = 250
"""Cases of one test, so that several workers share them."""


@pytest.mark.parametrize(
    "reader, name", [(reader.name, name) for reader in READERS.values() for name, _ in reader.corpus()]
)
def test_files_that_are_kept(reader: str, name: str, tmp_path: Path) -> None:
    """Each file of the corpus gets an answer: the valid, the nasty, and those that once crashed a reader."""
    data = dict(READERS[reader].corpus())[name]

    answer = READERS[reader].read(data, tmp_path)

    assert (answer == "taken") is name.startswith(VALID)


@pytest.mark.parametrize(
    "reader, first",
    [(reader, first) for reader in READERS for first in numbers_of(reader, CI_CASES)[::BATCH]],
)
def test_files_that_are_spoiled(
    reader: str, first: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Each spoiled file gets an answer, the same one twice."""
    numbers = numbers_of(reader, CI_CASES)[first : first + BATCH]

    answers = run((Case(reader, CI_SEED, number) for number in numbers), tmp_path)

    record_property(PREFIX + reader, dict(answers))
    assert answers.total() == len(numbers)
