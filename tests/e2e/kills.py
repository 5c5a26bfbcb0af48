"""Killing chanplan at one call: before it takes effect, or after it and before its answer."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chanplan.sandbox.errors import DropCall
from tests.e2e.commands import Commands, Ended
from tests.e2e.scene import Scene, copied

READS = ("Describe", "Get", "List")


@dataclass(frozen=True)
class Call:
    """A call of an undisturbed run, with its number from 1."""

    number: int
    operation: str

    @property
    def writes(self) -> bool:
        """Whether it can change anything at the service."""
        return not self.operation.partition(":")[2].startswith(READS)


@dataclass
class Blow:
    """A sandbox's hook that kills a command when the call of a number comes. Without a number it only listens."""

    number: int | None = None
    phase: str = "before"
    calls: list[Call] = field(default_factory=list)
    struck: Call | None = None
    _victim: Callable[[], None] | None = None
    _aimed: threading.Event = field(default_factory=threading.Event)

    def aim(self, kill: Callable[[], None]) -> None:
        """Says how to kill, and return when it is dead."""
        self._victim = kill
        self._aimed.set()

    def __call__(self, operation: str, phase: str, number: int) -> None:
        """Strikes once."""
        call = Call(number, operation)
        if phase == "before":
            self.calls.append(call)
        if self.struck is None and (phase, number) == (self.phase, self.number):
            self.struck = call
            assert self._aimed.wait(20)
            self._victim()
            raise DropCall


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
    plan: tuple[int, str] | None
    """What a deep plan would still do; None where a read was struck, since the world alone says as much."""
    calls: tuple[Call, ...]

    @property
    def blows(self) -> list[tuple[Call, str]]:
        """Where to strike. A read leaves nothing behind, so that before and after it are the same."""
        return [
            (call, phase)
            for call in self.calls
            for phase in (("before", "after") if call.writes else ("before",))
        ]


def undisturbed(work: Work, commands: Commands, target: Path) -> End:
    """Does the work once."""
    listening = Blow()
    with Scene(copied(work.root, target), commands, hooks=listening) as scene:
        ended = scene.run(*work.arguments)
        calls = tuple(listening.calls)
        return End(ended, scene.world(), changes_left(scene), calls)


def disturbed(
    work: Work, commands: Commands, target: Path, call: Call, phase: str
) -> tuple[Blow, Ended, End]:
    """Does the work, is killed at a call, and does it again: gives the blow, how it died and how things stand then."""
    blow = Blow(call.number, phase)
    with Scene(copied(work.root, target), commands, hooks=blow) as scene:
        running = scene.start(*work.arguments)

        def kill() -> None:
            running.kill()
            running.wait()

        blow.aim(kill)
        killed = running.wait()
        again = scene.run(*work.arguments)
        return blow, killed, End(again, scene.world(), changes_left(scene) if call.writes else None, ())


def changes_left(scene: Scene) -> tuple[int, str]:
    """Gives the code of a deep plan, and what it would still do."""
    ended = scene.run("plan", "--refresh", "deep", "--detailed-exitcode")
    return ended.code, "\n".join(line for line in ended.out.splitlines() if line.startswith(("Plan:", "No ")))
