"""What an apply does, step by step."""

from dataclasses import replace

import pytest

from chanplan.model.configuration import Moved
from chanplan.model.errors import OutcomeUnknown, Refused, Rejected, Transient
from chanplan.model.events import Event, StepAdvanced, StepDone, StepStarted
from chanplan.model.gates import GateState
from chanplan.model.plans import Action, Half, Step
from chanplan.model.requests import Request
from chanplan.providers.memory.faults import Fail, Hold, Moment
from tests.unit.execution.scene import ALLOWED, SES, Scene, at, declare, email, key, pool, setup, steps

EVERYTHING = declare(setup(), pool(), email())


def test_an_apply_makes_what_is_declared_and_a_second_one_finds_nothing_to_do():
    """What a plan creates is there afterwards under the ids that the state remembers."""
    scene = Scene()

    first = scene.apply(EVERYTHING)
    scene.verify()
    second = scene.apply(EVERYTHING)
    third = scene.apply(EVERYTHING)

    assert steps(first.done) == ["create sending_pool.txn", "create ses_setup.mail"]
    assert steps(first.waiting) == ["create use_case.receipts"]
    assert first.word == "waiting"
    assert steps(second.done) == ["create use_case.receipts"]
    assert (second.word, third.done, third.word) == ("done", (), "done")
    resources = scene.resources
    assert scene.marked() == {
        "configuration_set/acme_receipts": resources[at("use_case.receipts")].id,
        "identity/mail.example": resources[at("ses_setup.mail")].id,
        "pool/txn": resources[at("sending_pool.txn")].id,
        "tenant/mail": resources[at("ses_setup.mail")].id,
    }
    assert all(resource.complete for resource in resources.values())
    assert scene.store.load().intents == ()


def test_a_created_resource_is_remembered_with_facts_context_and_tier():
    """The state holds what the service gave and what the provider will need later."""
    scene = Scene()
    scene.apply(EVERYTHING)
    scene.verify()

    scene.apply(EVERYTHING)

    made = scene.resources[at("use_case.receipts")]
    assert made.context == {"tenant_name": "mail", "domain_identity": "mail.example"}
    assert made.facts == {
        "configuration_set_name": "acme_receipts",
        "configuration_set_arn": "arn:aws:ses:configuration-set/acme_receipts",
        "tier": "onboarding",
    }
    assert made.attributes["sending_pool"] == "txn"
    assert made.references == (at("ses_setup.mail"),)
    assert made.created_at == made.updated_at == scene.clock.now()


def test_a_step_is_started_after_its_intent_and_done_after_its_outcome():
    """Events tell the order in which things became durable."""
    scene = Scene()
    seen: list[tuple[str, int, bool]] = []
    scene.listener = lambda event: (
        seen.append(
            (type(event).__name__, len(scene.store.load().intents), at("sending_pool.txn") in scene.resources)
        )
        if isinstance(event, StepStarted | StepAdvanced | StepDone)
        else None
    )

    scene.apply(declare(pool()))

    assert seen == [("StepStarted", 1, False), ("StepAdvanced", 1, False), ("StepDone", 0, True)]


def test_an_update_keeps_the_tier_and_the_time_of_creation():
    """Only what was changed changes."""
    scene = Scene()
    scene.apply(EVERYTHING)
    scene.verify()
    scene.apply(EVERYTHING)
    before = scene.resources[at("use_case.receipts")]
    scene.clock.advance(60)

    result = scene.apply(declare(setup(), pool(), email(description="Receipts for orders")))

    assert steps(result.done) == ["update use_case.receipts"]
    after = scene.resources[at("use_case.receipts")]
    assert after == replace(
        before,
        attributes={**before.attributes, "description": "Receipts for orders"},
        updated_at=scene.clock.now(),
    )


def test_what_no_service_hears_of_makes_no_call():
    """A description, a lifecycle, a DMARC policy are settled in the state alone."""
    scene = Scene()
    scene.apply(declare(setup()))
    plan = scene.plan(declare(setup(dmarc={"policy": "reject"}, prevent_destroy=True)))
    calls = len(scene.world.calls)

    result = scene.execute(plan)

    assert (steps(result.done), len(scene.world.calls)) == (["update ses_setup.mail"], calls)
    assert scene.resources[at("ses_setup.mail")].attributes["prevent_destroy"] is True


