"""The action itself: what it installs, and what it tells later steps of each command."""

import shlex
import subprocess
import sys
import tomllib

import pytest

from chanplan.stores.sqlite.store import SqliteStore
from tests.ci.runner import OURS
from tests.ci.tools import ROOT


def test_what_the_action_installs(tmp_path):
    """From the lock and its own checkout alone: chanplan of this version, on a PATH that has nothing else of it."""
    path = tmp_path / "path.txt"
    ended = subprocess.run(
        ["bash", ROOT / "actions" / "install.sh"],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_PATH": str(path),
            "GITHUB_ACTION_PATH": str(ROOT),
            "ACTION_PYTHON": sys.executable,
            "PIP_NO_COMPILE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert ended.stdout.splitlines()[-1] == f"chanplan {version}"
    (folder,) = path.read_text().splitlines()
    assert subprocess.run(["ls", folder], capture_output=True, text=True, check=True).stdout == "chanplan\n"
    program = subprocess.run(
        [f"{folder}/chanplan", "schema", "plan"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert '"title": "chanplan plan"' in program.stdout


def acted(repository, **inputs):
    """Runs the action with these inputs, and gives its step."""
    runner = repository.runner("push", "a" * 40)
    return runner, runner.act(
        OURS["chanplan/chanplan"], {name.replace("_", "-"): text for name, text in inputs.items()}
    )


def test_a_plan_without_changes(repository):
    """The outputs say so, and where the plan is."""
    assert repository.desk.apply().code == 3
    repository.desk.publish()
    assert repository.desk.apply().code == 0

    runner, step = acted(repository, command="plan", plan_file="other.plan.json")

    outputs = step.outputs
    assert (step.outcome, outputs["exit-code"], outputs["result"], outputs["plan-file"]) == (
        "success",
        "0",
        "done",
        "./other.plan.json",
    )
    assert outputs["digest"].startswith("sha256:")
    assert "No changes" in runner.summary


def test_arguments_are_lines(repository):
    """Each is one argument, whatever is in it: nothing is split, expanded or run."""
    _, told = acted(repository, command="plan", args="--target\nsending_pool.marketing")
    _, odd = acted(repository, command="plan", args="--target\n$(touch owned) *; `touch owned`")

    assert (told.outcome, odd.outcome, odd.outputs["result"]) == ("success", "failure", "error")
    assert "'$(touch owned) *; `touch owned`' isn't an address" in odd.log
    assert not (repository.desk.folder / "owned").exists()


def test_another_folder_and_another_file(repository):
    """The configuration may be anywhere; paths that are told lead there from the checkout."""
    folder = repository.desk.folder / "infra dir"
    folder.mkdir()
    (repository.desk.folder / "chanplan.yaml").rename(folder / "acme.yaml")

    _, step = acted(repository, command="plan", working_directory="infra dir", config="acme.yaml")

    assert (step.outcome, step.outputs["plan-file"]) == ("success", "infra dir/reviewed.plan.json")
    assert (folder / "reviewed.plan.json").exists()


def test_what_cannot_be_run(repository):
    """An unknown command, and a plan that isn't there, are errors; nothing old is taken for a new result."""
    repository.desk.write("{}", "reviewed.plan.json")
    _, unknown = acted(repository, command="destroy")
    repository.desk.write("version: 2", "chanplan.yaml")
    _, broken = acted(repository, command="plan")

    assert (unknown.outcome, "command is one of validate, plan, apply and resume" in unknown.log) == (
        "failure",
        True,
    )
    assert (broken.outcome, broken.outputs["result"], broken.outputs["plan-file"]) == ("failure", "error", "")
    assert "reviewed.plan.json" not in repository.desk.files()


def test_a_workspace_that_somebody_holds(repository):
    """The exit code goes through: 5 is told as locked."""
    _, planned = acted(repository, command="plan")
    store = SqliteStore(repository.desk.folder / "state" / "chanplan.db")
    with store.lock("somebody", "test", 0):
        _, step = acted(repository, command="apply", args="--lock-timeout\n0s")
    store.close()

    assert planned.outcome == "success"
    assert (step.outcome, step.outputs["exit-code"], step.outputs["result"]) == ("failure", "5", "locked")


@pytest.mark.parametrize("left", ['{"type": "version"}\n{"type": "step_st', '{"type": "version"}\n', ""])
def test_a_run_that_was_killed(repository, left):
    """Whatever it had written, the step fails with its code, tells no outcome that isn't one, and shows no traceback."""
    program = repository.temp / "bin" / "chanplan"
    program.write_text(f"#!/bin/bash\nprintf %s {shlex.quote(left)}\nkill -9 $$\n")

    runner, step = acted(repository, command="apply")

    assert (step.outcome, step.outputs["exit-code"], step.outputs["result"]) == ("failure", "137", "error")
    assert (step.outputs["digest"], step.outputs["message"], "Traceback" in step.log) == ("", "", False)
    assert ("without an outcome" in runner.summary) == bool(left)
