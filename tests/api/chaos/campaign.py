"""A run: servers, clients and a killer for some time, then quiet, and the judgement of every answer."""

import json
import random
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from chanplan.cli.sandboxing import SANDBOX_DIRECTORY
from chanplan.sandbox.controls import Controls
from tests.api.chaos import ending
from tests.api.chaos.asking import PATHS, Caller, Journal, PatientClient
from tests.api.chaos.houses import House
from tests.api.chaos.replicas import COMMAND, Killer, Replica, surroundings
from tests.api.chaos.truth import TooMany, judged
from tests.chaos.services import Services
from tests.chaos.states import KEEPERS

WORKSPACE = "chaos"
"""As the keepers of `tests.chaos` call it."""
CONFIGURATION = {
    "version": 1,
    "workspace": WORKSPACE,
    "providers": {"ses": {"default": {"region": ending.REGION, "account_id": ending.ACCOUNT}}},
    "sending_pools": {
        "transactional": {
            "pool_name": "chaos-transactional",
            "family": "transactional",
            "tiers": ["onboarding", "standard", "premium"],
        }
    },
}
MOST_TOLD = 12


@dataclass(frozen=True)
class Sizes:
    """How much is played."""

    seconds: float = 120.0
    clients: int = 50
    replicas: int = 2
    houses: int = 20
    """That everybody visits; every fifth client has one more of its own."""
    kill_every: float = 4.0
    state: str = "postgres"
    faults: bool = False
    """Whether calls of services fail, too."""


@dataclass(frozen=True)
class Summary:
    """How a run went."""

    document: Mapping[str, object]
    wrong: tuple[str, ...]

    @property
    def text(self) -> str:
        """The summary for people."""
        lines = []
        for name, value in self.document.items():
            if isinstance(value, Mapping):
                lines.append(name)
                lines += [f"    {key:<66}{told}" for key, told in sorted(value.items())]
            else:
                lines.append(f"{name:<30}{value}")
        return "\n".join((*lines, *(f"WRONG: {each}" for each in self.wrong[:MOST_TOLD])))