def test_senders_that_swap_are_settled_in_one_transaction():
    """Nobody ever sees a state in which two use cases have the same sender."""
    scene = Scene()
    one, two = email("one"), email("two")
    scene.apply(declare(setup()))
    scene.verify()
    scene.apply(declare(setup(), one, two))
    swapped = declare(
        setup(),
        email("one", sender_email_address="two@mail.example"),
        email("two", sender_email_address="one@mail.example"),
    )
    plan = scene.plan(swapped)
    before = scene.store.load().serial

    scene.execute(plan)

    assert scene.store.load().serial == before + 1
    assert {
        address.name: resource.attributes["sender_email_address"]
        for address, resource in scene.resources.items()
        if address.kind == "use_case"
    } == {"one": "two@mail.example", "two": "one@mail.example"}


def test_a_rename_makes_no_call_and_keeps_the_id():
    """`moved:` changes the state alone, and everything that refers to the old address."""
    scene = Scene()
    scene.apply(EVERYTHING)
    scene.verify()
    scene.apply(EVERYTHING)
    id = scene.resources[at("ses_setup.mail")].id
    renamed = replace(setup(), address=at("ses_setup.letters"))
    use_case = replace(email(ses_setup="ses_setup.letters"), references=(at("ses_setup.letters"),))
    configuration = replace(
        declare(renamed, pool(), use_case),
        moved=(Moved(at("ses_setup.mail"), at("ses_setup.letters")),),
    )
    plan = scene.plan(configuration)
    calls = len(scene.world.calls)

    scene.execute(plan)

    assert len(scene.world.calls) == calls
    assert scene.resources[at("ses_setup.letters")].id == id
    assert at("ses_setup.mail") not in scene.resources
    assert scene.resources[at("use_case.receipts")].attributes["ses_setup"] == "ses_setup.letters"
    assert scene.apply(configuration).done == ()


def test_a_replacement_deletes_and_then_creates_under_a_new_id():
    """The names are unique, so the old object goes first; the tier starts anew."""
    scene = Scene()
    scene.apply(declare(setup()))
    scene.verify()
    scene.apply(declare(setup(), email()))
    old = scene.resources[at("use_case.receipts")]

    result = scene.apply(declare(setup(), email(email_type="marketing")))

    new = scene.resources[at("use_case.receipts")]
    assert steps(result.done) == ["create use_case.receipts", "delete use_case.receipts"]
    assert new.id != old.id
    assert new.attributes["email_type"] == "marketing"
    assert scene.marked()["configuration_set/acme_receipts"] == new.id


def test_nothing_of_a_replacement_starts_while_its_gate_is_closed():
    """What would be deleted stays until its successor can be made."""
    scene = Scene()
    scene.apply(declare(setup()))
    scene.verify()
    scene.apply(declare(setup(), email()))
    scene.world.report(key("identity", "mail.example"), dkim_status="PENDING")
    id = scene.resources[at("use_case.receipts")].id

    result = scene.apply(declare(setup(), email(email_type="marketing")))

    assert steps(result.waiting) == ["create use_case.receipts", "delete use_case.receipts"]
    assert [waiting.gate.state for waiting in result.waiting] == [GateState.PENDING] * 2
    assert scene.marked()["configuration_set/acme_receipts"] == id


def test_a_replacement_that_creates_first_deletes_last():
    """A pool whose name changes stands before the sets are moved, and the old one goes after that."""
    scene = Scene()
    scene.apply(declare(setup(), pool()))
    scene.verify()
    scene.apply(declare(setup(), pool(), email()))
    scene.world.calls.clear()

    result = scene.apply(declare(setup(), pool(pool_name="fresh"), email()))

    changing = [
        f"{call.operation} {call.name}"
        for call in scene.world.calls
        if not call.operation.startswith(("get_", "list_"))
    ]
    assert changing == ["create_pool fresh", "put_configuration_set acme_receipts", "delete_pool txn"]
    assert result.word == "done"
    assert scene.resources[at("sending_pool.txn")].attributes["pool_name"] == "fresh"
    assert scene.marked()["pool/fresh"] == scene.resources[at("sending_pool.txn")].id
    assert "pool/txn" not in scene.existing()


