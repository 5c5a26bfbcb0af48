"""`state pull` and `state push`: a whole state out of one store and into another, never an older one over a newer."""

import json
import stat
from dataclasses import replace

import jsonschema
import pytest

from chanplan.app.version import version
from chanplan.model.state_schema import state_schema
from tests.cli.desk import EMAIL, SETUP, Desk, SandboxedDesk
from tests.cli.test_bad_state import newer
from tests.cli.test_state_changes import backups, quiet, store_of
from tests.conformance.privileges import file_modes_count

ELSEWHERE = EMAIL + "state: {backend: sqlite, path: elsewhere/other.db}\n"


class TestPulling:
    def test_it_is_the_state_with_its_history(self, finished: SandboxedDesk):
        """One JSON document that the published schema describes."""
        ended = quiet(finished, "state", "pull")
        snapshot = store_of(finished).load()

        assert (ended.code, ended.err) == (0, "")
        jsonschema.Draft202012Validator(state_schema()).validate(ended.document)
        assert (ended.document["lineage"], ended.document["serial"]) == (snapshot.lineage, snapshot.serial)
        assert [run["result"] for run in ended.document["runs"]] == ["done", "waiting"]

    def test_into_a_file_for_its_owner_alone(self, finished: SandboxedDesk):
        """The same as is printed otherwise."""
        printed = quiet(finished, "state", "pull").out
        ended = quiet(finished, "state", "pull", "--out", "state.json")
        path = finished.folder / "state.json"

        assert (ended.code, ended.out, ended.err) == (0, "", "Wrote state.json\n")
        assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (printed, 0o600)

    def test_before_there_is_any_state(self, desk: Desk):
        """No document that could be pushed over another, and nothing is made."""
        desk.write(EMAIL)
        ended = desk.run("state", "pull")

        assert (ended.code, ended.out, sorted(desk.files())) == (1, "", ["chanplan.yaml"])
        assert ended.err.startswith("Error: Workspace quickstart has no state yet.\n  Check `state:`")


class TestMoving:
    def test_from_one_backend_to_another(self, finished: SandboxedDesk):
        """Pulled here and pushed there, it is the same state: lineage, serial, history; and a plan changes nothing. That it
        was pushed is the latest of its history."""
        document = quiet(finished, "state", "pull", "--out", "moving.json")
        finished.write(ELSEWHERE)
        pushed = quiet(finished, "state", "push", "moving.json")
        old, new = store_of(finished), store_of(finished, "elsewhere/other.db")

        assert (document.code, pushed.code, pushed.err) == (0, 0, "")
        before, after = old.load(), new.load()
        assert pushed.out == f"Pushed 5 resources: serial {before.serial}, lineage {before.lineage}.\n"
        assert (after.resources, after.observations, after.approvals, after.serial, after.lineage) == (
            before.resources,
            before.observations,
            before.approvals,
            before.serial,
            before.lineage,
        )
        pushing, *earlier = new.runs(9)
        assert (pushing.command, pushing.result, pushing.done) == ("state push", "done", 5)
        assert earlier == list(old.runs(9))
        assert finished.run("plan", "--detailed-exitcode").code == 0

    def test_again_is_nothing(self, finished: SandboxedDesk):
        """What is there already is neither written nor backed up."""
        finished.run("state", "pull", "--out", "state.json")
        before = store_of(finished).load()
        ended = quiet(finished, "state", "push", "state.json")

        assert (ended.code, store_of(finished).load(), backups(finished)) == (0, before, [])
        assert ended.out.startswith(f"The state is that already: serial {before.serial}, lineage")

    def test_a_newer_one_replaces_after_a_backup(self, finished: SandboxedDesk):
        """An edit by hand, with the serial moved by hand."""
        document = finished.run("state", "pull").document
        before = store_of(finished).load()
        edited = {**document, "serial": document["serial"] + 1, "resources": document["resources"][:2]}
        finished.write(json.dumps(edited), "state.json")

        ended = quiet(finished, "state", "push", "state.json")
        (backup,) = backups(finished)

        after = store_of(finished).load()
        assert (ended.code, len(after.resources), after.serial) == (0, 2, before.serial + 1)
        assert after.sequence > before.sequence
        assert backup == document
        assert "\nBackup of what was there: state/chanplan-backup-quickstart-" in ended.out


def older(document):
    """Serial behind."""
    return {**document, "serial": document["serial"] - 1}


def other(document):
    """Another lineage, however new."""
    return {**document, "lineage": "0a1b2c3d-0000-4000-8000-000000000001", "serial": 999}


