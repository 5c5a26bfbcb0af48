"""The disk fills up between a call of a service and the note of it: nothing is lost, and the next run goes on."""

import resource
import threading

import pytest

from tests.e2e.commands import Running
from tests.e2e.scene import EMAIL, Scene, remembered

APPLY = ("apply", "--auto-approve", "--parallelism", "1")


class Filling:
    """A sandbox's hook that leaves a command no room for its state, after the first call of an operation.

    The limit is on the size of single files: the state's log can't grow, and a small new file can be written.
    """

    def __init__(self) -> None:
        self.operation = ""
        self.root = None
        self._victim: Running | None = None
        self._aimed = threading.Event()

    def fill(self, victim: Running):
        """Let it happen to a command, and wait for its end."""
        self._victim = victim
        self._aimed.set()
        return victim.wait()

    def __call__(self, operation: str, phase: str, _: int) -> None:
        """Fill the disk, once."""
        if (operation, phase) != (self.operation, "after"):
            return
        self.operation = ""
        assert self._aimed.wait(20)
        (log,) = (self.root / "state").glob("*-wal")
        full = log.stat().st_size
        _, hard = resource.prlimit(self._victim.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._victim.pid, resource.RLIMIT_FSIZE, (full, hard))


def ends_of(scene: Scene):
    """What the state remembers and which objects there are, but for an index that has times in its keys."""
    return remembered(scene.state()), {key for key in scene.objects() if key[2] != "ses.resource-tenant"}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, commands):
    """What the state remembers and which objects there are after the same without any trouble."""
    with Scene(tmp_path_factory.mktemp("undisturbed") / "scene", commands) as scene:
        scene.write(EMAIL.read_text())
        scene.expect(3, *APPLY)
        scene.publish()
        scene.expect(0, *APPLY)
        return ends_of(scene)


@pytest.mark.parametrize(
    "operation",
    ["CreateDedicatedIpPool", "CreateTenantResourceAssociation", "CreateConfigurationSet"],
)
def test_what_was_done_is_kept_beside_the_state_and_comes_back(tmp_path, commands, undisturbed, operation):
    """The run says what happened and where it kept what it did; the next one brings that back, makes nothing twice, and
    ends as an undisturbed one."""
    filling = Filling()
    with Scene(tmp_path / "scene", commands, hooks=filling) as scene:
        filling.root = scene.folder
        scene.write(EMAIL.read_text())
        if operation == "CreateConfigurationSet":
            scene.expect(3, *APPLY)
            scene.publish()
        filling.operation = f"sesv2:{operation}"
        broken = filling.fill(scene.start(*APPLY))
        kept = [path.name for path in (scene.folder / "state").glob("chanplan-recovery-*.jsonl")]
        said = " ".join((broken.out + broken.err).split())
        next_run = scene.run(*APPLY)
        scene.publish()
        scene.expect(0, *APPLY)

        assert (broken.code, len(kept)) == (1, 1), said
        assert "The state can't be written, so the run stops" in said
        assert f"state/{kept[0]}" in said
        assert "what an earlier run couldn't record is in the state now" in " ".join(next_run.err.split())
        assert ends_of(scene) == undisturbed
        scene.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")