def _replaced_but_for_the_old_one() -> Scene:
    scene = Scene()
    scene.apply(declare(pool()))
    scene.world.fault(Fail(Rejected("in use")), operation="delete_pool")
    result = scene.apply(declare(pool(pool_name="fresh")))
    assert steps(result.failed) == ["delete sending_pool.txn"]
    assert scene.existing() == {"pool/fresh", "pool/txn"}
    return scene


def test_the_old_object_of_a_replacement_is_deleted_by_the_next_run():
    """The state holds the new one by then; the open intent remembers the old one."""
    scene = _replaced_but_for_the_old_one()

    result = scene.apply(declare(pool(pool_name="fresh")))

    assert (steps(result.done), scene.existing()) == (["delete sending_pool.txn"], {"pool/fresh"})
    assert (len(scene.resources), scene.store.load().intents) == (1, ())


def test_the_old_object_of_a_replacement_goes_when_the_new_one_does():
    """Both are deleted when the resource is declared no more."""
    scene = _replaced_but_for_the_old_one()

    result = scene.apply(declare())

    assert (steps(result.done), scene.existing()) == (["delete sending_pool.txn"] * 2, set())
    assert (dict(scene.resources), scene.store.load().intents) == ({}, ())


def test_a_replacement_that_cannot_create_keeps_what_there_was():
    """Nothing was made, so nothing goes."""
    scene = Scene()
    scene.apply(declare(pool()))
    before = scene.resources
    scene.world.fault(Fail(Rejected("no more pools")), operation="create_pool")

    result = scene.apply(declare(pool(pool_name="fresh")))

    assert (steps(result.failed), steps(result.skipped)) == (
        ["create sending_pool.txn"],
        ["delete sending_pool.txn"],
    )
    assert (scene.existing(), scene.resources, scene.store.load().intents) == ({"pool/txn"}, before, ())


def test_a_place_that_hangs_does_not_hold_up_another():
    """Each account and region has threads of its own."""
    scene = Scene(parallelism=1)
    hold = Hold()
    scene.world.fault(hold, operation="create_pool", name="slow")
    far = [replace(pool(name), scope=replace(SES, region="us-east-1")) for name in ("one", "two", "three")]
    done: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, StepDone):
            done.append(event.step.address.name)
            if len(done) == len(far):
                hold.release()

    scene.listener = listen
    result = scene.execute(scene.plan(declare(pool("slow"), *far)))

    assert (len(result.done), done[-1], sorted(done[:-1])) == (4, "slow", ["one", "three", "two"])


def test_the_old_half_is_kept_while_what_the_new_half_needs_fails():
    """A replacement doesn't delete before the pool that its successor sends through is there."""
    scene = Scene()
    scene.apply(declare(setup()))
    scene.verify()
    scene.apply(declare(setup(), email()))
    scene.world.fault(Fail(Rejected("no more pools")), operation="create_pool")

    result = scene.apply(declare(setup(), pool("mkt", family="marketing"), email(email_type="marketing")))

    assert steps(result.failed) == ["create sending_pool.mkt"]
    assert steps(result.skipped) == ["create use_case.receipts", "delete use_case.receipts"]
    assert "configuration_set/acme_receipts" in scene.existing()


def test_a_destroy_leaves_nothing():
    """Deletes run in the only order that works, and the state ends empty."""
    scene = Scene()
    scene.apply(EVERYTHING)
    scene.verify()
    scene.apply(EVERYTHING)

    result = scene.apply(EVERYTHING, Request(destroy=True, allow_all=True))

    assert steps(result.done) == [
        "delete sending_pool.txn",
        "delete ses_setup.mail",
        "delete use_case.receipts",
    ]
    assert (scene.existing(), dict(scene.resources)) == (set(), {})


