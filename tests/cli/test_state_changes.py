"""`state mv` and `state rm`: the state changes, the services don't hear of it, and what was there is kept beside."""

import json
import re
import stat
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest

from chanplan.app.exchange import push, read_document
from chanplan.app.forgetting import forget
from chanplan.app.renaming import rename
from chanplan.app.wiring import open_workspace
from chanplan.execution.spill import Ended, RecoveryFile
from chanplan.execution.telling import silence
from chanplan.model.addresses import Address
from chanplan.model.errors import StateUnwritable
from chanplan.model.snapshots import Observation, PutResource
from chanplan.stores.sqlite.store import SqliteStore
from tests.cli.desk import EMAIL, SETUP, Desk, SandboxedDesk
from tests.conformance.store_samples import T0, intent

RECEIPTS = Address("use_case", "receipts")
RENAMED = EMAIL.replace("  receipts:\n", "  order-mail:\n")


def store_of(desk, path="state/chanplan.db"):
    """The state, opened as another program would."""
    return SqliteStore(desk.folder / path)


def addresses(desk, path="state/chanplan.db"):
    """What the state knows, sorted."""
    return sorted(map(str, store_of(desk, path).load().resources))


def backups(desk):
    """The backups that lie beside the state: by what they hold."""
    return [
        json.loads(path.read_text()) for path in sorted((desk.folder / "state").glob("chanplan-backup-*"))
    ]


def quiet(desk, *arguments, **environment):
    """Runs a command, which makes no call to any service."""
    before = desk.controls.status().calls
    ended = desk.run(*arguments, **environment)
    assert desk.controls.status().calls == before
    return ended


class TestRename:
    def test_a_rename_in_state_and_yaml_plans_nothing(self, finished: SandboxedDesk):
        """It says where the backup is, and which entry does the same in review."""
        serial = store_of(finished).load().serial
        ended = quiet(finished, "state", "mv", "use_case.receipts", "use_case.order-mail")
        finished.write(RENAMED)

        assert (ended.code, ended.err) == (0, "")
        assert re.fullmatch(
            "Renamed use_case.receipts to use_case.order-mail in the state.\n"
            rf"Backup of what was there: state/chanplan-backup-quickstart-\d{{8}}T\d{{6}}\.\d{{6}}Z-serial{serial}\.json\n"
            "In a configuration under review, this entry does the same:\n"
            r"  moved: \[\{from: use_case.receipts, to: use_case.order-mail\}\]"
            "\n"
            "The configuration declares use_case.receipts still: rename it there too, before the next plan.\n",
            ended.out,
        )
        assert finished.run("plan", "--detailed-exitcode").code == 0

    def test_what_refers_to_it_follows(self, finished: SandboxedDesk):
        """References, observations and open intents."""
        new = Address("ses_setup", "mail")
        store_of(finished).begin(intent("open", RECEIPTS))
        ended = quiet(finished, "state", "mv", SETUP, str(new))

        after = store_of(finished).load()
        assert "What refers to it followed: use_case.alerts, use_case.receipts\n" in ended.out
        assert {each.references for each in after.resources.values() if each.address.kind == "use_case"} == {
            (new,)
        }
        assert new in after.observations
        assert after.intents[0].desired.references == (new,)
        assert after.intents[0].desired.attributes["ses_setup"] == str(new)

    def test_the_backup_is_for_its_owner_alone_and_brings_everything_back(self, finished: SandboxedDesk):
        """With a serial beyond that of the state, it is pushed like any other document."""
        before = store_of(finished).load()
        quiet(finished, "state", "mv", SETUP, "ses_setup.mail")
        (path,) = (finished.folder / "state").glob("chanplan-backup-*")
        (document,) = backups(finished)
        finished.write(json.dumps({**document, "serial": before.serial + 2}), "back.json")

        pushed = quiet(finished, "state", "push", "back.json")

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert pushed.code == 0
        after = store_of(finished).load()
        assert (after.resources, after.observations) == (before.resources, before.observations)

    def test_what_a_run_couldnt_record_is_brought_back_first(self, finished: SandboxedDesk):
        """A recovery file names addresses as they were; what it holds is renamed with the rest."""
        store = store_of(finished)
        begun = intent("open", RECEIPTS)
        store.begin(begun)
        recorded = replace(store.load().resources[RECEIPTS], facts={"learned": "late"})
        RecoveryFile([finished.folder / "state"], "quickstart", "run-1").add(
            Ended(begun, (PutResource(recorded),), None)
        )
        ended = quiet(finished, "state", "mv", "use_case.receipts", "use_case.order-mail")

        after = store.load()
        assert (ended.code, after.intents) == (0, ())
        assert after.resources[Address("use_case", "order-mail")].facts == {"learned": "late"}

    @pytest.mark.parametrize(
        "arguments, message, remedy",
        [
            (
                ["use_case.receipt", "use_case.x"],
                "use_case.receipt isn't in the state.",
                "Did you mean use_case.receipts?",
            ),
            (["use_case.zzz", "use_case.x"], "use_case.zzz isn't in the state.", "See `chanplan state list`"),
            (
                ["use_case.receipts", "use_case.alerts"],
                "use_case.receipts can't be renamed to use_case.alerts: the state has a resource of that address.",
                "Choose another address",
            ),
            (
                ["use_case.receipts", "ses_setup.receipts"],
                "use_case.receipts can't become ses_setup.receipts: a use_case stays one.",
                "Give an address that begins with use_case.",
            ),
            (
                ["use_case.receipts", "use_case.receipts"],
                "use_case.receipts has that address.",
                "Give another",
            ),
        ],
    )
    def test_what_cant_be_renamed(self, finished: SandboxedDesk, arguments, message, remedy):
        """Nothing is changed, and nothing backed up."""
        before = store_of(finished).load()

        ended = quiet(finished, "state", "mv", *arguments)

        assert (ended.code, ended.out, store_of(finished).load(), backups(finished)) == (1, "", before, [])
        assert ended.err.startswith(f"Error: {message}\n  {remedy}")

    @pytest.mark.parametrize(
        "arguments",
        [[], ["use_case.receipts"], ["--all"], ["use_case.receipts", "--all", "--to", "other.yaml"]],
        ids=" ".join,
    )
    def test_half_a_command(self, desk: Desk, arguments):
        """Both addresses, or a configuration to move to."""
        desk.write(EMAIL)
        ended = desk.run("state", "mv", *arguments)

        assert (ended.code, ended.out) == (1, "")
        assert "Error: Give FROM and TO" in ended.err or "Error: --all goes with --to" in ended.err


