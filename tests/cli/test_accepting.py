"""`--refresh-only`: what somebody changed outside chanplan is shown, and taken into the state; no service is changed."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from chanplan.model.addresses import Address
from chanplan.model.snapshots import PutResource
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.cli.desk import EMAIL, SETUP, Desk, SandboxedDesk
from tests.cli.test_state_changes import addresses, store_of
from tests.conformance.store_samples import intent
from tests.e2e.scene import READS
from tests.e2e.voice import NUMBERS, PROFILE, VOICE, furnish
from tests.twilio_person import Person

DOMAIN = "mail.acme.example"
RECEIPTS, ALERTS, MARKETING = "use_case.receipts", "use_case.alerts", "sending_pool.marketing"
ARN = "arn:aws:ses:us-east-1:123456789012:configuration-set/"
IDENTITY = f"arn:aws:ses:us-east-1:123456789012:identity/{DOMAIN}"
LOOK = ("plan", "--refresh-only", "--refresh", "deep")
TAKE = ("apply", "--refresh-only", "--auto-approve", "--refresh", "deep")


@pytest.fixture
def ses(finished: SandboxedDesk):
    """Somebody who works in the account behind chanplan's back."""
    client = boto3.client(
        "sesv2",
        region_name="us-east-1",
        endpoint_url=finished.environment["AWS_ENDPOINT_URL_SESV2"],
        aws_access_key_id="sandbox",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield client
    client.close()


@pytest.fixture
def voice(sandboxed: SandboxedDesk):
    """Lines of all three channels, made."""
    furnish(sandboxed.controls)
    sandboxed.write(VOICE.read_text())
    assert sandboxed.apply().code == 0
    return sandboxed


def mail_from(ses, label="other"):
    """Another MAIL FROM domain."""
    ses.put_email_identity_mail_from_attributes(EmailIdentity=DOMAIN, MailFromDomain=f"{label}.{DOMAIN}")


def delete_set(ses, name):
    """A configuration set goes."""
    ses.delete_tenant_resource_association(TenantName="acme", ResourceArn=ARN + name)
    ses.delete_configuration_set(ConfigurationSetName=name)


def delete_setup(ses):
    """Tenant and domain go, with what was in the tenant."""
    for resource in ses.list_tenant_resources(TenantName="acme")["TenantResources"]:
        ses.delete_tenant_resource_association(TenantName="acme", ResourceArn=resource["ResourceArn"])
    ses.delete_tenant(TenantName="acme")
    ses.delete_email_identity(EmailIdentity=DOMAIN)


@contextmanager
def no_writes(desk):
    """Nothing happens in it that could change anything at a service."""
    before = len(desk.controls.calls())
    yield
    made = [call.operation for call in desk.controls.calls()][before:]
    assert [name for name in made if not name.partition(":")[2].startswith((*READS, "Batch"))] == []


def found(ended):
    """What a JSON plan says of drift: what differs, what is missing, what it lost, and whether it would be taken."""
    return {
        entry["address"]: (
            "gone" if entry["change"]["actions"] == ["delete"] else entry["changed"],
            entry["missing"],
            [loss["code"] for loss in entry["losses"]],
            bool(entry["fingerprint"]),
        )
        for entry in ended.document["resource_drift"]
    }


def planned(desk, *arguments):
    """What a plan would do, and why."""
    plan = desk.run("plan", "--format", "json", "--refresh", "deep", *arguments).document
    return {
        change["address"]: (change["change"]["actions"], change["action_reason"], change["changed"])
        for change in plan["resource_changes"]
        if change["change"]["actions"] != ["no-op"]
    }


def taken(desk, *arguments):
    """Takes drift into the state, which changes no service; and again, which changes nothing."""
    with no_writes(desk):
        ended = desk.run(*(arguments or TAKE))
        assert ended.code == 0, ended.said
        state = store_of(desk).load()
        again = desk.run(*TAKE)
    assert again.code == 0
    assert "Nothing to take into the state: no service was changed" in again.said
    after = store_of(desk).load()
    assert (after.serial, after.resources, after.intents) == (state.serial, state.resources, state.intents)
    return ended


class TestEmail:
    def test_what_differs_becomes_what_is_remembered(self, finished: SandboxedDesk, ses):
        """Values, pools and tags of ours; the next plan puts back what is declared, and where the configuration was
        changed to match, nothing."""
        mail_from(ses)
        ses.put_configuration_set_delivery_options(
            ConfigurationSetName="acme_receipts", SendingPoolName="acme-marketing", TlsPolicy="REQUIRE"
        )
        ses.tag_resource(
            ResourceArn=ARN + "acme_alerts",
            Tags=[{"Key": "team", "Value": "sales"}, {"Key": "theirs", "Value": "stays"}],
        )
        before = store_of(finished).load()
        with no_writes(finished):
            looked = finished.run(*LOOK, "--format", "json")
            shallow = finished.run("plan", "--refresh-only", "--detailed-exitcode")
        assert store_of(finished).load() == before

        ended = taken(finished)

        assert found(looked) == {
            SETUP: (["mail_from"], [], [], True),
            ALERTS: (["tags"], [], [], True),
            RECEIPTS: (["sending_pool"], [], [], True),
        }
        assert (shallow.code, 'mail_from = "bounce" -> "other"' in shallow.out) == (2, True)
        assert "sending_pool (2)" in shallow.out
        assert "Taken into the state: 3 resources as found, 0 resources forgotten." in ended.said
        after = store_of(finished).load()
        assert after.serial == before.serial + 1
        changed = {
            str(at): {
                name: value
                for name, value in each.attributes.items()
                if value != before.resources[at].attributes[name]
            }
            for at, each in after.resources.items()
            if each.attributes != before.resources[at].attributes
        }
        assert changed == {
            SETUP: {"mail_from": "other"},
            ALERTS: {"tags": {"team": "sales"}},
            RECEIPTS: {"sending_pool": "acme-marketing"},
        }
        assert all(each.facts == before.resources[at].facts for at, each in after.resources.items())
        finished.write(
            EMAIL.replace(f"domain_identity: {DOMAIN}", f"domain_identity: {DOMAIN}\n    mail_from: other")
        )
        assert planned(finished) == {
            ALERTS: (["update"], "changed", ["tags"]),
            RECEIPTS: (["update"], "changed", ["sending_pool"]),
        }
        assert finished.apply("--refresh", "deep").code == 0
        assert finished.run("plan", "--refresh", "deep", "--detailed-exitcode").code == 0

    def test_what_is_gone_is_forgotten(self, finished: SandboxedDesk, ses):
        """With what it lost; the next plan makes it anew."""
        delete_set(ses, "acme_alerts")
        ses.delete_dedicated_ip_pool(PoolName="acme-marketing")
        looked = finished.run(*LOOK, "--format", "json")

        ended = taken(finished)

        assert found(looked) == {
            MARKETING: ("gone", [], ["pool_warmup"], True),
            ALERTS: ("gone", [], ["reputation"], True),
        }
        assert f". {ALERTS} is forgotten: it is gone Lost: The reputation tier" in ended.said
        assert addresses(finished) == ["sending_pool.transactional", SETUP, RECEIPTS]
        assert {at: each[:2] for at, each in planned(finished).items()} == {
            MARKETING: (["create"], "not_in_state"),
            ALERTS: (["create"], "not_in_state"),
        }

    def test_a_setup_that_is_gone_stays_while_it_is_used(self, finished: SandboxedDesk, ses):
        """It is kept until its use cases go; the normal plan makes it anew and says what was lost, and needs nobody's
        agreement to that."""
        delete_setup(ses)
        delete_set_only(ses, "acme_receipts")
        looked = finished.run(*LOOK, "--format", "json")
        plan = finished.run("plan", "--format", "json").document
        text = finished.run("plan").said
        markdown = finished.run("plan", "--format", "markdown").out

        taken(finished)

        assert found(looked)[SETUP] == ("gone", [], ["reputation", "verified_domain"], False)
        assert found(looked)[RECEIPTS] == ("gone", [], ["reputation"], True)
        assert addresses(finished) == [MARKETING, "sending_pool.transactional", SETUP, ALERTS]
        losses = {each["address"]: each["losses"] for each in plan["resource_changes"]}
        assert [each["code"] for each in losses[SETUP]] == ["reputation", "verified_domain"]
        assert plan["refusals"] == []
        said = "Lost: The verification of mail.acme.example is gone: a new identity gets new DKIM tokens"
        assert said in text
        assert said in markdown.replace("\\", "")
        # What was lost is lost: making it anew asks for records again.
        assert finished.apply().code == 3

    def test_missing_parts_are_shown_and_left(self, finished: SandboxedDesk, ses):
        """The state keeps no parts; what a lost domain identity means is said with the update that mends it."""
        ses.delete_tenant_resource_association(TenantName="acme", ResourceArn=ARN + "acme_receipts")
        ses.delete_tenant_resource_association(TenantName="acme", ResourceArn=IDENTITY)
        ses.delete_email_identity(EmailIdentity=DOMAIN)
        looked = finished.run(*LOOK, "--format", "json")
        plan = finished.run("plan", "--format", "json", "--refresh", "deep").document

        with no_writes(finished):
            ended = finished.run(*TAKE)

        assert found(looked)[RECEIPTS] == ([], ["association"], [], False)
        changed, missing, losses, _ = found(looked)[SETUP]
        assert (changed, losses) == ([], ["verified_domain"])
        assert "identity" in missing
        assert (ended.code, "stays as the state has it: The state keeps no parts" in ended.said) == (0, True)
        (setup,) = [each for each in plan["resource_changes"] if each["address"] == SETUP]
        assert (setup["action_reason"], [each["code"] for each in setup["losses"]]) == (
            "mended",
            ["verified_domain"],
        )

    @pytest.mark.parametrize(
        "marks", [[], [{"Key": "chanplan:id", "Value": "someone-else"}]], ids=["unmarked", "another's"]
    )
    def test_what_isnt_ours_is_left_alone(self, finished: SandboxedDesk, ses, marks):
        """Somebody made another set of the name: neither is it taken, nor is ours forgotten. A list alone, which shows
        no marks, is never believed."""
        delete_set(ses, "acme_alerts")
        ses.create_configuration_set(ConfigurationSetName="acme_alerts", Tags=marks)
        before = store_of(finished).load()

        with no_writes(finished):
            ended = finished.run(*TAKE)

        assert (ended.code, store_of(finished).load().resources) == (0, before.resources)
        assert f"{ALERTS} stays as the state has it: What has its names doesn't carry our mark" in ended.said

    def test_a_place_that_cant_be_read(self, finished: SandboxedDesk, ses):
        """Nothing of it is taken, which is said, and the exit code tells."""
        mail_from(ses)
        finished.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, match="sesv2:GetEmailIdentity"))
        before = store_of(finished).load()

        ended = finished.run(*TAKE)

        assert (ended.code, store_of(finished).load().resources) == (1, before.resources)
        assert "Nothing to take into the state in what could be read" in ended.said

    def test_a_target(self, finished: SandboxedDesk, ses):
        """Only it, and what it refers to, is looked at and taken."""
        delete_set(ses, "acme_alerts")
        mail_from(ses)

        ended = finished.run(*TAKE, "--target", RECEIPTS)

        assert (ended.code, ALERTS in addresses(finished)) == (0, True)
        assert (
            store_of(finished).load().resources[Address("ses_setup", "acme-mail")].attributes["mail_from"]
            == "other"
        )

    def test_what_was_begun_is_left_to_the_apply_that_goes_on(self, finished: SandboxedDesk, ses):
        """Its intent stays open, and so does what the state has of it."""
        delete_set(ses, "acme_alerts")
        store = store_of(finished)
        alerts = store.load().resources[Address("use_case", "alerts")]
        store.begin(replace(intent("9", alerts.address), resource_id=alerts.id, prior=alerts))
        before = store.load()

        with no_writes(finished):
            ended = finished.run(*TAKE)

        after = store_of(finished).load()
        assert (ended.code, after.resources, after.intents) == (0, before.resources, before.intents)
        assert "drift_left_alone" in ended.said