def test_a_failed_step_skips_what_depends_on_it_and_nothing_else():
    """The rest goes on, and the reason is told."""
    scene = Scene()
    scene.apply(declare(setup()))
    scene.verify()
    scene.world.fault(Fail(Rejected("no more pools", remedy="Ask for more.")), operation="create_pool")

    result = scene.apply(declare(setup(), setup("other"), pool(), email()))

    assert steps(result.failed) == ["create sending_pool.txn"]
    assert [(failed.problem.code, failed.problem.remedy) for failed in result.failed] == [
        ("rejected", "Ask for more.")
    ]
    assert [(skipped.step, skipped.reason) for skipped in result.skipped] == [
        (Step(at("use_case.receipts"), Half.CREATE), "create of sending_pool.txn failed.")
    ]
    assert steps(result.done) == ["create ses_setup.other"]
    assert result.word == "failed"
    assert scene.store.load().intents == ()


def test_a_half_made_object_is_remembered_and_finished_by_the_next_run():
    """What a failed create left carries our id; the next run makes the rest under it."""
    scene = Scene()
    scene.world.fault(Fail(Rejected("not today")), operation="create_identity")

    first = scene.apply(declare(setup()))
    begun = scene.resources[at("ses_setup.mail")]
    again = scene.plan(declare(setup()))
    second = scene.apply(declare(setup()))

    assert steps(first.failed) == ["create ses_setup.mail"]
    assert not begun.complete
    assert [(change.action, change.reason, change.id) for change in again.changes] == [
        (Action.CREATE, "resumed", begun.id)
    ]
    assert steps(second.done) == ["create ses_setup.mail"]
    assert scene.resources[at("ses_setup.mail")].id == begun.id
    assert set(scene.marked().values()) == {begun.id}


def test_a_lost_answer_is_looked_for_and_not_repeated():
    """When nobody knows whether a create was done, the service is asked; a second object is never made."""
    scene = Scene()
    scene.world.fault(Fail(OutcomeUnknown("the connection broke")), Moment.AFTER, operation="create_pool")

    first = scene.apply(declare(pool()))
    second = scene.apply(declare(pool()))

    assert steps(first.failed) == ["create sending_pool.txn"]
    assert steps(second.done) == ["create sending_pool.txn"]
    assert scene.marked() == {"pool/txn": scene.resources[at("sending_pool.txn")].id}


def test_an_intent_stays_open_when_the_look_fails_too():
    """A service that is down altogether is asked by the next run."""
    scene = Scene()
    plan = scene.plan(declare(pool()))
    scene.world.fault(Fail(OutcomeUnknown("gone")), Moment.AFTER, operation="create_pool")
    scene.world.fault(Fail(Rejected("still gone")), operation="get_pool")

    scene.execute(plan)
    intents = scene.store.load().intents
    result = scene.apply(declare(pool()))

    assert [(intent.kind, intent.address) for intent in intents] == [("create", at("sending_pool.txn"))]
    assert steps(result.done) == ["create sending_pool.txn"]
    assert scene.marked() == {"pool/txn": intents[0].resource_id}
    assert scene.store.load().intents == ()


def test_a_create_that_did_nothing_leaves_nothing():
    """A definite no before the first part closes the intent without a trace."""
    scene = Scene()
    scene.world.fault(Fail(Transient("throttled")), operation="create_pool", times=99)

    result = scene.apply(declare(pool()))

    assert [failed.problem.code for failed in result.failed] == ["transient"]
    assert (scene.store.load().intents, dict(scene.resources)) == ((), {})


def test_an_interrupted_update_is_repeated_from_its_recorded_prior():
    """The intent stays open until the update is through, and is begun only once."""
    scene = Scene()
    scene.apply(declare(setup()))
    wanted = declare(setup(mail_from="post", reputation_policy="strict"))
    scene.world.fault(Fail(Rejected("no")), operation="put_mail_from")

    first = scene.apply(wanted)
    opened = scene.store.load().intents
    second = scene.apply(wanted)

    assert steps(first.failed) == ["update ses_setup.mail"]
    assert [(intent.kind, intent.changed) for intent in opened] == [
        ("update", ("mail_from", "reputation_policy"))
    ]
    assert steps(second.done) == ["update ses_setup.mail"]
    assert scene.store.load().intents == ()
    assert scene.world.parts()[key("mail_from", "mail.example")].attributes == {"mail_from": "post"}