class TestForgetting:
    def test_it_is_gone_from_the_state_and_stays_at_the_services(self, finished: SandboxedDesk):
        """The answer says how to bring it back; until then a plan refuses to make what exists."""
        holdings = finished.controls.status().holdings
        ended = quiet(finished, "state", "rm", "--auto-approve", "use_case.receipts")

        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith("Forgot use_case.receipts. At the services nothing was changed.\nBackup")
        assert ended.out.endswith(
            "To bring under control again:\n"
            "  imports:\n"
            '    - {to: use_case.receipts, id: "acme_receipts"}\n'
            "The configuration declares still, so take out or import: use_case.receipts\n"
        )
        assert "use_case.receipts" not in addresses(finished)
        assert RECEIPTS not in store_of(finished).load().observations
        assert finished.controls.status().holdings == holdings
        refusals = finished.run("plan", "--format", "json").document["refusals"]
        assert [each["code"] for each in refusals] == ["orphan"]

    def test_every_kind_says_its_import_id(self, finished: SandboxedDesk):
        """All at once, when what refers to a setup goes with it."""
        ended = quiet(
            finished,
            *("state", "rm", "--auto-approve", SETUP, "use_case.receipts", "use_case.alerts"),
            "sending_pool.marketing",
        )

        assert ended.code == 0
        assert '    - {to: sending_pool.marketing, id: "acme-marketing"}\n' in ended.out
        assert f'    - {{to: {SETUP}, id: "acme/mail.acme.example"}}\n' in ended.out
        assert addresses(finished) == ["sending_pool.transactional"]

    def test_what_others_refer_to_stays(self, finished: SandboxedDesk):
        """Exit code 4, and the command that would forget all of them."""
        before = store_of(finished).load()
        ended = quiet(finished, "state", "rm", "--auto-approve", SETUP)

        assert (ended.code, ended.out, store_of(finished).load()) == (4, "", before)
        assert ended.err == (
            "Error: use_case.alerts, use_case.receipts refer to what is to be forgotten.\n"
            "  Forget them together:\n"
            f"  chanplan state rm {SETUP} use_case.alerts use_case.receipts\n"
        )

    def test_without_a_terminal_somebody_must_have_said_yes(self, finished: SandboxedDesk):
        """As with apply."""
        before = store_of(finished).load()
        ended = quiet(finished, "state", "rm", "use_case.receipts")

        assert (ended.code, ended.out, store_of(finished).load()) == (1, "", before)
        assert ended.err == (
            "Error: `state rm` can't ask here, since there is no terminal.\n  Add `--auto-approve`.\n"
        )

    def test_what_an_earlier_run_began_is_forgotten_with_it(self, finished: SandboxedDesk):
        """And said, since nobody looks any more what became of it."""
        store_of(finished).begin(intent("open", RECEIPTS))
        ended = quiet(finished, "state", "rm", "--auto-approve", "use_case.receipts")

        after = store_of(finished).load()
        assert (ended.code, after.intents, "use_case.receipts" in addresses(finished)) == (0, (), False)
        assert ended.err.startswith("An earlier run began to update use_case.receipts, and what became of it")

    def test_an_address_that_isnt_there(self, finished: SandboxedDesk):
        """The one that was meant is named."""
        ended = quiet(finished, "state", "rm", "--auto-approve", "use_case.alert")

        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(
            "Error: use_case.alert isn't in the state.\n  Did you mean use_case.alerts? See"
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ("state", "mv", "use_case.receipts", "use_case.order-mail"),
        ("state", "rm", "--auto-approve", "use_case.receipts"),
        ("state", "push", "state.json"),
    ],
    ids=" ".join,
)
def test_another_run_in_the_way(finished: SandboxedDesk, arguments):
    """Exit code 5, after as long a wait as was asked for."""
    finished.run("state", "pull", "--out", "state.json")
    before = store_of(finished).load()
    with store_of(finished).lock("ada@build-7", "chanplan apply", 0):
        ended = quiet(finished, *arguments, "--lock-timeout", "0.1s")

    assert (ended.code, ended.out, store_of(finished).load()) == (5, "", before)
    assert "locked by ada@build-7 (chanplan apply)" in ended.err


