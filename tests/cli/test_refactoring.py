"""Renaming, forgetting, splitting and merging: the state and the YAML change, the services don't; then nothing is planned."""

from contextlib import contextmanager

import boto3
import pytest

from chanplan.model.addresses import Address
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.cli.desk import EMAIL, SandboxedDesk
from tests.cli.test_state_changes import addresses, quiet, store_of
from tests.cli.test_state_handovers import HEAD, OTHER, TENANTS, THERE, other
from tests.e2e.scene import READS
from tests.e2e.voice import VOICE as VOICE_FILE
from tests.e2e.voice import furnish
from tests.twilio_person import Person

VOICE = VOICE_FILE.read_text()
VOICE_HEAD = VOICE[: VOICE.index("twilio_setups:")].replace("workspace: voice", "workspace: other-voice")
TOPIC = "arn:aws:sns:us-east-1:123456789012:inbound"
APPLY = ("apply", "--auto-approve")


@pytest.fixture
def voice(sandboxed: SandboxedDesk):
    """Lines of all three channels, made."""
    furnish(sandboxed.controls)
    sandboxed.write(VOICE)
    assert sandboxed.apply().code == 0
    return sandboxed


@pytest.fixture
def ses(finished: SandboxedDesk):
    """Somebody who makes receipt rule sets."""
    client = boto3.client(
        "ses",
        region_name="us-east-1",
        endpoint_url=finished.environment["AWS_ENDPOINT_URL_SES"],
        aws_access_key_id="sandbox",
        aws_secret_access_key="any",
    )
    yield client
    client.close()


def operations(desk):
    """What was called so far, in order."""
    return [call.operation for call in desk.controls.calls()]


@contextmanager
def only_reads(desk):
    """No service hears anything in it but questions."""
    before = len(operations(desk))
    yield
    made = operations(desk)[before:]
    assert [name for name in made if not name.partition(":")[2].startswith((*READS, "Batch"))] == []


def with_moves(text, *moves):
    """A configuration with names exchanged, wherever they stand, and the entries that say so."""
    for old, new in moves:
        name, renamed = old.partition(".")[2], new.partition(".")[2]
        text = text.replace(f"  {name}:\n", f"  {renamed}:\n").replace(
            f"_setup: {name}\n", f"_setup: {renamed}\n"
        )
    entries = "".join(f"  - {{from: {old}, to: {new}}}\n" for old, new in moves)
    return f"{text}moved:\n{entries}"


def done(desk):
    """Nothing is planned, looked at closely."""
    ended = desk.run("plan", "--refresh", "deep", "--detailed-exitcode")
    return ended.code == 0


MAIL_MOVES = [
    ("ses_setup.acme-mail", "ses_setup.mail"),
    ("use_case.receipts", "use_case.order-mail"),
    ("sending_pool.transactional", "sending_pool.txn"),
]
VOICE_MOVES = [
    ("twilio_setup.acme-voice", "twilio_setup.phones"),
    ("use_case.support-line", "use_case.hotline"),
]