def test_what_changed_since_the_plan_is_not_deleted():
    """Right before a delete the live object is compared with what was reviewed."""
    scene = Scene()
    scene.apply(declare(setup()))
    plan = scene.plan(declare())
    scene.world.alter(key("mail_from", "mail.example"), mail_from="theirs")
    before = scene.existing()

    result = scene.execute(plan)

    assert [(failed.problem.code, failed.problem.message) for failed in result.failed] == [
        (
            "changed_since_plan",
            "ses_setup.mail was changed since it was planned: mail_from differ from what the plan shows. "
            "Nothing was touched.",
        )
    ]
    assert scene.existing() == before
    assert scene.store.load().intents == ()


def test_what_carries_another_mark_is_not_deleted():
    """An object that somebody made anew under our name isn't ours."""
    scene = Scene()
    scene.apply(declare(pool()))
    plan = scene.plan(declare())
    theirs = scene.world.parts()[key("pool", "txn")]
    scene.world.lose(key("pool", "txn"))
    scene.world.put(key("pool", "txn"), replace(theirs, id=None, workspace=None))

    result = scene.execute(plan)

    assert [failed.problem.code for failed in result.failed] == ["changed_since_plan"]
    assert scene.existing() == {"pool/txn"}


def test_what_is_gone_already_counts_as_deleted():
    """A delete asks for absence, whoever brought it about."""
    scene = Scene()
    scene.apply(declare(pool()))
    plan = scene.plan(declare())
    scene.world.lose(key("pool", "txn"))

    result = scene.execute(plan)

    assert steps(result.done) == ["delete sending_pool.txn"]
    assert dict(scene.resources) == {}


def test_an_acknowledgement_is_spent_when_the_destructive_call_starts():
    """It is on record even when the call then fails."""
    scene = Scene()
    scene.apply(declare(pool()))
    plan = scene.plan(declare())
    plan = replace(
        plan,
        changes=tuple(replace(change, acknowledged_by="acknowledge: CH-118") for change in plan.changes),
    )
    scene.world.fault(Fail(Rejected("in use")), operation="delete_pool")

    scene.execute(plan)

    assert [(spent.address, spent.action, spent.reason) for spent in scene.store.load().acknowledgements] == [
        (at("sending_pool.txn"), "delete", "CH-118")
    ]


def test_a_refused_plan_is_not_carried_out():
    """The engine itself won't do what nobody may do."""
    scene = Scene()
    scene.apply(declare(setup(prevent_destroy=True)))
    plan = scene.plan(declare(), ALLOWED)
    calls = len(scene.world.calls)

    with pytest.raises(Refused) as refusal:
        scene.execute(plan)

    assert (refusal.value.code, len(scene.world.calls)) == (plan.refusals[0].code, calls)


def test_a_listener_that_breaks_does_not_break_the_apply():
    """A closed terminal loses the telling, not the doing."""
    scene = Scene()

    def broken(_event: object) -> None:
        raise BrokenPipeError

    plan = scene.plan(declare(pool()))
    scene.listener = broken

    assert steps(scene.execute(plan).done) == ["create sending_pool.txn"]


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_rename_that_nobody_applied_is_destroyed_under_its_old_address(is_gone):
    """`moved:` stands in the configuration, the state knows the old address: neither keeps anything, whether the object
    is there still or was deleted behind our back."""
    scene = Scene()
    scene.apply(declare(pool()))
    if is_gone:
        scene.world.lose(key("pool", "txn"))
    renamed = replace(
        declare(pool("bulk", pool_name="txn")),
        moved=(Moved(at("sending_pool.txn"), at("sending_pool.bulk")),),
    )

    result = scene.apply(renamed, Request(destroy=True, allow_all=True))

    assert (result.word, dict(scene.resources), scene.marked()) == ("done", {}, {})