def delete_set_only(ses, name):
    """A configuration set goes that is in no tenant any more."""
    ses.delete_configuration_set(ConfigurationSetName=name)


class TestVoice:
    def test_lines_become_as_they_are(self, voice: SandboxedDesk):
        """URLs, and numbers: one that was unbound, one that went to another line of ours, one that came."""
        person = Person(voice.environment)
        sids = {each["friendly_name"]: sid for sid, each in person.applications().items()}
        person.change_application(sids["Acme/Sales line"], VoiceUrl="https://elsewhere.example/x")
        person.bind(NUMBERS[0], "")
        person.bind(NUMBERS[1], sids["Acme/Sales line"])
        person.bind(NUMBERS[3], sids["Acme/Sales line"])
        before = store_of(voice).load()
        looked = voice.run(*LOOK, "--format", "json")

        taken(voice)

        assert {at: each[0] for at, each in found(looked).items()} == {
            "use_case.sales-line": ["phone_numbers", "voice"],
            "use_case.support-line": ["customer_profile", "phone_numbers"],
        }
        after = store_of(voice).load().resources
        numbers = {str(at): each.attributes.get("phone_numbers") for at, each in after.items()}
        assert numbers["use_case.support-line"] == []
        assert numbers["use_case.sales-line"] == [NUMBERS[1], NUMBERS[2], NUMBERS[3]]
        assert all(each.facts == before.resources[at].facts for at, each in after.items())
        assert planned(voice) == {
            "use_case.sales-line": (["update"], "changed", ["phone_numbers", "voice"]),
            "use_case.support-line": (["update"], "changed", ["customer_profile", "phone_numbers"]),
        }
        assert voice.apply("--refresh", "deep").code == 0
        assert person.bound()[NUMBERS[1]] == "Acme/Support line"
        assert NUMBERS[3] not in person.bound()
        assert voice.run("plan", "--refresh", "deep", "--detailed-exitcode").code == 0

    def test_an_application_that_is_gone_with_its_numbers(self, voice: SandboxedDesk):
        """The plan makes it anew, says whose calls nobody answers, and binds the numbers again. They may still name what
        is gone, and only the state knows that it was ours, so that the state keeps it."""
        person = Person(voice.environment)
        (sid,) = [
            sid for sid, each in person.applications().items() if each["friendly_name"] == "Acme/Support line"
        ]
        person.delete_application(sid)
        looked = voice.run(*LOOK, "--format", "json")
        plan = voice.run("plan").said

        with no_writes(voice):
            left = voice.run(*TAKE)

        assert found(looked) == {"use_case.support-line": ("gone", [], ["phone_line"], False)}
        assert (left.code, "use_case.support-line stays as the state has it" in left.said) == (0, True)
        assert f"Lost: Calls to {NUMBERS[0]}, {NUMBERS[1]} are no longer answered by this line." in plan
        assert voice.apply().code == 0
        assert person.bound()[NUMBERS[0]] == person.bound()[NUMBERS[1]] == "Acme/Support line"
        assert voice.run("plan", "--refresh", "deep", "--detailed-exitcode").code == 0

    def test_an_application_that_is_gone_and_had_none(self, voice: SandboxedDesk):
        """It is forgotten like anything else."""
        person = Person(voice.environment)
        (sid,) = [
            sid for sid, each in person.applications().items() if each["friendly_name"] == "Acme/Reminders"
        ]
        person.delete_application(sid)

        taken(voice)

        assert {at: each[:2] for at, each in planned(voice).items()} == {
            "use_case.reminders": (["create"], "not_in_state")
        }

    def test_a_number_that_was_taken_off_its_profile(self, voice: SandboxedDesk):
        """The state keeps what it knows of assignments, so that the next apply still puts it back."""
        person = Person(voice.environment)
        person.unassign(NUMBERS[0], PROFILE)

        with no_writes(voice):
            assert voice.run(*TAKE).code == 0

        assert voice.apply("--refresh", "deep").code == 0
        assert NUMBERS[0] in person.assigned(PROFILE)
        assert voice.run("plan", "--refresh", "deep", "--detailed-exitcode").code == 0