class TestMoved:
    @pytest.mark.parametrize("refresh", ["shallow", "none"])
    def test_mail(self, finished: SandboxedDesk, refresh):
        """Setup, use case and pool at once; without refresh nobody is called at all."""
        finished.write(with_moves(EMAIL, *MAIL_MOVES))
        before = store_of(finished).load()

        with only_reads(finished):
            run = quiet if refresh == "none" else SandboxedDesk.run
            ended = run(finished, *APPLY, "--refresh", refresh, "--deepen", "0")

        after = store_of(finished).load()
        assert ended.code == 0, ended.said
        assert {each.id for each in after.resources.values()} == {
            each.id for each in before.resources.values()
        }
        assert addresses(finished) == sorted(
            [*(new for _, new in MAIL_MOVES), "sending_pool.marketing", "use_case.alerts"]
        )
        with only_reads(finished):
            assert done(finished)

    def test_lines(self, voice: SandboxedDesk):
        """Their numbers stay bound all the while."""
        voice.write(with_moves(VOICE, *VOICE_MOVES))
        bound = Person(voice.environment).bound()

        with only_reads(voice):
            assert quiet(voice, *APPLY, "--refresh", "none").code == 0
            assert done(voice)

        assert Person(voice.environment).bound() == bound

    def test_a_chain(self, finished: SandboxedDesk):
        """Over a name that was never applied."""
        text = with_moves(EMAIL, ("use_case.receipts", "use_case.third"))
        finished.write(
            text.replace(
                "from: use_case.receipts, to: use_case.third", "from: use_case.receipts, to: use_case.second"
            )
            + "  - {from: use_case.second, to: use_case.third}\n"
        )

        assert quiet(finished, *APPLY, "--refresh", "none").code == 0

        assert "use_case.third" in addresses(finished)
        with only_reads(finished):
            assert done(finished)

    def test_a_swap_is_told_to_go_by_way_of_the_state(self, finished: SandboxedDesk):
        """Entries can't say it, since both names are declared; three renames in the state can."""
        swapped = EMAIL.replace("  receipts:\n", "  X:\n").replace("  alerts:\n", "  receipts:\n")
        swapped = swapped.replace("  X:\n", "  alerts:\n")
        finished.write(
            f"{swapped}moved:\n"
            "  - {from: use_case.receipts, to: use_case.alerts}\n  - {from: use_case.alerts, to: use_case.receipts}\n"
        )
        refused = quiet(finished, "validate")
        finished.write(swapped)

        for names in (("receipts", "x"), ("alerts", "receipts"), ("x", "alerts")):
            assert quiet(finished, "state", "mv", *(f"use_case.{name}" for name in names)).code == 0

        assert (refused.code, "moved_in_a_circle" in refused.said) == (1, True)
        with only_reads(finished):
            assert done(finished)

    def test_into_an_address_that_is_taken(self, finished: SandboxedDesk):
        """What is there stays; the old one would be deleted, which nobody agreed to: refused, and nothing is called."""
        finished.write(
            EMAIL.replace(EMAIL[EMAIL.index("  receipts:\n") : EMAIL.index("  alerts:\n")], "")
            + "moved: [{from: use_case.receipts, to: use_case.alerts}]\n"
        )
        before = store_of(finished).load()

        with only_reads(finished):
            ended = finished.run(*APPLY)

        assert (ended.code, "delete_unacknowledged" in ended.said) == (4, True)
        assert store_of(finished).load().resources == before.resources

    def test_what_was_begun_goes_on_under_the_new_name(self, sandboxed: SandboxedDesk):
        """A tenant that was made and a domain that wasn't: the renamed setup is finished, not made twice."""
        sandboxed.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, match="sesv2:CreateEmailIdentity"))
        assert sandboxed.apply().code == 1
        sandboxed.controls.clear_faults()
        begun = store_of(sandboxed).load()
        sandboxed.write(with_moves(EMAIL, ("ses_setup.acme-mail", "ses_setup.mail")))

        ended = sandboxed.apply()

        setup = store_of(sandboxed).load().resources[Address("ses_setup", "mail")]
        first = begun.resources.get(Address("ses_setup", "acme-mail"))
        assert first is not None
        assert not first.complete
        assert (ended.code, setup.id, setup.complete) == (3, first.id, True)
        tenants = [each for each in sandboxed.controls.status().holdings if each.kind == "ses.tenant"]
        assert [each.names for each in tenants] == [("acme",)]
        sandboxed.publish()
        assert sandboxed.apply().code == 0
        assert done(sandboxed)

    def test_across_kinds(self, finished: SandboxedDesk):
        """It is an error of the configuration, at its line."""
        finished.write(f"{EMAIL}moved: [{{from: use_case.old, to: ses_setup.acme-mail}}]\n")

        ended = quiet(finished, "plan")

        assert (ended.code, "moved_between_kinds" in ended.said) == (1, True)


class TestRemoved:
    def test_what_is_forgotten_stays_as_it_is(self, finished: SandboxedDesk):
        """Not even a read, without refresh; and the object is there."""
        finished.write(
            EMAIL.replace(EMAIL[EMAIL.index("  alerts:\n") :], "")
            + "removed: [{address: use_case.alerts, destroy: false}]\n"
        )
        holdings = finished.controls.status().holdings

        assert quiet(finished, *APPLY, "--refresh", "none").code == 0

        assert ("use_case.alerts" in addresses(finished), finished.controls.status().holdings) == (
            False,
            holdings,
        )
        with only_reads(finished):
            assert done(finished)

    def test_a_line(self, voice: SandboxedDesk):
        """Its numbers stay bound to it."""
        text = VOICE.replace(VOICE[VOICE.index("  support-line:\n") : VOICE.index("  sales-line:\n")], "")
        voice.write(f"{text}removed: [{{address: use_case.support-line, destroy: false}}]\n")
        bound = Person(voice.environment).bound()

        with only_reads(voice):
            assert voice.run(*APPLY).code == 0
            assert done(voice)

        assert Person(voice.environment).bound() == bound

    def test_a_setup_that_others_refer_to(self, finished: SandboxedDesk):
        """It is an error of the configuration while they are declared; and a use case that isn't forgotten with it would be
        deleted, which nobody agreed to."""
        head = EMAIL[: EMAIL.index("ses_setups:")]
        uses = EMAIL[EMAIL.index("use_cases:") :]
        removed = "removed: [{address: ses_setup.acme-mail, destroy: false}]\n"
        before = store_of(finished).load()

        finished.write(head + uses + removed)
        declared = finished.run(*APPLY)
        finished.write(head + removed.replace("}]", "}, {address: use_case.alerts, destroy: false}]"))
        with only_reads(finished):
            in_state = finished.run(*APPLY)

        assert (declared.code, "reference_missing" in declared.said) == (1, True)
        assert (in_state.code, "delete_unacknowledged" in in_state.said) == (4, True)
        assert store_of(finished).load().resources == before.resources


