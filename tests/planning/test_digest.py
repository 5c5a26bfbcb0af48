"""What an approval covers: fingerprints of changes and the digest over them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.plans import Action, Change, Difference, Loss, Reason
from chanplan.model.resources import Importing
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Snapshot
from chanplan.planning.digest import digest_of, fingerprints_of
from tests.planning.harness import (
    NOW,
    all_is_well,
    applied_base,
    base_document,
    edited,
    load,
    plan_of,
    pretend_apply,
)

SETUP = Address("ses_setup", "acme-mail")
RECEIPTS = Address("use_case", "receipts")
PLACE = Scope("ses", "111122223333", "us-east-1")
UPDATE = Change(
    address=SETUP,
    provider="ses",
    action=Action.UPDATE,
    reason=Reason.CHANGED,
    scope=PLACE,
    id="0d3f",
    before={"mail_from": "bounce"},
    after={"mail_from": "mail"},
    changed=("mail_from",),
    differences=(Difference(("mail_from",), "bounce", "mail"),),
)
IMPORT = replace(
    UPDATE,
    id=None,
    reason=Reason.IMPORTED,
    importing=Importing("acme/mail.acme.example", ("1d4c",), "globex"),
)
CREATE = Change(
    address=RECEIPTS,
    provider="ses",
    action=Action.CREATE,
    reason=Reason.NOT_IN_STATE,
    scope=PLACE,
    after={"name": "Receipts"},
    gate=Gate(GateKind.DNS_VERIFIED, SETUP, GateState.PENDING),
)


@pytest.mark.parametrize(
    "other",
    [
        {"reason": Reason.RESUMED},
        {"acknowledged_by": "--allow-delete all"},
        {"losses": (Loss("reputation", "Gone."),)},
        {"depends_on": (SETUP,)},
        {"calls_service": False},
        {"scope": replace(PLACE, alias="main")},
        {"previous_address": Address("ses_setup", "old-mail")},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_fingerprint_leaves_out_what_changes_nothing(other: dict[str, Any]) -> None:
    """Reasons, order, who agreed and how the place is called aren't what was reviewed."""
    assert fingerprints_of(replace(UPDATE, **other)) == fingerprints_of(UPDATE)


@pytest.mark.parametrize(
    "other",
    [
        {"address": Address("ses_setup", "other-mail")},
        {"id": "77aa"},
        {"action": Action.DELETE},
        {"scope": replace(PLACE, account="999922223333")},
        {"scope": replace(PLACE, region="eu-west-1")},
        {"differences": (Difference(("mail_from",), "mail", "bounce"),)},
        {"differences": (Difference(("mail_from",), "post", "mail"),)},
    ],
    ids=["address", "id", "action", "account", "region", "after", "before"],
)
def test_a_fingerprint_holds_what_was_reviewed(other: dict[str, Any]) -> None:
    """The address, the object, its place, the action, and what changes from what to what."""
    assert fingerprints_of(replace(UPDATE, **other)) != fingerprints_of(UPDATE)


def test_the_state_of_a_gate_is_no_part_of_it() -> None:
    """An approval outlives the wait for a gate."""
    opened = Gate(GateKind.DNS_VERIFIED, SETUP, GateState.OPEN, NOW, NOW, "All records are verified.")

    assert fingerprints_of(replace(CREATE, gate=opened)) == fingerprints_of(CREATE)


@pytest.mark.parametrize("gate", [None, Gate(GateKind.PROFILE_APPROVED, SETUP, GateState.PENDING)])
def test_the_kind_of_a_gate_is_part_of_it(gate: Gate | None) -> None:
    """What waits for nothing isn't what was reviewed as waiting."""
    assert fingerprints_of(replace(CREATE, gate=gate)) != fingerprints_of(CREATE)


def test_a_create_has_no_id() -> None:
    """An id that an earlier attempt drew doesn't void the approval."""
    assert fingerprints_of(replace(CREATE, id="0d3f")) == fingerprints_of(CREATE)


def test_no_op_and_restarted_verification_need_no_approval() -> None:
    """What changes nothing that is declared has no fingerprint."""
    no_op = replace(UPDATE, action=Action.NO_OP)
    rearmed = replace(UPDATE, reason=Reason.REARMED, differences=())

    assert (fingerprints_of(no_op), fingerprints_of(rearmed)) == ((), ())


def test_a_rename_with_a_restarted_verification_needs_one() -> None:
    """A rename is a change whatever comes with it."""
    renamed = replace(UPDATE, reason=Reason.REARMED, differences=(), previous_address=SETUP)

    assert len(fingerprints_of(renamed)) == 1


def test_the_digest_knows_no_order() -> None:
    """Plans with the same changes have the same digest."""
    assert digest_of(["b", "a"]) == digest_of(["a", "b"]) != digest_of(["a"])


