"""The daily run over tiers: the workflow of `examples/ci/github`, the job at GitLab and the plain script, on the sandbox."""

import os
import subprocess
from datetime import timedelta

import pytest
import yaml

from chanplan.sandbox.mail_controls import Place
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.state.mail import Counts
from tests.ci.tools import EXAMPLES
from tests.security.test_permissions import policies

ACCOUNT, REGION = "123456789012", "us-east-1"
COMMIT = "b" * 40


@pytest.fixture
def bounced(repository):
    """The email workspace, applied, whose receipts bounced for five days."""
    desk = repository.desk
    desk.apply()
    desk.publish()
    assert desk.apply().code == 0
    mail = desk.controls.mail
    mail.set_vdm(ACCOUNT, REGION, on=True)
    days = [mail.today() - timedelta(days=n) for n in range(5)]
    mail.set_days(Place(ACCOUNT, REGION, "acme_receipts"), days, Counts(500, 455, 45, 0, 0))
    return repository


def tiers(repository):
    """Gives the tier of each use case."""
    items = repository.desk.run("state", "list", "--kind", "use_case", "--format", "json").document["items"]
    return {item["name"]: item["tier"] for item in items}


def test_the_workflow_judges_and_moves(bounced):
    """What was to move stands in the summary, with the evidence; the next day has nothing to do."""
    first = bounced.run("tiers", "tiers", event="schedule", commit=COMMIT)
    second = bounced.run("tiers", "tiers", event="schedule", commit=COMMIT)

    assert (first.failed, second.failed) == (False, False), first.steps
    assert "## Tiers of workspace quickstart" in first.summary
    assert "225 of 2,500, 9.0" in first.summary
    assert "No tier moves; 2 kept." in second.summary
    assert tiers(bounced) == {"Alerts": "onboarding", "Receipts": "suspended"}


def test_a_run_writes_no_more_than_its_role_may(bounced):
    """Of docs/security.md the policies to plan, to judge tiers and to move them are enough."""
    bounced.desk.controls.clear_calls()

    assert not bounced.run("tiers", "tiers", event="schedule", commit=COMMIT).failed

    to_plan, _, to_judge, to_move, _ = policies()
    allowed = {
        action for each in (to_plan, to_judge, to_move) for action in each["Statement"][0]["Action"]
    } | {"sts:GetCallerIdentity"}
    called = {call.operation.replace("sesv2:", "ses:") for call in bounced.desk.controls.calls()}
    assert "ses:PutConfigurationSetDeliveryOptions" in called
    assert called - allowed == set()


def test_the_workflow_fails_where_nobody_tells_of_the_mail(bounced):
    """A permission that went away costs no tier, and mustn't stay unseen for weeks; no secret but the state's is handed over."""
    bounced.desk.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:BatchGetMetricData"))
    bounced.desk.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "cloudwatch:GetMetricData"))

    ended = bounced.run("tiers", "tiers", event="schedule", commit=COMMIT)

    assert ended.failed
    assert "BatchGetMetricData" in ended.summary
    assert tiers(bounced) == {"Alerts": "onboarding", "Receipts": "onboarding"}
    workflow = (EXAMPLES / "github" / "chanplan-acme-production-tiers.yml").read_text()
    assert "secrets." not in workflow


def test_the_job_at_gitlab_and_the_plain_script(bounced):
    """They do the same, and leave the evidence in a file."""
    jobs = yaml.safe_load((EXAMPLES / "gitlab" / "chanplan-acme-production.yml").read_text())
    job = jobs["chanplan-acme-production-tiers"]
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule" && $CHANPLAN_TIERS == "daily"'}]

    for command in (
        ("bash", "-eo", "pipefail", "-c", "\n".join(job["script"])),
        (EXAMPLES / "shell" / "tiers.sh",),
    ):
        ended = subprocess.run(
            command,
            cwd=bounced.desk.folder,
            env={
                "PATH": f"{bounced.temp / 'bin'}:{os.environ['PATH']}",
                "HOME": str(bounced.temp),
                "AWS_CONFIG_FILE": os.devnull,
                **bounced.desk.environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        told = bounced.desk.files()["tiers.md"].decode()
        assert told.startswith("## Tiers of workspace quickstart\n")

    assert "No tier moves; 2 kept." in told.replace("\\", "")
    assert tiers(bounced) == {"Alerts": "onboarding", "Receipts": "suspended"}
