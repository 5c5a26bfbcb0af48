"""Running things in processes of their own, in turn, and what the kernel says about them."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SECONDS, CPU, PEAK, WRITTEN = "seconds", "cpu_seconds", "peak_bytes", "written_bytes"
"""What is measured of every process; bytes written are those it gave to write(2) and its like, but for its output."""
_TOLD = "bench: "
_QUOTED = 300
"""Characters of a failed command's output that its error shows."""
_PATIENCE = 900.0
"""Seconds after which a process is taken to hang, and killed; the longest takes a third of it on a quiet machine."""


def tell(**figures: float) -> None:
    """Tell the process that measures this one figures that only this one knows."""
    print(_TOLD + json.dumps(figures), flush=True)


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure of a case must not exceed."""

    at_most: float
    figure: str = SECONDS


@dataclass(frozen=True, slots=True)
class Case:
    """One command at one size."""

    what: str
    size: int
    """Resources, or records of octoDNS."""
    command: Sequence[str]
    folder: Path
    """Where it runs."""
    tool: str = "chanplan"
    rounds: int = 3
    reset: Callable[[], object] = nothing
    """Run before each round, unmeasured; it shouldn't make this process grow."""
    targets: Sequence[Target] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    exits: Sequence[int] = (0,)
    seconds_of: str = SECONDS
    """A figure that the process tells and that counts as its time, instead of all that it took."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """All rounds of a case."""

    case: Case
    samples: Sequence[Mapping[str, float]]
    """Figures by name, one mapping for each round that went well."""
    failure: OSError | None = None
    """Why the first round that failed did, `FileNotFoundError` when the tool isn't there; there are no more rounds
    after it."""

    @property
    def failed(self) -> bool:
        """Whether something went wrong; that a tool isn't on this machine isn't wrong."""
        return self.failure is not None and not isinstance(self.failure, FileNotFoundError)

    def median(self, figure: str) -> float | None:
        """Give the median of a figure, None where it wasn't measured."""
        values = [sample[figure] for sample in self.samples if figure in sample]
        return statistics.median(values) if values else None

    def spread(self, figure: str) -> tuple[float, float]:
        """Give the least and the greatest value of a figure that was measured."""
        values = [sample[figure] for sample in self.samples if figure in sample]
        return min(values), max(values)

    def meets(self, target: Target) -> bool:
        """Say whether the median is within a target; a case that failed isn't."""
        value = self.median(target.figure)
        return self.failure is None and value is not None and value <= target.at_most


@dataclass(frozen=True, slots=True)
class Desk:
    """Where and how a run of benchmarks takes place."""

    folder: Path
    """For everything that cases need and leave."""
    sizes: Sequence[int]
    quick: bool = False
    """One round each: to see that everything works."""

    @property
    def chanplan(self) -> str:
        """The command."""
        return str(Path(sys.executable).with_name("chanplan"))

    def module(self, name: str, *arguments: object) -> tuple[str, ...]:
        """Give the command that runs one of our modules."""
        return (sys.executable, "-m", name, *map(str, arguments))

    def rounds(self, size: int) -> int:
        """Say how often to repeat at a size: what takes long is hardly moved by what else the machine does."""
        if self.quick:
            return 1
        return 3 if size <= 10_000 else 1

    def prepare(self, module: str, *arguments: object) -> None:
        """Run a module in a process of its own, unmeasured. Raises `ChildProcessError` when it fails."""
        command = self.module(module, *arguments)
        if subprocess.run(command, check=False).returncode:
            raise ChildProcessError(f"could not prepare: {_brief(command)}")


@dataclass(frozen=True, slots=True)
class Section:
    """Cases that make one table of the report."""

    name: str
    cases: Callable[[Desk], Iterable[Case]]
    shown: Sequence[str] = (CPU, WRITTEN)
    """Figures beside time and peak memory that get a column each. Those ending in `bytes` are written as such."""


def measured(cases: Iterable[Case]) -> Iterator[Measurement]:
    """Run cases; those of one name and size that follow each other in turn. What can't be prepared ends it with its
    `OSError`, once what came before is measured."""
    group: list[Case] = []
    unprepared = None
    following = iter(cases)
    while True:
        try:
            case = next(following, None)
        except OSError as error:
            case, unprepared = None, error
        if group and (case is None or (case.what, case.size) != (group[0].what, group[0].size)):
            yield from _in_turn(group)
            group = []
        if case is None:
            break
        group.append(case)
    if unprepared is not None:
        raise unprepared


def _in_turn(group: Sequence[Case]) -> Iterator[Measurement]:
    samples: list[list[Mapping[str, float]]] = [[] for _ in group]
    failures: list[OSError | None] = [None for _ in group]
    for number in range(max((case.rounds for case in group), default=0)):
        for index, case in enumerate(group):
            if number >= case.rounds or failures[index]:
                continue
            try:
                samples[index].append(run(case))
            except FileNotFoundError as error:
                failures[index] = FileNotFoundError(f"{error.filename} isn't on this machine")
            except OSError as error:
                failures[index] = error
    for index, case in enumerate(group):
        yield Measurement(case, samples[index], failures[index])


def run(case: Case) -> Mapping[str, float]:
    """Run a case once. Raises `ChildProcessError` when it fails."""
    case.reset()
    output = case.folder / ".bench-output"
    started = time.perf_counter()
    with output.open("wb") as sink:
        process = subprocess.Popen(
            case.command,
            cwd=case.folder,
            env={**os.environ, "PYTHONPATH": str(Path.cwd()), **case.environment},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
        patience = threading.Timer(_PATIENCE, process.kill)
        patience.start()
        # The child is looked at between its end and its burial: its counters are complete and still there.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.perf_counter() - started
        written = _written_by(process.pid)
        patience.cancel()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    printed = output.stat().st_size
    told, end = _said_in(output)
    output.unlink()
    if process.returncode not in case.exits:
        raise ChildProcessError(f"{_brief(case.command)} exited with {process.returncode}: {end}")
    figures = {SECONDS: seconds, CPU: usage.ru_utime + usage.ru_stime, PEAK: usage.ru_maxrss * 1024}
    if written is not None:
        figures[WRITTEN] = max(0, written - printed)
    for line in told:
        figures |= json.loads(line.removeprefix(_TOLD))
    figures[SECONDS] = figures[case.seconds_of]
    return figures


def _said_in(output: Path) -> tuple[list[str], str]:
    """The lines that tell figures, and the end of all that was said.

    Line by line: a process counts as its own peak what its parent held when it was started, and a saved plan of
    100,000 changes shown at once would stay in every figure after it.
    """
    told, last = [], ""
    with output.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith(_TOLD):
                told.append(line)
            last = (last + line)[-_QUOTED:]
    return told, last.strip()


def _brief(command: Sequence[str]) -> str:
    return " ".join((Path(command[0]).name, *command[1:3]))


def _written_by(pid: int) -> int | None:
    """Bytes that a process gave to write(2) and its like; None where the kernel doesn't count them."""
    try:
        text = Path(f"/proc/{pid}/io").read_text("ascii")
    except OSError:
        return None
    counters = dict(line.split(": ") for line in text.splitlines())
    return int(counters["wchar"])
