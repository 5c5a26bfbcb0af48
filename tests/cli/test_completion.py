"""Completion: the scripts are printed, and what they call offers commands and options."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chanplan.cli.main import COMMANDS
from tests.cli.desk import Desk


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_calls_back(desk: Desk, shell):
    """It asks chanplan itself, so that it never goes stale."""
    ended = desk.run("completion", shell)

    assert (ended.code, ended.err) == (0, "")
    assert f"_CHANPLAN_COMPLETE={shell}_complete" in ended.out


@pytest.mark.parametrize(
    "words, offered",
    [
        (["chanplan", ""], list(COMMANDS)),
        (["chanplan", "pl"], ["plan"]),
        (["chanplan", "state", ""], ["list", "mv", "pull", "push", "rm", "show"]),
        (["chanplan", "plan", "--format", ""], ["text", "json", "markdown"]),
        (["chanplan", "plan", "--detailed"], ["--detailed-exitcode"]),
        (["chanplan", "sandbox", "fa"], ["faults"]),
        (["chanplan", "graph", "--format", ""], ["text", "dot", "mermaid"]),
    ],
    ids=" ".join,
)
def test_bash_is_offered_what_fits(words, offered):
    """As bash asks: the line so far in variables, one candidate on each line of the answer."""
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("chanplan"))],
        env={
            **os.environ,
            "_CHANPLAN_COMPLETE": "bash_complete",
            "COMP_WORDS": "\n".join(words),
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert [line.partition(",")[2] for line in ended.stdout.splitlines()] == offered
    assert ended.stderr == ""


def test_bash_understands_the_script(desk: Desk):
    """Sourced by a real shell, the script completes a command's name."""
    script = desk.run("completion", "bash").out
    ask = 'COMP_WORDS=(chanplan vali); COMP_CWORD=1; _chanplan_completion chanplan; echo "${COMPREPLY[@]}"'

    ended = subprocess.run(
        ["bash", "-c", f"{script}\n{ask}"],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (0, "validate\n")
