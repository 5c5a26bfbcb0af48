"""kill -9 at each write of a run that moves a tier or stops a tenant: the next run ends where an undisturbed one would."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from chanplan.app.tenant_switch import stop_tenant
from chanplan.app.tiering import TierTask, approving, suspending
from chanplan.model.plans import RefreshMode
from chanplan.model.snapshots import Snapshot
from chanplan.providers.memory.world import Key, Part
from tests.property.kills import Durable, survivors, watch
from tests.tiers.desk import MAIL, RECEIPTS, Desk, approved, breached, earned

Run = Callable[[Desk], object]


def promoted(desk: Desk) -> Desk:
    """Let receipts be promoted already."""
    earned(desk).move()
    return desk


def suspended(desk: Desk) -> Desk:
    """Let receipts be suspended already, and clean for a week."""
    breached(promoted(desk)).move()
    desk.pass_days(8)
    return desk


WALKS: dict[str, tuple[Callable[[Desk], Desk], Run]] = {
    "a promotion": (earned, Desk.move),
    "a suspension": (lambda desk: breached(promoted(desk)), Desk.move),
    "an operator's suspension": (promoted, lambda desk: desk.move(suspending(RECEIPTS, "a spam wave"))),
    "an approval": (suspended, lambda desk: desk.move(approving(RECEIPTS))),
    "a move within one pool": (
        lambda desk: (promoted(desk).pass_days(31, {"acme_receipts": (2000, 0)}), desk)[1],
        Desk.move,
    ),
    "a stop of the tenant": (promoted, lambda desk: desk.switch(stop_tenant(MAIL, "a leaked key"))),
}


def moments(desk: Desk, run: Run) -> Iterator[Durable]:
    """Give what is durable after each write of a run that nobody disturbs; the desk is where it ended."""
    found = watch(desk.store, desk.world)
    run(desk)
    desk.store.after = desk.world.after = lambda: None
    yield from found


def at(desk: Desk, moment: Durable) -> Desk:
    """Give the desk of whoever comes after a kill at that moment."""
    store, world = survivors(moment)
    return replace(desk, store=store, world=world, events=[])


def ending(desk: Desk) -> tuple[Snapshot, dict[Key, Part]]:
    """Give what matters of state and service: whatever counts writes aside."""
    state = desk.store.load()
    assert not state.intents
    return replace(state, serial=0, sequence=0, approvals=(), observations={}), dict(desk.world.parts())


@pytest.mark.parametrize("name", WALKS)
def test_a_run_again_ends_as_if_nobody_had_been_killed(name: str) -> None:
    """At no moment is anything lost or done twice, and today's plan has nothing to do afterwards."""
    before, run = WALKS[name]
    desk = before(Desk().made())
    walked = list(moments(desk, run))
    assert len(walked) >= 4
    for moment in walked:
        next_one = at(desk, moment)
        run(next_one)
        assert ending(next_one) == ending(desk)
        assert not next_one.plan().effective


@pytest.mark.parametrize("name", WALKS)
def test_an_apply_in_between_settles_it_and_reverts_nothing(name: str) -> None:
    """Whoever applies the configuration first writes down what was done, and leaves what wasn't to the next run."""
    before, run = WALKS[name]
    desk = before(Desk().made())
    for moment in list(moments(desk, run)):
        next_one = at(desk, moment)
        parts = dict(next_one.world.parts())
        assert not next_one.plan().effective
        next_one.apply()
        assert dict(next_one.world.parts()) == parts
        assert not next_one.store.load().intents
        run(next_one)
        assert ending(next_one) == ending(desk)


@pytest.mark.parametrize("name", ["a promotion", "a suspension"])
def test_an_approval_goes_on_after_a_kill_and_is_used_up(name: str) -> None:
    """The digest that was reviewed covers what is left of it, and nothing twice."""
    before, _ = WALKS[name]
    desk = before(Desk().made())
    digest = desk.evaluate().plan.digest
    task = TierTask(approved=approved(digest))
    for moment in list(moments(desk, lambda desk: desk.move(task))):
        next_one = at(desk, moment)
        outcome = next_one.move(task)
        assert not outcome.refused
        assert ending(next_one) == ending(desk)
        (stored,) = [each for each in next_one.store.load().approvals if each.digest == digest]
        assert not stored.remaining


def test_what_couldnt_be_looked_at_is_left_alone() -> None:
    """While nobody can say whether the pool was changed, no plan touches the use case; then it is settled."""
    desk = breached(promoted(Desk().made()))
    half = next(
        each
        for each in moments(desk, Desk.move)
        if each.snapshot.intents and each.parts[desk.place()].attributes["sending_pool"] == "ses-shared-pool"
    )
    next_one = at(desk, half)
    next_one.forbid("get_configuration_set", name="acme_receipts", times=1)
    plan = next_one.plan()
    assert "unresolved_intent" in {each.code for each in plan.diagnostics}
    assert RECEIPTS not in {change.address for change in plan.changes}
    plan = next_one.plan(RefreshMode.NONE)
    assert "unresolved_intent" in {each.code for each in plan.diagnostics}
    assert RECEIPTS not in {change.address for change in plan.changes}
    next_one.apply()
    assert next_one.use_case().facts["tier"] == "suspended"
