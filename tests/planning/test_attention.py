"""What a refresh looks at closely."""

from dataclasses import replace
from typing import Any

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.plans import RefreshMode
from chanplan.model.snapshots import Intent, IntentKind, Observation, Snapshot
from chanplan.planning.attention import Attention, attention
from tests.planning.harness import APPLIED_AT, NOW, applied_base, base_document, edited, load

SETUP = Address("ses_setup", "acme-mail")
RECEIPTS = Address("use_case", "receipts")
ALERTS = {
    **base_document()["use_cases"]["receipts"],
    "name": "Alerts",
    "sender_email_address": "a@mail.acme.example",
}


def looked_at(
    edit: dict[str, Any] | None = None,
    snapshot: Snapshot | None = None,
    mode: RefreshMode = RefreshMode.SHALLOW,
) -> Attention:
    """Choose for the base configuration with an edit."""
    return attention(load(edited(base_document(), edit or {})), snapshot or verified(), mode)


def verified() -> Snapshot:
    """Give the applied base with its domain known to be verified."""
    gate = Gate(GateKind.DNS_VERIFIED, SETUP, GateState.OPEN)
    return replace(applied_base(), observations={SETUP: Observation(SETUP, NOW, gate=gate)})


def test_nothing_without_a_refresh() -> None:
    """Nobody is asked."""
    assert looked_at({"use_cases.receipts": None}, mode=RefreshMode.NONE) == Attention(
        frozenset(), frozenset()
    )


def test_everything_in_depth() -> None:
    """Every resource in state is read, and every domain looked up."""
    assert looked_at(mode=RefreshMode.DEEP) == Attention(
        frozenset(applied_base().resources), frozenset({SETUP})
    )


def test_nothing_where_nothing_changed() -> None:
    """Lists are enough for what is as declared and known to be verified."""
    assert looked_at() == Attention(frozenset(), frozenset())


def test_what_changed_and_what_goes() -> None:
    """Both are read, since an action on them follows."""
    edit = {"ses_setups.acme-mail.mail_from": "mail", "use_cases.sales-line": None}

    assert looked_at(edit).direct == {SETUP, Address("use_case", "sales-line")}


def test_what_is_half_made() -> None:
    """An unfinished create is read."""
    base = verified()
    held = replace(base.resources[RECEIPTS], complete=False)

    assert looked_at(snapshot=replace(base, resources={**base.resources, RECEIPTS: held})).direct == {
        RECEIPTS
    }


def test_what_has_an_open_intent() -> None:
    """So is what an earlier run was changing."""
    begun = Intent("6f1d", IntentKind.UPDATE, SETUP, "id", APPLIED_AT, "run")

    assert looked_at(snapshot=replace(verified(), intents=(begun,))).direct == {SETUP}


def test_a_derived_pool_needs_no_look() -> None:
    """The pool isn't declared at the use case, so its absence there is no change."""
    assert looked_at({"sending_pools.txn.tiers": ["standard"]}).direct == {Address("sending_pool", "txn")}


def test_records_of_what_isnt_known_to_be_verified() -> None:
    """A domain that was never seen verified, or is pending again, is looked up."""
    pending = Gate(GateKind.DNS_VERIFIED, SETUP, GateState.PENDING)
    seen = replace(applied_base(), observations={SETUP: Observation(SETUP, NOW, gate=pending)})

    assert looked_at(snapshot=applied_base()).records == looked_at(snapshot=seen).records == {SETUP}


def test_records_that_something_waits_for() -> None:
    """A new use case and one that may be replaced ask for a look at their domain."""
    assert looked_at({"use_cases.alerts": ALERTS}).records == {SETUP}
    assert looked_at({"use_cases.receipts.name": "Invoices"}).records == {SETUP}
    assert looked_at({"use_cases.sales-line.name": "Cold calls"}).records == frozenset()


def test_what_was_found_to_differ() -> None:
    """Lists don't tell of tags and associations: what a direct reading found is read directly again."""
    receipts = Observation(RECEIPTS, NOW, deep_at=NOW, differs=("tags",))
    known = verified()
    snapshot = replace(known, observations={**known.observations, RECEIPTS: receipts})

    assert looked_at(snapshot=snapshot) == Attention(frozenset({RECEIPTS}), frozenset({SETUP}))
