"""Applies at 1 request/s of each operation, against the sandbox's SES in virtual time: the lower bound, what they take,
and how good the plan's estimate was."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import CPU, Case, Desk, Section, Target, tell
from benchmarks.quota_rig import SES, WORKSPACE, Rig, shapes

SETUPS = 200
MOST = 1.15
"""How much longer than the lower bound an apply may take (design, section 10)."""


def cases(desk: Desk) -> Iterator[Case]:
    """Give every shape. Virtual time is exact, so once is enough."""
    for number, shape in enumerate(shapes(SETUPS)):
        folder = desk.folder / f"quotas-{number}"
        folder.mkdir()
        large = max(len(shape.before), len(shape.after)) >= SETUPS
        yield Case(
            shape.name,
            max(len(shape.before), len(shape.after)),
            desk.module("benchmarks.quotas", folder, number),
            folder,
            rounds=1,
            targets=[Target(MOST, "ratio"), Target(15, "error_percent")]
            if large
            else [Target(15, "error_percent")],
            seconds_of="virtual_seconds",
        )


SECTION = Section(
    "quotas", cases, shown=(CPU, "lower_bound_seconds", "ratio", "estimate_seconds", "error_percent", "calls")
)


def measure(folder: Path, number: int) -> None:
    """Apply one shape, and tell its figures. Raises `SystemExit` when the estimate's calls aren't those made."""
    import boto3.session

    from chanplan.model.configuration import SesAlias
    from chanplan.providers.ses.provider import SesProvider
    from chanplan.sandbox.controls import Controls
    from chanplan.sandbox.server import Sandbox
    from chanplan.stores.memory import MemoryStore

    with Sandbox(folder / "sandbox") as sandbox, Controls(folder / "sandbox") as controls:
        os.environ.update(sandbox.environment())
        controls.run_clock_at(0)
        boto3.session.Session().client("ses", region_name=SES.region).create_receipt_rule_set(
            RuleSetName="inbound"
        )
        alias = SesAlias(SES.alias, str(SES.region), account_id=SES.account)
        rig = Rig(
            MemoryStore(), lambda pacer, clock: SesProvider({SES.alias: alias}, WORKSPACE, pacer, clock)
        )
        found = rig.measure(shapes(SETUPS)[number])
    if found.calls != found.estimated_calls:
        raise SystemExit(f"{found.estimated_calls} calls were estimated, and {found.calls} made")
    tell(
        virtual_seconds=found.seconds,
        lower_bound_seconds=found.bound,
        ratio=found.ratio,
        estimate_seconds=found.estimate,
        error_percent=100 * abs(found.error),
        calls=found.calls,
    )


if __name__ == "__main__":
    measure(Path(sys.argv[1]), int(sys.argv[2]))
