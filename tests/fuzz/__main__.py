"""Fuzzes for as long as it is asked to, or runs one case again: `script/fuzz --help`."""

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.batches import batch, batches
from tests.fuzz.cases import CI_CASES, CI_SEED, Case, run
from tests.fuzz.readers import READERS
from tests.fuzz.tally import summary


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


if __name__ == "__main__":
    sys.exit(main())
