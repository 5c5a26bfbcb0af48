"""What was reviewed is what runs: a digest or a saved plan, over several runs, gates and kills, and nothing else."""

import json

import pytest

from tests.e2e.kills import Blow
from tests.e2e.scene import EMAIL, SETUP, Scene, remembered

NEVER = "sha256:" + "0" * 64
DESCRIPTION = ("Order receipts and invoices", "Order confirmations")


@pytest.fixture
def blow():
    """A blow that a test may aim."""
    return Blow()


@pytest.fixture
def scene(tmp_path, commands, blow):
    """The email workspace on a sandbox that the blow listens to."""
    with Scene(tmp_path / "scene", commands, hooks=blow) as made:
        made.write(EMAIL.read_text())
        yield made


def marketing(scene):
    """Makes the receipts marketing mail."""
    text = (scene.folder / "chanplan.yaml").read_text()
    head, receipts, tail = text.partition("  receipts:")
    scene.write(head + receipts + tail.replace("email_type: transactional", "email_type: marketing", 1))


def finish(scene):
    """Applies everything."""
    scene.expect(3, "apply", "--auto-approve")
    scene.publish()
    scene.expect(0, "apply", "--auto-approve")


def spent(scene):
    """How many of the approved fingerprints are spent, by approval."""
    return [(len(approval.spent), len(approval.fingerprints)) for approval in scene.state().approvals]


def test_digest_over_three_runs(scene, blow):
    """One approval lasts over a gate and a kill, and each of its changes is done, and spent, once."""
    digest = scene.plan()["digest"]

    scene.expect(3, "apply", "--expect", digest)
    waiting = spent(scene)
    scene.publish()
    blow.operation, blow.phase = "sesv2:CreateConfigurationSet", "after"
    assert blow.land(scene.start("apply", "--expect", digest, "--parallelism", "1")).code == -9
    scene.expect(0, "apply", "--expect", digest)

    assert waiting == [(3, 5)]
    assert spent(scene) == [(5, 5)]
    assert sorted(scene.calls()) == [
        "sesv2:CreateConfigurationSet",
        "sesv2:CreateConfigurationSet",
        "sesv2:CreateConfigurationSet",
        "sesv2:CreateDedicatedIpPool",
        "sesv2:CreateDedicatedIpPool",
        "sesv2:CreateEmailIdentity",
        "sesv2:CreateTenant",
        "sesv2:CreateTenantResourceAssociation",
        "sesv2:CreateTenantResourceAssociation",
        "sesv2:CreateTenantResourceAssociation",
        "sesv2:PutEmailIdentityMailFromAttributes",
        "sesv2:UpdateReputationEntityPolicy",
    ]
    scene.expect(0, "plan", "--detailed-exitcode")


def test_any_other_change_is_refused(scene):
    """What was edited after the approval isn't done under it, nor anything beside it; undone, the rest goes on."""
    digest = scene.plan()["digest"]
    scene.expect(3, "apply", "--expect", digest)
    scene.publish()
    scene.edit(DESCRIPTION)
    before = remembered(scene.state()), spent(scene), scene.calls()

    refused = scene.run("apply", "--expect", digest)

    assert refused.code == 4
    assert "use_case.receipts (not_approved)" in refused.err
    assert (remembered(scene.state()), spent(scene), scene.calls()) == before
    scene.edit(DESCRIPTION[::-1])
    scene.expect(0, "apply", "--expect", digest)
    assert spent(scene) == [(5, 5)]


def test_saved_plan_over_gates(scene):
    """A plan file is an approval like a digest: the same file does what remains, and refuses what it doesn't hold."""
    scene.expect(0, "plan", "--out", "reviewed.plan.json")
    scene.expect(3, "apply", "reviewed.plan.json")
    scene.publish()
    scene.edit(DESCRIPTION)
    refused = scene.run("apply", "reviewed.plan.json")
    scene.edit(DESCRIPTION[::-1])

    scene.expect(0, "apply", "reviewed.plan.json")

    assert (refused.code, "use_case.receipts (not_approved)" in refused.err) == (4, True)
    assert spent(scene) == [(5, 5)]
    scene.expect(0, "apply", "reviewed.plan.json")


def test_digest_that_never_was(scene):
    """A digest that nobody has seen approves nothing, and is told the one of today's plan."""
    refused = scene.run("apply", "--expect", NEVER)

    assert refused.code == 4
    assert "(digest_mismatch)" in refused.err
    assert f"The plan is {scene.plan()['digest']} now" in " ".join(refused.err.split())
    assert (scene.state().approvals, scene.calls()) == ((), [])


