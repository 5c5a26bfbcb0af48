"""Whole commands, as a person or CI waits for them, beside the same commands of Terraform and octoDNS."""

from collections.abc import Iterator

from benchmarks.measuring import PEAK, SECONDS, Case, Desk, Section, Target
from benchmarks.peers import octodns, terraform

MIB = 1024**2
PEAKS = {10_000: Target(250 * MIB, PEAK), 100_000: Target(1536 * MIB, PEAK)}
"""Peak memory by the number of resources (design, section 10)."""


def cases(desk: Desk) -> Iterator[Case]:
    """Give the start of the program, and every command at every size."""
    yield from _starting(desk)
    for size in desk.sizes:
        yield from _planning(desk, size)


def _starting(desk: Desk) -> Iterator[Case]:
    for option in ("--help", "--version"):
        command = (desk.chanplan, option)
        yield Case(f"`{option}`", 0, command, desk.folder, rounds=desk.rounds(0), targets=(Target(0.15),))
        if option == "--help":
            yield octodns.starting(desk)
            yield terraform.starting(desk)


def _planning(desk: Desk, size: int) -> Iterator[Case]:
    declared, remembered = (desk.folder / f"{what}-{size}" for what in ("declared", "remembered"))
    for folder in (declared, remembered):
        desk.prepare("benchmarks.workspaces", folder.name.split("-")[0], folder, size)
    peers = [octodns.commands(desk, size), terraform.commands(desk, size)]

    def cases_of(
        what: str, *command: str, there: bool = True, seconds: float | None = None
    ) -> Iterator[Case]:
        targets = [Target(seconds, SECONDS)] if seconds and size == 10_000 else []
        targets += [PEAKS[size]] if size in PEAKS else []
        yield Case(
            what,
            size,
            (desk.chanplan, *command),
            remembered if there else declared,
            rounds=desk.rounds(size),
            targets=targets,
        )
        yield from (peer[what] for peer in peers if what in peer)

    plan = ("plan", "--refresh", "none")
    yield from cases_of("validate", "validate", there=False, seconds=2)
    yield from cases_of("plan, all new", *plan, there=False, seconds=3)
    yield from cases_of("plan, nothing to do", *plan, seconds=3)
    yield from cases_of("plan, destroy all", *plan, "--destroy")
    yield from cases_of("plan --out, all new", *plan, "--out", "plan.json", there=False)
    yield from cases_of("show of a saved plan", "show", "plan.json", there=False)
    yield from cases_of("state list", "state", "list")


SECTION = Section("commands", cases)
