"""What exists comes under control: entries in YAML, planned and applied like any change, and what may go wrong."""

import shutil

import boto3
import pytest

from chanplan.model.addresses import Address
from chanplan.model.resources import Desired, Importing
from chanplan.model.snapshots import Intent, IntentKind
from chanplan.stores.sqlite.store import SqliteStore
from tests.cli.desk import EMAIL, SETUP, SandboxedDesk
from tests.e2e.voice import VOICE, furnish

IDS = {
    "sending_pool.transactional": "acme-transactional",
    "sending_pool.marketing": "acme-marketing",
    SETUP: "acme/mail.acme.example",
    "use_case.receipts": "acme_receipts",
    "use_case.alerts": "acme_alerts",
}
READS = ("Get", "List", "Describe", "BatchGet", "Fetch")


def entries(ids):
    """The `imports:` block that brings these objects under control."""
    listed = "".join(f'  - {{to: {address}, id: "{id}"}}\n' for address, id in ids.items())
    return f"imports:\n{listed}"


def remembered(desk):
    """What the state knows: attributes, and facts by name, for each address."""
    resources = SqliteStore(desk.folder / "state/chanplan.db").load().resources
    return {str(address): (each.id, each.attributes, each.facts) for address, each in resources.items()}


def lose_state(desk):
    """Plays the accident: the state is gone, and the objects are there."""
    for path in (desk.folder / "state").iterdir():
        path.unlink()


def writes(desk):
    """The calls since the log was emptied that changed something."""
    return [
        call.operation
        for call in desk.controls.calls()
        if not call.operation.split(":")[-1].startswith(READS) and not call.operation.startswith("sts:")
    ]


def ses_of(desk):
    """SES as a person speaks to it, without chanplan."""
    return boto3.client(
        "sesv2",
        region_name="us-east-1",
        endpoint_url=desk.environment["AWS_ENDPOINT_URL_SESV2"],
        aws_access_key_id=desk.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=desk.environment["AWS_SECRET_ACCESS_KEY"],
    )


def refusals(ended):
    """The codes of a JSON plan's refusals, with whom they concern."""
    return {(entry["code"], entry["address"]) for entry in ended.document["refusals"]}


def test_a_lost_state_is_healed_by_entries(finished: SandboxedDesk):
    """The refusal prints them, as one block to paste; the apply writes nothing at any service; ids and facts are those of before."""
    before = remembered(finished)
    lose_state(finished)

    lost = finished.run("plan", "--format", "json").document["refusals"]
    block = lost[0]["remedy"].partition("\n")[2]
    finished.write(f"{EMAIL}{block}\n")
    planned = finished.run("plan", "--format", "json").document
    finished.controls.clear_calls()
    applied = finished.apply()
    written = writes(finished)
    after = finished.run("plan", "--refresh", "deep", "--detailed-exitcode")

    assert [refusal["code"] for refusal in lost] == ["state_lost"]
    assert sorted(block.splitlines()) == sorted(entries(IDS).splitlines())
    assert planned["summary"] == {
        "create": 0, "update": 0, "replace": 0, "delete": 0, "forget": 0, "no_op": 0, "waiting": 0, "import": 5,
    }  # fmt: skip
    assert {
        change["address"]: change["change"]["importing"]["id"] for change in planned["resource_changes"]
    } == IDS
    assert (applied.code, written) == (0, [])
    assert remembered(finished) == before
    assert (after.code, "No changes." in after.said) == (0, True)


def test_a_command_without_a_terminal(finished: SandboxedDesk):
    """What it advises is something that this command has."""
    finished.run("state", "rm", "use_case.alerts", "--auto-approve")

    ended = finished.run("import", "use_case.alerts", "acme_alerts")

    assert (ended.code, ended.err) == (
        1,
        "Error: `import` can't ask here, since there is no terminal.\n"
        "  Add `--auto-approve`; or write an `imports:` entry, and review its plan.\n",
    )


def test_an_orphan_is_healed_alone(finished: SandboxedDesk):
    """With the entry that the refusal prints."""
    finished.run("state", "rm", "use_case.alerts", "--auto-approve")

    refused = finished.run("plan", "--format", "json")
    finished.write(EMAIL + refused.document["refusals"][0]["remedy"].splitlines()[-1])
    applied = finished.apply()

    assert refusals(refused) == {("orphan", "use_case.alerts")}
    assert (applied.code, sorted(remembered(finished))) == (0, sorted(IDS))
    assert finished.run("plan", "--detailed-exitcode").code == 0


