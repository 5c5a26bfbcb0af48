"""Plan files are artefacts that others may have had in their hands: what they can make a reviewer believe, or us do."""

import json
import shutil

import pytest

from tests.cli.conftest import opened
from tests.cli.desk import EMAIL, SandboxedDesk

MARKETING = EMAIL.replace("email_type: transactional", "email_type: marketing", 1)


def doctored(desk, change, name="reviewed.json"):
    """Change a saved plan, and give the changes of its resources by address."""
    path = desk.folder / name
    document = json.loads(path.read_text())
    change(document, {entry["address"]: entry for entry in document["resource_changes"]})
    path.write_text(json.dumps(document))


def harmless(document, changes):
    """Take out of a plan everything that would make somebody look twice."""
    document |= {"refusals": [], "diagnostics": [], "applyable": True, "errored": False}
    for entry in changes.values():
        entry["losses"] = []


@pytest.fixture
def destructive(finished: SandboxedDesk):
    """A saved plan that replaces a use case, whose reputation would be lost."""
    finished.write(MARKETING)
    assert finished.run("plan", "--out", "reviewed.json").code == 0
    return finished


def test_a_file_approves_the_losses_that_it_lists(destructive: SandboxedDesk):
    """Nobody is asked again for what stood in the plan."""
    assert destructive.run("apply", "reviewed.json").code == 0


def test_a_loss_that_was_taken_out_isnt_approved(destructive: SandboxedDesk):
    """Fingerprints don't cover losses, so that the file could hide what it costs: then nobody agreed to it."""
    doctored(destructive, harmless)
    before = destructive.controls.status().holdings

    shown = destructive.run("show", "reviewed.json")
    ended = destructive.run("apply", "reviewed.json")

    assert (shown.code, "Loses" in shown.out, "the file's own word" in shown.err) == (0, False, True)
    assert (ended.code, "replace_unacknowledged" in ended.err) == (4, True)
    assert destructive.controls.status().holdings == before


def other_before(_, changes):
    """What is now."""
    changes["use_case.receipts"]["change"]["before"]["email_type"] = "marketing"


def other_after(_, changes):
    """What will be."""
    changes["use_case.receipts"]["change"]["after"]["description"] = "Nothing to see"


def other_differences(_, changes):
    """What differs."""
    changes["use_case.receipts"]["differences"] = [
        {"path": ["description"], "before": "Order receipts and invoices", "after": "Receipts"}
    ]


def fewer_differences(_, changes):
    """That anything differs."""
    changes["use_case.receipts"] |= {"differences": [], "changed": []}


def other_action(_, changes):
    """What is done."""
    changes["use_case.receipts"]["change"]["actions"] = ["update"]


def no_action(_, changes):
    """That anything is done."""
    changes["use_case.receipts"]["change"]["actions"] = ["no-op"]


def other_address(document, changes):
    """What it is done to."""
    changes["use_case.receipts"] |= {"address": "use_case.junk", "name": "junk"}


def other_id(_, changes):
    """Whose object it is."""
    changes["use_case.receipts"]["id"] = changes["use_case.alerts"]["id"]


def other_gate(_, changes):
    """What it waits for."""
    changes["use_case.receipts"]["gate"] = None


def other_place(_, changes):
    """Whose account it is."""
    changes["use_case.receipts"]["scope"]["account"] = "999999999999"


def other_count(document, _):
    """How many there are."""
    document["summary"] |= {"replace": 0, "no_op": 5}


def applyable(document, _):
    """That nothing refuses it."""
    document["applyable"] = True


