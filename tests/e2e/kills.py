"""Killing chanplan at one call: before it takes effect, or after it and before its answer."""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chanplan.sandbox.errors import DropCall
from tests.e2e.commands import Commands, Ended, Running
from tests.e2e.scene import READS, Scene, copied


@dataclass(frozen=True)
class Call:
    """A call of an undisturbed run, with its number from 1."""

    number: int
    operation: str
    same: bool = field(default=False, compare=False)
    """Whether it and the call before it are reads and nothing was written down between them: a kill at either leaves
    the same behind."""

    @property
    def writes(self) -> bool:
        """Whether it can change anything at the service."""
        return not self.operation.partition(":")[2].startswith(READS)


@dataclass
class Blow:
    """A sandbox's hook that kills a command at a call: that of a number, or the first of an operation.

    Without either it only listens.
    """

    number: int | None = None
    phase: str = "before"
    operation: str | None = None
    state: Path | None = None
    """The folder of the state, to see whether anything was written down between calls."""
    calls: list[Call] = field(default_factory=list)
    struck: Call | None = None
    _victim: Running | None = None
    _aimed: threading.Event = field(default_factory=threading.Event)
    _seen: object = None

    def aim(self, operation: str) -> None:
        """Makes it strike once more, at another operation or the same."""
        self.operation, self.struck = operation, None
        self._aimed.clear()

    def land(self, victim: Running) -> Ended:
        """Strikes a command, and waits for its end."""
        self._victim = victim
        self._aimed.set()
        return victim.wait()

    def __call__(self, operation: str, phase: str, number: int) -> None:
        """Strikes once."""
        call = Call(number, operation)
        if phase == "before":
            self.calls.append(replace(call, same=self._nothing_since(call)))
        meant = self.operation == operation if self.number is None else self.number == number
        if self.struck is None and meant and phase == self.phase:
            self.struck = call
            assert self._aimed.wait(20)
            self._victim.kill()
            self._victim.wait()
            raise DropCall

    def _nothing_since(self, call: Call) -> bool:
        """Tells whether the call and the one before it are reads with the same state on disk."""
        if self.state is None:
            return False
        seen, self._seen = (
            self._seen,
            [
                (path.name, path.stat().st_size, path.stat().st_mtime_ns)
                for path in sorted(self.state.glob("*"))
                # Readers of the state write into this one too.
                if not path.name.endswith("-shm")
            ],
        )
        return seen == self._seen and not call.writes and not self.calls[-1].writes


@dataclass(frozen=True)
class Work:
    """A command in a prepared scene."""

    root: Path
    arguments: Sequence[str]


@dataclass(frozen=True)
class End:
    """How things stand after the work, and all calls on the way of an undisturbed run."""

    ended: Ended
    world: dict[str, object]
    plan: tuple[int, str]
    """What a deep plan would still do."""
    calls: tuple[Call, ...]

    @property
    def blows(self) -> list[tuple[Call, str]]:
        """Where to strike. A read leaves nothing behind, so that before and after it are the same, and before each of
        several that follow each other."""
        return [
            (call, phase)
            for call in self.calls
            if not call.same
            for phase in (("before", "after") if call.writes else ("before",))
        ]


def undisturbed(work: Work, commands: Commands, target: Path) -> tuple[str, End]:
    """Does the work once; gives how things stood before and after."""
    listening = Blow(state=target / "workspace" / "state")
    with Scene(copied(work.root, target), commands, hooks=listening) as scene:
        before = scene.everything()
        ended = scene.run(*work.arguments)
        calls = tuple(listening.calls)
        return before, End(ended, scene.world(), changes_left(scene), calls)


def disturbed(
    work: Work, commands: Commands, target: Path, call: Call, phase: str, known: dict[str, End]
) -> tuple[Blow, Ended, End]:
    """Does the work, is killed at a call, and does it again: gives the blow, how it died and how things stand then.

    `known` holds how things end from what blows have left behind. The same is picked up once: a command knows nothing
    but what stands in state and services.
    """
    blow = Blow(call.number, phase)
    with Scene(copied(work.root, target), commands, hooks=blow) as scene:
        killed = blow.land(scene.start(*work.arguments))
        left = scene.everything()
        if left not in known:
            again = scene.run(*work.arguments)
            known[left] = End(again, scene.world(), changes_left(scene), ())
        return blow, killed, known[left]


def changes_left(scene: Scene) -> tuple[int, str]:
    """Gives the code of a deep plan, and what it would still do."""
    ended = scene.run("plan", "--refresh", "deep", "--detailed-exitcode")
    return ended.code, "\n".join(line for line in ended.out.splitlines() if line.startswith(("Plan:", "No ")))


@dataclass(frozen=True)
class Walk:
    """A work, how things stood before it, and how they stand after it when nothing is in the way."""

    work: Work
    start: str
    reference: End


def prepared(
    root: Path, commands: Commands, prepare: Callable[[Scene], None], arguments: Sequence[str], code: int
) -> Walk:
    """Prepares a scene below a folder, and does the work once on a copy; it must end with the code."""
    with Scene(root / "scene", commands) as scene, scene.controls() as controls:
        # Times of day at the services are then the same in every run.
        controls.run_clock_at(0)
        prepare(scene)
    work = Work(root / "scene", arguments)
    start, reference = undisturbed(work, commands, root / "reference")
    assert reference.ended.code == code, reference.ended
    return Walk(work, start, reference)


def walked(walk: Walk, commands: Commands, target: Path, shard: int = 0, shards: int = 1) -> None:
    """Strikes at every call of a walk, or of one of its stretches: each must end as if nothing had happened."""
    reference = walk.reference
    # Neighbours leave much the same behind, so each part takes a stretch of them.
    length = -(-len(reference.blows) // shards)
    blows = reference.blows[shard * length :][:length]
    known = {walk.start: reference}
    assert blows

    for call, phase in blows:
        blow, killed, end = disturbed(walk.work, commands, target, call, phase, known)

        where = f"killed {phase} {call}"
        assert killed.code == -signal.SIGKILL, where
        # Lists are fetched side by side, so that their numbers differ from run to run; what writes has its own.
        assert (blow.struck if call.writes else blow.struck.writes) == (call if call.writes else False), where
        assert end.ended.code == reference.ended.code, f"{where}: {end.ended}"
        assert end.world == reference.world, where
        assert end.plan == reference.plan, where
