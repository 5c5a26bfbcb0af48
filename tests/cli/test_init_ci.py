"""Workflows for CI: written for the workspace at hand, into the repository that holds it, over nothing that is there."""

from pathlib import Path

import pytest
import yaml

from tests.cli.desk import EMAIL, Desk

EXAMPLES = Path(__file__).parents[2] / "examples" / "ci"
S3 = "state: {backend: s3, bucket: acme-state, key: chanplan/state.json, region: eu-west-1}\n"
POSTGRES = 'state: {backend: postgres, dsn: "${env:STATE_DSN}"}\n'
ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001"}
NAMES = [
    f".github/workflows/chanplan-quickstart-{name}.yml" for name in ("apply", "plan", "scheduled", "tiers")
]


@pytest.mark.parametrize("platform", ["github", "gitlab"])
def test_a_state_in_a_file_is_refused(desk: Desk, platform):
    """A job begins with an empty disk, and would make everything anew: say what to do instead."""
    desk.write(EMAIL)
    ended = desk.run("init", "--ci", platform)

    assert (ended.code, ended.out, list(desk.files())) == (1, "", ["chanplan.yaml"])
    assert "a job of CI begins with an empty disk" in ended.said
    assert "`state: {backend: s3, …}` or `{backend: postgres, …}`" in ended.said


def test_without_a_configuration(desk: Desk):
    """There is nothing to write workflows for."""
    ended = desk.run("init", "--ci", "github")

    assert (ended.code, ended.out, desk.files()) == (1, "", {})
    assert "chanplan.yaml" in ended.err


def test_the_examples_are_what_is_written(desk: Desk):
    """`examples/ci` holds what `init --ci` writes for the workspace there, byte for byte."""
    desk.write((EXAMPLES / "chanplan.yaml").read_bytes())
    for platform in ("github", "gitlab"):
        assert desk.run("init", "--ci", platform, **ACCOUNT).code == 0
    written = {name: content for name, content in desk.files().items() if name != "chanplan.yaml"}

    assert written == {
        f".{folder.name}/{'workflows/' if folder.name == 'github' else ''}{path.name}".replace(
            ".gitlab/.gitlab-ci", ".gitlab-ci"
        ): path.read_bytes()
        for folder in (EXAMPLES / "github", EXAMPLES / "gitlab")
        for path in folder.iterdir()
    }


def test_workflows_stand_at_the_top_of_the_repository(desk: Desk):
    """Wherever the configuration is; they name it from there."""
    (desk.folder / ".git").mkdir()
    desk.write(EMAIL + S3, "infra/mail/chanplan.yaml")
    ended = desk.run("-C", "infra/mail", "init", "--ci", "github")

    assert (ended.code, ended.out.count("Wrote ")) == (0, 4)
    plan = yaml.safe_load(desk.files()[NAMES[1]])
    (config,) = {
        step["with"]["config"]
        for job in plan["jobs"].values()
        for step in job["steps"]
        if "config" in step.get("with", {})
    }
    assert config == "infra/mail/chanplan.yaml"


def credentials(text):
    """Gives the variables that the workflow's plan gets, and the region that it takes a role in."""
    steps = yaml.safe_load(text)["jobs"]["plan"]["steps"]
    (environment,) = [step.get("env", {}) for step in steps if step.get("id") == "plan"]
    regions = [step["with"]["aws-region"] for step in steps if "aws-region" in step.get("with", {})]
    return environment, regions


def test_email_with_its_state_in_s3(desk: Desk):
    """A role is all that it needs; the bucket's region is where it is taken on."""
    desk.write(EMAIL + S3)
    assert desk.run("init", "--ci", "github").code == 0

    assert credentials(desk.files()[NAMES[1]]) == ({}, ["eu-west-1"])


def test_voice_with_its_state_in_postgres(desk: Desk):
    """No role at AWS, but what the configuration names: plain values as variables, secrets as secrets."""
    voice = (Path(__file__).parents[1] / "voice.yaml").read_text()
    desk.write(voice + POSTGRES)
    assert desk.run("init", "--ci", "github", **ACCOUNT).code == 0
    text = desk.files()[".github/workflows/chanplan-voice-plan.yml"]

    assert credentials(text) == (
        {
            "TWILIO_ACCOUNT_SID": "${{ vars.TWILIO_ACCOUNT_SID }}",
            "STATE_DSN": "${{ secrets.STATE_DSN }}",
            "TWILIO_AUTH_TOKEN": "${{ secrets.TWILIO_AUTH_TOKEN }}",
        },
        [],
    )
    assert b"id-token" not in text


def test_no_value_gets_into_a_workflow(desk: Desk):
    """Names of variables are written, and never what is in them."""
    desk.write(EMAIL.replace("Order receipts and invoices", "${env:RECEIPTS_TEXT}") + S3)
    assert desk.run("init", "--ci", "github", RECEIPTS_TEXT="who-knows").code == 0

    texts = b"".join(content for name, content in desk.files().items() if name.endswith(".yml"))
    assert (b"who-knows" in texts, b"RECEIPTS_TEXT: ${{ vars.RECEIPTS_TEXT }}" in texts) == (False, True)


def test_nothing_is_overwritten(desk: Desk):
    """Where one of the files is there, none is written; no link is followed either."""
    desk.write(EMAIL + S3)
    desk.write("mine", NAMES[2])
    before = desk.files()
    again = desk.run("init", "--ci", "github")
    assert (again.code, again.out, desk.files()) == (1, "", before)
    assert f"{NAMES[2]} exists already." in again.said

    (desk.folder / NAMES[2]).unlink()
    (desk.folder / NAMES[2]).symlink_to(desk.folder / "elsewhere.yml")
    linked = desk.run("init", "--ci", "github")
    assert (linked.code, "exists already" in linked.said, "elsewhere.yml" in desk.files()) == (1, True, False)


def test_a_gitlab_file_that_is_there_is_told_what_to_include(desk: Desk):
    """And stays as it is."""
    desk.write(EMAIL + S3)
    desk.write("stages: [test]\n", ".gitlab-ci.yml")
    ended = desk.run("init", "--ci", "gitlab")

    assert (ended.code, desk.files()[".gitlab-ci.yml"]) == (0, b"stages: [test]\n")
    assert "`include: [{local: .gitlab/chanplan-quickstart.yml}]`" in ended.said


def test_a_folder_that_cant_be_written(desk: Desk):
    """Something else stands in the way: say what."""
    desk.write(EMAIL + S3)
    desk.write("no folder", ".github")
    ended = desk.run("init", "--ci", "github")

    assert (ended.code, ended.out) == (1, "")
    assert "can't be written" in ended.said


def test_the_name_is_the_configurations(desk: Desk):
    """`--workspace` belongs to a configuration that isn't there yet."""
    desk.write(EMAIL + S3)
    ended = desk.run("init", "--ci", "github", "--workspace", "other")

    assert (ended.code, "takes the workspace's name from the configuration" in ended.said) == (1, True)
