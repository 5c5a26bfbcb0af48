"""The tools that judge workflows, and the files that they judge."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ACTIONLINT = (
    ROOT / ".node-workflows" / "node_modules" / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"
)
UNCHECKED = (
    "NOT CHECKED: workflows weren't looked at by actionlint, which needs node and npm (script/workflows installs it); "
    "tests/ci/test_actionlint.py was left out."
)

UNDRAWN = (
    "NOT CHECKED: no picture was drawn and no page run, since there is no Chromium here (script/browser says how to get it); "
    "tests/ci/test_picture.py and tests/api/test_page.py were left out."
)

EXAMPLES = ROOT / "examples" / "ci"
WORKFLOWS = sorted((EXAMPLES / "github").glob("*.yml"))
ACTIONS = [ROOT / "action.yml", *sorted((ROOT / "actions").glob("*/action.yml"))]
GITLAB = sorted((EXAMPLES / "gitlab").glob("*.yml"))
SCRIPTS = [*sorted((ROOT / "actions").glob("*.sh")), *sorted((EXAMPLES / "shell").glob("*.sh"))]

# Our own action is named by its version: a tag of this repository can't name its own commit.
ZIZMOR = {
    "rules": {"unpinned-uses": {"config": {"policies": {"chanplan/chanplan/*": "ref-pin", "*": "hash-pin"}}}}
}


def is_checked():
    """Tells whether actionlint is there."""
    return ACTIONLINT.exists()


def browser():
    """Gives where Chromium is, None if it isn't."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    return next(filter(None, found), None)


def unchecked():
    """Gives a line for each thing that these tests leave out here."""
    return [line for line, is_there in ((UNCHECKED, is_checked()), (UNDRAWN, browser())) if not is_there]


def actionlint(folder):
    """Gives what actionlint says of the workflows in a folder, a line for each finding."""
    ended = subprocess.run(
        ["node", ACTIONLINT, f"{folder}/*.yml"], capture_output=True, text=True, check=False, env=_bare()
    )
    assert "Checking " in ended.stdout, ended.stdout + ended.stderr
    found = [line for line in ended.stdout.splitlines() if re.match(r"\S+\.yml:[0-9]+:[0-9]+ ", line)]
    assert ended.returncode == bool(found), ended.stdout + ended.stderr
    return found


def zizmor(folder, *paths):
    """Gives the rules that zizmor finds broken, offline, as its most careful persona."""
    config = folder / "zizmor-config.yml"
    config.write_text(yaml.safe_dump(ZIZMOR))
    ended = subprocess.run(
        [
            BIN / "zizmor",
            "--offline",
            "--no-progress",
            "--persona",
            "auditor",
            "--format",
            "json",
            "--config",
            config,
            *paths,
        ],
        capture_output=True,
        text=True,
        check=False,
        env=_bare(),
    )
    return sorted({finding["ident"] for finding in json.loads(ended.stdout)})


def schema_errors(schema, *paths):
    """Gives what a schema that check-jsonschema ships says, nothing if all is well."""
    ended = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, "--output-format", "json", *paths],
        capture_output=True,
        text=True,
        check=False,
        env=_bare(),
    )
    document = json.loads(ended.stdout)
    return [error["message"] for error in document.get("errors", [])] + document.get("parse_errors", [])


def shellcheck(text):
    """Gives the codes of what shellcheck finds in a script of bash."""
    ended = subprocess.run(
        [BIN / "shellcheck", "--shell", "bash", "--format", "json", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env=_bare(),
    )
    return [f"line {each['line']}: SC{each['code']}: {each['message']}" for each in json.loads(ended.stdout)]


def steps_with_shell(path):
    """Gives the shell of a GitHub workflow or action: names and scripts."""
    document = yaml.safe_load(path.read_text())
    jobs = document["jobs"].values() if "jobs" in document else [document["runs"]]
    return [
        (step.get("name", step.get("id")), step["run"])
        for job in jobs
        for step in job["steps"]
        if "run" in step
    ]


def _bare():
    """An environment in which no tool finds a token, or a reason to go online."""
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR"}}
