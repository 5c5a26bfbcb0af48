"""Cases in pieces for several processes; apart from the command, since a spawned process doesn't import `__main__`."""

import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.cases import Case, numbers_of, run
from tests.fuzz.readers import READERS

BATCH = 500


def batches(total: int, seed: int, only: str | None) -> Iterator[tuple[str, int, range]]:
    """Give the cases in pieces: a reader, the seed, and numbers."""
    for name in READERS:
        if only in (None, name):
            count = len(numbers_of(name, total)) if only is None else total
            for first in range(0, count, BATCH):
                yield name, seed, range(first, min(first + BATCH, count))


def batch(piece: tuple[str, int, range]) -> tuple[str, Counter[str], dict[str, str]]:
    """Run a piece, and give what became of it, with the failures by their place in the code."""
    reader, seed, numbers = piece
    answers: Counter[str] = Counter()
    failures: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        for number in numbers:
            try:
                answers += run([Case(reader, seed, number)], Path(folder))
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                last = traceback.extract_tb(error.__traceback__)[-1]
                answers["failed"] += 1
                place = f"{type(error).__name__} {last.filename}:{last.lineno}"
                failures.setdefault(place, "".join(traceback.format_exception(error, limit=-6)))
    return reader, answers, failures
