"""`chanplan doctor`: each sickness is made for real, found, and told with what to do; nothing is changed by looking."""

import json
import re
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from chanplan.execution.spill import Learned, RecoveryFile
from chanplan.model.addresses import Address
from chanplan.model.snapshots import DropResource, Observation
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.cli.desk import EMAIL, SETUP, SandboxedDesk
from tests.cli.test_state_changes import store_of
from tests.cli.test_state_postgres import CONFIGURED
from tests.cli.test_state_s3 import configured
from tests.conformance.postgres_server import VARIABLE, Place, server
from tests.conformance.s3_doors import PASS, Away, Outcome, door
from tests.conformance.store_samples import intent
from tests.e2e.voice import NAMES, VOICE, furnish

MAIL = Address("ses_setup", "acme-mail")
QUIET = {"ok", "note"}


def diagnosed(desk, *arguments, code=None, **environment):
    """Runs it, and returns findings by code; each code's last."""
    ended = desk.run("doctor", "--format", "json", *arguments, **environment)
    document = ended.document
    worst = document["worst"]
    assert ended.code == (1 if worst == "error" else 0)
    assert code is None or ended.code == code, ended.out
    assert sum(document["summary"].values()) == len(document["findings"])
    return {each["code"]: each for each in document["findings"]}


def bad(findings):
    """The codes that are worse than a note, but for the one that the example always has."""
    return {code for code, each in findings.items() if each["weight"] not in QUIET} - {
        "configuration_warning"
    }


class TestWell:
    def test_a_healthy_workspace(self, finished: SandboxedDesk):
        """Everything is looked at, nothing found, and nothing changed: no write at a service, and the same state."""
        before = (finished.controls.status().holdings, store_of(finished).load())

        findings = diagnosed(finished, code=0)

        assert bad(findings) == set()
        assert findings.keys() >= {
            "configuration_valid",
            "state_readable",
            "run_ended",
            "lock_free",
            "credentials_found",
            "account_reached",
            "rights_granted",
            "sending_allowed",
            "objects_found",
            "no_orphans",
            "dns_answers",
            "clock_agrees",
            "nothing_begun",
        }
        assert (finished.controls.status().holdings, store_of(finished).load()) == before

    def test_offline_it_calls_nobody(self, finished: SandboxedDesk):
        """It looks at configuration, state and files, and says that it left out the rest."""
        calls = finished.controls.status().calls

        findings = diagnosed(finished, "--offline", code=0)

        assert finished.controls.status().calls == calls
        assert (bad(findings), "check_left_out" in findings) == (set(), True)

    def test_before_the_first_apply(self, sandboxed: SandboxedDesk):
        """That there is no state yet is no sickness, and looking makes none."""
        findings = diagnosed(sandboxed, code=0)

        assert (bad(findings), "state_missing" in findings) == (set(), True)
        assert sorted(sandboxed.files()) == ["chanplan.yaml"]

    def test_as_text(self, finished: SandboxedDesk):
        """The same for people, by what was looked at."""
        ended = finished.run("doctor")

        headings = [line for line in ended.out.splitlines() if line and not line.startswith(" ")]
        assert (ended.code, ended.err) == (0, "")
        assert headings == [
            "versions",
            "configuration",
            "state",
            "lock",
            "history",
            "ses.default",
            "intents",
            "objects",
            "orphans",
            "dns",
            "clock",
            "1 warning and 1 note.",
        ]

    def test_while_another_run_works(self, finished: SandboxedDesk):
        """It takes no lock; what the run has begun is not taken for left behind."""
        with store_of(finished).lock("ada@build-7, process 4711", "chanplan apply", 0):
            findings = diagnosed(finished, code=0)

        assert bad(findings) == set()
        assert (
            "held by ada@build-7, process 4711 (chanplan apply) since 20" in findings["lock_held"]["message"]
        )


