"""`script/bench`: measures every section, or those named, and prints or writes down what it found."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import api, commands, engine, quotas, refresh, report, stores, tiers
from benchmarks.measuring import Desk, Measurement, Section, measured

SECTIONS: Sequence[Section] = (
    commands.SECTION,
    engine.SECTION,
    stores.SECTION,
    refresh.SECTION,
    quotas.SECTION,
    tiers.SECTION,
    api.SECTION,
)
DOCUMENT = Path("docs/performance.md")


def main() -> int:
    """Measure, section after section; what is finished is written at once. Gives 1 when something failed: it says so
    in its place, and the rest goes on."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="chanplan-bench-") as name:
        desk = Desk(Path(name), options.sizes, options.quick)
        chosen = [section for section in SECTIONS if not options.only or section.name in options.only]
        everything: list[Measurement] = []
        unfinished = False
        started = time.monotonic()
        _tell("machine", report.machine(), write=options.write)
        for section in chosen:
            found: list[Measurement] = []
            end = ""
            try:
                for each in measured(section.cases(desk)):
                    found.append(each)
                    _progress(each, time.monotonic() - started)
            except OSError as error:
                end, unfinished = f"\nThe rest failed: {error}\n", True
            _tell(section.name, report.table(found, section.shown) + end, write=options.write)
            everything += found
        # Of a part of the sections, these would say less than what stands there.
        whole = options.write and not options.only
        _tell("growth", report.growth(everything), write=whole)
        _tell("peers", report.against_peers(everything), write=whole)
    return int(unfinished or any(each.failed for each in everything))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measures chanplan and its peers.")
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000], metavar="SIZE")
    parser.add_argument("--quick", action="store_true", help="one round of everything")
    parser.add_argument("--only", action="append", choices=[section.name for section in SECTIONS])
    parser.add_argument("--write", action="store_true", help=f"write the tables into {DOCUMENT}")
    return parser.parse_args()


def _tell(name: str, text: str, *, write: bool) -> None:
    print(f"\n{name}\n\n{text}", flush=True)
    if write:
        report.put(DOCUMENT, name, text)


def _progress(measurement: Measurement, seconds: float) -> None:
    case = measurement.case
    middle = measurement.median("seconds")
    said = measurement.failure if middle is None else f"{middle:.2f} s"
    print(f"{seconds:6.0f} s  {case.tool}: {case.what}, {case.size:,}: {said}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
