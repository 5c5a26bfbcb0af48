"""Time and peak memory of whole commands, as a Markdown table: `script/bench [SIZE …]`."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workspaces import remember_all, write_configuration

ROUNDS = 5
CHANPLAN = Path(sys.executable).with_name("chanplan")


@dataclass(frozen=True, slots=True)
class Measured:
    """Several runs of one command."""

    seconds: tuple[float, ...]
    peak_mib: float


def measure(folder: Path, *arguments: str) -> Measured:
    """Run a command several times in a folder. Raises when it fails."""
    seconds, peak = [], 0.0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        process = subprocess.Popen([CHANPLAN, *arguments], cwd=folder, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"chanplan {' '.join(arguments)} exited with {process.returncode}")
        peak = max(peak, usage.ru_maxrss / 1024)
    return Measured(tuple(seconds), peak)


def row(what: str, measured: Measured) -> str:
    """One line of the table."""
    low, high = min(measured.seconds), max(measured.seconds)
    middle = statistics.median(measured.seconds)
    return f"| {what} | {middle:.2f} s ({low:.2f} to {high:.2f}) | {measured.peak_mib:.0f} MiB |"


def main() -> None:
    """Measure at each size that was asked for."""
    sizes = [int(text) for text in sys.argv[1:]] or [1_000, 10_000]
    print(f"{ROUNDS} runs each; median (fastest to slowest); peak resident memory\n")
    print("| command | time | memory |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="chanplan-bench-") as name:
        folder = Path(name)
        print(row("`--help`", measure(folder, "--help")))
        print(row("`--version`", measure(folder, "--version")))
        for size in sizes:
            there = folder / str(size)
            root = write_configuration(there, size)
            print(row(f"`validate`, {size:,} resources", measure(there, "validate")))
            print(row(f"`plan --refresh none`, {size:,} new", measure(there, "plan", "--refresh", "none")))
            remember_all(root)
            print(
                row(f"`plan --refresh none`, {size:,} unchanged", measure(there, "plan", "--refresh", "none"))
            )


if __name__ == "__main__":
    main()
