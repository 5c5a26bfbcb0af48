"""The apply loop and the SQLite store, over a service in memory: what an apply costs beside its calls.

A process of its own reads a workspace, plans, and carries everything out in two rounds, as life would: setups, then, as
if all domains had been verified meanwhile, the use cases that waited for them.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.commands import PEAKS
from benchmarks.measuring import CPU, WRITTEN, Case, Desk, Section, Target, tell
from benchmarks.peers import terraform

if TYPE_CHECKING:
    from chanplan.model.configuration import Configuration
    from chanplan.ports.store import Store

MORE = 1_000
"""Changes onto states of different sizes."""


def cases(desk: Desk) -> Iterator[Case]:
    """Give applies of everything, and of a thousand changes onto states of every size."""
    for size in desk.sizes:
        folder = desk.folder / f"engine-{size}"
        desk.prepare("benchmarks.workspaces", "declared", folder, size)
        yield Case(
            "apply, all new",
            size,
            desk.module("benchmarks.engine", folder),
            folder,
            rounds=desk.rounds(size),
            reset=partial(_forget, folder),
            targets=[*([Target(60)] if size == 10_000 else []), *([PEAKS[size]] if size in PEAKS else [])],
        )
        yield from terraform.applying(desk, size)
    for size in (0, *desk.sizes):
        folder = desk.folder / f"engine-onto-{size}"
        desk.prepare("benchmarks.workspaces", "partly", folder, size + MORE, size)
        if size:
            shutil.copytree(folder / "state", folder / "kept")
        yield Case(
            f"apply, {MORE:,} new onto a state",
            size,
            desk.module("benchmarks.engine", folder),
            folder,
            rounds=desk.rounds(size),
            reset=partial(_put_back, folder),
        )


def _forget(folder: Path) -> None:
    shutil.rmtree(folder / "state", ignore_errors=True)


def _put_back(folder: Path) -> None:
    _forget(folder)
    if (folder / "kept").exists():
        shutil.copytree(folder / "kept", folder / "state")


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply took, from the start of its runs to their ends."""

    changes: int
    calls: int
    seconds: float
    written: int


def carry_out(configuration: "Configuration", store: "Store", written: Callable[[], int]) -> Applied:
    """Apply a configuration onto what a store remembers; `written` counts bytes."""
    from chanplan.execution.clocks import SystemClock
    from chanplan.execution.engine import Engine
    from chanplan.execution.pacing import TokenPacer, Unmeasured
    from chanplan.execution.stopping import Stop
    from chanplan.model.plans import RefreshMode
    from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType, RecordVerdict
    from chanplan.model.requests import Reading, Request
    from chanplan.model.snapshots import Observation, Run
    from chanplan.planning.estimate import Costs
    from chanplan.planning.moves import with_moves
    from chanplan.planning.planner import make_plan
    from chanplan.providers.memory.facts import VERIFIED
    from chanplan.providers.memory.provider import MemoryProvider
    from chanplan.providers.memory.world import MemoryWorld

    clock, stop, world = SystemClock(), Stop(), MemoryWorld()
    pacer = TokenPacer(clock, Unmeasured(), lambda _scope, _operation: None, stop=stop)
    provider = MemoryProvider(world, pacer, clock, configuration.workspace)
    for resource in store.load().resources.values():
        # Of what is remembered, only pools are used by what is new.
        if resource.address.kind == "sending_pool":
            provider.create(
                configuration.resources[resource.address], resource.id, {}, lambda _what, _facts: None
            )
    record = DnsRecord(Purpose.DMARC, RecordType.TXT, "_dmarc.customer.example", "v=DMARC1; p=none")
    verdicts = (RecordVerdict(record, Outcome.VERIFIED, "It is there."),)
    done, seconds, bytes_written = 0, 0.0, 0
    with store.lock("bench", "bench", 0):
        for number in range(2):
            plan = make_plan(
                configuration,
                with_moves(store.load(), ()),
                Reading(RefreshMode.NONE),
                Request(),
                clock.now(),
                Costs(provider.cost, lambda _scope, _operation: None),
            )
            run = Run(f"run-{number}", "apply", "bench", clock.now(), digest=plan.digest)
            started, before = time.perf_counter(), written()
            store.start_run(configuration.workspace, run)
            engine = Engine(
                store, {"ses": provider}, clock, lambda _event: None, stop, run_id=run.id, parallelism=16
            )
            result = engine.execute(plan)
            store.finish_run(replace(run, finished_at=clock.now(), result=result.word, done=len(result.done)))
            seconds += time.perf_counter() - started
            bytes_written += written() - before
            done += len(result.done)
            made = [step.step.address for step in result.done if step.step.address.kind == "ses_setup"]
            store.observe([Observation(address, clock.now(), VERIFIED, verdicts) for address in made])
    return Applied(done, len(world.calls), seconds, bytes_written)


def main() -> None:
    """Apply the workspace in a folder, and tell what it took."""
    from chanplan.app.wiring import open_store
    from chanplan.config.loader import load_configuration

    configuration = load_configuration(Path(sys.argv[1]) / "chanplan.yaml", {})
    store = open_store(configuration, {})
    applied = carry_out(configuration, store, written_so_far)
    store.close()
    tell(
        changes=applied.changes,
        calls=applied.calls,
        engine_seconds=applied.seconds,
        per_change_bytes=applied.written / applied.changes,
        state_bytes=Path(str(configuration.state)).stat().st_size,
    )


def written_so_far() -> int:
    """Give the bytes that this process gave to write(2) and its like."""
    text = Path("/proc/self/io").read_text("ascii")
    return int(dict(line.split(": ") for line in text.splitlines())["wchar"])


SECTION = Section(
    "engine",
    cases,
    shown=("engine_seconds", CPU, "changes", "calls", WRITTEN, "per_change_bytes", "state_bytes"),
)

if __name__ == "__main__":
    main()
