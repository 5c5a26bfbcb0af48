"""Reading the state as if renames had been applied to it."""

from dataclasses import replace

import pytest

from chanplan.model.addresses import Address
from chanplan.model.configuration import Moved
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.resources import Desired
from chanplan.model.snapshots import Intent, IntentKind, Observation, Snapshot
from chanplan.planning.moves import with_moves
from tests.planning.harness import APPLIED_AT, NOW, applied_base

MAIL, MAIN = Address("ses_setup", "acme-mail"), Address("ses_setup", "main")
RECEIPTS = Address("use_case", "receipts")


def test_everything_that_names_the_old_address_follows() -> None:
    """Resource, references, observation and open intent are read under the new address."""
    base = applied_base()
    held = base.resources[RECEIPTS]
    update = Intent(
        "6f1d",
        IntentKind.UPDATE,
        RECEIPTS,
        held.id,
        APPLIED_AT,
        "run",
        Desired(RECEIPTS, held.attributes, held.scope, held.references),
        held,
    )
    gate = Gate(GateKind.DNS_VERIFIED, MAIL, GateState.OPEN)
    state = replace(base, intents=(update,), observations={MAIL: Observation(MAIL, NOW, gate=gate)})

    moved = with_moves(state, (Moved(MAIL, MAIN),))

    followed = replace(
        held, attributes={**held.attributes, "ses_setup": "ses_setup.main"}, references=(MAIN,)
    )
    assert moved.previous == {MAIN: MAIL}
    assert MAIL not in moved.snapshot.resources
    assert moved.snapshot.resources[MAIN] == replace(base.resources[MAIL], address=MAIN)
    assert moved.snapshot.resources[RECEIPTS] == followed
    assert moved.snapshot.observations == {MAIN: Observation(MAIN, NOW, gate=replace(gate, on=MAIN))}
    assert moved.snapshot.intents == (
        replace(update, desired=Desired(RECEIPTS, followed.attributes, held.scope, (MAIN,)), prior=followed),
    )


def test_only_references_follow() -> None:
    """A description that happens to read like the address stays as it was written."""
    base = applied_base()
    held = base.resources[RECEIPTS]
    held = replace(held, attributes={**held.attributes, "description": "ses_setup.acme-mail"})
    state = replace(base, resources={**base.resources, RECEIPTS: held})

    moved = with_moves(state, (Moved(MAIL, MAIN),)).snapshot.resources[RECEIPTS]

    assert moved.attributes["description"] == "ses_setup.acme-mail"


@pytest.mark.parametrize("backwards", [False, True])
def test_of_a_chain_the_closest_takes_the_address(backwards: bool) -> None:
    """Where several old addresses lead to one, the newest of them is meant, in whatever order the state lists them."""
    first, second, third = (Address("use_case", name) for name in ("first", "second", "third"))
    held = applied_base().resources[RECEIPTS]
    addresses = (second, first) if backwards else (first, second)
    state = Snapshot(resources={each: replace(held, address=each) for each in addresses})

    moved = with_moves(state, (Moved(first, second), Moved(second, third)))

    assert moved.previous == {third: second}
    assert set(moved.snapshot.resources) == {first, third}


def test_nothing_to_rename_is_the_same_state() -> None:
    """Entries that were applied long ago cost nothing."""
    base = applied_base()

    assert with_moves(base, (Moved(Address("use_case", "old"), RECEIPTS),)).snapshot is base