class TestState:
    def test_no_configuration(self, sandboxed: SandboxedDesk):
        """All problems are findings; the rest can't be looked at."""
        sandboxed.write(EMAIL.replace("policy: none", "policy: nobody"))

        findings = diagnosed(sandboxed, code=1)

        assert "chanplan.yaml:" in findings["configuration_invalid"]["message"]
        assert "state_readable" not in findings

    def test_a_state_that_is_none(self, finished: SandboxedDesk):
        """It says so and doesn't ask the services on its ground."""
        finished.write("no database", "state/chanplan.db")

        findings = diagnosed(finished, code=1)

        assert findings.keys() >= {"state_unreadable", "check_left_out"}
        assert findings.keys().isdisjoint({"nothing_begun", "objects_found"})

    def test_a_lock_that_can_not_be_looked_at(self, finished: SandboxedDesk):
        """It keeps no other check from its answer."""
        lock = finished.folder / "state/chanplan.db.lock"
        lock.unlink()
        lock.symlink_to("elsewhere")

        findings = diagnosed(finished, code=1)

        assert findings["check_failed"]["check"] == "lock"
        assert findings.keys() >= {"state_readable", "objects_found"}

    def test_the_state_of_another_workspace(self, finished: SandboxedDesk):
        """Nothing is compared with the wrong state."""
        finished.write(EMAIL.replace("workspace: quickstart", "workspace: other"))

        findings = diagnosed(finished, code=1)

        assert "quickstart" in findings["state_unreadable"]["message"]
        assert "objects_found" not in findings

    def test_files_that_others_can_read(self, finished: SandboxedDesk):
        """The state tells much about a company."""
        (finished.folder / "state/chanplan.db").chmod(0o644)

        assert bad(diagnosed(finished, code=0)) == {"state_readable_by_others"}

    def test_files_that_lie_around(self, finished: SandboxedDesk):
        """What a run couldn't record is told from what is another workspace's, and from old files."""
        for workspace, run in (("quickstart", "run-1"), ("other", "run-2")):
            RecoveryFile([finished.folder / "state"], workspace, run).add(Learned(intent()))
        finished.write("{}", "state/chanplan-backup-quickstart-x.json")
        names = sorted(finished.files())

        findings = diagnosed(finished, code=0)

        assert bad(findings) == {"recovery_waiting"}
        assert "chanplan-recovery-run-1.jsonl" in findings["recovery_waiting"]["message"]
        assert "chanplan-recovery-run-2.jsonl" in findings["recovery_elsewhere"]["message"]
        assert findings["files_left"]["message"].startswith("1 backups")
        assert sorted(finished.files()) == names

    def test_a_recovery_file_that_stops_every_run(self, finished: SandboxedDesk):
        """It is found before the next apply meets it."""
        finished.write("{}\n{}\n", "state/chanplan-recovery-x.jsonl")

        findings = diagnosed(finished, code=1)

        assert bad(findings) == {"recovery_unreadable"}
        assert findings["recovery_unreadable"]["message"].startswith("The recovery file /")
        assert findings["recovery_unreadable"]["remedy"].startswith("Move it away: ")

    def test_a_clock_that_went_back(self, finished: SandboxedDesk):
        """Times in the state that are yet to come."""
        late = datetime.now(UTC) + timedelta(hours=3)
        store_of(finished).observe([Observation(MAIL, late)])

        findings = diagnosed(finished, code=0)

        assert bad(findings) == {"clock_went_back"}
        assert "the last look was at" in findings["clock_went_back"]["message"]


