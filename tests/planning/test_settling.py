"""How an open intent of an earlier run ends."""

from dataclasses import replace

import pytest

from chanplan.model.addresses import Address
from chanplan.model.resources import Depth, Desired, Marks, Observed, ResourceState
from chanplan.model.settlements import Ambiguous, Continued, Settled
from chanplan.model.snapshots import DropResource, Intent, IntentKind, PutResource
from chanplan.planning.settling import settle
from tests.planning.harness import APPLIED_AT, NOW, applied_base

SETUP = Address("ses_setup", "acme-mail")
HELD = applied_base().resources[SETUP]
DESIRED = Desired(SETUP, HELD.attributes, HELD.scope, HELD.references, context={"tenant_name": "acme"})


def intent(kind: IntentKind, prior: ResourceState | None = HELD, desired: Desired | None = DESIRED) -> Intent:
    """Give an intent that an earlier run left open, with one checkpoint."""
    return Intent(
        "6f1d", kind, SETUP, HELD.id, APPLIED_AT, "run", desired, prior, ("mail_from",), {"tenant_id": "tn-1"}
    )


def found(marks: Marks | None) -> Observed:
    """Give a direct read that found something with these marks."""
    return Observed({}, {"identity_arn": "arn:1"}, NOW, Depth.DIRECT, marks)


OURS = Marks(HELD.id, "acme")


def test_an_import_goes_on_as_long_as_its_object_is_there() -> None:
    """It is never settled by looking: what it may have changed must not become what it began with."""
    taken = intent(IntentKind.IMPORT)

    assert settle(taken, found(OURS), "acme", NOW) == Continued(
        taken, "ses_setup.acme-mail was being imported; the import goes on."
    )
    assert settle(taken, None, "acme", NOW) == Settled(
        taken, (), "ses_setup.acme-mail isn't there any more; its import is dropped."
    )


def test_a_create_that_carries_our_mark_is_continued() -> None:
    """It is remembered as incomplete under its id, with everything that is known of it."""
    begun = ResourceState(
        SETUP,
        HELD.id,
        HELD.scope,
        HELD.attributes,
        facts={"identity_arn": "arn:1", "tenant_id": "tn-1"},
        context={"tenant_name": "acme"},
        references=HELD.references,
        complete=False,
        created_at=APPLIED_AT,
        updated_at=NOW,
    )
    create = intent(IntentKind.CREATE, prior=None)

    assert settle(create, found(OURS), "acme", NOW) == Settled(
        create, (PutResource(begun),), "ses_setup.acme-mail was begun and carries our mark; it is continued."
    )


def test_a_create_that_left_nothing_wasnt_done() -> None:
    """Nothing there means nothing done; the next plan begins anew."""
    create = intent(IntentKind.CREATE, prior=None)

    assert settle(create, None, "acme", NOW) == Settled(
        create, (), "ses_setup.acme-mail wasn't begun at the service."
    )


@pytest.mark.parametrize(
    "marks,owner",
    [
        (Marks("77aa", "acme"), "another run of acme"),
        (Marks("77aa", "other"), "somebody else"),
        (Marks(None, None), "somebody else"),
    ],
)
def test_a_create_beside_an_object_of_somebody_else_wasnt_done(marks: Marks, owner: str) -> None:
    """What carries another mark isn't ours, so nothing is remembered of it."""
    create = intent(IntentKind.CREATE, prior=None)

    assert settle(create, found(marks), "acme", NOW) == Settled(
        create, (), f"ses_setup.acme-mail: an object of its name exists, made by {owner}."
    )


def test_a_create_whose_marks_cant_be_read_is_for_a_person() -> None:
    """Nobody can tell whether it is ours, so nothing is guessed."""
    create = intent(IntentKind.CREATE, prior=None)

    assert settle(create, found(None), "acme", NOW) == Ambiguous(
        create,
        "ses_setup.acme-mail: an object of its name exists, and its marks can't be read.",
        "Grant the right to read tags, then run again; or delete it by hand.",
    )


def test_a_create_of_what_carries_no_mark_wasnt_begun_before_its_first_checkpoint() -> None:
    """What has its name was there before: it is written down before anything is asked for."""
    create = replace(intent(IntentKind.CREATE, prior=None), facts={})
    others = replace(found(Marks(None, None)), candidates=("AP1",))

    assert settle(create, others, "acme", NOW) == Settled(
        create, (), "ses_setup.acme-mail wasn't begun at the service."
    )
    assert isinstance(settle(intent(IntentKind.CREATE, prior=None), others, "acme", NOW), Ambiguous)


def test_an_update_is_repeated() -> None:
    """It may be half done, so it stays open."""
    update = intent(IntentKind.UPDATE)

    assert settle(update, found(OURS), "acme", NOW) == Continued(
        update, "ses_setup.acme-mail was being updated; the update is repeated."
    )


def test_an_update_of_what_is_gone_is_dropped() -> None:
    """The next plan finds it gone and says so."""
    update = intent(IntentKind.UPDATE)

    assert settle(update, None, "acme", NOW) == Settled(
        update, (), "ses_setup.acme-mail is gone; its interrupted update is dropped."
    )


def test_a_deletion_goes_on() -> None:
    """What is still there is deleted by the next run."""
    delete = intent(IntentKind.DELETE, desired=None)

    assert settle(delete, found(OURS), "acme", NOW) == Continued(
        delete, "ses_setup.acme-mail was being deleted; the deletion goes on."
    )


def test_a_deletion_of_what_is_gone_is_done() -> None:
    """Its resource is dropped and its approval spent."""
    delete = intent(IntentKind.DELETE, desired=None)

    assert settle(delete, None, "acme", NOW) == Settled(
        delete, (DropResource(SETUP),), "ses_setup.acme-mail was deleted.", succeeded=True
    )
