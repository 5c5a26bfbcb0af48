"""Two servers and a command line on one state, in each store: what one does with keys holds at the others."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chanplan.app.key_ring import HOLD_SECONDS, REREAD_SECONDS, KeyRing
from chanplan.execution.clocks import ManualClock
from chanplan.model.api_keys import (
    KIND,
    ApiKey,
    KeyHolder,
    KeyRefusal,
    KeyScope,
    digest_of,
    encode_key,
    text_of,
)
from chanplan.model.errors import StateUnreadable
from chanplan.model.snapshots import PutResource
from tests.conformance.postgres_doors import Door, Outcome
from tests.conformance.postgres_server import Place, server
from tests.conformance.store_samples import SETUP_STATE
from tests.conformance.test_store_contract import credentials, open_store, store

__all__ = ["credentials", "open_store", "store"]

T0 = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = text_of("0123456789abcdef", "a1" * 32)
KEY = ApiKey("dashboard", TEXT[4:20], digest_of(TEXT), frozenset({KeyScope.VIEW}), T0, "ada@desk")


def test_what_one_revokes_the_others_refuse(store, open_store):
    """Within the seconds that are promised, also under the lock of a run."""
    clock = ManualClock(T0)
    rings = [KeyRing(open_store(), clock) for _ in range(2)]
    store.keep(KIND, KEY.name, encode_key(KEY), at=T0, only_new=True)
    before = [ring.authenticate(TEXT) for ring in rings]
    with store.lock("ci", "apply", 0):
        store.edit([PutResource(SETUP_STATE)])
        store.keep(KIND, KEY.name, encode_key(replace(KEY, revoked_at=T0)), at=T0)
        clock.advance(REREAD_SECONDS)
        after = [ring.authenticate(TEXT) for ring in rings]

    assert (before, after) == ([KEY.holder] * 2, [KeyRefusal.REVOKED] * 2)


def test_a_database_that_goes_away_locks_nobody_out_at_once():
    """Its connections break: keys that are known hold, and no longer than is said; with it, all is as before."""
    gate, place, clock = Door(server()), Place(), ManualClock(T0)
    behind = Place(dsn=gate.dsn, workspace=place.workspace).open(pauses=(0.0,))
    try:
        behind.keep(KIND, KEY.name, encode_key(KEY), at=T0)
        ring = KeyRing(behind, clock, patience=10)
        before = ring.authenticate(TEXT)
        gate.decide = lambda _number, _burst: Outcome.CUT
        clock.advance(REREAD_SECONDS)
        without = ring.authenticate(TEXT)
        clock.advance(HOLD_SECONDS)
        with pytest.raises(StateUnreadable) as caught:
            ring.authenticate(TEXT)
        gate.decide = lambda _number, _burst: Outcome.PASS
        clock.advance(REREAD_SECONDS)
        back = ring.authenticate(TEXT)
    finally:
        behind.close()
        gate.close()

    assert (before, without, back) == (KEY.holder, KEY.holder, KEY.holder)
    assert caught.value.code == "keys_unavailable"


def test_many_threads_while_keys_change(store, open_store):
    """Every answer is that of a key as it was or as it is; none is an error."""
    clock = ManualClock(T0)
    ring, told = KeyRing(open_store(), clock, patience=10), set()
    store.keep(KIND, KEY.name, encode_key(KEY), at=T0)

    def ask():
        for _ in range(50):
            judged = ring.authenticate(TEXT)
            told.add(judged if isinstance(judged, KeyRefusal) else type(judged))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for number in range(5):
        store.keep(KIND, f"other-{number}", encode_key(replace(KEY, id=f"{number:016x}")), at=T0)
        clock.advance(REREAD_SECONDS)
    store.keep(KIND, KEY.name, encode_key(replace(KEY, revoked_at=T0)), at=T0)
    clock.advance(REREAD_SECONDS)
    for each in threads:
        each.join(60)

    assert told <= {KeyHolder, KeyRefusal.REVOKED}
    assert ring.authenticate(TEXT) is KeyRefusal.REVOKED