@pytest.mark.parametrize(
    "change",
    [
        other_before,
        other_after,
        other_differences,
        fewer_differences,
        other_action,
        no_action,
        other_address,
        other_id,
        other_gate,
        other_place,
        other_count,
        applyable,
    ],
)
@pytest.mark.parametrize("command", [("show", "reviewed.json"), ("apply", "reviewed.json")])
def test_what_contradicts_itself_is_neither_shown_nor_done(destructive: SandboxedDesk, change, command):
    """A digest that doesn't belong to the changes, and changes whose sides don't belong to each other."""
    doctored(destructive, change)
    before = destructive.controls.status().holdings

    ended = destructive.run(*command)

    assert (ended.code, ended.out) == (4, "")
    assert "reviewed.json was edited after the plan was made" in ended.err
    assert destructive.controls.status().holdings == before


def test_an_approval_that_was_written_in_isnt_one(destructive: SandboxedDesk):
    """Who agreed to a loss is worked out anew; it isn't the file that says so."""

    def agreed(document, changes):
        harmless(document, changes)
        changes["use_case.receipts"]["acknowledged_by"] = "--allow-replace"

    doctored(destructive, agreed)

    assert destructive.run("apply", "reviewed.json").code == 4


def test_a_plan_of_another_workspace_does_nothing_here(
    finished: SandboxedDesk, tmp_path_factory: pytest.TempPathFactory
):
    """Even if the file names neither the state that it was made on nor its workspace: ids are of one state."""
    with opened(tmp_path_factory.mktemp("other")) as other:
        other.write(EMAIL.replace("workspace: quickstart", "workspace: other"))
        other.apply()
        other.publish()
        assert other.apply().code == 0
        other.run("plan", "--destroy", "--out", "reviewed.json")
        shutil.copy(other.folder / "reviewed.json", finished.folder)

    def unnamed(document, _):
        document["workspace"] = "quickstart"
        document["state"]["lineage"] = None

    doctored(finished, unnamed)
    before = finished.controls.status().holdings

    ended = finished.run("apply", "reviewed.json")

    assert (ended.code, "not_approved" in ended.err, finished.controls.status().holdings) == (4, True, before)


def test_a_plan_that_was_carried_out_isnt_carried_out_again(destructive: SandboxedDesk):
    """What was undone by hand since is somebody's decision."""
    assert destructive.run("apply", "reviewed.json").code == 0
    destructive.write(EMAIL)
    assert destructive.apply("--allow-replace", "use_case.receipts").code == 0
    destructive.write(MARKETING)

    assert destructive.run("apply", "reviewed.json").code == 4


@pytest.mark.parametrize(
    "content, said",
    [
        (b'{"format_version": "1.0", "format_version": "1.0"}', "holds a key twice"),
        (b"[" * 100_000, "isn't JSON"),
        (b'{"a":' * 50_000, "isn't JSON"),
        (b'{"format_version": "1.0", "a": ' + b"[" * 500 + b"]" * 500 + b"}", "nested too deep"),
        (b'{"format_version": "1.0", "a": 1e999}', "a number out of range"),
        (b'{"format_version": "1.0", "a": NaN}', "a number out of range"),
        (b'{"format_version": "1.0", "a": ' + b"9" * 5_000 + b"}", "isn't JSON"),
        (b'{"format_version": "1.99"}', "A newer chanplan made it"),
        (b"\x00" * 1_000, "isn't JSON"),
    ],
)
@pytest.mark.parametrize("command", ["show", "apply"])
def test_what_no_chanplan_writes_is_refused(finished: SandboxedDesk, content: bytes, said: str, command: str):
    """In a sentence, and before anything is believed."""
    finished.write(content, "reviewed.json")

    ended = finished.run(command, "reviewed.json")

    assert (ended.code, ended.out) == (1, "")
    assert said in ended.said


def test_a_file_without_an_end_is_read_no_further_than_plans_go(
    finished: SandboxedDesk, monkeypatch: pytest.MonkeyPatch
):
    """A device, or a link to one, in place of an artefact."""
    monkeypatch.setattr("chanplan.app.plan_files.LARGEST", 10_000)
    (finished.folder / "reviewed.json").symlink_to("/dev/zero")

    ended = finished.run("show", "reviewed.json")

    assert (ended.code, ended.out) == (1, "")
    assert "more than 10,000 bytes" in ended.err
