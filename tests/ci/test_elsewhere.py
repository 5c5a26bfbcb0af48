"""The same life where GitHub isn't: the plain scripts, and the jobs of the GitLab template with what GitLab sets."""

import os
import subprocess

import pytest
import yaml

from tests.ci.tools import EXAMPLES
from tests.platforms.gitlab_server import GitLab

JOBS = yaml.safe_load((EXAMPLES / "gitlab" / "chanplan-acme-production.yml").read_text())
DESCRIPTION = ("Order receipts and invoices", "Order confirmations")


@pytest.fixture
def shell(repository):
    """Runs a script where the workspace is; gives its exit code and what it printed."""

    def run(*command, **environment):
        ended = subprocess.run(
            command,
            cwd=repository.desk.folder,
            env={
                "PATH": f"{repository.temp / 'bin'}:{os.environ['PATH']}",
                "HOME": str(repository.temp),
                "AWS_CONFIG_FILE": os.devnull,
                **repository.desk.environment,
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.returncode, ended.stdout + ended.stderr

    return run


def edit(repository, old, new):
    """Changes the configuration."""
    text = (repository.desk.folder / "chanplan.yaml").read_text()
    assert text.count(old) == 1
    repository.desk.write(text.replace(old, new))


def test_the_plain_scripts(repository, shell):
    """Plan, apply what was planned, go on by schedule; another change in between is refused."""
    plan, apply, scheduled = (EXAMPLES / "shell" / f"{name}.sh" for name in ("plan", "apply", "scheduled"))

    planned, _ = shell(plan)
    files = repository.desk.files()
    digest = files["digest.txt"].decode().strip()
    edit(repository, *DESCRIPTION)
    refused, told = shell(apply, "reviewed.plan.json")
    edit(repository, *DESCRIPTION[::-1])
    applied, _ = shell(apply, digest)
    waiting, _ = shell(scheduled)
    repository.desk.publish()
    done, _ = shell(scheduled)

    assert (planned, digest in files["plan.md"].decode()) == (0, True)
    assert (refused, "isn't what was reviewed" in told) == (4, True)
    assert (applied, waiting, done) == (0, 2, 0)


def script(name, part="script"):
    """Gives what GitLab makes of a job's lines: one script that ends with the first line that fails."""
    job = JOBS[f"chanplan-acme-production-{name}"]
    return "\n".join({**JOBS[job["extends"]], **job}[part])


def test_the_jobs_at_gitlab(repository, shell):
    """A merge request is planned and commented on; its apply waits green; the schedule ends it, and looks."""
    with GitLab() as platform:
        told = platform.environment(repository.temp)
        job = {"CHANPLAN_CONFIG": JOBS[".chanplan-acme-production"]["variables"]["CHANPLAN_CONFIG"]}

        def run(name, **environment):
            return shell("bash", "-eo", "pipefail", "-c", script(name), **job, **environment)

        planned, said = run("plan", **told)
        assert planned == 0, said
        (comment,) = platform.requests[12].comments

        again, _ = run("replan")
        applied, said = run("apply")
        resumed, _ = run("resume")
        waits, _ = run("look")
        repository.desk.publish()
        ended, _ = run("resume")
        looked, _ = run("look")

    assert "Workspace quickstart" in comment.body
    assert (again, applied, "3 created, 2 waiting" in said) == (0, 0, True)
    assert (resumed, waits, ended, looked) == (0, 2, 0, 0)
    assert JOBS["chanplan-acme-production-look"]["allow_failure"] == {"exit_codes": [2]}


def test_a_role_at_gitlab(shell, tmp_path):
    """The job's own token goes into a file that nobody else may read, and the SDK is told where."""
    before = script("plan", "before_script").partition("\n")[2]
    code, said = shell(
        "bash",
        "-eo",
        "pipefail",
        "-c",
        before
        + '\nstat -c %a "$AWS_WEB_IDENTITY_TOKEN_FILE"; cat "$AWS_WEB_IDENTITY_TOKEN_FILE"; env | sort | grep ^AWS_ROLE',
        CI_PROJECT_DIR=str(tmp_path / "project"),
        CI_PIPELINE_ID="77",
        AWS_ID_TOKEN="a.b.c",
        CHANPLAN_AWS_ROLE="arn:aws:iam::123456789012:role/mail",
    )

    assert (code, said) == (
        0,
        "600\na.b.cAWS_ROLE_ARN=arn:aws:iam::123456789012:role/mail\nAWS_ROLE_SESSION_NAME=chanplan-77\n",
    )