@pytest.mark.parametrize(
    "edit",
    [
        lambda plan: plan["resource_changes"][4]["change"]["after"].update(description="Anything"),
        lambda plan: plan.update(digest=NEVER),
        lambda plan: plan["resource_changes"].pop(),
    ],
    ids=["a value", "the digest", "a change left out"],
)
def test_edited_plan_file(scene, edit):
    """A plan file that was edited by hand isn't a plan any more."""
    scene.expect(0, "plan", "--out", "reviewed.plan.json")
    path = scene.folder / "reviewed.plan.json"
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))

    refused = scene.run("apply", "reviewed.plan.json")

    assert (refused.code, refused.out) == (4, "")
    assert "reviewed.plan.json" in refused.err
    assert (scene.state().approvals, scene.calls()) == ((), [])


@pytest.mark.parametrize("form", ["digest", "plan file"])
def test_change_of_another_approval_is_left_to_it(scene, blow, form):
    """Two approvals stand side by side: a run does what its own covers and leaves the rest to the other."""
    first = scene.plan()["digest"]
    scene.expect(3, "apply", "--expect", first)
    scene.edit(("dmarc: {policy: none}", "dmarc: {policy: none}\n    reputation_policy: strict"))
    scene.publish()
    scene.expect(0, "plan", "--target", SETUP, "--out", "second.plan.json")
    second = scene.plan("--target", SETUP)["digest"]
    again = ("--expect", second) if form == "digest" else ("second.plan.json",)
    blow.operation, blow.phase = "sesv2:UpdateReputationEntityPolicy", "before"
    assert (
        blow.land(scene.start("apply", *again, *(("--target", SETUP) if form == "digest" else ()))).code == -9
    )

    # Without the target, everything is in the plan.
    scene.expect(0, "apply", *again)
    halfway = spent(scene), sorted(str(address) for address in scene.state().resources)
    scene.expect(0, "apply", "--expect", first)

    assert halfway == (
        [(3, 5), (1, 1)],
        ["sending_pool.marketing", "sending_pool.transactional", SETUP],
    )
    assert spent(scene) == [(5, 5), (1, 1)]
    scene.expect(0, "plan", "--detailed-exitcode")


def test_plan_file_of_a_target(scene):
    """A plan of a part is carried out as that part: what else is declared is neither done nor in its way."""
    scene.expect(0, "plan", "--target", "sending_pool.marketing", "--out", "part.plan.json")

    scene.expect(0, "apply", "part.plan.json")
    scene.expect(0, "apply", "part.plan.json")

    assert [str(address) for address in scene.state().resources] == ["sending_pool.marketing"]
    scene.expect(0, "plan", "--destroy", "--target", "sending_pool.marketing", "--out", "part.plan.json")
    scene.expect(0, "apply", "part.plan.json")
    scene.expect(0, "apply", "part.plan.json")
    assert scene.state().resources == {}


@pytest.mark.parametrize(
    "operation, phase",
    [
        ("sesv2:DeleteConfigurationSet", "before"),
        ("sesv2:DeleteConfigurationSet", "after"),
        ("sesv2:CreateConfigurationSet", "before"),
        ("sesv2:CreateConfigurationSet", "after"),
    ],
)
def test_replacement_killed_between_its_halves(scene, blow, operation, phase):
    """The digest that approved a replacement covers its create half alone, when the delete half is done."""
    finish(scene)
    marketing(scene)
    plan = json.loads(scene.run("plan", "--format", "json").out)
    digest = plan["digest"]
    blow.operation, blow.phase = operation, phase

    killed = blow.land(scene.start("apply", "--expect", digest))
    scene.expect(0, "apply", "--expect", digest)

    assert (killed.code, plan["applyable"]) == (-9, False)
    assert spent(scene) == [(2, 2)]
    scene.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_acknowledgement_is_spent_once(scene, blow):
    """An `acknowledge:` entry covers one replacement: killed between its halves it goes on, and the next one asks."""
    finish(scene)
    marketing(scene)
    entry = 'acknowledge: [{address: use_case.receipts, action: replace, reason: "CH-118"}]\n'
    scene.write((scene.folder / "chanplan.yaml").read_text() + entry)
    blow.operation, blow.phase = "sesv2:CreateConfigurationSet", "before"

    killed = blow.land(scene.start("apply", "--auto-approve"))
    scene.expect(0, "apply", "--auto-approve")
    scene.edit(("email_type: marketing", "email_type: transactional"))
    refused = scene.run("apply", "--auto-approve")

    assert killed.code == -9
    assert (refused.code, "replace_unacknowledged" in refused.err) == (4, True)


def test_agreement_about_what_is_gone_is_no_error(ready):
    """The command of a run that was killed can be given again, though what it names is deleted by then."""
    ready.edit(("  alerts:", "  alarms:"), ("name: Alerts", "name: Alarms"), ("alerts@", "alarms@"))
    same = ("apply", "--auto-approve", "--allow-delete", "use_case.alerts")
    ready.expect(0, *same)

    told = ready.run(*same)

    assert told.code == 0
    plan = ready.plan("--allow-delete", "use_case.alerts")
    assert [(entry["code"], entry["address"]) for entry in plan["diagnostics"]] == [
        ("inbound_unrouted", "ses_setup.acme-mail"),
        ("acknowledgement_unused", "use_case.alerts"),
    ]