class TestApproval:
    def test_a_digest_approves_this_drift_alone(self, finished: SandboxedDesk, ses):
        """Other drift is refused; once taken, the same command has nothing left to do."""
        mail_from(ses)
        digest = finished.run(*LOOK, "--format", "json").document["digest"]
        normal = finished.run("plan", "--format", "json", "--refresh", "deep").document["digest"]
        delete_set(ses, "acme_alerts")
        take = ("apply", "--refresh-only", "--refresh", "deep", "--expect")
        before = store_of(finished).load()

        refused = finished.run(*take, digest)
        both = finished.run(*LOOK, "--format", "json").document["digest"]
        crossed = finished.run(*take, normal)
        other = finished.run("apply", "--expect", digest)
        assert store_of(finished).load().resources == before.resources
        done = finished.run(*take, both)
        again = finished.run(*take, both)
        mail_from(ses, "bounce")
        assert finished.run(*take[:-1], "--auto-approve").code == 0
        mail_from(ses)
        anew = finished.run(*take, both)

        assert len({digest, normal, both}) == 3
        assert [each.code for each in (refused, crossed, other, done, again, anew)] == [4, 4, 4, 0, 0, 4]
        assert "not_approved" in refused.said
        history = finished.run("history", "--format", "json").document["runs"]
        assert [(run["command"], run["result"], run["done"], run["digest"]) for run in history[:2]] == [
            ("apply --refresh-only", "done", 1, history[0]["digest"]),
            ("apply --refresh-only", "done", 2, both),
        ]
        assert finished.run("apply", "--resume").code == 0

    def test_a_plan_file(self, finished: SandboxedDesk, ses):
        """It says itself that it is about drift; one that was edited is refused."""
        mail_from(ses)
        path = finished.folder / "drift.plan.json"
        shown = finished.run(*LOOK, "--out", path.name).out
        edited = path.read_text().replace('"other"', '"evil"')
        (finished.folder / "edited.json").write_text(edited)

        ended = [
            finished.run("apply", name, "--refresh", "deep") for name in ("edited.json", path.name, path.name)
        ]

        assert edited != path.read_text()
        assert [each.code for each in ended] == [4, 0, 0]
        assert "plan_edited" in ended[0].said or "was edited" in ended[0].said
        assert finished.run("show", path.name).out.splitlines()[0] == shown.splitlines()[0]
        assert (
            store_of(finished).load().resources[Address("ses_setup", "acme-mail")].attributes["mail_from"]
            == "other"
        )

    def test_nobody_was_asked(self, finished: SandboxedDesk):
        """Without a terminal, somebody must have said yes before."""
        ended = finished.run("apply", "--refresh-only")

        assert (ended.code, "--auto-approve" in ended.err) == (1, True)

    @pytest.mark.parametrize(
        "options",
        [("--destroy",), ("--refresh", "none"), ("--allow-replace", SETUP), ("--wait", "5m")],
        ids=lambda options: options[0],
    )
    def test_options_that_make_no_sense_beside_it(self, finished: SandboxedDesk, options):
        """They are an error of usage, and nothing is done."""
        before = store_of(finished).load()
        ended = finished.run(*TAKE[:3], *options)

        assert (ended.code, "--refresh-only" in ended.err) == (1, True)
        assert store_of(finished).load() == before

    def test_too_much_is_gone(self, finished: SandboxedDesk, ses):
        """A wrong endpoint shows nothing at all: the state isn't emptied by it."""
        finished.write(EMAIL + "safety: {max_percent: 30, from: 3}\n")
        delete_set(ses, "acme_alerts")
        delete_set(ses, "acme_receipts")
        before = store_of(finished).load()

        refused = finished.run(*TAKE)
        kept = store_of(finished).load()
        meant = finished.run(*TAKE, "--allow-delete", "all")

        assert (refused.code, "threshold" in refused.said, kept.resources) == (4, True, before.resources)
        assert (meant.code, RECEIPTS in addresses(finished)) == (0, False)

    def test_for_programs(self, finished: SandboxedDesk, ses):
        """The last line is an outcome as of any apply."""
        mail_from(ses)
        delete_set(ses, "acme_alerts")

        last = json.loads(finished.run(*TAKE, "--format", "jsonl").out.splitlines()[-1])

        assert (last["type"], last["result"], last["exit_code"]) == ("outcome", "done", 0)
        assert (last["counts"]["accepted"], last["counts"]["forgotten"]) == (1, 1)


