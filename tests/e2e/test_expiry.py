"""SES stops looking for the records after 72 hours: a state like another, after which an apply starts the search anew."""

from tests.e2e.scene import SETUP, address


def gate(plan):
    """The gate of the receipts in a plan."""
    changes = {change["address"]: change for change in plan["resource_changes"]}
    return changes["use_case.receipts"]["gate"]


def reasons(plan):
    """What a plan does, and why."""
    return {
        change["address"]: (change["change"]["actions"], change["action_reason"])
        for change in plan["resource_changes"]
        if change["change"]["actions"] != ["no-op"]
    }


def test_expired_gate_is_armed_again(scene):
    """Expired, and told what to do; published, and armed again; verified, and finished."""
    scene.expect(3, "apply", "--auto-approve")
    scene.expect(0, "sandbox", "clock", "73h")

    expired = scene.plan()
    assert (gate(expired)["state"], len(gate(expired)["todo"])) == ("expired", 7)
    assert gate(expired)["detail"] == (
        "SES stopped looking for the records, which it does after 72 hours. "
        "Publish what is missing; an apply after that asks it to look again."
    )
    assert reasons(expired) == {
        "use_case.alerts": (["create"], "not_in_state"),
        "use_case.receipts": (["create"], "not_in_state"),
    }
    calls = scene.calls()
    told = scene.expect(3, "apply", "--auto-approve")
    assert "expired" in told
    assert scene.calls() == calls

    scene.publish()
    published = scene.plan()
    assert gate(published)["state"] == "expired"
    assert gate(published)["detail"] == (
        "SES stopped looking for the records, which it does after 72 hours. "
        "They are all in place now: an apply asks it to look again."
    )
    assert reasons(published) == {
        SETUP: (["update"], "rearmed"),
        "use_case.alerts": (["create"], "not_in_state"),
        "use_case.receipts": (["create"], "not_in_state"),
    }
    since = scene.state().resources[address(SETUP)].facts["verification_started_at"]

    scene.expect(3, "apply", "--auto-approve")
    assert scene.calls()[len(calls) :] == [
        "sesv2:PutEmailIdentityMailFromAttributes",
        "sesv2:PutEmailIdentityDkimSigningAttributes",
    ]
    assert scene.state().resources[address(SETUP)].facts["verification_started_at"] > since

    scene.expect(0, "apply", "--auto-approve")
    scene.expect(0, "plan", "--detailed-exitcode")


def test_deadline_is_told_before(scene):
    """While SES still looks, the plan says until when."""
    scene.expect(3, "apply", "--auto-approve")

    pending = gate(scene.plan())

    assert pending["state"] == "pending"
    assert pending["since"][:11] < pending["deadline"][:11]
    assert pending["detail"].endswith("SES looks for another 72 hours.")


def test_rearming_needs_no_new_approval(scene):
    """A digest approved before the search ended goes on after it."""
    digest = scene.plan()["digest"]
    scene.expect(3, "apply", "--expect", digest)
    scene.expect(0, "sandbox", "clock", "73h")
    scene.publish()

    scene.expect(3, "apply", "--expect", digest)
    scene.expect(0, "apply", "--expect", digest)

    scene.expect(0, "plan", "--detailed-exitcode")


def test_wait_tells_an_expired_gate(scene):
    """`wait` doesn't wait for what won't come: an expired gate ends it with 3."""
    scene.expect(3, "apply", "--auto-approve")
    scene.expect(0, "sandbox", "clock", "73h")

    told = scene.expect(3, "wait", "--timeout", "10m")

    assert "expired" in told
