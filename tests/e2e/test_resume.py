"""Going on with what was approved: `apply --resume` needs no digest, does what is left, and nothing else."""

import json

DESCRIPTION = ("Order receipts and invoices", "Order confirmations")


def spent(scene):
    """How many of the approved fingerprints are spent, by approval."""
    return [(len(approval.spent), len(approval.fingerprints)) for approval in scene.state().approvals]


def test_resume_finishes_what_waited(scene):
    """As often as it takes: it waits with 3 until the gate opens, then ends with 0."""
    scene.expect(0, "plan", "--out", "reviewed.plan.json")
    scene.expect(3, "apply", "reviewed.plan.json")

    scene.expect(3, "apply", "--resume")
    scene.publish()
    scene.expect(0, "apply", "--resume")

    assert spent(scene) == [(5, 5)]
    scene.expect(0, "plan", "--detailed-exitcode")


def test_resume_without_anything_left(scene):
    """Where nothing was approved, or all of it is done, it makes no call, whatever is declared."""
    never = scene.run("apply", "--resume")

    assert (never.code, never.out, never.err) == (0, "", "Nothing is left of what was approved.\n")
    assert (scene.calls(), scene.state().resources) == ([], {})


def test_resume_does_nothing_that_nobody_approved(scene):
    """A change that was merged since is refused, not slipped in; undone, the rest goes on."""
    scene.expect(0, "plan", "--out", "reviewed.plan.json")
    scene.expect(3, "apply", "reviewed.plan.json")
    scene.publish()
    scene.edit(DESCRIPTION)
    before = scene.calls()

    refused = scene.run("apply", "--resume")

    assert (refused.code, "use_case.receipts (not_approved)" in refused.err) == (4, True)
    assert scene.calls() == before
    scene.edit(DESCRIPTION[::-1])
    scene.expect(0, "apply", "--resume")


def test_resume_of_two_approvals(scene):
    """Each goes on by itself, under its own digest, and the lines of both runs follow each other."""
    scene.expect(0, "plan", "--target", "use_case.alerts", "--out", "first.plan.json")
    scene.expect(3, "apply", "first.plan.json")
    scene.expect(0, "plan", "--out", "second.plan.json")
    scene.expect(3, "apply", "second.plan.json")
    digests = [approval.digest for approval in scene.state().approvals]
    scene.publish()

    lines = [
        json.loads(line) for line in scene.expect(0, "apply", "--resume", "--format", "jsonl").splitlines()
    ]

    assert [line["type"] for line in lines if line["type"] in {"version", "outcome"}] == [
        "version",
        "outcome",
    ] * 2
    assert len(set(digests)) == 2
    assert all(done == approved for done, approved in spent(scene))
    scene.expect(0, "plan", "--detailed-exitcode")


def test_resume_takes_no_planning_options(scene):
    """What is left was approved as it is."""
    for options in (
        ("--expect", f"sha256:{'0' * 64}"),
        ("--allow-delete", "all"),
        ("--destroy",),
        ("plan.json",),
    ):
        refused = scene.run("apply", "--resume", *options)

        assert (refused.code, refused.out) == (1, "")
        assert "without planning options" in refused.err