class World:
    """A workspace, its services, its state and its servers below a folder."""

    def __init__(self, root: Path, sizes: Sizes, seed: int) -> None:
        self.folder = root / "workspace"
        self.sandbox = self.folder / SANDBOX_DIRECTORY
        self.sandbox.mkdir(parents=True)
        self.sizes = sizes
        self._draws = random.Random(seed)
        self.keeper = KEEPERS[sizes.state](self.folder)
        self.services = Services(self.sandbox)
        self.controls = Controls(self.sandbox)
        document = {**CONFIGURATION, "state": self.keeper.settings}
        (self.folder / "chanplan.yaml").write_text(json.dumps(document))
        self.run("apply", "--auto-approve")
        scopes = [part for scope in ("view", "create", "delete") for part in ("--scope", scope)]
        key = self.run("api-key", "create", "chaos", "--quiet", *scopes).strip()
        self.replicas = [
            Replica(number, self.folder, self._environment, key) for number in range(sizes.replicas)
        ]
        owners = range(0, sizes.clients, 5)
        self.houses = [House(number) for number in range(sizes.houses)]
        self.houses += [House(sizes.houses + place, owner) for place, owner in enumerate(owners)]
        self.journal = Journal()
        self.killer = Killer(
            self.replicas,
            self.services,
            self._drawing(),
            sizes.kill_every,
            self.controls if sizes.faults else None,
        )

    @property
    def _environment(self) -> dict[str, str]:
        return {**self.services.environment, **self.keeper.environment}

    def run(self, *arguments: str) -> str:
        """Runs a command that must go well, and gives what it says."""
        ended = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=surroundings(self._environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def play(self) -> None:
        """Lets everybody loose until the time is up, and then brings it to rest."""
        publishing = threading.Lock()
        until = time.monotonic() + self.sizes.seconds
        callers = [self._caller(number, publishing) for number in range(self.sizes.clients)]
        threads = [
            threading.Thread(target=caller.run, args=(lambda: time.monotonic() > until,))
            for caller in callers
        ]
        for thread in threads:
            thread.start()
        self.killer.start()
        time.sleep(max(0.0, until - time.monotonic()))
        self.killer.stop()
        for thread in threads:
            thread.join()
        self._come_to_rest(callers[0])

    def start(self) -> None:
        """Begins to serve."""
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(Replica.start, self.replicas))

    def end(self) -> list[int]:
        """Ends the servers as a supervisor would, and gives their exit codes."""
        with ThreadPoolExecutor() as at_once:
            return list(at_once.map(Replica.end, self.replicas))

    def close(self) -> None:
        """Ends every process."""
        for replica in self.replicas:
            if not replica.is_dead:
                replica.kill()
        self.controls.close()
        self.services.close()
        self.keeper.close()

    def judge(self) -> tuple[str, ...]:
        """Says what was wrong: answers that can't be true, and what is left at services and in the state."""
        said = list(self.journal.wrong)
        for number, history in self.journal.exchanges.items():
            try:
                lie = judged(history)
            except TooMany as error:
                said.append(f"house {number} can't be judged: {error}")
                continue
            if lie is not None:
                said.append(f"house {number}: {lie}")
        with self.keeper.opened() as store:
            snapshot = store.load()
            with store.lock("the judge", "looks whether it is free", 0):
                pass
        said += ending.differences(snapshot, self.sandbox, WORKSPACE)
        said += [f"the sandbox made a mistake of its own: {each}" for each in self.controls.mistakes()]
        said += [each for replica in self.replicas for each in replica.complaints()]
        return tuple(said)

    def _come_to_rest(self, last: Caller) -> None:
        """Settles what is left by one more apply, and looks at both lists of every server."""
        self.controls.clear_faults()
        self.run("apply", "--auto-approve")
        for number in range(len(self.replicas)):
            for kind in PATHS:
                if not last.listed(number, kind):
                    self.journal.complain(f"server {number} doesn't list {kind}s at the end")

    def _caller(self, number: int, publishing: threading.Lock) -> Caller:
        return Caller(
            number,
            self._drawing(),
            [PatientClient(replica.url, replica.key) for replica in self.replicas],
            self.houses,
            self.journal,
            self.controls,
            publishing,
            self.folder,
        )

    def _drawing(self) -> random.Random:
        return random.Random(self._draws.getrandbits(64))


def campaign(root: Path, sizes: Sizes, seed: int, say: Callable[[str], None]) -> Summary:
    """Plays a run, and judges it."""
    began = time.monotonic()
    world = World(root, sizes, seed)
    try:
        world.start()
        say(f"{sizes.replicas} servers over {sizes.state}, {sizes.clients} clients for {sizes.seconds:g} s")
        world.play()
        ended = world.end()
        say("all is quiet; judging every answer")
        wrong = world.judge()
        if any(ended):
            wrong += (f"the servers ended with {ended}",)
    finally:
        world.close()
    return _summary(world, sizes, seed, wrong, time.monotonic() - began)


def _summary(world: World, sizes: Sizes, seed: int, wrong: tuple[str, ...], seconds: float) -> Summary:
    journal = world.journal
    topics: dict[str, dict[str, object]] = {}
    for (topic, what), count in sorted(journal.counts.items()):
        topics.setdefault(topic, {})[what] = count
    judged_answers = sum(
        1 for history in journal.exchanges.values() for each in history if each.asked.what != "list"
    )
    times = {
        what: f"{len(each):>6,} times, p50 {statistics.median(each):.2f} s, longest {max(each):.2f} s"
        for what, each in sorted(journal.seconds.items())
    }
    document: dict[str, object] = {
        "seed": seed,
        "state": sizes.state,
        "servers": sizes.replicas,
        "clients": sizes.clients,
        "seconds": round(seconds),
        "struck": dict(world.killer.counts),
        "lives of servers": sum(replica.lives for replica in world.replicas),
        "answers judged": judged_answers,
        **topics,
        "answers with success": times,
        "wrong": len(wrong),
    }
    return Summary(document, wrong)
