"""Starting: what `init` writes works at once, and overwrites nothing; schemas are schemas."""

import pytest
from jsonschema import Draft202012Validator

from tests.cli.desk import EMAIL, Desk, SandboxedDesk


def test_init_writes_what_validates(desk: Desk):
    """Three files, told by name; the next step is a message."""
    ended = desk.run("init")

    assert (ended.code, ended.out) == (
        0,
        "Wrote chanplan.yaml\nWrote .chanplan/config.schema.json\nWrote .gitignore\n",
    )
    assert list(desk.files()) == [".chanplan/config.schema.json", ".gitignore", "chanplan.yaml"]
    assert desk.run("validate").code == 0


def test_what_init_wrote_can_be_planned_at_once(sandboxed: SandboxedDesk):
    """On the sandbox it plans and applies without an edit."""
    (sandboxed.folder / "chanplan.yaml").unlink()

    codes = [sandboxed.run("init").code, sandboxed.run("plan").code, sandboxed.apply().code]

    assert codes == [0, 0, 3]


def test_the_workspace_is_named_after_the_folder(desk: Desk):
    """Or as told."""
    desk.run("init")
    desk.run("--config", "other.yaml", "init", "--workspace", "acme-prod")

    assert b"\nworkspace: desk " in desk.files()["chanplan.yaml"]
    assert b"\nworkspace: acme-prod " in desk.files()["other.yaml"]


def test_a_workspace_name_that_cant_be_one(desk: Desk):
    """What would not validate isn't written."""
    ended = desk.run("init", "--workspace", "Acme: {prod}")

    assert (ended.code, ended.out, desk.files()) == (1, "", {})
    assert "Acme: {prod}" in ended.err


def test_init_overwrites_nothing(desk: Desk):
    """Neither the configuration nor lines of a .gitignore."""
    desk.write(EMAIL)
    desk.write("*.secret\nstate/\n", ".gitignore")
    before = desk.files()

    again = desk.run("init")
    other = desk.run("--config", "other.yaml", "init")

    assert (again.code, again.out) == (1, "")
    assert again.err == "Error: chanplan.yaml exists already.\n  Edit it, or give another with --config.\n"
    assert (other.code, desk.files()["chanplan.yaml"]) == (0, before["chanplan.yaml"])
    assert (
        desk.files()[".gitignore"]
        == b"*.secret\nstate/\n.chanplan/\nchanplan-recovery-*\nchanplan-backup-*\n*.plan.json\n"
    )


def test_init_into_a_folder_that_isnt_there(desk: Desk):
    """It makes no folders that nobody asked for."""
    ended = desk.run("--config", "nowhere/chanplan.yaml", "init")

    assert (ended.code, desk.files()) == (1, {})
    assert ended.err.startswith(
        "Error: nowhere/chanplan.yaml can't be written: No such file or directory.\n  "
    )


@pytest.mark.parametrize("name", ["config", "plan", "state"])
def test_a_schema_is_a_schema(desk: Desk, name):
    """Of the draft that it names."""
    document = desk.run("schema", name).document
    Draft202012Validator.check_schema(document)

    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_plan_is_what_the_schema_says(begun: SandboxedDesk):
    """What is printed validates against what is printed."""
    validator = Draft202012Validator(begun.run("schema", "plan").document)

    assert list(validator.iter_errors(begun.run("plan", "--format", "json").document)) == []
