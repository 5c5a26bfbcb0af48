"""`chanplan api-key`: made once, shown once, listed, revoked."""

import json
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chanplan.app.key_ring import KeyRing
from chanplan.execution.clocks import SystemClock
from chanplan.model.api_keys import KeyHolder, KeyRefusal
from chanplan.stores.sqlite.store import SqliteStore
from tests.cli.desk import SETUP, Desk

MINIMAL = "version: 1\nworkspace: acme\n"
TEXT = re.compile(r"chk_[0-9a-f]{16}_[0-9a-f]{64}")


@pytest.fixture
def office(desk):
    """A desk with a workspace that needs no service."""
    desk.write(MINIMAL)
    return desk


def judged(desk: Desk, text):
    """What a server beside it says of a text."""
    with closing(SqliteStore(desk.folder / "state" / "chanplan.db")) as store:
        return KeyRing(store, SystemClock()).authenticate(text)


class TestCreating:
    def test_a_key_is_printed_once_and_kept_nowhere(self, office):
        """On standard output alone; no file that chanplan wrote holds it, nor its secret."""
        ended = office.run("api-key", "create", "dashboard", "--scope", "view", "--scope", "create")
        text = ended.out.rstrip("\n")
        listed = office.run("api-key", "list")
        everything = b"".join(office.files().values()) + (ended.err + listed.said).encode()

        assert (ended.code, TEXT.fullmatch(text) is not None) == (0, True)
        assert text.rpartition("_")[2].encode() not in everything
        assert judged(office, text) == KeyHolder(text[4:20], "dashboard", frozenset({"view", "create"}))

    def test_it_says_what_was_made(self, office):
        """On standard error, so that a script gets the key and nothing else."""
        ended = office.run("api-key", "create", "dashboard", "--scope", "view")

        assert re.fullmatch(
            r"Made dashboard \(id [0-9a-f]{16}\): view, expires \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n"
            r"The line above is the key\. Keep it now: it isn't shown again\.\n",
            ended.err,
        )

    def test_quiet(self, office):
        """The key and nothing else at all."""
        ended = office.run("api-key", "create", "ci", "--scope", "view", "--quiet")

        assert (TEXT.fullmatch(ended.out.rstrip("\n")) is not None, ended.err) == (True, "")

    def test_as_a_document(self, office):
        """With its key, once; the list has the rest."""
        made = office.run(
            "api-key", "create", "ci", "--scope", "delete", "--expires", "30d", "--format", "json"
        )
        listed = office.run("api-key", "list", "--format", "json").document["keys"]
        document = made.document

        assert TEXT.fullmatch(document.pop("key"))
        assert ([document], made.err) == (listed, "")
        created, expires = (datetime.fromisoformat(document[name]) for name in ("created_at", "expires_at"))
        assert expires - created == timedelta(days=30)
        assert (document["name"], document["scopes"], document["standing"]) == ("ci", ["delete"], "usable")

    def test_without_a_word_it_expires_in_ninety_days(self, office):
        """And never, when that is said."""
        office.run("api-key", "create", "one", "--scope", "view")
        office.run("api-key", "create", "two", "--scope", "view", "--expires", "never")
        one, two = office.run("api-key", "list", "--format", "json").document["keys"]

        assert datetime.fromisoformat(one["expires_at"]) - datetime.fromisoformat(
            one["created_at"]
        ) == timedelta(days=90)
        assert two["expires_at"] is None

    @pytest.mark.parametrize(
        "arguments, said",
        [
            (("x", "--scope", "all"), "'all' is not one of 'view', 'create', 'delete'"),
            (("x",), "Missing option '--scope'"),
            (("Dashboard", "--scope", "view"), "begins with a letter or a digit"),
            (("../x", "--scope", "view"), "begins with a letter or a digit"),
            (("x" * 64, "--scope", "view"), "up to 63"),
            (("", "--scope", "view"), "up to 63"),
            (("x\n", "--scope", "view"), "up to 63"),
            (("x", "--scope", "view", "--expires", "0"), "opens nothing"),
            (("x", "--scope", "view", "--expires", "soon"), "'soon' isn't a duration"),
            (("x", "--scope", "view", "--expires", "-1d"), "isn't a duration"),
            (("x", "--scope", "view", "--expires", "400d"), "longer than a year"),
        ],
    )
    def test_what_makes_no_key(self, office, arguments, said):
        """Says why; nothing is made, not even a state."""
        ended = office.run("api-key", "create", *arguments)

        assert (ended.code, ended.out, said in ended.err) == (1, "", True), ended.err
        assert list(office.files()) == ["chanplan.yaml"]

    def test_a_name_is_given_once(self, office):
        """To one that was revoked too, so that a log means one key."""
        first = office.run("api-key", "create", "ci", "--scope", "view").out.strip()
        again = office.run("api-key", "create", "ci", "--scope", "delete")
        office.run("api-key", "revoke", "ci")
        revoked = office.run("api-key", "create", "ci", "--scope", "view")

        assert (again.code, again.out, revoked.code, revoked.out) == (1, "", 1, "")
        assert "There is a key ci already." in again.err
        assert judged(office, first) is KeyRefusal.REVOKED

    def test_of_two_at_once_one_wins(self, office):
        """And its key is the one that works."""
        command = [
            sys.executable,
            "-m",
            "chanplan.cli.main",
            "api-key",
            "create",
            "ci",
            "--scope",
            "view",
            "-q",
        ]
        both = [
            subprocess.Popen(
                command, cwd=office.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(3)
        ]
        ended = [(each.communicate(timeout=60), each.returncode) for each in both]
        texts = [out.strip() for (out, _), code in ended if code == 0]

        assert (len(texts), [code for _, code in ended].count(1)) == (1, 2), ended
        assert judged(office, texts[0]).name == "ci"

    def test_one_that_cant_be_printed_is_forgotten(self, office):
        """Nobody would have it, and its name is free again."""
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run(
                [sys.executable, "-m", "chanplan.cli.main", "api-key", "create", "ci", "--scope", "view"],
                cwd=office.folder,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )

        assert (ended.returncode, "can't be written" in ended.stderr) == (1, True)
        assert office.run("api-key", "list", "--format", "json").document == {"keys": []}
        assert office.run("api-key", "create", "ci", "--scope", "view").code == 0


class TestListing:
    def test_without_any(self, office):
        """Says how to make one, and makes nothing."""
        ended = office.run("api-key", "list")

        assert ended.out == "There are no keys. `chanplan api-key create NAME --scope view` makes one.\n"
        assert list(office.files()) == ["chanplan.yaml"]

    def test_those_that_hold_no_more_too(self, office):
        """With when, so that a log of last year can be read."""
        for name in ("usable", "expired", "revoked"):
            office.run(
                "api-key", "create", name, "--scope", "view", "--expires", "1s" if name == "expired" else "1d"
            )
        office.run("api-key", "revoke", "revoked")
        said = office.run("api-key", "list").out
        while office.run("api-key", "list", "--format", "json").document["keys"][0]["standing"] != "expired":
            pass
        keys = {
            each["name"]: each for each in office.run("api-key", "list", "--format", "json").document["keys"]
        }

        assert re.search(r"revoked +[0-9a-f]{16} +view +revoked \d{4}-\d\d-\d\d \d\d:\d\d UTC", said)
        assert {name: key["standing"] for name, key in keys.items()} == {
            "expired": "expired",
            "revoked": "revoked",
            "usable": "usable",
        }
        assert datetime.fromisoformat(keys["revoked"]["revoked_at"]) <= datetime.now(UTC)
        assert all("digest" not in key for key in keys.values())


class TestRevoking:
    def test_for_good(self, office):
        """And again is no mistake: it holds since the first time."""
        text = office.run("api-key", "create", "ci", "--scope", "view").out.strip()
        first, then = office.run("api-key", "revoke", "ci"), office.run("api-key", "list", "--format", "json")
        second = office.run("api-key", "revoke", "ci")

        assert (first.code, second.code, judged(office, text)) == (0, 0, KeyRefusal.REVOKED)
        assert first.out.startswith("Revoked ci (id ")
        assert second.out.startswith("ci was revoked before, ")
        assert office.run("api-key", "list", "--format", "json").out == then.out

    def test_one_that_isnt_there(self, office):
        """With the one that was probably meant."""
        office.run("api-key", "create", "dashboard", "--scope", "view")
        ended = office.run("api-key", "revoke", "dashbord")

        assert (ended.code, ended.out) == (1, "")
        assert ended.err == (
            "Error: There is no key dashbord.\n  Did you mean dashboard? `chanplan api-key list` lists them.\n"
        )

    def test_quiet(self, office):
        """Says nothing."""
        office.run("api-key", "create", "ci", "--scope", "view")
        ended = office.run("api-key", "revoke", "ci", "-q")

        assert (ended.code, ended.out, ended.err) == (0, "", "")


class TestBesideTheState:
    def test_a_pushed_state_leaves_keys_and_a_pulled_one_has_none(self, finished):
        """Keys are no part of the document."""
        text = finished.run("api-key", "create", "ci", "--scope", "view").out.strip()
        pulled = finished.run("state", "pull").document
        finished.write(json.dumps({**pulled, "serial": pulled["serial"] + 1}), "newer.json")
        pushed = finished.run("state", "push", "newer.json")

        assert (pushed.code, [name for name in pulled if "key" in name]) == (0, []), pushed.err
        assert text[4:20] not in json.dumps(pulled)
        assert judged(finished, text).name == "ci"

    def test_a_move_to_another_workspace_takes_no_key_along(self, finished):
        """Neither into the other state nor into the backup; here all keys hold, and the doctor has nothing to say of them."""
        finished.write(
            "version: 1\nworkspace: other\nproviders: {ses: {default: {region: us-east-1}}}\n",
            "other/chanplan.yaml",
        )
        before = finished.run("doctor", "--offline", "--format", "json").document
        text = finished.run("api-key", "create", "ci", "--scope", "view").out.strip()
        moved = finished.run("state", "mv", SETUP, "--to", "other/chanplan.yaml")
        there = finished.run("--config", "other/chanplan.yaml", "api-key", "list", "--format", "json")
        backups = [content for name, content in finished.files().items() if name.endswith(".json")]
        after = finished.run("doctor", "--offline", "--format", "json").document

        assert (moved.code, there.document, bool(backups)) == (0, {"keys": []}, True), moved.err
        assert not any(text[4:20].encode() in content for content in backups)
        assert judged(finished, text).name == "ci"
        assert _about_the_state(after) == _about_the_state(before)

    def test_keys_come_before_a_state(self, office):
        """A workspace that has keys and nothing else takes any document."""
        office.run("api-key", "create", "ci", "--scope", "view")
        listed = office.run("state", "list")
        plan = office.run("plan", "--refresh", "none")

        assert (listed.code, plan.code) == (0, 0)

    def test_of_another_workspace(self, finished):
        """A state that is another's has its keys, not ours."""
        finished.write((finished.folder / "chanplan.yaml").read_text().replace("workspace: ", "workspace: x"))
        codes = {
            finished.run("api-key", *arguments).code
            for arguments in (("list",), ("create", "ci", "--scope", "view"), ("revoke", "ci"))
        }

        assert codes == {1}


def _about_the_state(document):
    """The doctor's findings about where the state is kept: their codes."""
    codes = [each["code"] for each in document["findings"] if each["code"].startswith("state")]
    assert codes
    return codes
