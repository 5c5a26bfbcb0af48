"""The checker and the sandbox's name server, written apart, understand each other."""

import pytest

from chanplan.execution.clocks import SystemClock
from chanplan.execution.pacing import Unmeasured
from chanplan.model.addresses import Address
from chanplan.model.records import Outcome
from chanplan.providers.dns.checker import DnsRecordChecker
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.unit.dns.records import seven_records

SETUP = Address("ses_setup", "acme-mail")
RECORDS = seven_records("mail.acme.example")
ZONE = [ZoneRecord(record.name, record.type.value, record.value) for record in RECORDS]


@pytest.fixture
def sandbox(tmp_path):
    """A sandbox without records."""
    with Sandbox(tmp_path) as running, Controls(tmp_path) as controls:
        yield running, controls


def check(running: Sandbox, earlier=None, **patience):
    """What the checker makes of the seven records now."""
    checker = DnsRecordChecker([running.nameserver], SystemClock(), Unmeasured(), **patience)
    return checker.check({SETUP: RECORDS}, earlier or {})


def outcomes(verdicts) -> list[Outcome]:
    """What was found, record by record."""
    return [verdict.outcome for verdict in verdicts[SETUP]]


def test_records_are_missing_until_they_are_published(sandbox):
    """A new setup's records are missing, not unknown; published, all are verified."""
    running, controls = sandbox

    before = check(running)
    controls.publish(ZONE)
    after = check(running)

    assert (outcomes(before), outcomes(after)) == ([Outcome.MISSING] * 7, [Outcome.VERIFIED] * 7)


@pytest.mark.parametrize("kind", [FaultKind.SERVFAIL, FaultKind.REFUSED, FaultKind.TIMEOUT])
def test_faults_leave_the_earlier_verdicts(sandbox, kind):
    """While the server fails, what was seen before stands, with the time when it was seen."""
    running, controls = sandbox
    controls.publish(ZONE)
    before = check(running)
    controls.add_fault(Fault(kind))

    after = check(running, before, lifetime=0.2, per_try=0.1)

    assert [(verdict.outcome, verdict.checked_at) for verdict in after[SETUP]] == [
        (verdict.outcome, verdict.checked_at) for verdict in before[SETUP]
    ]


def test_truncated_answers_come_over_tcp(sandbox):
    """The fault strikes UDP only."""
    running, controls = sandbox
    controls.publish(ZONE)
    controls.add_fault(Fault(FaultKind.TRUNCATE))

    verdicts = check(running)

    assert outcomes(verdicts) == [Outcome.VERIFIED] * 7