def test_something_else_drifts_while_somebody_is_asked(finished: SandboxedDesk, ses, monkeypatch):
    """What was shown isn't what would be taken: nothing is."""
    mail_from(ses)

    def answer(*_, **__):
        mail_from(ses, "third")
        return True

    monkeypatch.setattr("click.confirm", answer)
    monkeypatch.setattr("chanplan.cli.invocation.Invocation.interactive", True)
    before = store_of(finished).load()

    ended = finished.run("apply", "--refresh-only", "--refresh", "deep")

    assert (ended.code, "Something changed between the plan that was shown and now." in ended.err) == (
        4,
        True,
    )
    assert store_of(finished).load().resources == before.resources


def test_killed_at_any_statement_it_is_all_or_nothing(finished: SandboxedDesk, ses, tmp_path):
    """And the same command ends it, under the same digest."""
    mail_from(ses)
    delete_set(ses, "acme_alerts")
    shallow = ("--refresh-only", "--refresh", "shallow")
    digest = finished.run("plan", *shallow, "--format", "json").document["digest"]
    before = store_of(finished).load()
    program = [
        sys.executable,
        "-m",
        "tests.cli.acceptance_victims",
        str(finished.folder),
        str(tmp_path / "walk"),
    ]
    root = Path(__file__).parents[2]
    environment = {**os.environ, **finished.environment, "PYTHONPATH": str(root)}
    subprocess.run([*program, digest], env=environment, check=True)

    walk = sorted((tmp_path / "walk").iterdir(), key=lambda folder: int(folder.name))
    desks = [Desk(folder, finished.environment) for folder in walk]
    states = [store_of(desk).load() for desk in desks]
    ended = {}
    for desk, state in zip(desks, states, strict=True):
        left = (state.resources == before.resources, tuple(each.remaining for each in state.approvals))
        if left not in ended:
            code = desk.run("apply", *shallow, "--expect", digest).code
            after = store_of(desk).load()
            values = {str(at): each.attributes for at, each in after.resources.items()}
            ended[left] = (code, values, after.intents)

    assert all(state.intents == () for state in states)
    untouched = [state.resources == before.resources for state in states]
    assert untouched == sorted(untouched, reverse=True)
    assert set(untouched) == {True, False}
    assert list(ended.values()) == [next(iter(ended.values()))] * len(ended)
    code, values, _ = next(iter(ended.values()))
    assert (code, ALERTS in values, values[SETUP]["mail_from"]) == (0, False, "other")


def test_what_a_state_holds_only_moves_by_what_differs(finished: SandboxedDesk):
    """Nothing differs, so that nothing is written but when it was looked at, and no run is recorded."""
    before, runs = store_of(finished).load(), store_of(finished).runs(100)

    ended = finished.run(*TAKE)

    after = store_of(finished).load()
    assert (ended.code, after.serial, after.resources) == (0, before.serial, before.resources)
    assert store_of(finished).runs(100) == runs
    assert min(seen.deep_at for seen in after.observations.values()) > max(
        seen.deep_at for seen in before.observations.values() if seen.deep_at
    )


def test_what_a_run_couldnt_record_comes_first(finished: SandboxedDesk):
    """A resource that was put by hand is taken from, and the rest of it stays."""
    store = store_of(finished)
    setup = store.load().resources[Address("ses_setup", "acme-mail")]
    stale = {**setup.attributes, "mail_from": "stale", "prevent_destroy": True, "dmarc": {"policy": "reject"}}
    store.edit([PutResource(replace(setup, attributes=stale))])

    assert finished.run(*TAKE).code == 0

    now = store_of(finished).load().resources[setup.address]
    assert now.attributes == {**stale, "mail_from": "bounce"}
