"""Plans under an approved digest."""

from dataclasses import replace
from typing import Any

from chanplan.model.plans import Plan
from chanplan.model.snapshots import Approval, Snapshot
from chanplan.planning.approvals import under_approval
from tests.planning.harness import (
    NOW,
    all_is_well,
    applied_base,
    base_document,
    edited,
    load,
    order_lines,
    outcome,
    plan_of,
    summary_line,
)


def planned(edit: dict[str, Any], snapshot: Snapshot | None = None) -> Plan:
    """Plan an edit of the applied base."""
    state = applied_base() if snapshot is None else snapshot
    return plan_of(load(edited(base_document(), edit)), state, all_is_well(state))


def prints(plan: Plan, *addresses: str) -> frozenset[str]:
    """Give the fingerprints of some changes."""
    return frozenset(
        print_
        for change in plan.changes
        if str(change.address) in addresses
        for print_ in change.fingerprints
    )


def approval(fingerprints: frozenset[str], spent: frozenset[str] = frozenset()) -> Approval:
    """Give a stored approval."""
    return Approval("sha256:other", fingerprints, spent, NOW)


TWO = {"ses_setups.acme-mail.mail_from": "mail", "use_cases.sales-line.name": "Cold calls"}


def test_what_is_approved_is_kept() -> None:
    """A plan that is covered in full stays as it is."""
    plan = planned(TWO)

    kept = under_approval(plan, prints(plan, "ses_setup.acme-mail", "use_case.sales-line"), ())

    assert kept == plan


def test_what_nobody_approved_is_refused() -> None:
    """A change that the approval doesn't hold stops the run."""
    plan = planned(TWO)

    refused = under_approval(plan, prints(plan, "ses_setup.acme-mail"), ())

    assert outcome(refused)["refusals"] == "not_approved use_case.sales-line\n"


def test_what_another_approval_holds_is_left_to_it() -> None:
    """It is neither done nor refused, and not counted."""
    plan = planned(TWO)

    kept = under_approval(
        plan, prints(plan, "ses_setup.acme-mail"), [approval(prints(plan, "use_case.sales-line"))]
    )

    assert outcome(kept) == {"changes": "update ses_setup.acme-mail: mail_from (changed)\n"}
    assert summary_line(kept) == "1 update, 8 no_op"


def test_what_another_approval_has_spent_is_refused() -> None:
    """A fingerprint is good for once."""
    plan = planned(TWO)
    spent = prints(plan, "use_case.sales-line")

    refused = under_approval(plan, prints(plan, "ses_setup.acme-mail"), [approval(spent, spent)])

    assert outcome(refused)["refusals"] == "not_approved use_case.sales-line\n"


def test_refusals_of_what_is_left_to_another_dont_stop_this_run() -> None:
    """A loss is for the run to answer that does it."""
    plan = planned({"ses_setups.acme-mail.mail_from": "mail", "use_cases.receipts": None})

    kept = under_approval(
        plan, prints(plan, "ses_setup.acme-mail"), [approval(prints(plan, "use_case.receipts"))]
    )

    assert outcome(kept) == {"changes": "update ses_setup.acme-mail: mail_from (changed)\n"}


def test_what_follows_is_left_as_well() -> None:
    """A change can't be done before what it depends on, which is another approval's."""
    plan = planned({"sending_pools.mkt.pool_name": "acme-marketing"})

    kept = under_approval(
        plan, prints(plan, "use_case.newsletter"), [approval(prints(plan, "sending_pool.mkt"))]
    )

    assert (outcome(kept), order_lines(kept)) == ({}, "")


def test_a_replacement_needs_both_halves() -> None:
    """An approval of its create half alone is none of the replacement."""
    plan = planned({"use_cases.receipts.name": "Invoices"})
    (change,) = plan.effective

    refused = under_approval(plan, frozenset(change.fingerprints[1:]), ())

    assert outcome(refused)["refusals"].endswith("not_approved use_case.receipts\n")


def test_the_create_half_remains_approved() -> None:
    """When an earlier run did the delete half, the approval covers what is left."""
    edit = {"use_cases.receipts.name": "Invoices"}
    whole = planned(edit)
    base = applied_base()
    left = {key: each for key, each in base.resources.items() if key.name != "receipts"}

    rest = under_approval(
        planned(edit, replace(base, resources=left)), prints(whole, "use_case.receipts"), ()
    )

    assert outcome(rest) == {
        "changes": "create use_case.receipts (not_in_state; after dns_verified on ses_setup.acme-mail: open)\n"
    }