def test_voice_lost_is_healed_by_entries(sandboxed: SandboxedDesk):
    """Applications carry no mark: each is named by its SID, and nothing is written."""
    furnish(sandboxed.controls)
    sandboxed.write(VOICE.read_text())
    assert sandboxed.apply().code == 0
    before = remembered(sandboxed)
    account = sandboxed.environment["TWILIO_ACCOUNT_SID"]
    ids = {
        address: facts["application_sid"]
        if "application_sid" in facts
        else f"{account}/{profile(attributes)}"
        for address, (_, attributes, facts) in before.items()
    }
    lose_state(sandboxed)

    refused = sandboxed.run("plan", "--format", "json")
    sandboxed.write(VOICE.read_text() + entries(ids))
    sandboxed.controls.clear_calls()
    applied = sandboxed.apply()
    changing = writes(sandboxed)
    after = sandboxed.run("plan", "--refresh", "deep", "--detailed-exitcode")

    assert {code for code, _ in refusals(refused)} == {"foreign_object", "number_bound_elsewhere"}
    assert (applied.code, changing) == (0, [])
    assert {address: each[1] for address, each in remembered(sandboxed).items()} == {
        address: each[1] for address, each in before.items()
    }
    assert (after.code, "No changes." in after.said) == (0, True)


def profile(attributes):
    """The profile that a setup names."""
    return attributes["customer_profile"]["sid"]


class TestCommand:
    def test_it_shows_what_differs_asks_and_marks(self, finished: SandboxedDesk):
        """As an entry would, with the same exit codes; a second time there is nothing to do."""
        finished.run("state", "rm", SETUP, "use_case.receipts", "use_case.alerts", "--auto-approve")
        finished.write(EMAIL.replace("dmarc: {policy: none}", "reputation_policy: strict"))

        unasked = finished.run("import", SETUP, IDS[SETUP])
        done = finished.run("import", SETUP, IDS[SETUP], "--auto-approve")
        again = finished.run("import", SETUP, IDS[SETUP], "--auto-approve")
        run = finished.run("history", "--format", "json").document["runs"][0]

        assert (unasked.code, "can't ask here" in unasked.said) == (1, True)
        assert (done.code, f"{SETUP} imported" in done.said, "1 imported" in done.said) == (0, True, True)
        assert (again.code, again.out, "under control already" in again.err) == (0, "", True)
        assert run["command"] == "import"
        assert sorted(remembered(finished)) == ["sending_pool.marketing", "sending_pool.transactional", SETUP]
        assert remembered(finished)[SETUP][1]["reputation_policy"] == "strict"

    def test_what_it_depends_on_comes_first(self, finished: SandboxedDesk):
        """Nothing is made on the way: the remedy is the command that imports it."""
        finished.run("state", "rm", SETUP, "use_case.receipts", "use_case.alerts", "--auto-approve")

        refused = finished.run("import", "use_case.receipts", "acme_receipts", "--auto-approve")

        assert (refused.code, f"depends on {SETUP}" in refused.said) == (4, True)
        assert f"chanplan import {SETUP} {IDS[SETUP]}" in refused.said
        assert "receipts" not in str(remembered(finished))

    @pytest.mark.parametrize(
        "arguments, code, said",
        [
            (("ses_setup.acme-mial", "acme/mail.acme.example"), 1, "Did you mean ses_setup.acme-mail"),
            (("ses_setup.other", "acme/mail.acme.example"), 1, "`chanplan discover` writes the YAML"),
            (("mailbox.acme", "acme"), 1, "its kind is one of"),
            (("use_case.receipts", "acme/receipts"), 1, "is no import id of use_case.receipts"),
            (("use_case.receipts", "AP" + "0" * 32), 1, "is no import id of use_case.receipts"),
            ((SETUP, "acme"), 1, "Its form is TENANT/DOMAIN"),
            ((SETUP, "other/mail.acme.example"), 4, 'already, as "acme/mail.acme.example"'),
        ],
    )
    def test_bad_input(self, finished: SandboxedDesk, arguments, code, said):
        """Said before any service is asked; nothing changes."""
        before = remembered(finished)
        finished.controls.clear_calls()

        ended = finished.run("import", *arguments, "--auto-approve")

        assert (ended.code, said in ended.said) == (code, True), ended.said
        assert (remembered(finished), finished.controls.calls()) == (before, [])

    def test_while_another_run_holds_the_lock(self, sandboxed: SandboxedDesk):
        """It waits so long as it was told to, and says who it is."""
        store = SqliteStore(sandboxed.folder / "state/chanplan.db")
        with store.lock("the other", "apply", 0):
            ended = sandboxed.run("import", "sending_pool.marketing", "acme-marketing", "--auto-approve")

        assert (ended.code, "the other" in ended.said) == (5, True)


