"""Refreshes of many email setups: calls, time, memory and bytes, against the sandbox's SES.

A setup here is a tenant, a domain identity, their association and a configuration set with one of its own; the ceiling
of an account and region is 10,000 of each. `plan` is the real command in a process of its own, with the sandbox in
another; the calls are those of the sandbox's journal. The time under AWS's quotas is that of the real refresh, pacer
and provider in virtual time.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path

from benchmarks.measuring import CPU, PEAK, Case, Desk, Section, Target, tell

REGIONS = (1, 2)
MOST_SETUPS = 10_000
RATE = 1.0
CALLS = 500
"""What a shallow refresh of 10,000 setups may cost (design, section 10)."""
DEEP_SETUPS = 250
"""A deep refresh reads each resource by itself: four calls a setup and two a use case."""


def cases(desk: Desk) -> Iterator[Case]:
    """Give shallow refreshes at each size that an account and region can hold, and a deep one of few."""
    for size in (size for size in desk.sizes if size <= MOST_SETUPS):
        for regions in REGIONS:
            folder = desk.folder / f"refresh-{size}-{regions}"
            desk.prepare("benchmarks.seeding", folder, size, regions)
            where = "one region" if regions == 1 else f"{regions} regions"
            yield from _both(desk, f"shallow refresh, setups in {where}", size, folder, "shallow")
    folder = desk.folder / "refresh-deep"
    desk.prepare("benchmarks.seeding", folder, DEEP_SETUPS, 1)
    yield from _both(desk, "deep refresh", DEEP_SETUPS, folder, "deep")


def _both(desk: Desk, what: str, size: int, folder: Path, mode: str) -> Iterator[Case]:
    case = partial(Case, size=size, folder=folder, rounds=1 if desk.quick else 3)
    limits = [Target(CALLS, "calls")] if size == MOST_SETUPS else []
    command = desk.module("benchmarks.refresh", "plan", folder, mode)
    yield case(f"plan, {what}", command=command, targets=limits, seconds_of="plan_seconds")
    command = desk.module("benchmarks.refresh", "paced", folder, mode)
    yield case(
        f"{what}, at 1 request/s of each operation", command=command, rounds=1, seconds_of="virtual_seconds"
    )


SECTION = Section("refresh", cases, shown=(CPU, "calls", "busiest_calls", "received_bytes"))


@contextmanager
def sandbox_of(folder: Path) -> Iterator[Mapping[str, str]]:
    """Serve a folder's sandbox from another process, and give the environment that leads there.

    The process isn't waited for: its memory would count as this one's.
    """
    command = [sys.executable, "-m", "chanplan.sandbox", "--directory", str(folder / ".chanplan/sandbox")]
    served = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert served.stdin is not None
    assert served.stdout is not None
    try:
        yield json.loads(served.stdout.readline())["environment"]
    finally:
        served.stdin.close()


def measure_plan(folder: Path, mode: str) -> None:
    """Run `chanplan plan` in this process, and tell its figures."""
    from chanplan.cli.main import run

    with sandbox_of(folder) as environment, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.environ.update(environment)
        os.chdir(folder)
        started, worked = time.perf_counter(), time.process_time()
        with redirect_stdout(nowhere):
            code = run(["plan", "--refresh", mode, "--detailed-exitcode"])
        seconds, processor = time.perf_counter() - started, time.process_time() - worked
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if code:
            raise SystemExit(f"the plan isn't empty: exit code {code}")
        calls = calls_of(folder)
    busiest = max(calls.values())
    tell(plan_seconds=seconds, calls=calls.total(), busiest_calls=busiest, **{PEAK: peak, CPU: processor})
    for operation, number in sorted(calls.items()):
        print(f"{operation}: {number}")


def calls_of(folder: Path) -> Counter[str]:
    """Give the calls of a sandbox's journal by operation and region, and forget them."""
    from chanplan.sandbox.controls import Controls

    with Controls(folder / ".chanplan/sandbox") as controls:
        calls = Counter(f"{call.operation} in {call.region}" for call in controls.calls())
        controls.clear_calls()
    return calls


def measure_paced(folder: Path, mode: str) -> None:
    """Refresh in virtual time, with AWS's quotas and round trips, and tell how long that took and what came over the wire."""
    from benchmarks.quiet_time import QuietClock, QuietPacer
    from chanplan.app.wiring import open_store
    from chanplan.config.loader import load_configuration
    from chanplan.execution.pacing import TokenPacer, Unmeasured
    from chanplan.execution.refresh import refresh
    from chanplan.model.plans import RefreshMode
    from chanplan.planning.estimate import SECONDS_PER_CALL
    from chanplan.providers.dns.checker import DnsRecordChecker
    from chanplan.providers.ses.clients import Clients
    from chanplan.providers.ses.provider import SesProvider

    configuration = load_configuration(folder / "chanplan.yaml", {})
    received = Counter[str]()

    def hear(http_response: object, **_: object) -> None:
        received["bytes"] += len(http_response.content)  # type: ignore[attr-defined]

    with sandbox_of(folder) as environment, QuietClock() as clock:
        os.environ.update(environment)
        pacer = TokenPacer(clock, Unmeasured(), lambda _scope, _operation: RATE)
        aliases = configuration.providers.ses
        clients = Clients(aliases)
        for alias in aliases.values():
            for service in ("sesv2", "ses"):
                clients.client(alias, service).meta.events.register("after-call", hear)
        provider = SesProvider(
            aliases,
            configuration.workspace,
            QuietPacer(pacer, clock, SECONDS_PER_CALL),
            clock,
            clients=clients,
        )
        store = open_store(configuration, {})
        reading = refresh(
            configuration,
            store.load(),
            {"ses": provider},
            DnsRecordChecker((environment["CHANPLAN_DNS_NAMESERVERS"],), clock, Unmeasured()),
            clock,
            RefreshMode(mode),
            lambda _event: None,
        )
        seconds = clock.monotonic()
        store.close()
        provider.close()
        if reading.unreadable or reading.gone:
            raise SystemExit(f"not all was read: {reading.unreadable or reading.gone}")
        calls = calls_of(folder)
    tell(
        virtual_seconds=seconds,
        calls=calls.total(),
        busiest_calls=max(calls.values()),
        received_bytes=received["bytes"],
    )


def main() -> None:
    """Measure one: `plan FOLDER MODE` or `paced FOLDER MODE`."""
    what, folder, mode = sys.argv[1:]
    {"plan": measure_plan, "paced": measure_paced}[what](Path(folder), mode)


if __name__ == "__main__":
    main()
