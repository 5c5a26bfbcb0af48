"""Measurements as Markdown tables, and their places in `docs/performance.md`."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.measuring import CPU, PEAK, SECONDS, Measurement, Target

OURS = "chanplan"
GROWTH = 12.0
"""By how much anything may grow, at most, when its size grows tenfold (design, section 10)."""
_SHORT = 0.1
"""Seconds below which a growth says nothing: it is the start of a process that grows."""


def table(measurements: Iterable[Measurement], shown: Sequence[str]) -> str:
    """Give one line for each case."""
    heads = ["what", "size", "tool", "time", "peak memory", *(_heading(figure) for figure in shown), "target"]
    rows = []
    for each in measurements:
        case = each.case
        row = [case.what, f"{case.size:,}" if case.size else "", case.tool, _time(each)]
        row += [_value(figure, each.median(figure)) for figure in (PEAK, *shown)]
        row.append("; ".join(_verdict(each, target) for target in case.targets))
        rows.append(row)
    return _markdown(heads, rows)


def growth(measurements: Sequence[Measurement]) -> str:
    """Give, for each of our cases, how its time grew from size to size."""
    ours = [each for each in measurements if each.case.tool == OURS and each.samples]
    sizes_of: dict[str, set[int]] = {}
    for each in ours:
        sizes_of.setdefault(each.case.what, set()).add(each.case.size)
    sizes = sorted({size for several in sizes_of.values() if len(several) > 1 for size in several if size})
    steps = list(pairwise(sizes))
    heads = ["what", *(f"{small:,} → {large:,}" for small, large in steps), "target"]
    rows = []
    for what in dict.fromkeys(each.case.what for each in ours):
        by_size = {each.case.size: each for each in ours if each.case.what == what}
        ratios = [_growth(by_size.get(small), by_size.get(large)) for small, large in steps]
        if any(ratios):
            met = all(
                ratio <= GROWTH * large / small / 10
                for ratio, (small, large) in zip(ratios, steps, strict=True)
                if ratio
            )
            rows.append(
                [
                    what,
                    *(f"{ratio:.1f}" if ratio else "" for ratio in ratios),
                    f"≤ {GROWTH:.0f}: {_word(met=met)}",
                ]
            )
    return _markdown(heads, rows)


def against_peers(measurements: Sequence[Measurement]) -> str:
    """Give, for each case of another tool, how many times chanplan's time and memory it took."""
    rows = []
    ours = {(each.case.what, each.case.size): each for each in measurements if each.case.tool == OURS}
    for each in measurements:
        case = each.case
        own = ours.get((case.what, case.size))
        if case.tool == OURS or own is None:
            continue
        rows.append(
            [
                case.what,
                f"{case.size:,}" if case.size else "",
                case.tool,
                _time(each),
                _time(own),
                _times(each.median(SECONDS), own.median(SECONDS)),
                _times(each.median(PEAK), own.median(PEAK)),
            ]
        )
    return _markdown(["what", "size", "tool", "its time", "chanplan's", "time", "memory"], rows)


def machine() -> str:
    """Name the machine that this runs on."""
    return _markdown(
        ["", ""],
        [
            ["processor", f"{_from_proc('cpuinfo', 'model name')}, {os.cpu_count()} cores"],
            ["memory", f"{int(_from_proc('meminfo', 'MemTotal').split()[0]) / 1024**2:.0f} GiB"],
            ["system", f"{platform.system()} {platform.release()}"],
            ["Python, SQLite", f"{platform.python_version()}, {sqlite3.sqlite_version}"],
        ],
    )


def put(document: Path, name: str, text: str) -> None:
    """Put a text between its marks in a document, and leave the rest alone. Raises `SystemExit` without the marks."""
    whole = document.read_text("utf-8")
    start, end = f"<!-- bench: {name} -->\n", "<!-- /bench -->"
    before, mark, rest = whole.partition(start)
    _, close, after = rest.partition(end)
    if not mark or not close:
        raise SystemExit(f"{document} has no place for {name}: put {start.strip()} and {end} there")
    document.write_text(f"{before}{start}{text}{close}{after}", encoding="utf-8")


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _time(measurement: Measurement) -> str:
    middle = measurement.median(SECONDS)
    if middle is None:
        return f"{'failed: ' if measurement.failed else ''}{' '.join(str(measurement.failure).split())}"
    low, high = measurement.spread(SECONDS)
    if len(measurement.samples) == 1:
        return f"{_seconds(middle)} (once)"
    return f"{_seconds(middle)} ({_seconds(low)} to {_seconds(high)})"


def _seconds(value: float) -> str:
    if value < 0.03:
        return f"{value * 1000:.1f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def _value(figure: str, value: float | None) -> str:
    if value is None:
        return ""
    if figure.endswith("seconds"):
        return _seconds(value)
    if not figure.endswith("bytes"):
        return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
    if value < 100 * 1024:
        return f"{value:,.0f} B"
    return f"{value / 1024**2:.1f} MiB" if value < 10 * 1024**2 else f"{value / 1024**2:,.0f} MiB"


def _heading(figure: str) -> str:
    if figure == CPU:
        return "processor time"
    return figure.removesuffix("_bytes").removesuffix("_seconds").replace("_", " ")


def _verdict(measurement: Measurement, target: Target) -> str:
    return f"≤ {_value(target.figure, target.at_most)}: {_word(met=measurement.meets(target))}"


def _word(*, met: bool) -> str:
    return "met" if met else "**missed**"


def _growth(small: Measurement | None, large: Measurement | None) -> float | None:
    if small is None or large is None:
        return None
    less, more = small.median(SECONDS), large.median(SECONDS)
    return None if less is None or more is None or less < _SHORT else more / less


def _times(theirs: float | None, own: float | None) -> str:
    return "" if theirs is None or not own else f"{theirs / own:.1f} times"


def _from_proc(name: str, key: str) -> str:
    for line in Path(f"/proc/{name}").read_text("utf-8").splitlines():
        if line.startswith(key):
            return line.partition(":")[2].strip()
    return "unknown"
