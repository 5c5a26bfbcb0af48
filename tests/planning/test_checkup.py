"""What `doctor` makes of what it gathered, and that every code of it is described."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chanplan.model.addresses import Address
from chanplan.model.checkup import Concern, Endpoint, Probe, Remark, Sending, ServiceFacts, StoreFacts, Weight
from chanplan.model.errors import Rejected, Transient
from chanplan.model.handovers import Handover
from chanplan.model.holding import Holding
from chanplan.model.problems import Problem, Severity
from chanplan.model.scopes import Scope
from chanplan.model.settlements import Ambiguous
from chanplan.model.snapshots import Snapshot
from chanplan.planning.checkup import configuration, services, state
from chanplan.planning.checkup.catalogue import CATALOGUE
from tests.conformance.store_samples import RECEIPTS, SETUP, T0, approval, intent, resource, run

MANUAL = Path(__file__).parents[2] / "docs" / "doctor.md"
SES = Scope("ses", None, "us-east-1")
AWS = Endpoint("sesv2", "https://email.us-east-1.amazonaws.com", own=True)
HELD = Holding("0a1b", "ci@build-7", "chanplan apply", T0)


def codes(findings):
    """The codes, in order."""
    return [str(each.code) for each in findings]


def test_the_manual_lists_every_code_with_its_weight():
    """A row for each code, and a code for each row."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", MANUAL.read_text(), re.MULTILINE)

    assert dict(rows) == {str(code): str(weight) for code, weight in CATALOGUE.items()}


def test_what_is_in_order_needs_nothing_done():
    """A remedy goes with what is wrong, and with nothing else."""
    facts = ServiceFacts(
        SES, (AWS,), "env", "123456789012", (Probe("sesv2:ListTenants"),), Sending(True, True)
    )

    found = list(services.of_service(facts, frozenset({"123456789012"})))

    assert {(each.weight, each.remedy) for each in found} == {(Weight.OK, "")}


@pytest.mark.parametrize(
    "holding, code",
    [
        (None, "lock_free"),
        (HELD, "lock_held"),
        (Holding("0a1b", "ci", "apply", T0, silent=20.0), "lock_held"),
        (Holding("0a1b", "ci", "apply", T0, silent=301.0), "lock_silent"),
        (Holding("0a1b", "ci", "apply", T0, silent=5.0, over=True), "lock_left"),
    ],
)
def test_a_lock(holding, code):
    """Silence is suspicious after ten signs of life that didn't come; an ended process is certain."""
    assert state.of_lock(holding).code == code


class TestRuns:
    @pytest.mark.parametrize(
        "result, holding, code",
        [
            (None, None, "run_unfinished"),
            (None, HELD, "run_under_way"),
            ("failed", None, "run_failed"),
            ("done", None, "run_ended"),
        ],
    )
    def test_the_latest(self, result, holding, code):
        """A run without a result was killed, unless somebody holds the lock."""
        assert codes(state.of_runs([run_of(result=result), run("earlier")], holding)) == [code]

    def test_a_run_whose_lock_was_broken(self):
        """It is the one to be told of."""
        unlocking = run_of(command="unlock 0a1b, of ci@build-7", result="done")

        assert codes(state.of_runs([unlocking, run("killed")], None)) == ["run_unfinished"]

    @pytest.mark.parametrize(
        "version, found", [("0.9.1", []), ("0.10.0", []), ("0.11.0", ["state_from_newer"])]
    )
    def test_versions_are_compared_as_numbers(self, version, found):
        """0.9 is older than 0.10."""
        assert codes(state.of_version([run_of(version=version), run("earlier")], "0.10.0")) == found


def run_of(**fields):
    """A run with some fields."""
    return replace(run(), **fields)


class TestIntents:
    BEGUN = Snapshot(intents=(intent(),))

    def test_nothing_begun(self):
        """That is said, too."""
        assert codes(state.of_intents(Snapshot(), (), (), None)) == ["nothing_begun"]

    def test_begun_and_left(self):
        """Without a look at the service, what an apply would do is told in general."""
        (found,) = state.of_intents(self.BEGUN, (), (), None)

        assert (found.code, found.address) == ("intent_open", RECEIPTS)
        assert found.message.startswith("A run began to update use_case.receipts at 20")

    def test_of_a_run_that_works_still(self):
        """It isn't taken for left behind."""
        assert codes(state.of_intents(self.BEGUN, (), (), HELD)) == ["run_under_way"]

    def test_a_person_must_say(self):
        """That is an error: no apply gets past it."""
        ambiguous = Ambiguous(self.BEGUN.intents[0], "Two may be ours.", "Delete one.")

        (found,) = state.of_intents(self.BEGUN, (ambiguous,), (), None)

        assert (found.code, found.weight, found.remedy) == ("intent_ambiguous", Weight.ERROR, "Delete one.")

    def test_a_handover_that_has_not_ended(self):
        """Everything else is refused meanwhile, so it's an error; the command that ends it is told."""
        handover = Handover("h-1", {RECEIPTS: Address("use_case", "theirs")}, "other", T0)
        snapshot = Snapshot(intents=(handover.intent(Snapshot()),))

        (found,) = state.of_intents(snapshot, (), (), None)

        assert (found.code, found.weight) == ("handover_open", Weight.ERROR)
        assert found.remedy.endswith("\nchanplan state mv use_case.receipts use_case.theirs --to CONFIG")

    def test_many_are_a_number(self):
        """Five are told one by one."""
        many = Snapshot(intents=tuple(intent(str(n), Address("use_case", f"case-{n}")) for n in range(9)))

        found = list(state.of_intents(many, (), (), None))

        assert (len(found), found[-1].message) == (6, "4 more changes were begun and not ended.")