class TestSplitAndMerge:
    def test_mail_goes_and_comes_back(self, finished: SandboxedDesk):
        """No command of it calls anybody; both sides are empty after each way."""
        finished.write(other(TENANTS), OTHER)
        before = store_of(finished).load()

        assert quiet(finished, "state", "mv", "ses_setup.acme-mail", "--to", OTHER).code == 0
        pools = EMAIL[EMAIL.index("sending_pools:") : EMAIL.index("ses_setups:")]
        finished.write(HEAD + pools)
        with only_reads(finished):
            assert finished.run("plan", "--detailed-exitcode").code == 0
        finished.write(EMAIL)
        finished.write(other(), OTHER)
        assert quiet(finished, "--config", OTHER, "state", "mv", "--all", "--to", "chanplan.yaml").code == 0

        assert store_of(finished).load().resources == before.resources
        assert addresses(finished, THERE) == []
        with only_reads(finished):
            assert done(finished)
            assert finished.run("--config", OTHER, "plan", "--detailed-exitcode").code == 0

    def test_a_setup_that_receives(self, finished: SandboxedDesk, ses):
        """Its domain stays in the receipt rule of the workspace that it came from, where its mail is handled once, and moves
        when its actions change."""
        ses.create_receipt_rule_set(RuleSetName="inbound")
        receiving = f"    receiving: {{rule_set: inbound, actions: [{{sns: {{topic: '{TOPIC}'}}}}]}}\n"
        declared = EMAIL.replace("    dmarc: {policy: none}\n", f"    dmarc: {{policy: none}}\n{receiving}")
        finished.write(declared)
        assert finished.apply().code == 0
        rules = ses.describe_receipt_rule_set(RuleSetName="inbound")["Rules"]
        there = declared.replace("workspace: quickstart", "workspace: other")

        finished.write(there, OTHER)
        assert quiet(finished, "state", "mv", "--all", "--to", OTHER).code == 0
        finished.write(HEAD)
        with only_reads(finished):
            assert finished.run("plan", "--detailed-exitcode").code == 0
            plan = finished.run("--config", OTHER, "plan", "--refresh", "deep", "--detailed-exitcode")
            assert plan.code == 0, plan.out
        finished.write(there.replace(TOPIC, f"{TOPIC}-2"), OTHER)
        changed = finished.run("--config", OTHER, *APPLY)
        moved = ses.describe_receipt_rule_set(RuleSetName="inbound")["Rules"]

        assert changed.code == 0, changed.said
        assert [(each["Name"], each["Recipients"]) for each in (*rules, *moved)] == [
            ("chanplan-quickstart-001", ["mail.acme.example"]),
            ("chanplan-other-001", ["mail.acme.example"]),
        ]

    def test_lines_go_and_come_back(self, voice: SandboxedDesk):
        """With their numbers, and what is known of them."""
        setups = VOICE[VOICE.index("twilio_setups:") : VOICE.index("use_cases:")]
        lines = VOICE[VOICE.index("use_cases:") :]
        voice.write(VOICE_HEAD + setups.replace(setups[setups.index("  second-voice:") :], "") + lines, OTHER)
        bound, before = Person(voice.environment).bound(), store_of(voice).load()

        assert quiet(voice, "state", "mv", "twilio_setup.acme-voice", "--to", OTHER).code == 0
        first = setups.index("  acme-voice:"), setups.index("  second-voice:")
        voice.write(VOICE[: VOICE.index("twilio_setups:")] + setups[: first[0]] + setups[first[1] :])
        with only_reads(voice):
            assert voice.run("plan", "--refresh", "deep", "--detailed-exitcode").code == 0
            assert voice.run("--config", OTHER, "plan", "--refresh", "deep", "--detailed-exitcode").code == 0
        voice.write(VOICE)
        voice.write(VOICE_HEAD, OTHER)
        assert quiet(voice, "--config", OTHER, "state", "mv", "--all", "--to", "chanplan.yaml").code == 0

        assert store_of(voice).load().resources == before.resources
        with only_reads(voice):
            assert done(voice)
        assert Person(voice.environment).bound() == bound
