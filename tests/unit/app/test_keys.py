"""Keys among kills and races: whatever happens, no key works that nobody knows of."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chanplan.app.key_ring import KeyRing
from chanplan.app.keys import are_usable, create_key, list_keys, read_keys, revoke_key
from chanplan.app.wiring import open_workspace
from chanplan.model.api_keys import KeyHolder, KeyRefusal, KeyScope
from chanplan.model.errors import Misused

ROOT = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path):
    """The root file of a workspace without anything."""
    path = tmp_path / "chanplan.yaml"
    path.write_text("version: 1\nworkspace: acme\n")
    return path


def test_killed_at_any_statement_a_key_is_listed_or_nothing(tmp_path):
    """A text is given only once its key is durable; a key that nobody has is in the list, to be revoked."""
    program = subprocess.run(
        [sys.executable, "-m", "tests.unit.app.key_victims", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    seen = set()
    for number, text in json.loads(program.stdout).items():
        with open_workspace(tmp_path / number / "chanplan.yaml", {}) as workspace:
            names = [key.name for key in list_keys(workspace)]
            judged = KeyRing(workspace.store, workspace.clock).authenticate(text)
            seen.add((bool(text), len(names), isinstance(judged, KeyHolder)))
            again = "other" if names else "ci"
            assert create_key(workspace, again, {KeyScope.VIEW}, None).key.name == again
            if names:
                revoke_key(workspace, "ci")
                assert not are_usable(
                    [key for key in read_keys(workspace.store) if key.name == "ci"], workspace.clock.now()
                )

    # Killed before it was durable, and let through; never told of and absent.
    assert (
        {(False, 0, False), (True, 1, True)}
        <= seen
        <= {
            (False, 0, False),
            (False, 1, False),
            (True, 1, True),
        }
    )


def test_two_revokes_at_once(root):
    """Both are right, and the key is over."""
    with open_workspace(root, {}) as workspace, open_workspace(root, {}) as other:
        text = create_key(workspace, "ci", {KeyScope.VIEW}, None).text
        done = []
        threads = [
            threading.Thread(target=lambda each=each: done.append(revoke_key(each, "ci")))
            for each in (workspace, other)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)

        assert [each.key.name for each in done] == ["ci", "ci"]
        assert KeyRing(other.store, other.clock).authenticate(text) is KeyRefusal.REVOKED


def test_a_key_under_the_lock_of_a_run(root):
    """Is made and revoked meanwhile: a leaked key doesn't wait for an apply of hours."""
    with open_workspace(root, {}) as workspace, open_workspace(root, {}) as running:
        with running.store.lock("ci", "apply", 0):
            create_key(workspace, "ci", {KeyScope.VIEW}, None)
            revoked = revoke_key(workspace, "ci")

        assert revoked.key.revoked_at is not None


@pytest.mark.parametrize("name", ["", "-x", "x y", "X", "é", "x" * 64, "a/b", "a\n"])
def test_what_is_no_name(root, name):
    """Nothing is kept under it."""
    with open_workspace(root, {}) as workspace:
        with pytest.raises(Misused) as caught:
            create_key(workspace, name, {KeyScope.VIEW}, None)

        assert (caught.value.code, list_keys(workspace)) == ("key_name", [])


def test_a_key_shows_its_text_to_nobody_by_accident(root):
    """Neither what was made nor what is remembered repeats it when it is printed, as a log or an assertion would."""
    with open_workspace(root, {}) as workspace:
        made = create_key(workspace, "ci", {KeyScope.VIEW}, None)

    assert made.text not in f"{made!r} {made} {made.key!r}"
