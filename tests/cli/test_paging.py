"""Long plans go through the person's pager, at a terminal alone."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import suppress

import pytest

from tests.cli.desk import SandboxedDesk, surroundings

LONG_PAGES, TALL_TERMINAL = 20, 500
"""Lines of a terminal on which the plan of the email workspace doesn't fit, and of one on which it does."""


def at_a_terminal(desk, height, *arguments, stdin=None, **environment):
    """Runs a command at a terminal of so many lines; gives what was shown and the exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, 100, 0, 0))
    with surroundings({**desk.environment, "TERM": "xterm", "LINES": "", "COLUMNS": "", **environment}):
        process = subprocess.Popen(
            [sys.executable, "-m", "chanplan.cli.main", *arguments],
            cwd=desk.folder,
            stdin=theirs if stdin is None else stdin,
            stdout=theirs,
            stderr=theirs,
        )
    os.close(theirs)
    said = b""
    # Linux ends a terminal that nobody holds any more with an error.
    with suppress(OSError):
        while read := os.read(ours, 65536):
            said += read
    os.close(ours)
    return said.decode().replace("\r\n", "\n"), process.wait()


@pytest.fixture
def pager(tmp_path):
    """A pager that marks what it shows."""
    script = tmp_path / "pager"
    script.write_text('#!/bin/sh\nwhile IFS= read -r line; do echo "PAGED $line"; done\n')
    script.chmod(0o755)
    return str(script)


def test_a_long_plan_is_paged(sandboxed: SandboxedDesk, pager):
    """What doesn't fit the terminal is shown by PAGER, all of it, without the colours that it may not know."""
    said, code = at_a_terminal(sandboxed, LONG_PAGES, "plan", PAGER=pager)
    paged = [line.partition("PAGED ")[2] for line in said.split("\n") if "PAGED " in line]

    assert (code, paged[0], "\x1b[1m" in said) == (0, "Workspace quickstart", False)
    assert paged[-1].startswith("Digest: sha256:")


def test_a_saved_plan_is_paged_too(sandboxed: SandboxedDesk, pager):
    """`show PLANFILE` is where reviewers read long ones."""
    sandboxed.run("plan", "--out", "reviewed.json")

    said, code = at_a_terminal(sandboxed, LONG_PAGES, "show", "reviewed.json", PAGER=pager)

    assert (code, said.count("PAGED Digest: ")) == (0, 1)


@pytest.mark.parametrize(
    "height, arguments",
    [(TALL_TERMINAL, ()), (LONG_PAGES, ("--format", "json")), (LONG_PAGES, ("--format", "markdown"))],
    ids=["it fits", "for programs", "for a comment"],
)
def test_what_is_not_paged(sandboxed: SandboxedDesk, pager, height, arguments):
    """What fits is printed where the prompt comes back; what isn't text is for something else than a person."""
    said, code = at_a_terminal(sandboxed, height, "plan", *arguments, PAGER=pager)

    assert (code, "PAGED " in said) == (0, False)


def test_without_keys_nothing_is_paged(sandboxed: SandboxedDesk, pager):
    """A pager without a keyboard would wait for ever."""
    said, code = at_a_terminal(sandboxed, LONG_PAGES, "plan", stdin=subprocess.DEVNULL, PAGER=pager)

    assert (code, "PAGED " in said, "Digest: sha256:" in said) == (0, False, True)


def test_a_pager_that_is_not_there(sandboxed: SandboxedDesk):
    """Then it is printed."""
    said, code = at_a_terminal(sandboxed, LONG_PAGES, "plan", PAGER="no-such-pager")

    assert (code, "Digest: sha256:" in said) == (0, True)
