"""The reader of what an apply told: an outcome that fits into a comment, or an error."""

import json
from pathlib import Path

from chanplan.render.comment import first_line
from chanplan.render.outcome_markdown import outcome_comment
from chanplan.render.outcome_reading import ToldOutcome, outcome_from_lines
from tests.fuzz.answers import TAKEN, answer
from tests.unit.render import plans

SMALL = 6_000
"""Bytes of a comment that most outcomes are cut to."""
BEGINNINGS = (
    "##",
    "**",
    "- ",
    "  ",
    "_",
    "Approved: ",
    "Of ",
    "Nothing is lost",
    "It was killed",
    "The next run",
)
"""How lines of a comment begin: with our own words, since GitLab obeys lines that begin with a command."""

GATE = {
    "kind": "dns_verified",
    "on": "ses_setup.acme-mail",
    "state": "pending",
    "since": None,
    "deadline": None,
    "detail": "SES hasn't seen\nthe records.",
    "todo": ["Publish 7 records.\nchanplan dns records"],
}
PROBLEM = {"address": "use_case.alerts", "code": "quota", "problem": "No room.", "remedy": "Ask:\n  aws …"}


def outcome_files() -> list[bytes]:
    """Give what applies told: one that waits and fails, one that was refused, and one that was killed."""
    version = {"type": "version", "format_version": "1.0", "chanplan_version": "0.1.0"}
    done = [
        {"type": "step_done", "address": f"use_case.u{n}", "half": "create", "seconds": 1} for n in range(9)
    ]
    ended = {
        "type": "outcome",
        "message": "Apply: 9 created.",
        "result": "failed",
        "exit_code": 1,
        "digest": "sha256:a",
        "approval": {"digest": "sha256:b", "steps": 12, "done": 9},
        "gates": [GATE] * 30,
        "problems": [PROBLEM] * 30,
        "refusals": [],
    }
    refused = {**ended, "result": "refused", "approval": None, "gates": [], "refusals": [PROBLEM]}
    told = ([version, *done, ended], [version, refused], [version, *done])
    return ["".join(json.dumps(line) + "\n" for line in lines).encode() for lines in told]


def read_outcome(data: bytes, _folder: Path) -> str:
    """Look at lines of these bytes, and write the comment with and without a plan."""
    told = answer(lambda: outcome_from_lines(data, "outcome.jsonl"))
    if not isinstance(told, ToldOutcome):
        return told[0]
    for plan, limit in ((None, SMALL), (plans.first_plan(), 65_536)):
        written = outcome_comment(told, "acme", plan, limit=limit)
        assert len(written.encode()) <= limit
        top, *lines = written.partition("<details>")[0].split("\n")
        assert top == first_line("acme")
        assert all(line.startswith(BEGINNINGS) for line in lines if line), written
    return TAKEN
