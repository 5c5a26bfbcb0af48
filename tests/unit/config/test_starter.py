"""What `chanplan init` writes works as it is."""

import json
from pathlib import Path

import pytest

from chanplan.config.loader import load_configuration
from chanplan.config.schema import config_schema
from chanplan.config.starter import editor_schema, starter_configuration
from chanplan.model.errors import Misused


@pytest.mark.parametrize("workspace", ["acme-production", "2024", "null", "1e3", "true", "a" * 50])
def test_it_validates(workspace: str, tmp_path: Path) -> None:
    """The starter configuration has no problem, whatever the workspace is called."""
    root = tmp_path / "chanplan.yaml"
    root.write_text(starter_configuration(workspace))

    configuration = load_configuration(root, {})

    assert (configuration.workspace, [str(address) for address in configuration.resources]) == (
        workspace,
        ["ses_setup.example-mail", "use_case.receipts"],
    )


def test_its_first_line_makes_editors_check_it() -> None:
    """The first line names the schema file that `init` writes beside it."""
    first = starter_configuration("acme").splitlines()[0]

    assert first == "# yaml-language-server: $schema=.chanplan/config.schema.json"
    assert json.loads(editor_schema()) == config_schema()


@pytest.mark.parametrize("workspace", ["", "Acme", "a b", "-a", "a" * 51, "a\n"])
def test_a_name_that_no_workspace_can_have(workspace: str) -> None:
    """A name that wouldn't validate isn't written."""
    with pytest.raises(Misused) as caught:
        starter_configuration(workspace)

    assert "1 to 50 lower-case letters" in caught.value.remedy


def test_its_comments_are_examples_that_work(tmp_path: Path) -> None:
    """With every commented example taken in, it still validates."""
    lines = starter_configuration("acme").splitlines()
    voice = lines.index("# providers:", lines.index("use_cases:"))
    examples = [line.removeprefix("# ").removeprefix("#") for line in lines[voice:]]
    email = [
        line.replace("# ", "", 1) if line.lstrip().startswith("# ") and ": " in line else line
        for line in lines[lines.index("ses_setups:") : lines.index("use_cases:")]
    ]
    (tmp_path / "email.yaml").write_text("\n".join(email))
    (tmp_path / "voice.yaml").write_text("\n".join(examples[3:]))
    root = tmp_path / "chanplan.yaml"
    root.write_text(
        "version: 1\nworkspace: acme\ninclude: [email.yaml, voice.yaml]\n"
        + "\n".join(examples[:3])
        + "\n  ses: {default: {region: us-east-1}}\n"
    )

    configuration = load_configuration(root, {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32})

    assert [str(address) for address in configuration.resources] == [
        "ses_setup.example-mail",
        "twilio_setup.example-voice",
        "use_case.support-line",
    ]
