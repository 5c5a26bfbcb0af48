"""The life of a pull request: the workflows of `examples/ci/github`, step by step, against a platform and the sandbox."""

from tests.ci.github_runs import FORK

HEAD, MERGE, OTHER = "a" * 40, "b" * 40, "c" * 40


def merged(repository, head=HEAD, commit=MERGE):
    """Merges pull request 12: squashed, so that its own commits aren't in the branch."""
    request = repository.platform.requests[12]
    request.head, request.state, request.merge_commit = head, "merged", commit


def proposed(repository, head=HEAD):
    """Runs the plan of a pull request at this head."""
    repository.platform.requests[12].head = head
    return repository.run("plan", "plan", event="pull_request", commit=head)


def bodies(repository):
    """Gives the texts of the comments."""
    return [comment.body for comment in repository.platform.requests[12].comments]


def test_from_a_proposal_to_its_end(repository):
    """Planned, merged, applied up to a gate, gone on by schedule: the same approval all along, and one issue meanwhile."""
    plan = proposed(repository)
    digest = plan.steps["plan"].outputs["digest"]
    assert (plan.failed, plan.steps["plan"].outputs["result"]) == (False, "changes")
    assert [artifact.name for artifact in repository.platform.artifacts] == [
        f"chanplan-plan-acme-production-{HEAD}"
    ]
    assert [digest in body for body in bodies(repository)] == [True]
    assert digest in plan.summary

    merged(repository)
    apply = repository.run("apply", "apply", event="push", commit=MERGE)
    assert (apply.failed, apply.steps["apply"].outputs["result"]) == (False, "waiting"), apply.steps
    assert apply.steps["reviewed"].outputs["number"] == "12"
    assert apply.steps["unreviewed"].outcome == "skipped"
    (body,) = bodies(repository)
    assert "3 created, 2 waiting" in body

    again = repository.run("apply", "apply", event="push", commit=MERGE)
    assert (again.failed, again.steps["apply"].outputs["result"]) == (False, "waiting")
    waiting = repository.run("scheduled", "resume", event="schedule", commit=MERGE)
    look = repository.run("scheduled", "look", event="schedule", commit=MERGE)
    assert (waiting.failed, look.failed, look.steps["plan"].outputs["result"]) == (False, False, "changes")
    assert [(issue["state"], issue["title"]) for issue in repository.platform.issues] == [
        ("open", "chanplan: acme-production isn't as declared")
    ]

    repository.desk.publish()
    resumed = repository.run("scheduled", "resume", event="schedule", commit=MERGE)
    look = repository.run("scheduled", "look", event="schedule", commit=MERGE)
    assert (resumed.failed, look.steps["plan"].outputs["result"]) == (False, "done")
    assert resumed.steps["resume"].outputs["approval"] == digest
    assert (bodies(repository) == [body], "2 created" in bodies(repository)[0]) == (False, True)
    assert [issue["state"] for issue in repository.platform.issues] == ["closed"]

    text = (repository.desk.folder / "chanplan.yaml").read_text()
    repository.desk.write(text.replace("name: Alerts", "name: Alarms"))
    repository.run("scheduled", "look", event="schedule", commit=MERGE)
    assert [(issue["state"], issue["labels"]) for issue in repository.platform.issues] == [
        ("closed", ["chanplan"]),
        ("open", ["chanplan"]),
    ]
    assert "alerts" in repository.platform.issues[1]["body"]


def test_another_merge_came_between(repository):
    """What the branch holds besides was in nobody's plan: nothing is done, and a person decides by digest."""
    proposed(repository)
    merged(repository)
    text = (repository.desk.folder / "chanplan.yaml").read_text()
    repository.desk.write(text.replace("Order receipts and invoices", "Something else"))

    refused = repository.run("apply", "apply", event="push", commit=MERGE)

    assert (refused.failed, refused.steps["apply"].outputs["result"]) == (True, "refused")
    assert repository.desk.run("state", "list", "--format", "json").document == {"items": []}
    (body,) = bodies(repository)
    assert "not_approved" in body
    digest = repository.desk.run("plan", "--format", "json").document["digest"]
    by_hand = repository.run(
        "apply", "apply", event="workflow_dispatch", commit=MERGE, inputs={"digest": digest}
    )
    assert (by_hand.failed, by_hand.steps["apply"].outputs["result"]) == (False, "waiting")


