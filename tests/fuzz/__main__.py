"""Fuzzes for as long as it is asked to, or runs one case again: `script/fuzz --help`."""

import argparse
import multiprocessing
import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.cases import CI_CASES, CI_SEED, Case, numbers_of, run
from tests.fuzz.readers import READERS
from tests.fuzz.tally import summary

BATCH = 500


def main() -> int:
    """Run what the command line asks for; gives the exit code."""
    parser = argparse.ArgumentParser(prog="script/fuzz", description="Spoils files and has them read.")
    parser.add_argument("--cases", type=int, default=CI_CASES, help="how many, over all readers")
    parser.add_argument("--seed", type=int, default=CI_SEED, help="another seed spoils other files")
    parser.add_argument("--reader", choices=sorted(READERS), help="this one alone")
    parser.add_argument("--case", type=int, help="run this case of --reader alone")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the input of --case here")
    asked = parser.parse_args()
    if asked.case is not None:
        if asked.reader is None:
            parser.error("--case needs --reader")
        return again(Case(asked.reader, asked.seed, asked.case), asked.keep)
    return fuzz(asked.cases, asked.seed, asked.reader)


def again(case: Case, keep: Path | None) -> int:
    """Run one case in this process, with its traceback."""
    if keep is not None:
        keep.write_bytes(case.data())
    with TemporaryDirectory() as folder:
        print(*run([case], Path(folder)))
    return 0


def fuzz(total: int, seed: int, only: str | None) -> int:
    """Run many cases on all processors, and tell each failure once per place in the code."""
    answers: dict[str, Counter[str]] = {name: Counter() for name in READERS}
    failures: dict[str, str] = {}
    # A process that dies breaks this pool, where another would wait for it forever.
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for reader, counted, failed in pool.map(batch, batches(total, seed, only)):
            answers[reader] += counted
            for place, told in failed.items():
                if place not in failures:
                    print(told, file=sys.stderr, flush=True)
                failures.setdefault(place, told)
    print(*summary({name: dict(counted) for name, counted in answers.items() if counted}), sep="\n")
    print(f"{len(failures)} failures, each at another place")
    return 1 if failures else 0


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


if __name__ == "__main__":
    sys.exit(main())
