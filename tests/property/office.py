"""A workspace in which chanplan is run, again and again, by whoever comes: its store, its service, its working folder."""

from collections.abc import Callable, Mapping
from pathlib import Path

from chanplan.app.apply import Task, apply
from chanplan.app.carrying_out import Outcome
from chanplan.app.preview import preview
from chanplan.app.workspace import Workspace
from chanplan.execution.clocks import ManualClock
from chanplan.execution.spill import PREFIX
from chanplan.execution.stopping import Stop
from chanplan.execution.telling import silence
from chanplan.model.configuration import Configuration
from chanplan.model.errors import StateError
from chanplan.model.plans import Plan, RefreshMode
from chanplan.model.records import Outcome as Verdict
from chanplan.model.requests import Request
from chanplan.model.snapshots import Snapshot
from chanplan.providers.memory.checker import MemoryRecordChecker
from chanplan.providers.memory.facts import VERIFIED
from chanplan.providers.memory.provider import MemoryProvider
from chanplan.providers.memory.world import Key, MemoryWorld
from tests.property.homes import WORKSPACE, Home
from tests.property.strikes import Fate, Moment, StruckPacer, StruckStore

ALLOWED = Request(allow_all=True)

Strike = Callable[[Fate], None]


class Office:
    """Runs commands as their processes would: each opens the store anew, with nothing left of the one before."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.folder = folder
        self.move_into(home)
        self.world = MemoryWorld()
        self._clock = ManualClock()
        self._checker = MemoryRecordChecker(self._clock)
        self._at_death: Mapping[Path, bytes] = {}

    def move_into(self, home: Home) -> None:
        """Keep the state there from now on."""
        self.home = home
        self._looking = home.open()

    def opened(self, configuration: Configuration, fate: Fate | None = None) -> Workspace:
        """Open the workspace for one run; it closes the store."""
        fate = fate or Fate({})
        pacer = StruckPacer(self._clock, fate)
        return Workspace(
            configuration=configuration,
            store=StruckStore(self.home.open(), fate),
            providers={"ses": MemoryProvider(self.world, pacer, self._clock, WORKSPACE)},
            checker=self._checker,
            clock=self._clock,
            pacer=pacer,
            stop=Stop(),
            rate_of=lambda _scope, _operation: None,
            account_of=lambda scope: scope.account,
            holder="somebody",
            recovery_folders=(self.folder,),
            parallelism=1,
        )

    def state(self) -> Snapshot:
        """Read the state, as somebody does who looks at it all the time."""
        return self._looking.load()

    def plan(self, configuration: Configuration, request: Request = ALLOWED) -> Plan:
        """Plan, without the lock."""
        workspace = self.opened(configuration)
        try:
            return preview(workspace, request, RefreshMode.DEEP, silence).plan
        finally:
            workspace.store.close()

    def apply(
        self, configuration: Configuration, task: Task, strikes: Mapping[Moment, Strike] | None = None
    ) -> Outcome | StateError:
        """Apply, and give how it ended or what it stumbled over. Of a run that was killed nobody hears the end."""
        fate = Fate(strikes or {})
        workspace = self.opened(configuration, fate)
        try:
            ended: Outcome | StateError = apply(workspace, task, None, silence)
        except StateError as error:
            ended = error
        finally:
            workspace.store.close()
        if fate.dead:
            self._bury()
        return ended

    def kill(self, fate: Fate) -> None:
        """End a run here and now."""
        fate.dead = True
        self.home.die()
        self._at_death = self._recovery_files()

    def break_lock(self) -> bool:
        """Take the lock from its holder, dead or alive, as `unlock` does; False when nobody has it."""
        holding = self._looking.held()
        if holding is not None:
            self._looking.break_lock(holding.id)
        return holding is not None

    def publish(self, configuration: Configuration) -> None:
        """Play every domain's owner, and SES, which finds all records."""
        for place, part in self.world.parts().items():
            if part.workspace == WORKSPACE and place.part == "identity":
                self.world.report(place, **VERIFIED)
        for address in configuration.resources:
            self._checker.set(address, Verdict.VERIFIED)

    def vanish(self, place: Key) -> None:
        """Take a part away behind everybody's back, with what can't be without it."""
        for each, part in self.world.parts().items():
            if each == place or (part.workspace is None and place.name in each.name.split("/")):
                self.world.lose(each)

    def settled(self, configuration: Configuration, request: Request = ALLOWED) -> bool:
        """Apply, undisturbed, until nothing is left to do; False, and nothing done, when the plan is refused."""
        self.publish(configuration)
        if not self.plan(configuration, request).applyable:
            return False
        for _ in range(ROUNDS):
            ended = self.apply(configuration, Task(request, RefreshMode.DEEP))
            self.publish(configuration)
            assert isinstance(ended, Outcome), ended
            assert ended.last is not None, ended.plan.refusals
            if ended.last.word == "done" and not ended.last.done:
                return True
        raise AssertionError(ended)

    def marks(self) -> list[tuple[str, str | None]]:
        """Give sort and id of every part that carries this workspace's mark."""
        return [
            (place.part, part.id) for place, part in self.world.parts().items() if part.workspace == WORKSPACE
        ]

    def close(self) -> None:
        """Leave."""
        self._looking.close()

    def _bury(self) -> None:
        """Take away what a dead run wrote into its folder."""
        self.home.well()
        for path in self._recovery_files():
            path.unlink()
        for path, content in self._at_death.items():
            path.write_bytes(content)

    def _recovery_files(self) -> Mapping[Path, bytes]:
        return {path: path.read_bytes() for path in self.folder.glob(f"{PREFIX}*.jsonl")}


ROUNDS = 6
"""Runs within which everything is done, when each gate opens after the run that waits for it."""