def test_what_was_reviewed(repository):
    """The plan of the head that was merged, not that of an earlier one, nor what a fork uploaded under its name."""
    proposed(repository, head=OTHER)
    text = (repository.desk.folder / "chanplan.yaml").read_text()
    repository.desk.write(text.replace("Order receipts and invoices", "Order confirmations"))
    digest = proposed(repository).steps["plan"].outputs["digest"]
    repository.platform.upload(repository.platform.artifacts[-1].name, b"{}", HEAD, of=FORK)
    merged(repository)

    apply = repository.run("apply", "apply", event="push", commit=MERGE)

    assert (apply.failed, apply.steps["reviewed"].outputs["digest"]) == (False, digest)


def test_pushed_without_a_pull_request(repository):
    """Changes that nobody reviewed are shown and refused; where there are none, the run is green."""
    refused = repository.run("apply", "apply", event="push", commit=OTHER)
    told = refused.steps["Refuse what nobody reviewed"]

    assert (refused.failed, refused.steps["apply"].outcome, told.outcome) == (True, "skipped", "failure")
    digest = refused.steps["unreviewed"].outputs["digest"]
    assert "::error title=chanplan::Nobody reviewed these changes" in told.log
    assert (digest in told.log, digest in refused.summary) == (True, True)
    assert repository.desk.apply().code == 3
    repository.desk.publish()
    assert repository.desk.apply().code == 0
    assert not repository.run("apply", "apply", event="push", commit=OTHER).failed


def test_no_plan_is_left(repository):
    """It expired, or was of another head: a person decides."""
    proposed(repository)
    merged(repository)
    (artifact,) = repository.platform.artifacts
    artifact.expired = True

    run = repository.run("apply", "apply", event="push", commit=MERGE)

    assert (run.failed, run.steps["apply"].outcome) == (True, "skipped")
    assert "::error title=chanplan::No plan of pull request #12" in run.steps["reviewed"].log


def test_an_artifact_that_is_no_plan(repository):
    """Said in one line, without a traceback, and nothing is applied."""
    merged(repository)
    name = f"chanplan-plan-acme-production-{HEAD}"
    repository.platform.upload(name, b"{}", HEAD, file="other.json")
    empty = repository.run("apply", "apply", event="push", commit=MERGE)
    repository.platform.upload(name, b"not json", HEAD)
    broken = repository.run("apply", "apply", event="push", commit=MERGE)
    repository.platform.upload(name, b'{"digest": "sha256:0"}', HEAD)
    foreign = repository.run("apply", "apply", event="push", commit=MERGE)

    assert [run.failed for run in (empty, broken, foreign)] == [True, True, True]
    assert "has no reviewed.plan.json" in empty.steps["reviewed"].log
    assert "isn't of the shape" in broken.steps["reviewed"].log
    assert (foreign.steps["reviewed"].outcome, foreign.steps["apply"].outputs["result"]) == (
        "success",
        "error",
    )
    logs = "".join(step.log for run in (empty, broken, foreign) for step in run.steps.values())
    assert "Traceback" not in logs


def test_the_token_may_not(repository):
    """A right that `permissions:` doesn't give is named."""
    proposed(repository)
    merged(repository)
    repository.platform.me.may = "nothing"

    run = repository.run("apply", "apply", event="push", commit=MERGE)

    assert run.failed
    assert (
        "GitHub answered 404. Does the job's `permissions:` give its token the right?"
        in run.steps["reviewed"].log
    )


def test_problems_become_annotations(repository):
    """On the line of the file, as GitHub reads them from a log."""
    text = (repository.desk.folder / "chanplan.yaml").read_text()
    repository.desk.write(text.replace("email_type: transactional", "email_type: letters", 1))

    run = repository.run("plan", "validate", event="pull_request", commit=HEAD)

    (step,) = [step for name, step in run.steps.items() if name == "Validate"]
    assert (run.failed, "::error file=chanplan.yaml,line=" in step.log) == (True, True)