@pytest.mark.parametrize(
    "change",
    [
        lambda workspace: rename(workspace, RECEIPTS, Address("use_case", "order-mail"), 0, silence),
        lambda workspace: forget(workspace, [RECEIPTS], lambda _: True, 0, silence),
        lambda workspace: push(workspace, read_document(Path("state.json")), 0, silence),
    ],
    ids=["mv", "rm", "push"],
)
def test_no_place_for_a_backup(finished: SandboxedDesk, change):
    """What couldn't be taken back isn't done."""
    document = finished.run("state", "pull").document
    finished.write(json.dumps({**document, "serial": document["serial"] + 1}), "state.json")
    before = store_of(finished).load()

    with (
        chdir(finished.folder),
        open_workspace(Path("chanplan.yaml"), {}) as workspace,
        pytest.raises(StateUnwritable) as caught,
    ):
        change(replace(workspace, recovery_folders=(finished.folder / "nowhere",)))

    assert (caught.value.code, store_of(finished).load()) == ("no_backup", before)
    assert caught.value.message.startswith("No backup of the state could be written, so nothing was changed.")


def test_a_state_that_is_damaged_is_left_alone(finished: SandboxedDesk):
    """Every command says so, with what to do."""
    finished.run("state", "pull", "--out", "state.json")
    path = finished.folder / "state/chanplan.db"
    path.write_bytes(b"not a database\n" * 500)
    before = path.read_bytes()
    for arguments in (
        ("state", "mv", "use_case.receipts", "use_case.x"),
        ("state", "rm", "--auto-approve", "use_case.receipts"),
        ("state", "push", "state.json"),
        ("state", "pull"),
        ("history",),
    ):
        ended = quiet(finished, *arguments)

        assert (ended.code, ended.out, path.read_bytes()) == (1, "", before)
        assert "is damaged or not a chanplan state" in ended.err


def test_observations_alone_are_nothing_to_move(desk: Desk):
    """An address that was seen once and never made isn't in the state."""
    desk.write(EMAIL)
    store_of(desk).observe([Observation(RECEIPTS, T0)])

    ended = desk.run("state", "mv", "use_case.receipts", "use_case.x")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("Error: use_case.receipts isn't in the state.")
