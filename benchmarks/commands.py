"""Whole commands, as a person or CI waits for them, beside the same commands of Terraform and octoDNS."""

from collections.abc import Iterator

from benchmarks.measuring import PEAK, SECONDS, Case, Desk, Section, Target

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
        yield Case(
            f"`{option}`",
            0,
            (desk.chanplan, option),
            desk.folder,
            rounds=desk.rounds(0),
            targets=(Target(0.15),),
        )


def _planning(desk: Desk, size: int) -> Iterator[Case]:
    declared = desk.folder / f"declared-{size}"
    remembered = desk.folder / f"remembered-{size}"
    desk.prepare("benchmarks.workspaces", "declared", declared, size)
    desk.prepare("benchmarks.workspaces", "remembered", remembered, size)

    def case(what: str, *command: str, there: bool = True, seconds: float | None = None) -> Case:
        targets = [] if seconds is None or size != 10_000 else [Target(seconds, SECONDS)]
        targets += [PEAKS[size]] if size in PEAKS else []
        return Case(
            what,
            size,
            (desk.chanplan, *command),
            remembered if there else declared,
            rounds=desk.rounds(size),
            targets=targets,
        )

    plan = ("plan", "--refresh", "none")
    yield case("validate", "validate", there=False, seconds=2)
    yield case("plan, all new", *plan, there=False, seconds=3)
    yield case("plan, nothing to do", *plan, seconds=3)
    yield case("plan, destroy all", *plan, "--destroy")
    yield case("plan --out, all new", *plan, "--out", "plan.json", there=False)
    yield case("show of a saved plan", "show", "plan.json", there=False)
    yield case("state list", "state", "list")


SECTION = Section("commands", cases)
