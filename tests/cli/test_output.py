"""Where output goes and what it may hold: results to standard output, messages to standard error, no tricks."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.cli.desk import EMAIL, SETUP, Desk, SandboxedDesk, surroundings

# Colours and cursor movements, rings and overwriting.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    "command",
    [
        ("validate", "--format", "json"),
        ("plan", "--format", "json"),
        ("plan", "--format", "json", "--destroy"),
        ("show", SETUP, "--format", "json"),
        ("state", "list", "--format", "json"),
        ("state", "show", "use_case.receipts", "--format", "json"),
        ("state", "pull"),
        ("history", "--format", "json"),
        ("dns", "records", "--format", "json"),
        ("dns", "check", "--format", "json"),
        ("schema", "plan"),
    ],
    ids=" ".join,
)
def test_json_is_one_document_and_nothing_else(finished: SandboxedDesk, command):
    """A program can read standard output as it is; there was nothing to say beside it."""
    ended = finished.run(*command)

    assert (ended.code, ended.err, type(ended.document)) in ((0, "", dict), (0, "", list))


def test_json_lines_of_an_apply(sandboxed: SandboxedDesk):
    """Each line is a document with a type; what a person would read goes to standard error."""
    ended = sandboxed.apply("--format", "jsonl")
    events = [json.loads(line) for line in ended.out.splitlines()]

    assert (ended.code, events[0]["type"], events[0]["format_version"]) == (3, "version", "1.0")
    assert {event["type"] for event in events} >= {
        "refresh_started",
        "step_started",
        "step_done",
        "step_waits",
    }
    assert "Apply: 3 created, 2 waiting." in ended.err


def last_line(ended):
    """The last of the JSON lines."""
    return json.loads(ended.out.splitlines()[-1])


def test_the_last_json_line_tells_the_outcome(sandboxed: SandboxedDesk):
    """With counts, what is waited for and the exit code, so that a program needs neither sum up nor read text."""
    ended = sandboxed.apply("--format", "jsonl")
    told = last_line(ended)

    assert [told["type"], told["message"], told["result"]] == [
        "outcome",
        "Apply: 3 created, 2 waiting.",
        "waiting",
    ]
    assert told["exit_code"] == ended.code == 3
    assert told["counts"] == {
        "created": 3,
        "imported": 0,
        "updated": 0,
        "deleted": 0,
        "forgotten": 0,
        "failed": 0,
        "waiting": 2,
        "not_started": 0,
    }
    assert [(gate["kind"], gate["on"], gate["state"]) for gate in told["gates"]] == [
        ("dns_verified", "ses_setup.acme-mail", "pending")
    ]
    assert (told["problems"], told["refusals"], told["approval"]) == ([], [], None)


def test_the_last_json_line_of_a_run_under_an_approval(sandboxed: SandboxedDesk):
    """How much of what was approved is done by now, by all runs: the digest of the remainder is another one."""
    digest = sandboxed.run("plan", "--format", "json").document["digest"]
    under = ("apply", "--expect", digest, "--format", "jsonl")

    first = last_line(sandboxed.run(*under))
    sandboxed.publish()
    second = last_line(sandboxed.run(*under))

    assert first["approval"] == {"digest": digest, "steps": 5, "done": 3}
    assert second["approval"] == {"digest": digest, "steps": 5, "done": 5}
    assert second["digest"] != digest


def test_the_last_json_line_of_a_run_that_fails(sandboxed: SandboxedDesk):
    """Each failure is a problem with its address."""
    sandboxed.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, match="sesv2:CreateTenant"))
    ended = sandboxed.apply("--format", "jsonl")
    told = last_line(ended)

    assert (told["result"], told["exit_code"], ended.code) == ("failed", 1, 1)
    assert [(problem["address"], problem["code"], problem["half"]) for problem in told["problems"]] == [
        ("ses_setup.acme-mail", "access_denied", "create")
    ]


def test_the_last_json_line_of_a_refusal(finished: SandboxedDesk):
    """What refused, and what to do, for programs."""
    ended = finished.run("destroy", "--auto-approve", "--format", "jsonl")
    told = last_line(ended)

    assert (told["result"], told["exit_code"], ended.code) == ("refused", 4, 4)
    assert told["message"] == "Nothing was done: refused."
    assert {refusal["code"] for refusal in told["refusals"]} == {"delete_unacknowledged"}


def test_the_last_json_line_of_an_error(sandboxed: SandboxedDesk):
    """An error that ends the run before anything is known is told to programs, too."""
    ended = sandboxed.apply("--format", "jsonl", "--target", "use_case.nobody")
    told = last_line(ended)

    assert (told["type"], told["result"], told["exit_code"], ended.code) == ("outcome", "error", 1, 1)
    assert [problem["code"] for problem in told["problems"]] == ["unknown_address"]


def test_an_applys_outcome_is_its_result_and_progress_a_message(sandboxed: SandboxedDesk):
    """What is redirected into a file is how it ended."""
    ended = sandboxed.apply()

    assert ended.out.startswith("Done (3)\n")
    assert ended.err.startswith("Reading 5 resources from the services\n")


@pytest.mark.parametrize(
    "arguments, environment, coloured",
    [
        (("plan",), {}, True),
        (("--no-color", "plan"), {}, False),
        (("plan",), {"NO_COLOR": "1"}, False),
        (("plan",), {"NO_COLOR": ""}, True),
    ],
)
def test_colour_is_for_terminals_that_want_it(sandboxed: SandboxedDesk, arguments, environment, coloured):
    """NO_COLOR counts when it isn't empty (no-color.org)."""
    ended = sandboxed.run(*arguments, terminal=True, TERM="xterm", **environment)

    assert (ended.code, "\x1b[" in ended.out) == (0, coloured)


