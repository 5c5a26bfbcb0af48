"""How open intents of earlier runs end."""

from chanplan.execution.recovery import Examination, apply_settlements, examine, with_settlements
from chanplan.model.errors import OutcomeUnknown, Rejected, Transient
from chanplan.model.events import IntentRecovered
from chanplan.model.resources import Desired
from chanplan.model.settlements import Continued, Settled
from chanplan.model.snapshots import Intent
from chanplan.providers.memory.faults import Fail, Moment
from chanplan.providers.memory.world import Part
from tests.unit.execution.scene import Scene, at, declare, key, pool, setup


def _left_open(scene: Scene, moment: Moment) -> Intent:
    """Leave the intent of a pool's create open: done or not, nobody could look."""
    plan = scene.plan(declare(pool()))
    scene.world.fault(Fail(OutcomeUnknown("lost")), moment, operation="create_pool")
    scene.world.fault(Fail(Rejected("down")), operation="get_pool")
    scene.execute(plan)
    (intent,) = scene.store.load().intents
    return intent


def test_what_was_made_is_remembered_as_begun():
    """Our mark says that it is ours; the next plan goes on with it."""
    scene = Scene()
    intent = _left_open(scene, Moment.AFTER)

    found = examine(scene.store.load(), scene.providers, scene.clock)
    apply_settlements(scene.store, found.settlements, scene.hear)

    resource = scene.resources[at("sending_pool.txn")]
    assert (resource.id, resource.complete) == (intent.resource_id, False)
    assert scene.store.load().intents == ()
    assert isinstance(scene.events[-1], IntentRecovered)


def test_what_was_not_made_leaves_nothing():
    """The intent closes without a trace."""
    scene = Scene()
    _left_open(scene, Moment.BEFORE)

    found = examine(scene.store.load(), scene.providers, scene.clock)
    apply_settlements(scene.store, found.settlements, scene.hear)

    assert (dict(scene.resources), scene.store.load().intents) == ({}, ())


def test_what_is_not_ours_is_left_alone():
    """Somebody took the name in between."""
    scene = Scene()
    _left_open(scene, Moment.BEFORE)
    scene.world.put(key("pool", "txn"), Part("txn", "theirs", "other"))

    found = examine(scene.store.load(), scene.providers, scene.clock)
    apply_settlements(scene.store, found.settlements, scene.hear)

    assert (dict(scene.resources), scene.store.load().intents) == ({}, ())
    assert scene.marked() == {"pool/txn": "theirs"}


def test_a_plan_settles_in_memory_only():
    """The snapshot of a plan is what an apply would write, and the store stays as it is."""
    scene = Scene()
    _left_open(scene, Moment.AFTER)
    snapshot = scene.store.load()
    found = examine(snapshot, scene.providers, scene.clock)

    settled = with_settlements(snapshot, found.settlements)

    assert scene.store.load() == snapshot
    apply_settlements(scene.store, found.settlements, scene.hear)
    assert (settled.resources, settled.intents) == (scene.resources, ())


def test_a_service_that_cannot_be_read_leaves_the_intent_open():
    """The problem says what is unresolved."""
    scene = Scene()
    intent = _left_open(scene, Moment.AFTER)
    scene.world.fault(Fail(Transient("down")), operation="get_pool", times=9)

    found = examine(scene.store.load(), scene.providers, scene.clock)
    apply_settlements(scene.store, found.settlements, scene.hear)

    assert found.settlements == ()
    assert [(problem.code, problem.address) for problem in found.problems] == [
        ("unresolved_intent", at("sending_pool.txn"))
    ]
    assert scene.store.load().intents == (intent,)


def test_an_intent_of_a_provider_that_is_not_wired_stays_open():
    """Nobody can look."""
    scene = Scene()
    _left_open(scene, Moment.AFTER)

    found = examine(scene.store.load(), {}, scene.clock)

    assert (found.settlements, [problem.code for problem in found.problems]) == ((), ["unresolved_intent"])


def test_an_update_stays_open_to_be_repeated():
    """Parts of it may be done: only repeating all of it is safe."""
    scene = Scene()
    scene.apply(declare(setup()))
    plan = scene.plan(declare(setup(mail_from="post", reputation_policy="strict")))
    scene.world.fault(Fail(Rejected("no")), operation="put_mail_from")
    scene.execute(plan)

    found = examine(scene.store.load(), scene.providers, scene.clock)

    assert [type(settlement) for settlement in found.settlements] == [Continued]


def test_an_interrupted_deletion_that_is_through_is_recorded():
    """The object is gone, and so is what the state remembers of it."""
    scene = Scene()
    scene.apply(declare(pool()))
    plan = scene.plan(declare())
    scene.world.fault(Fail(OutcomeUnknown("lost")), Moment.AFTER, operation="delete_pool", times=9)
    scene.execute(plan)

    found = examine(scene.store.load(), scene.providers, scene.clock)
    apply_settlements(scene.store, found.settlements, scene.hear)

    assert [type(settlement) for settlement in found.settlements] == [Settled]
    assert (dict(scene.resources), scene.store.load().intents) == ({}, ())


def test_nothing_open_asks_nobody():
    """The usual case costs nothing."""
    scene = Scene()

    assert examine(scene.store.load(), scene.providers, scene.clock) == Examination(())
    assert scene.world.calls == []


def _begun_with(scene: Scene, *attempts: Desired) -> None:
    """Let each attempt place its part of receiving and fail right after."""
    for desired in attempts:
        scene.world.fault(Fail(Rejected("down")), Moment.AFTER, operation="put_receipt_rule")
        assert len(scene.apply(declare(desired)).failed) == 1


def test_what_isnt_declared_any_more_goes_when_a_create_goes_on():
    """An attempt placed a part that an edit takes back before the next one finishes."""
    scene = Scene()
    _begun_with(scene, setup(receiving={"rule_set": "inbound"}))
    assert "receipt_rule/mail.example" in scene.existing()

    scene.apply(declare(setup(receiving=None)))

    assert "receipt_rule/mail.example" not in scene.existing()
    assert scene.resources[at("ses_setup.mail")].complete


def test_what_the_first_attempt_gave_is_known_through_all_attempts():
    """Tags that only an earlier attempt gave are ours to remove, however many attempts lie between."""
    scene = Scene()
    receiving = {"rule_set": "inbound"}
    _begun_with(
        scene,
        setup(receiving=receiving, tags={"team": "growth"}),
        setup(receiving=receiving, tags={"owner": "mail"}),
    )

    begun = scene.resources[at("ses_setup.mail")]

    assert (begun.complete, begun.attributes["tags"]) == (False, {"team": "growth", "owner": "mail"})
