"""Moves of tiers over every real store: what one process moved, another finds; two runs at once, and one of them waits."""

import threading
from collections.abc import Callable, Iterator

import pytest

from chanplan.app.tiering import TierTask, approving
from chanplan.model.errors import Locked
from chanplan.model.tier_facts import moves_of
from chanplan.ports.store import Store
from tests.conformance.s3_doors import CREDENTIALS
from tests.conformance.test_channels_over_stores import STORES
from tests.tiers.desk import RECEIPTS, SHARED, Desk, approved, breached, earned

Opener = Callable[[], Store]


@pytest.fixture(params=STORES.values(), ids=STORES.keys())
def opener(request, tmp_path, monkeypatch) -> Iterator[Opener]:
    """Opens the same state again and again, as processes do; all are closed at the end."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    open_store, opened = request.param(tmp_path), []

    def opening() -> Store:
        opened.append(open_store())
        return opened[-1]

    yield opening
    for each in opened:
        each.close()


@pytest.fixture
def desk(opener: Opener, tmp_path) -> Desk:
    """A workspace whose receipts earned standard."""
    return earned(Desk(store=opener(), folder=tmp_path).made())


def another(desk: Desk, opener: Opener) -> Desk:
    """Give the desk of a process that knows nothing but what is stored."""
    return Desk(desk.configuration, opener(), desk.world, desk.post, desk.now, desk.folder)


def test_what_one_process_moved_another_finds(desk, opener):
    """Tier, pool, history and approval, with their evidence; and nothing is left to do."""
    digest = desk.evaluate().plan.digest
    desk.move(TierTask(approved=approved(digest)))
    breached(desk).move()
    desk.pass_days(8)

    later = another(desk, opener)
    later.move(approving(RECEIPTS))

    found = another(later, opener)
    assert [(move.before, move.after) for move in moves_of(found.use_case())] == [
        ("suspended", "onboarding"),
        ("standard", "suspended"),
        ("onboarding", "standard"),
    ]
    assert moves_of(found.use_case())[2].evidence.windows["promote"].sends == 2800
    assert (found.pool_of(), found.plan().effective) == ("txn-new", ())
    assert not found.move().plan.changes


def test_two_runs_at_once_move_once(desk, opener):
    """One has the lock; the other is told so, or finds nothing left to do."""
    breached(desk)
    begun, ended = threading.Barrier(2), []

    def run():
        desk_of_its_own = another(desk, opener)
        begun.wait()
        try:
            ended.append(len(desk_of_its_own.move(TierTask(lock_timeout=60.0)).plan.changes))
        except Locked:
            ended.append(-1)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(ended) in ([-1, 1], [0, 1])
    found = another(desk, opener)
    assert (found.use_case().facts["tier"], found.pool_of()) == ("suspended", SHARED)
    assert len(moves_of(found.use_case())) == 1
