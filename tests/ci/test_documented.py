"""What `docs/ci.md` and `docs/policy.md` show: every snippet is linted or run, and every table is what the code says."""

import json
import os
import re
import subprocess

import pytest
import yaml

from chanplan.cli.exits import Exit
from tests.ci.tools import BIN, ROOT, shellcheck

PAGES = {name: (ROOT / "docs" / name).read_text() for name in ("ci.md", "policy.md")}
SNIPPETS = [
    (name, language, text)
    for name, page in PAGES.items()
    for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
]


def test_every_snippet_is_of_a_kind_that_is_checked():
    """No other kind slips in."""
    assert {language for _, language, _ in SNIPPETS} == {"sh", "yaml", "json"}


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_snippet(number):
    """Shell passes shellcheck; YAML and JSON can be read."""
    name, language, text = SNIPPETS[number]
    if language == "sh":
        # What follows a directory change is another script's business: SC2164.
        assert [found for found in shellcheck(text) if "SC2164" not in found] == [], name
    else:
        assert yaml.safe_load(text) if language == "yaml" else json.loads(text)


def test_from_an_empty_repository_to_workflows(tmp_path, chanplan):
    """The first steps, run as they stand: a repository with a workspace, a shared state and workflows."""
    start, follow = [text for name, language, text in SNIPPETS if (name, language) == ("ci.md", "sh")][:2]
    (state,) = [text for _, _, text in SNIPPETS if text.startswith("state: {backend: s3")]
    insert = "python3 - <<'END'\nfrom pathlib import Path\np = Path('chanplan.yaml')\n"
    insert += f"p.write_text(p.read_text().replace('providers:', {state!r} + '\\nproviders:', 1))\nEND\n"
    program = tmp_path / "bin" / "chanplan"
    program.parent.mkdir()
    program.write_text(chanplan)
    program.chmod(0o755)
    variables = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@a.example"}
    variables |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in variables.items()}
    variables |= {"HOME": str(tmp_path), "PATH": f"{program.parent}:{os.environ['PATH']}"}

    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{start}\n{insert}\n{follow}\ngit ls-files"],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert "Plan: 2 to create" in ended.stdout
    assert ended.stdout.splitlines()[-6:] == [
        ".github/workflows/chanplan-acme-production-apply.yml",
        ".github/workflows/chanplan-acme-production-plan.yml",
        ".github/workflows/chanplan-acme-production-scheduled.yml",
        ".github/workflows/chanplan-acme-production-tiers.yml",
        ".gitignore",
        "chanplan.yaml",
    ]


def test_exit_codes_are_those_of_the_code():
    """Each code once, by the name that the action gives it."""
    table = re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGES["ci.md"], re.MULTILINE)
    script = (ROOT / "actions" / "run.sh").read_text()
    told = dict(re.findall(r"^  (\d+)\) result='?(\w+)'? ;;$", script, re.MULTILINE)) | {"1": "error"}

    assert {int(code) for code, _ in table} == set(Exit)
    assert dict(table) == told


def test_inputs_and_outputs_are_those_of_the_action():
    """All of them, and no others."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    section = PAGES["ci.md"].partition("## The action")[2].partition("\n## ")[0]
    inputs, outputs = section.split("| output |")
    named = re.compile(r"^\| ([`\w, -]+) \|", re.MULTILINE)

    def names(part):
        return {name for cell in named.findall(part) for name in re.findall(r"`([\w-]+)`", cell)}

    assert names(inputs) == set(action["inputs"])
    assert names(outputs) == set(action["outputs"])


def test_hooks_are_as_pre_commit_has_them(tmp_path):
    """Its own reader takes the file."""
    ended = subprocess.run(
        [BIN / "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PRE_COMMIT_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


def test_the_hook_stops_a_commit(tmp_path, chanplan):
    """pre-commit runs it as it is declared, from a repository that has it; only how it is installed is replaced."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program = tmp_path / "bin" / "chanplan"
    program.parent.mkdir()
    program.write_text(chanplan)
    program.chmod(0o755)
    mine = tmp_path / "mine"
    mine.mkdir()
    local = [{**hook, "language": "system"} for hook in hooks]
    (mine / ".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]})
    )
    environment = {
        "PATH": f"{program.parent}:{BIN}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
    }

    def run(*command):
        return subprocess.run(command, cwd=mine, env=environment, capture_output=True, text=True, check=False)

    (mine / "chanplan.yaml").write_text("version: 1\nworkspace: mine\n")
    assert run("git", "init", "--quiet").returncode == 0
    run("git", "add", "--all")
    good = run("pre-commit", "run", "--all-files")
    (mine / "chanplan.yaml").write_text("version: 1\nworkspace: Not This\n")
    bad = run("pre-commit", "run", "--all-files")

    assert (good.returncode, "Passed" in good.stdout) == (0, True), good.stdout + good.stderr
    assert (bad.returncode, "chanplan.yaml:2:12" in bad.stdout) == (1, True), bad.stdout