def test_time_and_unrelated_writes_leave_the_digest() -> None:
    """Neither the time nor a write to the state that concerns nothing planned voids an approval."""
    configuration = load(edited(base_document(), {"ses_setups.acme-mail.mail_from": "mail"}))
    before = applied_base()
    later = replace(before, serial=before.serial + 5, sequence=99)

    first = plan_of(configuration, before)
    second = plan_of(configuration, later, now=NOW + timedelta(days=9))

    assert second.digest == first.digest


def test_reading_again_leaves_the_digest() -> None:
    """Ages and depth of what was read are no part of it, as long as it says the same."""
    configuration = load(edited(base_document(), {"ses_setups.acme-mail.mail_from": "mail"}))
    read = all_is_well(applied_base())
    older = {key: replace(each, read_at=NOW - timedelta(hours=1)) for key, each in read.observed.items()}

    plans = [
        plan_of(configuration, applied_base(), reading)
        for reading in (None, read, replace(read, observed=older))
    ]

    assert len({plan.digest for plan in plans}) == 1


@pytest.mark.parametrize(
    "edit",
    [
        {"use_cases.receipts.name": "Invoices"},
        {"use_cases.receipts.email_type": "marketing"},
        {
            "use_cases.receipts": None,
            "use_cases.bills": {**base_document()["use_cases"]["receipts"], "name": "Bills"},
            "moved": [{"from": "use_case.receipts", "to": "use_case.bills"}],
        },
    ],
    ids=["name", "email_type", "renamed"],
)
@pytest.mark.parametrize("tier", ["onboarding", "premium"])
def test_the_create_half_of_a_replacement_is_the_create_that_remains(edit: dict[str, Any], tier: str) -> None:
    """An approval of a replacement covers what is left of it when a run was killed between its halves."""
    base = applied_base()
    held = base.resources[RECEIPTS]
    held = replace(held, facts={**held.facts, "tier": tier})
    base = replace(base, resources={**base.resources, RECEIPTS: held})
    configuration = load(edited(base_document(), edit))
    whole = plan_of(configuration, base)
    (replacement,) = whole.effective
    without = {key: each for key, each in base.resources.items() if key != RECEIPTS}

    rest = plan_of(configuration, replace(base, resources=without))

    assert [change.fingerprints for change in rest.effective] == [replacement.fingerprints[1:]]


def test_a_rename_that_was_done_leaves_the_rest_approved() -> None:
    """Renames are written first; the update that remains after a kill is the one that was approved."""
    document = edited(
        base_document(),
        {
            "moved": [{"from": "ses_setup.acme-mail", "to": "ses_setup.main"}],
            "ses_setups.main.mail_from": "mail",
            "use_cases.receipts.ses_setup": "main",
            "use_cases.newsletter.ses_setup": "main",
        },
        {"ses_setups.acme-mail": "main"},
    )
    configuration = load(document)
    whole = plan_of(configuration, applied_base())
    only_renamed = load(edited(document, {"ses_setups.main.mail_from": "bounce"}))
    renamed = pretend_apply(plan_of(only_renamed, applied_base()), only_renamed, applied_base())

    assert plan_of(configuration, renamed).digest == whole.digest


def test_an_empty_plan_has_a_digest() -> None:
    """Nothing to do is something that can be approved, too."""
    assert plan_of(load(base_document()), applied_base()).digest == digest_of([])
    assert plan_of(load(base_document()), Snapshot()).digest != digest_of([])


@pytest.mark.parametrize(
    "other",
    [
        {"id": "0d3f"},
        {"importing": replace(IMPORT.importing or Importing(""), missing=("association",))},
        {"acknowledged_by": "--take-ownership"},
    ],
)
def test_an_approved_import_is_that_object_whatever_was_done_of_it(other: dict[str, Any]) -> None:
    """The id is drawn when it is begun, and parts are made on the way."""
    assert fingerprints_of(replace(IMPORT, **other)) == fingerprints_of(IMPORT)


@pytest.mark.parametrize(
    "other",
    [
        {"importing": None},
        {"importing": Importing("acme/other.acme.example", ("1d4c",), "globex")},
        {"importing": Importing("acme/mail.acme.example")},
        {"importing": Importing("acme/mail.acme.example", ("1d4c", "2e5d"), "globex")},
        {"differences": ()},
        {"scope": replace(PLACE, region="eu-west-1")},
        {"address": RECEIPTS},
    ],
)
def test_an_approved_import_is_no_other(other: dict[str, Any]) -> None:
    """Another object, another owner, another place, or something else that is changed needs another look."""
    assert fingerprints_of(replace(IMPORT, **other)) != fingerprints_of(IMPORT)
