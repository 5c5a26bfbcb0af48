"""A replacement that creates first and is killed before its deletion leaves an old object: it is told, and goes."""

import pytest

from tests.e2e.kills import Blow
from tests.e2e.scene import QUICKSTART, Scene

POOL = "sending_pool.transactional"


@pytest.fixture
def scene(tmp_path, commands):
    """The quickstart with a renamed pool, killed when the new pool stands and the old one should go."""
    blow = Blow()
    with Scene(tmp_path / "scene", commands, hooks=blow) as made:
        made.write(QUICKSTART.read_text())
        made.expect(3, "apply", "--auto-approve")
        made.publish()
        made.expect(0, "apply", "--auto-approve")
        made.edit(("pool_name: acme-transactional", "pool_name: acme-orders"))
        blow.operation = "sesv2:DeleteDedicatedIpPool"
        assert blow.land(made.start("apply", "--auto-approve", "--allow-replace", POOL)).code == -9
        yield made


def pools(scene):
    """The pools in the account."""
    return sorted(scene.client().list_dedicated_ip_pools()["DedicatedIpPools"])


def test_plan_tells_what_is_left(scene):
    """Nothing differs from the configuration any more, and yet an apply has something to do: the plan says both."""
    plan = scene.plan()

    assert [change["change"]["actions"] for change in plan["resource_changes"]] == [["no-op"]] * 5
    assert [(entry["code"], entry["address"]) for entry in plan["diagnostics"]] == [
        ("inbound_unrouted", "ses_setup.acme-mail"),
        ("unfinished_replacement", POOL),
    ]
    scene.expect(2, "plan", "--detailed-exitcode")
    scene.expect(0, "apply", "--auto-approve")
    assert pools(scene) == ["acme-marketing", "acme-orders"]
    scene.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_destroy_takes_it_along(scene):
    """What a replacement left is ours as much as what replaced it."""
    scene.expect(0, "destroy", "--auto-approve", "--allow-delete", "all")

    assert (scene.objects(), scene.state().resources, scene.state().intents) == ({}, {}, ())
