"""A replacement that creates first and is killed before its deletion leaves an old object: it is told, and goes."""

from contextlib import contextmanager

import pytest

from tests.e2e.kills import Blow
from tests.e2e.scene import EMAIL, Scene

POOL = "sending_pool.transactional"


@contextmanager
def cut_short(root, commands, operation):
    """The email workspace with a renamed pool, killed when the new pool stands, before the first call of an operation."""
    blow = Blow()
    with Scene(root, commands, hooks=blow) as made:
        made.write(EMAIL.read_text())
        made.expect(3, "apply", "--auto-approve")
        made.publish()
        made.expect(0, "apply", "--auto-approve")
        made.edit(("pool_name: acme-transactional", "pool_name: acme-orders"))
        blow.operation = operation
        # One after the other, so that no second set moves while the first one's call is held.
        arguments = ("apply", "--auto-approve", "--allow-replace", POOL, "--parallelism", "1")
        assert blow.land(made.start(*arguments)).code == -9
        yield made


@pytest.fixture
def scene(tmp_path, commands):
    """Killed when the old pool should go."""
    with cut_short(tmp_path / "scene", commands, "sesv2:DeleteDedicatedIpPool") as made:
        yield made


@pytest.fixture
def early(tmp_path, commands):
    """Killed when the first set should move to the new pool."""
    with cut_short(tmp_path / "scene", commands, "sesv2:PutConfigurationSetDeliveryOptions") as made:
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


def test_taken_back(scene):
    """With its old name declared again, the old pool is what stays: nothing is lost, and the new pool goes."""
    scene.edit(("pool_name: acme-orders", "pool_name: acme-transactional"))

    plan = scene.plan()

    assert {change["address"]: change["change"]["actions"] for change in plan["resource_changes"]} == {
        "sending_pool.marketing": ["no-op"],
        POOL: ["no-op"],
        "ses_setup.acme-mail": ["no-op"],
        "use_case.alerts": ["update"],
        "use_case.receipts": ["update"],
    }
    assert plan["refusals"] == []
    scene.expect(0, "apply", "--auto-approve")
    assert pools(scene) == ["acme-marketing", "acme-transactional"]
    assert (scene.state().intents, carrying(scene)) == ((), {"acme-transactional"})
    scene.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_taken_back_and_renamed(scene):
    """The same when the pool gets another name in YAML at once."""
    scene.edit(
        ("pool_name: acme-orders", "pool_name: acme-transactional"),
        ("  transactional:", "  orders:"),
        ("use_cases:", f"moved: [{{from: {POOL}, to: sending_pool.orders}}]\nuse_cases:"),
    )

    scene.expect(0, "apply", "--auto-approve")

    assert pools(scene) == ["acme-marketing", "acme-transactional"]
    scene.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_pool_stays_under_what_waits(scene):
    """While a replaced use case waits at its gate, its old set sends on, and keeps the pool that it sends through."""
    scene.expect(0, "apply", "--auto-approve")
    scene.edit(
        ("pool_name: acme-orders", "pool_name: acme-third"),
        (
            "use_cases:",
            "  second:\n    tenant_name: second\n    domain_identity: mail.second.example\nuse_cases:",
        ),
        (
            "sender_email_address: alerts@mail.acme.example",
            "sender_email_address: alerts@mail.second.example",
        ),
    )
    text = (scene.folder / "chanplan.yaml").read_text()
    head, alerts, tail = text.partition("  alerts:")
    scene.write(head + alerts + tail.replace("ses_setup: acme-mail", "ses_setup: second", 1))
    replaced = ("--allow-replace", POOL, "--allow-replace", "use_case.alerts")

    scene.expect(3, "apply", "--auto-approve", *replaced)
    scene.expect(3, "apply", "--auto-approve", *replaced)

    assert pools(scene) == ["acme-marketing", "acme-orders", "acme-third"]
    assert carrying(scene) == {"acme-orders", "acme-third"}


def test_pool_stays_under_what_is_not_targeted(early):
    """An apply of something else doesn't delete the pool that sets still send through; the next whole one does."""
    early.expect(0, "apply", "--auto-approve", "--target", "ses_setup.acme-mail")

    assert pools(early) == ["acme-marketing", "acme-orders", "acme-transactional"]
    assert carrying(early) == {"acme-transactional"}
    early.expect(0, "apply", "--auto-approve")
    assert (pools(early), carrying(early)) == (["acme-marketing", "acme-orders"], {"acme-orders"})


def carrying(scene):
    """The pools that sets send through."""
    return {
        value["DeliveryOptions"]["SendingPoolName"]
        for (_, _, kind, _), value in scene.objects().items()
        if kind == "ses.configuration-set"
    }


def test_destroy_takes_it_along(scene):
    """What a replacement left is ours as much as what replaced it."""
    scene.expect(0, "destroy", "--auto-approve", "--allow-delete", "all")

    assert (scene.objects(), scene.state().resources, scene.state().intents) == ({}, {}, ())
