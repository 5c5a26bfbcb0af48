"""The order of steps."""

from dataclasses import replace
from datetime import UTC, datetime

from chanplan.execution.schedule import Schedule, fingerprint_of
from chanplan.model.addresses import Address
from chanplan.model.plans import (
    Action,
    Change,
    Edge,
    Estimate,
    Half,
    Plan,
    Reason,
    RefreshMode,
    Step,
    Summary,
)
from tests.unit.execution.scene import SES


def change(name: str, action: Action) -> Change:
    """Give a change of a use case."""
    return Change(Address("use_case", name), "ses", action, Reason.CHANGED, SES)


def step(name: str, half: Half) -> Step:
    """Give a step of it."""
    return Step(Address("use_case", name), half)


def plan_of(changes: list[Change], edges: list[Edge]) -> Plan:
    """Give a plan of nothing else."""
    return Plan(
        workspace="acme",
        lineage=None,
        serial=0,
        config_digest="",
        digest="",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        refresh=RefreshMode.NONE,
        refreshed_at=None,
        changes=tuple(changes),
        edges=tuple(edges),
        drift=(),
        unchecked=(),
        refusals=(),
        diagnostics=(),
        summary=Summary(),
        estimate=Estimate(),
    )


A, B, C = (step(name, Half.CREATE) for name in "abc")
CREATES = [change(name, Action.CREATE) for name in "abc"]
CHAIN = [Edge(A, B, "reference"), Edge(B, C, "reference")]


def test_a_step_is_ready_once_all_before_it_are_done() -> None:
    """One after the other."""
    schedule = Schedule(plan_of(CREATES, CHAIN))

    assert schedule.ready() == [A]
    assert schedule.finish(A) == [B]
    assert schedule.finish(B) == [C]
    assert schedule.finish(C) == []
    assert schedule.left() == []


def test_what_depends_on_a_dropped_step_is_dropped_with_it() -> None:
    """However far behind it is."""
    schedule = Schedule(plan_of(CREATES, CHAIN))

    dropped = schedule.drop(A)

    assert [(each.step, each.root) for each in dropped] == [(B, A), (C, A)]
    assert schedule.left() == []


def test_edges_to_what_is_not_done_bind_nobody() -> None:
    """A no-op has no step to wait for."""
    schedule = Schedule(plan_of([change("a", Action.NO_OP), *CREATES[1:]], CHAIN))

    assert schedule.ready() == [B]


def test_the_longest_chain_ranks_first() -> None:
    """What is behind it can't start sooner by any other order."""
    schedule = Schedule(plan_of(CREATES, CHAIN))

    assert [schedule.rank(each) for each in (A, B, C)] == [3, 2, 1]


def test_a_replacement_does_its_halves_in_order() -> None:
    """Delete, then create; or the other way about."""
    first = Schedule(plan_of([change("a", Action.REPLACE)], []))
    last = Schedule(plan_of([change("a", Action.REPLACE_CREATE_FIRST)], []))

    assert first.ready() == [step("a", Half.DELETE)]
    assert last.ready() == [step("a", Half.CREATE)]


def test_a_delete_half_waits_for_what_its_create_half_needs() -> None:
    """Nothing is deleted whose successor couldn't be made."""
    changes = [change("a", Action.CREATE), change("b", Action.REPLACE)]

    schedule = Schedule(plan_of(changes, [Edge(A, B, "pool")]))

    assert schedule.ready() == [A]
    assert schedule.finish(A) == [step("b", Half.DELETE)]


def test_a_delete_half_never_waits_for_itself() -> None:
    """Where what the create half needs comes after the delete half, the delete half goes first."""
    changes = [change("a", Action.REPLACE), change("b", Action.REPLACE)]
    edges = [Edge(step("b", Half.DELETE), step("a", Half.DELETE), "pool"), Edge(A, B, "pool")]

    schedule = Schedule(plan_of(changes, edges))

    assert schedule.ready() == [step("b", Half.DELETE)]


def test_each_half_has_the_fingerprint_that_was_approved_for_it() -> None:
    """That of the delete half stands first, in whichever order they are done."""
    for action in (Action.REPLACE, Action.REPLACE_CREATE_FIRST):
        replacing = replace(change("a", action), fingerprints=("gone", "made"))
        assert [fingerprint_of(replacing, half) for half in (Half.DELETE, Half.CREATE)] == ["gone", "made"]
    assert (
        fingerprint_of(replace(change("a", Action.UPDATE), fingerprints=("changed",)), Half.UPDATE)
        == "changed"
    )
    assert fingerprint_of(change("a", Action.UPDATE), Half.UPDATE) is None