class TestServices:
    def test_an_object_that_somebody_deleted(self, finished: SandboxedDesk):
        """Its address is told, and that a plan shows the rest."""
        client = boto3.client(
            "sesv2",
            region_name="us-east-1",
            endpoint_url=finished.environment["AWS_ENDPOINT_URL_SESV2"],
            aws_access_key_id="sandbox",
            aws_secret_access_key="any",
        )
        arn = "arn:aws:ses:us-east-1:123456789012:configuration-set/acme_receipts"
        client.delete_tenant_resource_association(TenantName="acme", ResourceArn=arn)
        client.delete_configuration_set(ConfigurationSetName="acme_receipts")
        client.close()

        findings = diagnosed(finished, code=0)

        assert bad(findings) == {"object_missing"}
        assert findings["object_missing"]["address"] == "use_case.receipts"

    def test_an_object_that_no_state_knows(self, finished: SandboxedDesk):
        """Its state lost it, and the configuration declares it no more."""
        receipts = Address("use_case", "receipts")
        store_of(finished).edit([DropResource(receipts)])
        text = (finished.folder / "chanplan.yaml").read_text()
        start, end = text.index("  receipts:"), text.index("  alerts:")
        finished.write(text[:start] + text[end:])

        findings = diagnosed(finished, code=0)

        assert bad(findings) == {"orphan"}
        assert "no_orphans" not in findings
        assert "acme_receipts carries the mark of this workspace" in findings["orphan"]["message"]

    def test_a_state_that_was_lost(self, finished: SandboxedDesk):
        """What is declared and unknown to the state stands under `objects`; nothing says that there is none of it."""
        for path in (finished.folder / "state").iterdir():
            path.unlink()

        findings = diagnosed(finished, code=0)

        assert bad(findings) == {"object_refused"}
        assert findings["no_orphans"]["message"] == (
            "None of 5 objects is ours and unknown to both state and configuration."
        )

    def test_a_right_that_is_missing(self, finished: SandboxedDesk):
        """The right is named; what plans can do without is only a note."""
        for operation in ("ListReputationEntities", "GetAccount"):
            finished.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, f"sesv2:{operation}"))

        findings = diagnosed(finished, code=1)

        assert "right_missing" in bad(findings)
        assert findings["right_missing"]["remedy"].startswith(
            "Allow ses:ListReputationEntities in the IAM policy"
        )
        assert findings["right_advised"]["remedy"].startswith("Allow ses:GetAccount in")
        assert {"state_readable", "dns_answers"} <= findings.keys()

    def test_one_service_out_of_reach_does_not_stop_the_others(self, finished: SandboxedDesk):
        """The alias that can't be reached is told; what the other one reaches is looked at."""
        text = (finished.folder / "chanplan.yaml").read_text()
        eu = "    eu: {region: eu-west-1, endpoint_url: 'http://127.0.0.1:9'}\n"
        finished.write(
            text.replace("    default: {region: us-east-1}\n", "    default: {region: us-east-1}\n" + eu)
        )

        findings = diagnosed(finished, code=1)

        assert findings["service_failed"]["check"] == "ses.eu"
        assert "http://127.0.0.1:9" in findings["service_failed"]["message"]
        assert (findings["rights_granted"]["check"], "objects_found" in findings) == ("ses.default", True)

    def test_credentials_of_another_account(self, finished: SandboxedDesk):
        """Both accounts are named."""
        text = (finished.folder / "chanplan.yaml").read_text()
        finished.write(text.replace("{region: us-east-1}", "{region: us-east-1, account_id: '999999999999'}"))

        told = diagnosed(finished, code=1)["account_differs"]["message"]

        assert ("123456789012" in told, "999999999999" in told) == (True, True)

    def test_no_credentials(self, finished: SandboxedDesk):
        """That there are none is said, and where they are looked for; none is ever shown."""
        empty = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}

        findings = diagnosed(finished, code=1, **empty)

        assert "AWS_PROFILE" in findings["credentials_missing"]["remedy"]

    def test_no_credential_is_shown(self, finished: SandboxedDesk):
        """Where they were found is enough."""
        ended = finished.run("doctor", AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY")

        assert "Credentials were found: env." in ended.out
        assert "wJalrXUtn" not in ended.said

    def test_name_servers_that_do_not_answer(self, finished: SandboxedDesk):
        """Each setup of which nobody answers is named."""
        finished.controls.add_fault(Fault(FaultKind.SERVFAIL, "*"))

        findings = diagnosed(finished, code=0)

        assert bad(findings) == {"dns_silent"}
        assert findings["dns_silent"]["address"] == SETUP

    def test_a_service_that_hangs(self, finished: SandboxedDesk):
        """A check that takes too long is given up; the others are told."""
        finished.controls.add_fault(Fault(FaultKind.LATENCY, "sesv2:GetAccount", seconds=60))

        ended = finished.run("doctor", "--timeout", "5s", "--format", "json")
        found = {(each["check"], each["code"]) for each in ended.document["findings"]}

        assert found >= {
            ("ses.default", "check_timed_out"),
            ("state", "state_readable"),
            ("lock", "lock_free"),
        }

    def test_no_time_at_all(self, finished: SandboxedDesk):
        """Where even the state is late, that is told; nobody interrupted it."""
        ended = finished.run("doctor", "--timeout", "0s", "--format", "json")

        assert (ended.code, ended.err) == (0, "")
        assert "check_timed_out" in {each["code"] for each in ended.document["findings"]}


class TestBucket:
    @pytest.fixture
    def gate(self):
        """A door to be told what to do."""
        with door() as made:
            yield made

    @pytest.fixture
    def away(self, gate, finished: SandboxedDesk):
        """The finished workspace with its state in a bucket behind the door."""
        away = Away(gate)
        pulled = finished.run("state", "pull", "--out", "moving.json")
        finished.write(configured(away))
        pushed = finished.run("state", "push", "moving.json")
        assert (pulled.code, pushed.code) == (0, 0)
        return finished

    def test_a_healthy_bucket(self, away):
        """Place and size are told; nothing is written by looking."""
        findings = diagnosed(away, code=0)

        assert bad(findings) == set()
        assert "/teams/acme/chanplan.json: serial" in findings["state_readable"]["message"]

    def test_one_that_may_not_be_written(self, away, gate):
        """The right is named; what can be read is looked at all the same."""
        gate.decide = lambda request: (
            Outcome(refusal=(403, "AccessDenied")) if request.method == "PUT" else PASS
        )

        findings = diagnosed(away, code=1)

        assert bad(findings) == {"state_not_writable"}
        assert "s3:PutObject" in findings["state_not_writable"]["message"]
        assert "objects_found" in findings

    def test_one_that_ignores_conditions(self, away, gate):
        """Two runs could overwrite each other; only the object of the test itself was written."""
        gate.decide = lambda _: Outcome(ignoring=("if-match",))
        gate.seen.clear()

        assert bad(diagnosed(away, code=1)) == {"conditions_ignored"}
        assert {each.path.rpartition("/")[2] for each in gate.writes()} == {"chanplan.json.check"}

    def test_one_without_versions(self, away, gate):
        """Nothing could be put back."""
        gate.decide = lambda request: (
            Outcome(passed_on=False, answer="<VersioningConfiguration/>")
            if "versioning" in request.path
            else PASS
        )

        assert bad(diagnosed(away, code=0)) == {"versioning_off"}

    def test_a_clock_that_is_ahead(self, away, gate):
        """By as much as its answers say."""
        gate.decide = lambda _: Outcome(ahead=3600.0)

        findings = diagnosed(away, code=0)

        assert bad(findings) == {"clock_differs"}
        assert re.fullmatch(
            r"The clock of the state's server is 3,(599|600) s ahead of this machine's\.",
            findings["clock_differs"]["message"],
        )

    def test_one_out_of_reach(self, away, gate):
        """The state can't be read, and nothing is asked on its ground."""
        gate.close()

        findings = diagnosed(away, "--timeout", "30s", code=1)

        assert "can't be reached" in findings["state_unreadable"]["message"]


class TestDatabase:
    @pytest.fixture
    def stored(self, finished: SandboxedDesk):
        """The finished workspace with its state in PostgreSQL."""
        database = server().create_database()
        finished.environment[VARIABLE] = Place(database=database, workspace="quickstart").dsn
        pulled = finished.run("state", "pull", "--out", "moving.json")
        finished.write(CONFIGURED)
        pushed = finished.run("state", "push", "moving.json")
        assert (pulled.code, pushed.code) == (0, 0)
        return finished

    def test_a_healthy_database(self, stored):
        """The server's version and its clock are looked at, and no password is told."""
        findings = diagnosed(stored, code=0)

        assert bad(findings) == set()
        assert ", PostgreSQL " in findings["state_readable"]["message"]
        assert "the state's server" in findings["clock_agrees"]["message"]

    def test_a_database_that_is_not_there(self, stored):
        """The state can't be read, and nothing is asked on its ground."""
        stored.environment[VARIABLE] = stored.environment[VARIABLE].replace("dbname='", "dbname='gone-")

        assert {"state_unreadable", "check_left_out"} <= diagnosed(stored, code=1).keys()


class TestTwilio:
    @pytest.fixture
    def voice(self, sandboxed: SandboxedDesk):
        """Lines that are applied."""
        furnish(sandboxed.controls)
        sandboxed.write(VOICE.read_text())
        assert sandboxed.apply().code == 0
        return sandboxed

    def test_a_healthy_account(self, voice):
        """Where calls go, as whom, and that each sort of read is allowed; the token is never shown."""
        ended = voice.run("doctor", "--format", "json")
        findings = {
            each["code"]: each for each in ended.document["findings"] if each["check"] == "twilio.default"
        }

        assert {code: each["weight"] for code, each in findings.items()} == {
            "endpoint_elsewhere": "note",
            "credentials_found": "ok",
            "account_reached": "ok",
            "rights_granted": "ok",
        }
        assert findings["credentials_found"]["message"] == "Credentials were found: TWILIO_AUTH_TOKEN."
        assert MAIN_ACCOUNT in findings["account_reached"]["message"]
        assert voice.environment["TWILIO_AUTH_TOKEN"] not in ended.out

    def test_no_token(self, voice):
        """What is missing is named."""
        findings = diagnosed(voice, code=1, TWILIO_AUTH_TOKEN="")

        assert "TWILIO_AUTH_TOKEN" in findings["credentials_missing"]["remedy"]

    def test_a_wrong_token(self, voice):
        """One reason, told once."""
        ended = voice.run("doctor", "--format", "json", TWILIO_AUTH_TOKEN="f" * 32)
        failed = [each for each in ended.document["findings"] if each["check"] == "twilio.default"]

        assert [each["code"] for each in failed if each["weight"] == "error"] == ["service_failed"]
        assert "doesn't accept the credentials" in failed[-1]["message"]

    def test_a_suspended_account(self, voice):
        """It answers reads, and takes nothing: that is said before an apply meets it."""
        voice.controls.twilio.set_account_status(MAIN_ACCOUNT, "suspended")

        assert "isn't active" in diagnosed(voice, code=1)["service_failed"]["message"]

    def test_an_application_that_somebody_deleted(self, voice):
        """Its line is named."""
        sid = next(
            each["sid"]
            for each in voice.controls.twilio.applications()
            if each["friendly_name"] == NAMES["sales-line"]
        )
        voice.controls.twilio.remove_application(sid)

        found = diagnosed(voice, code=0)["object_missing"]

        assert found["address"] == "use_case.sales-line"


def test_the_document(finished: SandboxedDesk):
    """The keys that docs/doctor.md promises."""
    document = json.loads(finished.run("doctor", "--offline", "--format", "json").out)

    assert list(document) == [
        "format_version",
        "chanplan_version",
        "workspace",
        "at",
        "worst",
        "summary",
        "findings",
    ]
    assert list(document["findings"][0]) == ["check", "code", "weight", "message", "remedy", "address"]