@pytest.mark.parametrize(
    "command", [("plan",), ("apply", "--auto-approve"), ("validate",), ("--help",)], ids=" ".join
)
def test_no_colour_without_a_terminal(sandboxed: SandboxedDesk, command):
    """Files and pipes get plain text."""
    ended = sandboxed.run(*command)

    assert CONTROLS.findall(ended.out + ended.err) == []


@pytest.mark.parametrize("option", [(), ("--no-color",)], ids=["colour", "no colour"])
def test_a_whole_apply_at_a_terminal(sandboxed: SandboxedDesk, option):
    """With progress that is redrawn; without colour, no colour comes from it either."""
    ours, theirs = pty.openpty()
    with surroundings({**sandboxed.environment, "TERM": "xterm"}):
        process = subprocess.Popen(
            [sys.executable, "-m", "chanplan.cli.main", *option, "apply", "--auto-approve"],
            cwd=sandboxed.folder,
            stdin=theirs,
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

    coloured = re.search(rb"\x1b\[(?:[0-9]+;)*3[0-7]m", said) is not None
    assert (process.wait(), b"Apply: 3 created, 2 waiting." in said, coloured) == (3, True, option == ())


HOSTILE = EMAIL.replace(
    "Order receipts and invoices", '"\\e[2J\\e[31mreceipts\\n::error::no \\u202egnp.exe\\a"'
)


@pytest.mark.parametrize(
    "command",
    [("plan",), ("plan", "--format", "markdown"), ("plan", "--format", "json"), ("apply", "--auto-approve")],
    ids=" ".join,
)
def test_text_of_others_plays_no_tricks(sandboxed: SandboxedDesk, command):
    """A description that clears the screen, reverses text and begins a line of its own is shown as escapes."""
    sandboxed.write(HOSTILE)

    ended = sandboxed.run(*command)

    assert ended.code in (0, 3)
    assert CONTROLS.findall(ended.out + ended.err) == []
    assert [line for line in ended.out.splitlines() if line.startswith("::")] == []


def test_a_typed_word_plays_no_tricks(desk: Desk):
    """Neither does a name that somebody else chose, given as an argument by a script."""
    words = (
        ["\x1b[31mplan", "plan", "--target", "use_case.\x1b[2J"],
        ["show", "\x1b[2J\u202e"],
        ["-C", "\x1b[2J", "plan"],
    )
    desk.write(EMAIL)

    said = [desk.run(*typed).err for typed in (["\x1b[31mplan"], *words)]

    assert [CONTROLS.findall(text) for text in said] == [[]] * 4


def test_a_reader_that_has_seen_enough(finished: SandboxedDesk):
    """`chanplan plan | head -1` ends without a word about pipes."""
    with surroundings(finished.environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "chanplan.cli.main", "schema", "config"],
            cwd=finished.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.close()
        _, err = process.communicate()

    assert (process.returncode, err) == (1, b"")


def test_a_stream_that_cant_write_every_letter(finished: SandboxedDesk):
    """Under a locale of few letters, others come out as escapes; nothing fails."""
    finished.write(EMAIL.replace("Order receipts", "Квитанции für Ömer"))
    with surroundings({**finished.environment, "PYTHONIOENCODING": "latin-1"}):
        ended = subprocess.run(
            [sys.executable, "-m", "chanplan.cli.main", "plan"],
            cwd=finished.folder,
            capture_output=True,
            check=False,
        )

    assert ended.returncode == 0
    assert "\\u041a\\u0432\\u0438\\u0442\\u0430\\u043d\\u0446\\u0438\\u0438 für Ömer" in ended.stdout.decode(
        "latin-1"
    )


def test_a_full_disk_behind_standard_output(finished: SandboxedDesk):
    """The result didn't arrive, so the command didn't succeed."""
    with surroundings(finished.environment), open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        ended = subprocess.run(
            [sys.executable, "-m", "chanplan.cli.main", "schema", "plan"],
            cwd=finished.folder,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert ended.returncode == 1
    assert b"Error: " in ended.stderr
    assert b"No space left on device" in ended.stderr