def test_leftovers():
    """What is half made, and what was approved and not done."""
    half = replace(resource(SETUP), complete=False)
    snapshot = Snapshot(resources={SETUP: half}, approvals=(approval("sha256:plan", "sha256:one"),))

    assert codes(state.of_leftovers(snapshot)) == ["resource_incomplete", "approval_open"]


def test_many_problems_of_one_sort_are_a_number():
    """A workspace of thousands has thousands of each warning."""
    many = [
        Problem("inbound_unrouted", f"Number {number}.", severity=Severity.WARNING) for number in range(9)
    ]
    other = Problem("too_long", "It is.")

    found = list(configuration.of_problems([*many, other]))

    assert codes(found) == [*["configuration_warning"] * 6, "configuration_invalid"]
    assert found[5].message == "[inbound_unrouted] 4 more."


@pytest.mark.parametrize("concern", Concern)
def test_every_concern_of_a_store_has_words(concern):
    """Each with what to do."""
    (found,) = state.of_store(StoreFacts("state/chanplan.db", remarks=(Remark(concern, "so it is"),)))

    assert found.message.endswith(": so it is.")
    assert found.remedy


class TestClocks:
    @pytest.mark.parametrize(
        "ahead, found",
        [
            ({}, []),
            ({"ses.default": 2.0}, ["clock_agrees"]),
            ({"ses.default": -61.0}, ["clock_differs"]),
            ({"ses.default": 3.0, "twilio.default": 900.0}, ["clock_differs"]),
        ],
    )
    def test_those_of_services(self, ahead, found):
        """A minute is more than networks take."""
        assert codes(state.of_times(Snapshot(), [run()], T0, ahead)) == found

    @pytest.mark.parametrize("seconds, found", [(0, []), (59, []), (61, ["clock_went_back"])])
    def test_times_in_the_state(self, seconds, found):
        """What is yet to come was written by a clock that was ahead, or this one went back."""
        assert codes(state.of_times(Snapshot(), [run()], T0 - timedelta(seconds=seconds), {})) == found


class TestServices:
    @pytest.mark.parametrize(
        "endpoint, code",
        [
            (AWS, "endpoint_own"),
            (Endpoint("sesv2", "http://127.0.0.1:4566", own=False), "endpoint_elsewhere"),
            (Endpoint("sesv2", "https://proxy.acme.example", own=False), "endpoint_elsewhere"),
            (Endpoint("sesv2", "http://proxy.acme.example", own=False), "endpoint_unencrypted"),
        ],
    )
    def test_endpoints(self, endpoint, code):
        """Where requests go is always said; without encryption only on this machine."""
        assert codes(services.of_service(ServiceFacts(SES, (endpoint,)), frozenset()))[0] == code

    @pytest.mark.parametrize(
        "error, needed, code",
        [
            (Rejected("No.", code="access_denied"), True, "right_missing"),
            (Rejected("No.", code="access_denied"), False, "right_advised"),
            (Rejected("No such call.", code="unsupported_operation"), True, "operation_unoffered"),
            (Transient("Nobody there."), True, "service_failed"),
        ],
    )
    def test_calls_that_fail(self, error, needed, code):
        """A right that plans need is an error, one that tells more is a note."""
        facts = ServiceFacts(SES, (AWS,), "env", "1", (Probe("sesv2:ListTenants", error, needed=needed),))

        assert code in codes(services.of_service(facts, frozenset()))

    def test_one_reason_is_told_once(self):
        """Every call fails for it."""
        probes = tuple(Probe(name, Rejected("Expired.", code="expired_credentials")) for name in "abc")

        found = codes(services.of_service(ServiceFacts(SES, (AWS,), "env", None, probes), frozenset()))

        assert found.count("service_failed") == 1

    @pytest.mark.parametrize(
        "sending, found",
        [
            (Sending(production=True, enabled=True), ["sending_allowed"]),
            (Sending(production=False, enabled=True), ["sending_confined"]),
            (Sending(production=False, enabled=False), ["sending_confined", "sending_paused"]),
        ],
    )
    def test_sending(self, sending, found):
        """SES's sandbox and a pause are two things."""
        facts = ServiceFacts(SES, (AWS,), "env", "1", (Probe("sesv2:GetAccount"),), sending)

        assert [code for code in codes(services.of_service(facts, frozenset())) if "sending" in code] == found
