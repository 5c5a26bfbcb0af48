"""Several commands at once: one apply per workspace, plans without a lock, workspaces side by side."""

import threading

import pytest

from tests.e2e.scene import EMAIL, SETUP, Scene


class Gatekeeper:
    """A sandbox's hook that holds an operation up until it is told to let go."""

    def __init__(self, operation):
        self._operation = operation
        self.reached = threading.Event()
        self.release = threading.Event()

    def hold(self, operation):
        """Holds another operation up instead."""
        self._operation = operation

    def __call__(self, operation, phase, number):
        if (operation, phase) == (self._operation, "before") and not self.release.is_set():
            self.reached.set()
            assert self.release.wait(60)


@pytest.fixture
def gatekeeper():
    """Holds up the making of the domain identity."""
    return Gatekeeper("sesv2:CreateEmailIdentity")


@pytest.fixture
def scene(tmp_path, commands, gatekeeper):
    """The email workspace on a sandbox with a gatekeeper."""
    with Scene(tmp_path / "scene", commands, hooks=gatekeeper) as made:
        made.write(EMAIL.read_text())
        yield made
        gatekeeper.release.set()


def test_second_apply_is_told_who_holds_the_workspace(scene, gatekeeper):
    """It exits 5 at once, names the holder, and changes nothing."""
    first = scene.start("apply", "--auto-approve")
    assert gatekeeper.reached.wait(20)

    second = scene.run("apply", "--auto-approve")

    assert second.code == 5
    assert f"process {first.pid}" in second.err
    assert "chanplan apply" in second.err
    gatekeeper.release.set()
    assert first.wait().code == 3


def test_second_apply_may_wait(scene, gatekeeper):
    """With --lock-timeout it goes on when the first has ended, and finds everything made."""
    first = scene.start("apply", "--auto-approve")
    assert gatekeeper.reached.wait(20)
    second = scene.start("apply", "--auto-approve", "--lock-timeout", "60s")

    gatekeeper.release.set()

    assert (first.wait().code, second.wait().code) == (3, 3)
    assert scene.calls().count("sesv2:CreateTenant") == 1
    assert remembered_addresses(scene) == ["sending_pool.marketing", "sending_pool.transactional", SETUP]


def test_lock_timeout_ends(scene, gatekeeper):
    """Whoever waits in vain exits 5 too."""
    first = scene.start("apply", "--auto-approve")
    assert gatekeeper.reached.wait(20)

    assert scene.run("apply", "--auto-approve", "--lock-timeout", "1s").code == 5

    gatekeeper.release.set()
    assert first.wait().code == 3


@pytest.mark.parametrize(
    "command", [("plan",), ("state", "list"), ("validate",), ("plan", "--refresh", "deep")], ids=" ".join
)
def test_looking_needs_no_lock(scene, gatekeeper, command):
    """While an apply is under way, whoever only looks isn't kept waiting, and sees one consistent state."""
    first = scene.start("apply", "--auto-approve")
    assert gatekeeper.reached.wait(20)

    looked = scene.run(*command)

    assert (looked.code, first.ended) == (0, False)
    gatekeeper.release.set()
    assert first.wait().code == 3


def test_lock_dies_with_its_holder(scene, gatekeeper):
    """After kill -9 the next apply goes on at once: nothing is unlocked by hand."""
    first = scene.start("apply", "--auto-approve")
    assert gatekeeper.reached.wait(20)
    first.kill()
    first.wait()
    gatekeeper.release.set()

    scene.expect(3, "apply", "--auto-approve")

    assert scene.state().intents == ()
    assert remembered_addresses(scene) == ["sending_pool.marketing", "sending_pool.transactional", SETUP]


def test_two_workspaces_side_by_side(scene, gatekeeper):
    """Workspaces of one account don't know each other: both apply at once, and each destroys its own alone."""
    gatekeeper.release.set()
    text = EMAIL.read_text().replace("workspace: quickstart", "workspace: second")
    other = scene.folder.with_name("second")
    other.mkdir()
    (other / "chanplan.yaml").write_text(
        text.replace("acme", "globex").replace("Acme", "Globex").replace("globex-mail", "acme-mail")
    )

    both = [scene.start("apply", "--auto-approve"), scene.start("-C", str(other), "apply", "--auto-approve")]
    assert [each.wait().code for each in both] == [3, 3]
    both = [
        scene.start(*at, "destroy", "--auto-approve", "--allow-delete", "all")
        for at in ((), ("-C", str(other)))
    ]

    assert [each.wait().code for each in both] == [0, 0]
    assert scene.objects() == {}


def remembered_addresses(scene):
    """The addresses in state."""
    return sorted(str(address) for address in scene.state().resources)
