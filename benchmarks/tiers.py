"""Judging the tiers of many email use cases: calls, time and memory, against the sandbox's SES.

Each use case has a configuration set and a tenant of its own, and a month of mail; VDM is on. `gather` asks for the evidence alone,
`evaluate` is the real command. The time under AWS's quotas is that of the real provider and pacer in virtual time.
"""

import os
import random
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import CPU, PEAK, Case, Desk, Section, tell
from benchmarks.refresh import calls_of, sandbox_of

if TYPE_CHECKING:
    from chanplan.model.mail_evidence import Gathered, MailSender
    from chanplan.model.scopes import Scope
    from chanplan.model.snapshots import Snapshot

SANDBOX = ".chanplan/sandbox"
MOST_SETUPS = 10_000
DAYS = 31


def cases(desk: Desk) -> Iterator[Case]:
    """Give the evidence and the judgement at each size that an account and region can hold."""
    for size in (size for size in desk.sizes if size <= MOST_SETUPS):
        folder = desk.folder / f"tiers-{size}"
        desk.prepare("benchmarks.seeding", folder, size, 1)
        desk.prepare("benchmarks.tiers", "mail", folder)
        case = partial(Case, size=size, folder=folder, rounds=1 if desk.quick else 3)
        for what, named in (("gather", "evidence of mail"), ("evaluate", "tiers evaluate")):
            yield case(
                named, command=desk.module("benchmarks.tiers", what, folder), seconds_of="gather_seconds"
            )
        paced = desk.module("benchmarks.tiers", "paced", folder)
        yield case("evidence of mail, at AWS's quotas", command=paced, rounds=1, seconds_of="virtual_seconds")


SECTION = Section("tiers", cases, shown=(CPU, "calls", "busiest_calls"))


def send_mail(folder: Path) -> None:
    """Give each set of a seeded sandbox a month of mail, and turn VDM on."""
    from chanplan.sandbox.services.ses import account, names
    from chanplan.sandbox.state import clock, mail
    from chanplan.sandbox.state.mail import DAY, Counts, MailDay
    from chanplan.sandbox.state.storage import Scope, Storage

    lots = random.Random(11)
    storage = Storage(folder / SANDBOX)
    with storage.transaction() as state:
        now = clock.now(state)
        today = int(now // DAY)
        found = state.execute(
            "SELECT account, region, key FROM objects WHERE kind = ? ORDER BY key", (names.CONFIGURATION_SET,)
        ).fetchall()
        for account_id, region, name in found:
            scope = Scope(account_id, region)
            account.set_vdm(state, scope, now, on=True)
            for day in range(today - DAYS + 1, today + 1):
                sends = lots.randrange(500)
                bounces, complaints = sends // 100, int(lots.random() < sends / 5000)
                counts = Counts(sends, sends - bounces, bounces, bounces, complaints)
                mail.put(state, scope, MailDay(name, day, "", "", counts))
    storage.close()


def measure_gather(folder: Path) -> None:
    """Ask for the evidence of all senders, without quotas."""
    from chanplan.app.wiring import open_workspace

    with sandbox_of(folder) as environment:
        os.environ.update(environment)
        with open_workspace(folder / "chanplan.yaml", dict(os.environ)) as workspace:
            senders = _senders(workspace.store.load())
            today = datetime.now(UTC).date()
            started, worked = time.perf_counter(), time.process_time()
            for scope, some in senders.items():
                gathered = workspace.mail_evidence["ses"].gather(
                    scope, some, today - timedelta(DAYS - 1), today
                )
                _check(gathered, len(some))
            _tell_figures(started, worked, folder)


def measure_evaluate(folder: Path) -> None:
    """Run `chanplan tiers evaluate` in this process."""
    from chanplan.cli.main import run

    with sandbox_of(folder) as environment, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.environ.update(environment)
        os.chdir(folder)
        started, worked = time.perf_counter(), time.process_time()
        with redirect_stdout(nowhere):
            code = run(["tiers", "evaluate"])
        if code:
            raise SystemExit(f"not all was judged: exit code {code}")
        _tell_figures(started, worked, folder)


def _tell_figures(started: float, worked: float, folder: Path) -> None:
    seconds, processor = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    calls = calls_of(folder)
    tell(
        gather_seconds=seconds,
        calls=calls.total(),
        busiest_calls=max(calls.values()),
        **{PEAK: peak, CPU: processor},
    )
    for operation, number in sorted(calls.items()):
        print(f"{operation}: {number}")


def measure_paced(folder: Path) -> None:
    """Ask in virtual time, with AWS's quotas and round trips."""
    from benchmarks.quiet_time import QuietClock, QuietPacer
    from chanplan.app.wiring import open_store
    from chanplan.config.loader import load_configuration
    from chanplan.execution.pacing import TokenPacer, Unmeasured
    from chanplan.planning.estimate import SECONDS_PER_CALL
    from chanplan.providers.ses.limits import OWN_RATE, OWN_RATES
    from chanplan.providers.ses.provider import SesProvider

    configuration = load_configuration(folder / "chanplan.yaml", {})
    store = open_store(configuration, {})
    senders = _senders(store.load())
    store.close()
    today = datetime.now(UTC).date()
    with sandbox_of(folder) as environment, QuietClock() as clock:
        os.environ.update(environment)
        pacer = TokenPacer(clock, Unmeasured(), lambda _scope, operation: OWN_RATES.get(operation, OWN_RATE))
        paced = QuietPacer(pacer, clock, SECONDS_PER_CALL)
        provider = SesProvider(configuration.providers.ses, configuration.workspace, paced, clock)
        for scope, some in senders.items():
            _check(provider.mail.gather(scope, some, today - timedelta(DAYS - 1), today), len(some))
        seconds = clock.monotonic()
        provider.close()
        calls = calls_of(folder)
    tell(virtual_seconds=seconds, calls=calls.total(), busiest_calls=max(calls.values()))


def _senders(snapshot: "Snapshot") -> "Mapping[Scope, Sequence[MailSender]]":
    from chanplan.app.tier_gathering import sender_of
    from chanplan.planning.tier_plan import email_use_cases

    found: dict[Scope, list[MailSender]] = {}
    for each in email_use_cases(snapshot):
        found.setdefault(each.scope, []).append(sender_of(each, snapshot))
    return found


def _check(gathered: "Gathered", senders: int) -> None:
    if len(gathered.metrics) != senders or len(gathered.standings) != senders or gathered.problems:
        raise SystemExit(f"not all was told: {len(gathered.metrics)} of {senders}, {gathered.problems}")


def main() -> None:
    """Send or measure: `mail FOLDER`, `gather FOLDER`, `evaluate FOLDER` or `paced FOLDER`."""
    what, folder = sys.argv[1:]
    measures = {
        "mail": send_mail,
        "gather": measure_gather,
        "evaluate": measure_evaluate,
        "paced": measure_paced,
    }
    measures[what](Path(folder))


if __name__ == "__main__":
    main()
