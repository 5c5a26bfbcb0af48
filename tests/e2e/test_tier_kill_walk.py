"""Kill -9 before and after every call of `tiers apply`, run it again: the same pool, tier and history, and nothing left to do."""

import json
import signal
from datetime import datetime, timedelta

import pytest

from chanplan.model.narrowing import from_text
from chanplan.sandbox.mail_controls import Place
from chanplan.sandbox.state.mail import Counts
from tests.e2e.kills import Blow, Call, prepared, walked
from tests.e2e.scene import EMAIL, Scene, address

APPLY = ("apply", "--auto-approve", "--parallelism", "1", "--deepen", "0")
MOVE = ("tiers", "apply", "--auto-approve", "--parallelism", "1")
RECEIPTS = "use_case.receipts"
ONE_POOL = "    tiers: [onboarding, standard, premium]\n    scaling: managed\n  marketing:"
TWO_POOLS = """    tiers: [onboarding]
    scaling: managed
  proven:
    pool_name: acme-proven
    family: transactional
    tiers: [standard, premium]
    scaling: managed
  marketing:"""


def made(scene):
    """Everything is applied, its DNS is published, and its use cases are three weeks old."""
    scene.write(EMAIL.read_text())
    scene.edit((ONE_POOL, TWO_POOLS))
    scene.expect(3, *APPLY)
    scene.publish()
    scene.expect(0, *APPLY)
    age(scene, days=21)


def age(scene, days):
    """Lets the state say that everything was made so many days earlier, as it would after so many days."""
    document = from_text(scene.expect(0, "state", "pull"), "state")
    for resource in document["resources"]:
        if resource["address"].startswith("use_case."):
            made_at = datetime.fromisoformat(resource["created_at"])
            resource["created_at"] = (made_at - timedelta(days=days)).isoformat()
    document["serial"] += 1
    path = scene.folder / "aged.json"
    path.write_text(json.dumps(document))
    scene.expect(0, "state", "push", str(path))
    path.unlink()


def sends(scene, days, sends, bounces):
    """Sends the same mail on each of the last days."""
    with scene.controls() as controls:
        (place,) = controls.mail.places_of_sets("acme_receipts")
        controls.mail.set_vdm(place.account, place.region, on=True)
        today = controls.mail.today()
        controls.mail.set_days(
            Place(place.account, place.region, place.name),
            [today - timedelta(days=n) for n in range(days)],
            Counts(sends=sends, deliveries=sends - bounces, bounces=bounces, complaints=0),
        )


def earned(scene):
    """Receipts has earned standard."""
    made(scene)
    sends(scene, 15, 200, 0)


def breached(scene):
    """Receipts bounces so much that it must be suspended."""
    made(scene)
    sends(scene, 3, 400, 60)


WALKS = {
    "a promotion": (earned, MOVE, "standard", "acme-proven"),
    "a suspension": (breached, MOVE, "suspended", "ses-shared-pool"),
    "a stop of the tenant": (
        made,
        ("tiers", "stop-tenant", "ses_setup.acme-mail", "--reason", "a leaked key", "--auto-approve"),
        "onboarding",
        "acme-transactional",
    ),
}


@pytest.mark.parametrize("name", WALKS)
def test_killed_at_any_call_of_a_move(name, commands, tmp_path):
    """Whatever call it dies at, the same command ends as it would have, and a deep plan has nothing to do after it."""
    preparation, arguments, tier, pool = WALKS[name]

    walk = prepared(tmp_path / "walk", commands, preparation, arguments, 0)

    receipts = walk.reference.world["state"]["resources"][RECEIPTS]
    assert (receipts["facts"]["tier"], receipts["attributes"]["sending_pool"]) == (tier, pool)
    assert walk.reference.plan[0] == 0, walk.reference.plan
    walked(walk, commands, tmp_path / "scene")


def test_what_was_approved_of_tiers_isnt_for_an_apply_to_go_on_with(commands, tmp_path):
    """Killed before its one call, it is left for the next `tiers apply` under the same digest, which judges anew."""
    blow = Blow(operation="sesv2:PutConfigurationSetDeliveryOptions")
    with Scene(tmp_path, commands, hooks=blow) as scene:
        blow.struck = Call(0, "none yet")
        earned(scene)
        digest = json.loads(scene.expect(0, "tiers", "evaluate", "--format", "json"))["digest"]
        blow.aim("sesv2:PutConfigurationSetDeliveryOptions")
        killed = blow.land(scene.start("tiers", "apply", "--expect", digest))
        resumed = scene.run("apply", "--resume")
        between = scene.state().resources[address(RECEIPTS)].facts["tier"]
        scene.expect(0, "tiers", "apply", "--expect", digest)
        state = scene.state()

    assert killed.code == -signal.SIGKILL
    assert (resumed.code, resumed.err) == (0, "Nothing is left of what was approved.\n")
    assert between == "onboarding"
    assert state.resources[address(RECEIPTS)].facts["tier"] == "standard"
    assert not any(approval.remaining for approval in state.approvals)
