"""An approval is used up by whichever run does what it covers."""

from chanplan.model.errors import Rejected
from chanplan.model.plans import Plan
from chanplan.model.snapshots import Approval
from chanplan.providers.memory.faults import Fail
from tests.unit.execution.scene import Scene, declare, email, pool, setup


def _approve(scene: Scene, plan: Plan) -> None:
    marks = frozenset(mark for change in plan.effective for mark in change.fingerprints)
    scene.store.approve(Approval(plan.digest, marks, frozenset(), scene.clock.now()))


def _remaining(scene: Scene) -> int:
    return sum(len(approval.remaining) for approval in scene.store.load().approvals)


def test_what_is_done_is_spent_and_what_waits_remains() -> None:
    """Three runs, with a failure and a gate between them, use up one approval."""
    scene = Scene()
    configuration = declare(setup(), pool(), email())
    plan = scene.plan(configuration)
    _approve(scene, plan)
    remaining = [_remaining(scene)]

    scene.world.fault(Fail(Rejected("no")), operation="create_pool")
    scene.execute(plan)
    remaining.append(_remaining(scene))
    scene.verify()
    scene.world.fault(Fail(Rejected("no")), operation="create_configuration_set")
    scene.apply(configuration)
    remaining.append(_remaining(scene))
    scene.apply(configuration)
    remaining.append(_remaining(scene))

    assert remaining == [3, 2, 1, 0]


def test_each_half_of_a_replacement_is_spent_by_itself() -> None:
    """A delete that was done isn't approved a second time; the create that remains is."""
    scene = Scene()
    scene.apply(declare(setup()))
    scene.verify()
    scene.apply(declare(setup(), email()))
    wanted = declare(setup(), email(email_type="marketing"))
    plan = scene.plan(wanted)
    _approve(scene, plan)
    scene.world.fault(Fail(Rejected("no")), operation="create_configuration_set")

    scene.execute(plan)
    after_delete = [approval.remaining for approval in scene.store.load().approvals]
    again = scene.plan(wanted)
    scene.execute(again)

    (approved,) = plan.changes[1:]
    assert after_delete == [frozenset(approved.fingerprints[1:])]
    assert again.changes[1].fingerprints == approved.fingerprints[1:]
    assert _remaining(scene) == 0


def test_what_calls_no_service_is_spent_too() -> None:
    """An approval covers the state as well."""
    scene = Scene()
    scene.apply(declare(pool()))
    plan = scene.plan(declare(pool(prevent_destroy=True)))
    _approve(scene, plan)

    scene.execute(plan)

    assert _remaining(scene) == 0
