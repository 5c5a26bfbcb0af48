"""Progress: a line for each event that is worth one, for people, logs and programs."""

import io
import json
import threading
from datetime import UTC, datetime

import pytest

from chanplan.cli.progress import JsonProgress, PlainProgress, progress
from chanplan.model.addresses import Address
from chanplan.model.events import (
    GatePolled,
    IntentRecovered,
    Noted,
    RefreshProgressed,
    RefreshStarted,
    StepAdvanced,
    StepDone,
    StepFailed,
    StepSkipped,
    StepStarted,
    StepWaits,
)
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.plans import Half, Step
from chanplan.model.problems import Problem, Severity

MAIL = Address("ses_setup", "acme-mail")
MADE = Step(MAIL, Half.CREATE)
WAITS = Step(Address("use_case", "receipts"), Half.CREATE)
GATE = Gate(GateKind.DNS_VERIFIED, MAIL, GateState.PENDING, detail="5 of 7 records are in place.")
EVENTS = (
    IntentRecovered(MAIL, "it was made"),
    RefreshStarted(1200),
    RefreshProgressed(1, 2),
    StepStarted(MADE),
    StepAdvanced(MADE, "tenant"),
    StepDone(MADE, 12.0, "0b54"),
    StepFailed(Step(MAIL, Half.DELETE), Problem("rejected", "SES refused.", "Ask\nAWS.")),
    StepSkipped(WAITS, "ses_setup.acme-mail failed"),
    StepWaits(WAITS, GATE),
    GatePolled(GATE, 60.0),
    GatePolled(GATE, 60.0),
    Noted(Problem("odd", "\x1b[31mOdd.", severity=Severity.WARNING)),
)


def test_plain_lines():
    """A log gets one line for what begins and ends, and a gate's only when it moved."""
    stream = io.StringIO()
    with progress("text", stream, is_terminal=False) as tell:
        for event in EVENTS:
            tell(event)

    assert stream.getvalue().splitlines() == [
        "ses_setup.acme-mail: settled what an earlier run began: it was made",
        "Reading 1,200 resources from the services",
        "ses_setup.acme-mail: creating",
        "ses_setup.acme-mail: created after 12 s",
        "ses_setup.acme-mail: deleting failed: SES refused. Ask AWS.",
        "use_case.receipts: not started: ses_setup.acme-mail failed",
        "use_case.receipts: waits for dns_verified of ses_setup.acme-mail (pending)",
        "ses_setup.acme-mail: dns_verified is pending: 5 of 7 records are in place.; next look in 1 min",
        "warning: \\x1b[31mOdd.",
    ]


def test_json_lines():
    """A program gets every event as a JSON object, after one that tells the versions."""
    stream = io.StringIO()
    tell = JsonProgress(stream, lambda: datetime(2026, 11, 23, 17, 5, tzinfo=UTC))
    for event in EVENTS:
        tell(event)
    entries = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert {entry["at"] for entry in entries} == {"2026-11-23T17:05:00Z"}
    assert entries[0].keys() == {"at", "type", "format_version", "chanplan_version"}
    assert [entry["type"] for entry in entries] == [
        "version",
        "intent_recovered",
        "refresh_started",
        "refresh_progressed",
        "step_started",
        "step_advanced",
        "step_done",
        "step_failed",
        "step_skipped",
        "step_waits",
        "gate_polled",
        "gate_polled",
        "noted",
    ]
    assert entries[6] == {
        "at": "2026-11-23T17:05:00Z",
        "type": "step_done",
        "message": "ses_setup.acme-mail: created after 12 s",
        "address": "ses_setup.acme-mail",
        "half": "create",
        "seconds": 12.0,
        "id": "0b54",
    }


def test_a_terminal_shows_what_is_over():
    """On a terminal, lines for what is over stand above what is in flight, and control characters don't act."""
    stream = io.StringIO()
    with progress("text", stream, is_terminal=True) as tell:
        for event in EVENTS:
            tell(event)

    assert "ses_setup.acme-mail: created after 12 s" in stream.getvalue()
    assert "\x1b[31mOdd" not in stream.getvalue()


def test_none_is_silent():
    """Where JSON is the result, nothing else is written."""
    stream = io.StringIO()
    with progress("none", stream, is_terminal=True) as tell:
        for event in EVENTS:
            tell(event)

    assert stream.getvalue() == ""


@pytest.mark.parametrize("make", [PlainProgress, JsonProgress])
def test_threads_do_not_mix_lines(make):
    """Many threads at once still write whole lines."""
    stream = io.StringIO()
    tell = make(stream)
    before = stream.getvalue().count("\n")
    threads = [
        threading.Thread(target=lambda: [tell(StepDone(MADE, 12.0)) for _ in range(200)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = stream.getvalue().splitlines()[before:]

    assert len(lines) == 1600
    assert all("created after 12 s" in line for line in lines)
