"""Nobody reads on: `| head`, a pager that was quit, a job whose log is full. Each command ends quietly, whatever it prints."""

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.desk import SETUP, SandboxedDesk, surroundings

COMMANDS = [
    *[["plan", "--refresh", "none", "--format", form] for form in ("text", "json", "markdown")],
    *[["plan", "--refresh", "none", "--destroy", "--format", form] for form in ("text", "json", "markdown")],
    *[["show", "reviewed.plan.json", "--format", form] for form in ("text", "json", "markdown")],
    *[["show", SETUP, "--format", form] for form in ("text", "json")],
    *[["state", "list", "--format", form] for form in ("text", "json")],
    ["state", "pull"],
    *[["history", "--format", form] for form in ("text", "json")],
    ["validate", "--format", "json"],
    ["graph"],
    ["dns", "records"],
    ["apply", "--auto-approve", "--format", "jsonl"],
]

# One process forks for each command, whose standard output is a pipe that nobody reads any more.
EACH = """
import json, os, sys
sys.path.insert(0, sys.argv[2])
from chanplan.cli.main import main
from tests.e2e.fork_server import warm_up

warm_up()

for command in json.loads(sys.argv[1]):
    reader, writer = os.pipe()
    errors, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(writer, 1)
        os.dup2(told, 2)
        main(command)
    os.close(reader)
    os.close(writer)
    os.close(told)
    with open(errors) as said:
        text = said.read()
    _, status = os.waitpid(child, 0)
    print(json.dumps([command, os.waitstatus_to_exitcode(status), text]), flush=True)
"""


def test_every_command_ends_quietly_when_nobody_reads_on(finished: SandboxedDesk):
    """With 1, no traceback, no word about pipes, and no log of a bug."""
    assert finished.run("plan", "--out", "reviewed.plan.json").code == 0
    with surroundings(finished.environment):
        ended = subprocess.run(
            [sys.executable, "-c", EACH, json.dumps(COMMANDS), str(Path(__file__).parents[2])],
            cwd=finished.folder,
            capture_output=True,
            text=True,
            check=True,
        )
    told = [json.loads(line) for line in ended.stdout.splitlines()]

    assert [command for command, _, _ in told] == COMMANDS
    assert {code for _, code, _ in told} == {1}, told
    words = "".join(text for _, _, text in told)
    assert [
        word for word in ("Traceback", "Broken pipe", "BrokenPipe", "bug in chanplan") if word in words
    ] == []


def test_an_apply_ends_its_work_when_nobody_reads_on(sandboxed: SandboxedDesk):
    """Its lines go nowhere from then on, and what they tell of is done and recorded all the same."""
    with surroundings(sandboxed.environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "chanplan.cli.main", "apply", "--auto-approve", "--format", "jsonl"],
            cwd=sandboxed.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        first = json.loads(process.stdout.readline())
        process.stdout.close()
        process.stdout = None
        _, told = process.communicate()
    (run,) = sandboxed.run("history", "--format", "json").document["runs"]

    assert (first["type"], process.returncode, "Apply: 3 created, 2 waiting." in told) == ("version", 1, True)
    assert (run["result"], run["done"], run["waiting"]) == ("waiting", 3, 2)
    assert "Traceback" not in told