def forked(document):
    """The same serial, and something else in it."""
    return {**document, "resources": document["resources"][:2]}


def unwritten(document):
    """As a state is before its first write."""
    return {**document, "lineage": None, "resources": []}


class TestRefusing:
    @pytest.mark.parametrize(
        "changed, message, remedy",
        [
            (older, "The document is older: serial ", "Pull again"),
            (other, "The document is of another state: lineage 0a1b2c3d", "Push it where nothing is yet"),
            (forked, "The document and the state differ, and both have serial ", "If you edited"),
            (unwritten, "The document is of a state that was never written", "Pull the state that you mean."),
        ],
    )
    def test_what_isnt_newer(self, finished: SandboxedDesk, changed, message, remedy):
        """Exit code 4; the state stays, whatever came in between."""
        document = finished.run("state", "pull").document
        finished.write(json.dumps(changed(document)), "state.json")
        before = store_of(finished).load()

        ended = quiet(finished, "state", "push", "state.json")

        assert (ended.code, ended.out, store_of(finished).load(), backups(finished)) == (4, "", before, [])
        assert ended.err.startswith(f"Error: {message}")
        assert f"\n  {remedy}" in ended.err

    @pytest.mark.parametrize(
        "content, message",
        [
            (b"", "state.json is empty."),
            (b"{", "state.json isn't readable as JSON: "),
            (b"[]", "state.json holds a list where an object is expected."),
            (b"\xff\xfe{}", "state.json isn't UTF-8 text, so it is no state."),
            (b'{"serial": 3}', "state.json: `format_version` is missing where a text is expected."),
            (
                b'{"format_version": "2.0", "serial": 3}',
                "state.json has format version 2.0; this chanplan reads",
            ),
            (
                b'{"format_version": "1.7", "serial": 3}',
                "state.json has format version 1.7; this chanplan would",
            ),
            (
                b'{"format_version": "1.0", "serial": -1, "lineage": "x"}',
                "state.json: `serial` holds a number where a whole number",
            ),
            (
                b'{"format_version": "1.0", "serial": 3, "lineage": "x", "resources": [{"address": "x.y"}]}',
                "state.json.resources[0]: `address` holds the text 'x.y' where an address (KIND.NAME) is expected.",
            ),
        ],
    )
    def test_what_is_no_state_of_this_version(self, desk: Desk, content, message):
        """Told with the place, before the store is touched."""
        desk.write(EMAIL)
        desk.write(content, "state.json")
        before = desk.files()

        ended = desk.run("state", "push", "state.json")

        assert (ended.code, ended.out, desk.files()) == (1, "", before)
        assert ended.err.startswith(f"Error: {message}")
        assert len(ended.err.splitlines()) == 2

    def test_another_workspaces(self, finished: SandboxedDesk):
        """A configuration that was copied doesn't take its state along."""
        finished.run("state", "pull", "--out", "state.json")
        finished.write(ELSEWHERE.replace("workspace: quickstart", "workspace: other"))
        ended = quiet(finished, "state", "push", "state.json")

        assert (ended.code, ended.out, (finished.folder / "elsewhere").exists()) == (1, "", False)
        assert ended.err.startswith(
            "Error: The document is of workspace quickstart, and the configuration is other.\n"
        )

    def test_a_workspace_gets_another_name(self, finished: SandboxedDesk):
        """By what the refusal of its document says: everything goes along, and the plan is empty."""
        finished.write(EMAIL, "old.yaml")
        finished.write(ELSEWHERE.replace("workspace: quickstart", "workspace: other"))
        finished.run("--config", "old.yaml", "state", "pull", "--out", "state.json")
        refused = quiet(finished, "state", "push", "state.json")

        moved = finished.run("--config", "old.yaml", "state", "mv", "--all", "--to", "chanplan.yaml")

        assert (refused.code, "`chanplan state mv --all --to CONFIG`" in refused.said, moved.code) == (
            1,
            True,
            0,
        )
        assert finished.run("plan", "--detailed-exitcode").code == 0

    @pytest.mark.parametrize("counter", ["serial", "sequence"])
    def test_a_count_that_leaves_no_room(self, finished: SandboxedDesk, counter):
        """A state with the last serial of all could be neither written nor read any more."""
        document = finished.run("state", "pull").document
        document["serial"] += 1
        finished.write(json.dumps({**document, counter: 2**53 + 1}), "state.json")
        before = store_of(finished).load()

        ended = quiet(finished, "state", "push", "state.json")

        assert (ended.code, store_of(finished).load(), backups(finished)) == (1, before, [])
        assert f"{counter} 9007199254740993" in ended.err

    def test_the_highest_count(self, finished: SandboxedDesk):
        """It is taken, and the state is written on."""
        document = finished.run("state", "pull").document
        finished.write(json.dumps({**document, "serial": 2**53}), "state.json")

        pushed = quiet(finished, "state", "push", "state.json")
        renamed = quiet(finished, "state", "mv", "use_case.alerts", "use_case.other")

        assert (pushed.code, renamed.code, store_of(finished).load().serial > 2**53) == (0, 0, True)

    def test_a_store_of_a_newer_chanplan(self, finished: SandboxedDesk):
        """It isn't written over."""
        finished.run("state", "pull", "--out", "state.json")
        newer(finished.folder / "state/chanplan.db")
        ended = quiet(finished, "state", "push", "state.json")

        assert (ended.code, ended.out) == (1, "")
        assert "has format 99; this chanplan reads up to 2." in ended.err

    @pytest.mark.parametrize("name, said", [("nothing.json", "No such file"), (".", "Is a directory")])
    def test_a_file_that_isnt_there(self, desk: Desk, name, said):
        """With what to name instead."""
        desk.write(EMAIL)
        ended = desk.run("state", "push", name)

        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"Error: {name} can't be read: {said}")

    def test_without_the_right_to_write(self, finished: SandboxedDesk):
        """Nothing is half done."""
        document = finished.run("state", "pull").document
        finished.write(json.dumps({**document, "serial": document["serial"] + 1}), "state.json")
        with file_modes_count():
            for path in (finished.folder / "state").iterdir():
                path.chmod(0o400)
            (finished.folder / "state").chmod(0o500)
            ended = quiet(finished, "state", "push", "state.json")
            (finished.folder / "state").chmod(0o700)

        assert (ended.code, ended.out) == (1, "")
        assert f"{finished.folder / 'state'}" in ended.err


