"""kill -9 during applies over a state in PostgreSQL: of the program, and of the server with all its processes.

The engine, the store and the server are the real ones; the services are the in-memory provider's world in a file, which
outlives the program. Each round declares something else, applies it, is struck, and applies again: then state, open
intents and services must agree with what is declared. `script/postgres-kills --rounds 50` plays more of them than the tests.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg

from chanplan.model.errors import StateError
from chanplan.providers.memory.world import MemoryWorld
from chanplan.stores.postgres.sessions import PAUSES
from tests.conformance.postgres_server import Place, Server
from tests.unit.execution.crash_run import settle, verify_all
from tests.unit.execution.scene import ALLOWED, WORKSPACE, Scene, declare, email, pool, setup

ROOT = Path(__file__).parents[2]
WORKERS = 4
CASES = 8


@dataclass
class Report:
    """What came of a number of rounds."""

    rounds: int = 0
    struck: int = 0
    """Rounds in which the apply didn't come to its end."""
    open_intents: int = 0
    """What the strikes left open, all together."""
    recovery_files: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def declared(number: int):
    """What round `number` declares: updates of everything, and a use case more or less."""
    cases = [email(f"case-{each}", description=f"round {number}") for each in range(CASES + number % 2)]
    return declare(pool(), setup(mail_from=f"bounce{number}"), *cases)


def opened(place: Place, folder: Path, pauses: Sequence[float] = PAUSES) -> Scene:
    """Open the workspace whose services lie in a folder."""
    return Scene(place.open(pauses), MemoryWorld(folder / "world.json"), folder=folder, parallelism=WORKERS)


def agreed(place: Place, folder: Path, number: int, report: Report) -> None:
    """Apply again, as the next run does, and note what doesn't agree then."""
    scene = opened(place, folder)
    report.open_intents += len(scene.store.load().intents)
    report.recovery_files += len(list(folder.glob("chanplan-recovery-*.jsonl")))
    configuration = declared(number)
    verify_all(scene)
    settle(scene, verify_all, configuration, ALLOWED)
    snapshot = scene.store.load()
    ids = [each.id for each in snapshot.resources.values()]
    marks = [mark for mark in scene.marked().values() if mark is not None]
    descriptions = {
        each.attributes["description"]
        for each in snapshot.resources.values()
        if each.address.kind == "use_case"
    }
    plan = scene.plan(configuration)
    checks = {
        "open intents": snapshot.intents == (),
        "resources": set(snapshot.resources) == set(configuration.resources),
        "each id once": len(ids) == len(set(ids)),
        "services and state": set(marks) == set(ids),
        "what was declared": descriptions == {f"round {number}"},
        "an empty plan": (plan.effective, plan.drift, plan.refusals) == ((), (), ()),
        "nobody holds the lock": scene.store.held() is None,
    }
    report.wrong += [f"round {number}: {what}" for what, holds in checks.items() if not holds]
    report.rounds += 1
    scene.store.close()


def server_kills(rounds: int, seed: int) -> Report:
    """Kill the server at an event of each apply. Every other time it is back at once, else when the run is over."""
    random, report, began = Random(seed), Report(), time.monotonic()
    with TemporaryDirectory() as name:
        folder = Path(name)
        server = Server()
        place = Place(server, workspace=WORKSPACE)
        agreed(place, folder, 0, Report())
        for number in range(1, rounds + 1):
            scene = opened(place, folder, PAUSES if number % 2 else ())
            verify_all(scene)
            left = random.randrange(1, 2 * CASES)

            def strike(_: object, number: int = number) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    server.kill()
                    if number % 2:
                        server.start()

            scene.listener = strike
            try:
                word = scene.apply(declared(number)).word
            except StateError:
                word = "failed"
            scene.store.close()
            report.struck += word == "failed"
            if left <= 0 and number % 2 == 0:
                server.start()
            agreed(place, folder, number, report)
        server.remove()
    report.seconds = round(time.monotonic() - began, 1)
    return report


def client_kills(rounds: int, seed: int) -> Report:
    """Kill the program in the middle of one of its exchanges with the server, in each apply."""
    with TemporaryDirectory() as name:
        server = Server()
        # A process without threads, which may fork.
        program = [sys.executable, "-m", "tests.conformance.postgres_kills", "--client", server.dsn(), name]
        ended = subprocess.run(
            [*program, "--rounds", str(rounds), "--seed", str(seed)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        server.remove()
    return Report(**json.loads(ended.stdout))


def _clients(dsn: str, folder: Path, rounds: int, seed: int) -> Report:
    random, report, began = Random(seed), Report(), time.monotonic()
    place = Place(dsn=dsn, workspace=WORKSPACE)
    agreed(place, folder, 0, Report())
    exchanges = sum(1 for _ in _child(place, folder, 1, 0))
    agreed(place, folder, 1, Report())
    for number in range(2, rounds + 2):
        moment = random.randrange(1, exchanges * 7 // 10)
        report.struck += not all(_child(place, folder, number, moment))
        agreed(place, folder, number, report)
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _child(place: Place, folder: Path, number: int, moment: int) -> Iterator[bool]:
    """Apply in a process that tells of each exchange as it begins, and is killed at one of them: gives True for each that
    it lived to tell, and False for its death."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _tell(writer)
        scene = opened(place, folder)
        verify_all(scene)
        scene.apply(declared(number))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as told:
        count = 0
        while told.read(1):
            count += 1
            if count == moment:
                os.kill(child, signal.SIGKILL)
                break
            yield True
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == -signal.SIGKILL:
        yield False


def _tell(writer: int) -> None:
    waited = psycopg.Connection.wait

    def wait(connection, gen, interval=0.1):
        os.write(writer, b".")
        return waited(connection, gen, interval)

    psycopg.Connection.wait = wait


def main(arguments: list[str]) -> int:
    """Play rounds, and print what came of them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--client", nargs=2, metavar=("DSN", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.client:
        dsn, folder = asked.client
        json.dump(asdict(_clients(dsn, Path(folder), asked.rounds, asked.seed)), sys.stdout)
        return 0
    reports = {
        "program": client_kills(asked.rounds, asked.seed),
        "server": server_kills(asked.rounds, asked.seed),
    }
    print(json.dumps({what: asdict(report) for what, report in reports.items()}, indent=2))
    return int(any(report.wrong for report in reports.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