class TestRefusedAtTheService:
    @pytest.mark.parametrize(
        "address, id, code",
        [
            ("use_case.alerts", "acme_alerts", "import_not_found"),
            ("use_case.alerts", "acme_receipts", "import_differs"),
            ("sending_pool.marketing", "acme-transactional", "import_differs"),
        ],
    )
    def test_what_isnt_there_or_is_another(self, sandboxed: SandboxedDesk, address, id, code):
        """An apply makes nothing in its place."""
        sandboxed.write(EMAIL + entries({address: id}))

        planned, applied = sandboxed.run("plan", "--format", "json"), sandboxed.apply()

        assert (code, address) in refusals(planned)
        assert (applied.code, writes(sandboxed)) == (4, [])

    def test_what_the_state_holds_elsewhere_is_a_rename(self, finished: SandboxedDesk):
        """The remedy is the entry that renames it."""
        renamed = EMAIL.replace("  alerts:\n", "  warnings:\n")
        finished.write(renamed + entries({"use_case.warnings": "acme_alerts"}))

        refused = finished.run("plan", "--format", "json").document["refusals"]

        remedy = next(entry["remedy"] for entry in refused if entry["code"] == "already_managed")
        assert "moved: [{from: use_case.alerts, to: use_case.warnings}]" in remedy

    def test_another_workspaces_is_taken_only_by_name(self, finished: SandboxedDesk):
        """And that one leaves it alone from then on: the documented way to hand over goes through forgetting it."""
        shutil.copytree(finished.folder / "state", finished.folder / "mine")
        lose_state(finished)
        theirs = EMAIL.replace("workspace: quickstart", "workspace: globex")
        finished.write(theirs + entries(IDS))

        refused = finished.run("plan", "--format", "json")
        named = [argument for address in IDS for argument in ("--take-ownership", address)]
        planned = finished.run("plan", "--format", "json", *named)
        taken = finished.apply(*named)
        empty = finished.run("plan", "--refresh", "deep", "--detailed-exitcode")
        lose_state(finished)
        shutil.copytree(finished.folder / "mine", finished.folder / "state", dirs_exist_ok=True)
        finished.write(EMAIL.replace("name: Alerts", "name: Signals"))
        back = finished.run(
            "plan", "--refresh", "deep", "--allow-replace", "use_case.alerts", "--format", "json"
        )

        assert refusals(refused) == {("foreign_object", address) for address in IDS}
        assert all("--take-ownership" in entry["remedy"] for entry in refused.document["refusals"])
        assert {change["acknowledged_by"] for change in planned.document["resource_changes"]} == {
            "--take-ownership"
        }
        assert (taken.code, empty.code) == (0, 0)
        assert ("foreign_object", "use_case.alerts") in refusals(back)

    def test_handed_over_by_hand(self, finished: SandboxedDesk):
        """One workspace forgets with an entry, the other one takes with an entry, and both plans are empty."""
        pool = "sending_pool.marketing"
        head, _, rest = EMAIL.partition("  marketing:")
        block = "  marketing:" + rest[: rest.index("\nses_setups")]
        finished.write(
            head + rest[rest.index("\nses_setups") :] + f"removed: [{{address: {pool}, destroy: false}}]\n"
        )
        start = EMAIL[: EMAIL.index("sending_pools:")].replace("quickstart", "globex")
        finished.write(f"{start}sending_pools:\n{block}\n{entries({pool: IDS[pool]})}", "other/chanplan.yaml")
        finished.controls.clear_calls()

        given = finished.apply()
        untouched = writes(finished)
        refused = finished.run("-C", "other", "apply", "--auto-approve")
        taken = finished.run("-C", "other", "apply", "--auto-approve", "--take-ownership", pool)
        left = [
            finished.run(*where, "plan", "--refresh", "deep", "--detailed-exitcode").code
            for where in ((), ("-C", "other"))
        ]

        assert (given.code, untouched, refused.code, taken.code, left) == (0, [], 4, 0, [0, 0])
        assert writes(finished) == ["sesv2:TagResource"]

    def test_by_a_command(self, finished: SandboxedDesk):
        """The refusal says how this command agrees: `apply` knows nothing of what stands in no file."""
        lose_state(finished)
        finished.write(EMAIL.replace("workspace: quickstart", "workspace: globex"))

        refused = finished.run("import", SETUP, IDS[SETUP], "--auto-approve")
        taken = finished.run("import", SETUP, IDS[SETUP], "--take-ownership", "--auto-approve")

        assert (refused.code, taken.code) == (4, 0)
        assert f"it over: chanplan import {SETUP} {IDS[SETUP]} --take-ownership " in refused.said

    def test_under_a_digest_and_from_a_plan_file(self, finished: SandboxedDesk):
        """What was reviewed is what runs, the agreement to take over included."""
        lose_state(finished)
        finished.write(EMAIL.replace("workspace: quickstart", "workspace: globex") + entries(IDS))
        agreed = [argument for address in IDS for argument in ("--take-ownership", address)]
        digest = finished.run("plan", "--format", "json", "--out", "reviewed.json", *agreed).document[
            "digest"
        ]

        other = finished.run("apply", "--expect", "sha256:" + "0" * 64)
        applied = finished.run("apply", "reviewed.json")
        again = finished.run("apply", "--expect", digest)

        assert (other.code, applied.code, again.code) == (4, 0, 0)
        assert sorted(remembered(finished)) == sorted(IDS)

    def test_services_out_of_reach(self, desk):
        """Nothing is made, and the error names what couldn't be read."""
        desk.write(EMAIL + entries(IDS))
        dead = "http://127.0.0.1:9"
        reach = {
            "AWS_ENDPOINT_URL_SESV2": dead, "AWS_ENDPOINT_URL_SES": dead, "AWS_ENDPOINT_URL_STS": dead,
            "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        }  # fmt: skip

        planned = desk.run("plan", **reach)
        applied = desk.run("import", "sending_pool.marketing", "acme-marketing", "--auto-approve", **reach)

        assert (planned.code, "couldn't be read" in planned.said) == (1, True)
        assert (applied.code, "couldn't be read" in applied.said) == (1, True)


class TestBegunByACommandThatDied:
    @pytest.fixture
    def begun(self, finished: SandboxedDesk):
        """The state holds an import that was begun with a tag more, which it gave; and nobody's entry."""
        store = SqliteStore(finished.folder / "state/chanplan.db")
        held = store.load().resources[Address("use_case", "alerts")]
        finished.run("state", "rm", "use_case.alerts", "--auto-approve")
        ses_of(finished).tag_resource(
            ResourceArn=held.facts["configuration_set_arn"], Tags=[{"Key": "stage", "Value": "test"}]
        )
        tags = {**held.attributes["tags"], "stage": "test"}
        store.begin(
            Intent(
                id="6f1d",
                kind=IntentKind.IMPORT,
                address=held.address,
                resource_id=held.id,
                started_at=held.created_at,
                run_id="run",
                desired=Desired(
                    held.address,
                    {**held.attributes, "tags": tags},
                    held.scope,
                    held.references,
                    context=held.context,
                ),
                prior=held,
                changed=("tags",),
                importing=Importing("acme_alerts"),
            )
        )
        return finished

    def test_any_apply_finishes_it_while_it_is_declared(self, begun: SandboxedDesk):
        """Under the id that it was begun with, and as it is declared by now: what the dead one gave is taken back."""
        applied = begun.apply()

        snapshot = SqliteStore(begun.folder / "state/chanplan.db").load()
        arn = snapshot.resources[Address("use_case", "alerts")].facts["configuration_set_arn"]
        tags = {tag["Key"] for tag in ses_of(begun).list_tags_for_resource(ResourceArn=arn)["Tags"]}
        assert tags == {"team", "chanplan:id", "chanplan:workspace"}
        assert (applied.code, "use_case.alerts imported" in applied.said) == (0, True)
        assert (sorted(map(str, snapshot.resources)), snapshot.intents) == (sorted(IDS), ())

    def test_it_is_given_up_when_nobody_declares_it_any_more(self, begun: SandboxedDesk):
        """The object stays as it is, and so does its mark: declared again, it is an orphan."""
        begun.write(EMAIL[: EMAIL.index("  alerts:")])

        applied = begun.apply()

        snapshot = SqliteStore(begun.folder / "state/chanplan.db").load()
        begun.write(EMAIL)
        again = begun.run("plan", "--format", "json")
        assert (applied.code, snapshot.intents) == (0, ())
        assert "use_case.alerts" not in map(str, snapshot.resources)
        assert refusals(again) == {("orphan", "use_case.alerts")}