class TestHistory:
    def test_runs_with_what_became_of_them(self, finished: SandboxedDesk):
        """Newest first, for people and for programs."""
        told = quiet(finished, "history")
        told_to_programs = quiet(finished, "history", "--limit", "1", "--format", "json")

        headers, *rows = told.out.splitlines()
        assert headers.split() == [
            "STARTED",
            "COMMAND",
            "RESULT",
            "TOOK",
            "DONE",
            "FAILED",
            "WAITING",
            "DIGEST",
            "VERSION",
            "BY",
        ]
        assert [row.split()[3:5] for row in rows] == [["apply", "done"], ["apply", "waiting"]]
        (run,) = told_to_programs.document["runs"]
        assert (run["result"], run["standing"], run["done"], run["waiting"]) == ("done", "ended", 2, 0)
        assert (run["version"], run["waits"]) == (version(), [])
        (waited,) = (each.waits for each in store_of(finished).runs(9) if each.result == "waiting")
        assert waited == (f"dns_verified of {SETUP} (pending)",)

    def test_changes_of_the_state_are_in_it(self, finished: SandboxedDesk):
        """Each with what it did; what was refused has changed nothing, and isn't there."""
        quiet(finished, "state", "mv", "use_case.receipts", "use_case.order-mail")
        quiet(finished, "state", "rm", "--auto-approve", "use_case.alerts")
        quiet(finished, "state", "rm", "--auto-approve", "use_case.nobody")

        told = [(run.command, run.result, run.done) for run in store_of(finished).runs(2)]
        assert told == [
            ("state rm use_case.alerts", "done", 1),
            ("state mv use_case.receipts use_case.order-mail", "done", 1),
        ]

    def test_a_run_that_was_killed(self, finished: SandboxedDesk):
        """It has no result; only who holds the lock may still run."""
        store = store_of(finished)
        begun = replace(store.runs(1)[0], id="begun", result=None, finished_at=None)
        store.start_run("quickstart", begun)
        told = []
        with store.lock("ada@build-7", "chanplan apply", 0):
            told.append(quiet(finished, "history", "--limit", "1").out)
        told.append(quiet(finished, "history", "--limit", "1").out)

        assert [text.splitlines()[1].split()[4] for text in told] == ["running", "killed"]

    def test_before_any_run(self, desk: Desk):
        """It says so, and makes nothing."""
        desk.write(EMAIL)
        ended = desk.run("history")

        assert (ended.code, ended.out, sorted(desk.files())) == (
            0,
            "No run has been recorded yet.\n",
            ["chanplan.yaml"],
        )

    def test_of_another_workspace(self, finished: SandboxedDesk):
        """Nobody takes it for their own."""
        finished.write(EMAIL.replace("workspace: quickstart", "workspace: other"))

        assert finished.run("history").code == 1
