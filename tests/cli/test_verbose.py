"""`--verbose`: each call to a service is told on standard error, and what is printed otherwise stays as it is."""

import logging
import re
from collections import Counter
from contextlib import redirect_stderr
from pathlib import Path

from chanplan.cli.logs import log_for_people
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.cli.desk import SandboxedDesk, Stream

CALL = re.compile(r"^(ses(?:v2)?|sts):([A-Za-z]+): ([a-z_]+) after \d+\.\d{3} s$", re.MULTILINE)


def test_each_attempt_is_told(begun: SandboxedDesk):
    """With its operation, how it ended and how long it took, as often as the service heard of it."""
    before = Counter(begun.controls.status().calls)

    ended = begun.run("-v", "plan")
    heard = Counter(begun.controls.status().calls) - before
    told = Counter(f"{service}:{operation}" for service, operation, _ in CALL.findall(ended.err))

    assert (ended.code, told) == (0, heard)
    assert {outcome for _, _, outcome in CALL.findall(ended.err)} == {"ok"}


def test_an_attempt_that_failed_and_was_repeated(begun: SandboxedDesk):
    """The reason stands in place of `ok`; without the option a retry isn't worth a word."""
    begun.controls.add_fault(Fault(FaultKind.THROTTLE, match="sesv2:GetTenant", times=2))

    verbose, quiet = begun.run("-v", "show", "ses_setup.acme-mail"), begun.run("show", "ses_setup.acme-mail")
    outcomes = [outcome for _, operation, outcome in CALL.findall(verbose.err) if operation == "GetTenant"]

    assert (verbose.code, outcomes) == (0, ["throttled", "throttled", "ok"])
    assert quiet.err == ""


def test_look_ups_of_dns_are_told_too(begun: SandboxedDesk):
    """One line for each question, with the type of record that was asked for and how it ended."""
    ended = begun.run("-v", "dns", "check")
    told = re.findall(r"^dns:([A-Z]+): (\w+) after \d+\.\d{3} s$", ended.err, re.MULTILINE)

    assert {("CNAME", "ok"), ("MX", "ok"), ("TXT", "ok")} == set(told)
    assert len(told) >= 7


def test_a_look_up_without_an_answer(begun: SandboxedDesk):
    """The server's code stands in place of `ok`."""
    begun.controls.add_fault(Fault(FaultKind.SERVFAIL, match="*_domainkey*"))

    ended = begun.run("-v", "dns", "check")

    assert "dns:CNAME: servfail after " in ended.err


def test_what_a_report_of_a_bug_needs_comes_first(sandboxed: SandboxedDesk):
    """Versions, system and the root file, before anything can go wrong."""
    ended = sandboxed.run("-v", "plan", "--format", "json")

    assert re.match(
        r"chanplan \S+, Python 3\.\d+\.\S+, \w+; configuration \S+/desk/chanplan\.yaml\n", ended.err
    )
    assert ended.document["workspace"] == "quickstart"


def test_what_packages_log_is_a_line(sandboxed: SandboxedDesk):
    """Warnings of ours are told, our mistakes get a log of their own, and other libraries keep quiet."""
    err = Stream()
    log_for_people()
    with redirect_stderr(err):
        logging.getLogger("chanplan.providers.ses").warning("STS can't tell: %s", "\x1b[31mno")
        logging.getLogger("botocore").warning("the request was …")
        logging.getLogger("chanplan.execution").error("unforeseen", exc_info=LookupError("somebody's words"))
    warning, mistake = err.text().splitlines()
    log = re.search(r"where it happened is in (\S+)\.$", mistake)

    assert warning == "Warning: STS can't tell: \\x1b[31mno"
    assert mistake.startswith("Error: an unforeseen LookupError. This is a bug in chanplan;")
    assert log is not None
    assert "somebody's words" not in Path(log[1]).read_text()
    Path(log[1]).unlink()
