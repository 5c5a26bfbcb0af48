"""What the HTTP API answers how fast over a large state: lists, reads, creates and deletes, against the sandbox's SES.

`chanplan serve` is a process of its own, its keys and all, and so is the sandbox; the clients are threads of the measuring
process, each with one connection that stays. Setups and use cases are put into the sandbox and into the state without a
request, as if the API had made them. The time of a case is the median from a request to the end of its answer.
"""

import http.client
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measuring import CPU, PEAK, Case, Desk, Section, Target, tell
from benchmarks.refresh import sandbox_of

MOST_SETUPS = 10_000
REGIONS = 2
"""Of which the API makes its setups in the first: 10,000 are all that one region holds."""
STATES = ("SQLite", "PostgreSQL")
DSN = "CHANPLAN_DSN"
CROWD = 8
LIST_SECONDS = 0.15
"""What a list of 10,000 may take."""
_LIST = "/v1/ses-setup"
_CASES = "/v1/use-case"
_PATIENCE = 600.0
"""Seconds after which a client that failed, and says why, isn't waited for any more."""
_CALLS = re.compile(rb"^chanplan_service_call_seconds_sum\{.*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of request."""

    times: int
    """How often a client alone sends it."""
    each: int = 0
    """How often each of several clients does."""
    most: float | None = None
    """What it may take for a client alone at 10,000 setups, in seconds."""


KINDS: Mapping[str, Kind] = {
    "list of setups": Kind(100, 20, LIST_SECONDS),
    "list of use cases": Kind(50, 20, LIST_SECONDS),
    "list of setups after a change": Kind(30),
    "list of setups after a change at another server": Kind(20),
    "get": Kind(60, 15),
    "create of a setup": Kind(40, 10),
    "delete of a setup": Kind(40, 10),
    "create of a use case": Kind(30, 6),
}


def cases(desk: Desk) -> Iterator[Case]:
    """Give every sort of request at each size, by one client and by several at once, over both stores."""
    for size in (size for size in desk.sizes if size <= MOST_SETUPS):
        folder = desk.folder / f"api-{size}"
        desk.prepare("benchmarks.api", "seed", folder, size)
        for what, kind in KINDS.items():
            for clients in (1,) if size < MOST_SETUPS or "after a change" in what else (1, CROWD):
                for state in STATES:
                    alone = clients == 1 and size == MOST_SETUPS and kind.most is not None
                    yield Case(
                        what,
                        size,
                        desk.module(
                            "benchmarks.api", "measure", folder, state, what, clients, int(desk.quick)
                        ),
                        folder,
                        tool=f"{state}, {'1 client' if clients == 1 else f'{clients} clients'}",
                        rounds=1,
                        seconds_of="p50_seconds",
                        targets=[Target(kind.most, "p50_seconds")] if alone and kind.most else [],
                    )


SECTION = Section(
    "api", cases, shown=("p95_seconds", "service_calls_seconds", CPU, "a_second", "answer_bytes")
)


def seed(folder: Path, setups: int) -> None:
    """Make a workspace whose setups, with a use case each, are the API's."""
    from benchmarks import seeding
    from chanplan.app.wiring import open_store
    from chanplan.config.loader import load_configuration
    from chanplan.execution.records import setup_records
    from chanplan.model.resources import Origin
    from chanplan.model.snapshots import PutResource
    from chanplan.sandbox.controls import Controls
    from chanplan.sandbox.dns.records import ZoneRecord

    root = seeding.write_configuration(folder, setups, REGIONS)
    seeding.seed(root)
    store = open_store(load_configuration(root, {}), {})
    with closing(store), store.lock("bench", "bench", 0):
        made = [each for each in store.load().resources.values() if each.address.kind != "sending_pool"]
        store.edit([PutResource(replace(each, origin=Origin.API)) for each in made])
    with Controls(folder / seeding.SANDBOX) as controls:
        # Use cases wait for the records at which SES itself doesn't look, too.
        controls.publish(
            ZoneRecord(record.name, record.type.value, record.value)
            for setup in made
            if setup.address.kind == "ses_setup"
            for record in setup_records(setup.attributes, setup.facts, setup.scope.region, None)
        )
    whole = root.read_text(encoding="utf-8")
    root.write_text(whole[: whole.index("ses_setups:")], encoding="utf-8")


@contextmanager
def _workspace(folder: Path, state: str) -> Iterator[dict[str, str]]:
    """Give the environment of a workspace whose state is in a file, or in a server of this process."""
    with ExitStack() as stack:
        environment = dict(stack.enter_context(sandbox_of(folder)))
        root = folder / "chanplan.yaml"
        text = root.read_text(encoding="utf-8")
        if state == "PostgreSQL":
            from chanplan.app.wiring import open_store
            from chanplan.config.loader import load_configuration
            from tests.conformance.postgres_server import Place, Server

            server = Server()
            stack.callback(server.remove)
            environment[DSN] = server.dsn()
            remembered = open_store(load_configuration(root, {}), {})
            store = Place(server, workspace="bench").open()
            with closing(remembered), closing(store), store.lock("bench", "bench", 0):
                store.restore(remembered.load())
            # A database that lives has been analysed long ago.
            server.run("ANALYZE")
            root.write_text(f'{text}state: {{backend: postgres, dsn: "${{env:{DSN}}}"}}\n', encoding="utf-8")
            stack.callback(root.write_text, text, encoding="utf-8")
        yield environment


class Server:
    """One `chanplan serve`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], key: str) -> None:
        command = [str(Path(sys.executable).with_name("chanplan")), "serve", "--port", "0", "--rate", "0"]
        self._process = subprocess.Popen(
            [*command, "--access-log", "none"],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self._port = json.loads(self._process.stdout.readline())["port"]
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection."""
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)

    def ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: object = None
    ) -> bytes:
        """Ask, and give the body of what must be a success."""
        connection.request(method, path, None if body is None else json.dumps(body), self._headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {said[:500]!r}")
        return said

    def figures(self) -> tuple[float, float, int]:
        """Give the seconds that services took so far, those of processor time, and the most memory so far in bytes."""
        with closing(self.connect()) as connection:
            connection.request("GET", "/metrics", headers=self._headers)
            text = connection.getresponse().read()
        services = sum(float(number) for number in _CALLS.findall(text))
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return services, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak * 1024

    def end(self) -> None:
        """End it in good order."""
        self._process.terminate()
        self._process.wait(120)


Ask = Callable[[str, str, object], bytes]


@dataclass(frozen=True, slots=True)
class Step:
    """One client's request."""

    do: Callable[[Ask], bytes]
    prepare: Callable[[Ask], object] = lambda _: None
    """Done before anything is measured."""
    before: Callable[[Ask], object] = lambda _: None
    """Done right before the request; the time doesn't count."""
    after: Callable[[Ask], object] = lambda _: None
    """Done when everything is measured."""


def _new_setup() -> dict[str, str]:
    name = uuid.uuid4().hex[:16]
    return {"tenant_name": f"t-{name}", "domain_identity": f"mail.{name}.example"}


def _made(ask: Ask) -> str:
    id: str = json.loads(ask("POST", _LIST, _new_setup()))["id"]
    return id


def _steps(what: str, draw: random.Random, ids: Sequence[tuple[str, str]], elsewhere: Ask) -> Iterator[Step]:
    """Give the requests of one client, without an end."""
    while True:
        id, domain = draw.choice(ids)
        held: list[str] = []

        def keep(body: bytes, held: list[str] = held) -> bytes:
            held.append(json.loads(body)["id"])
            return body

        def delete(ask: Ask, path: str = _LIST, held: list[str] = held) -> None:
            ask("DELETE", f"{path}/{held.pop()}", None)

        match what:
            case "list of setups":
                yield Step(lambda ask: ask("GET", _LIST, None))
            case "list of use cases":
                yield Step(lambda ask: ask("GET", _CASES, None))
            case "list of setups after a change":
                yield Step(
                    lambda ask: ask("GET", _LIST, None),
                    before=lambda ask, id=id: ask("GET", f"{_LIST}/{id}", None),
                )
            case "list of setups after a change at another server":
                yield Step(
                    lambda ask: ask("GET", _LIST, None),
                    before=lambda _, id=id: elsewhere("GET", f"{_LIST}/{id}", None),
                )
            case "get":
                yield Step(lambda ask, id=id: ask("GET", f"{_LIST}/{id}", None))
            case "create of a setup":
                yield Step(lambda ask, keep=keep: keep(ask("POST", _LIST, _new_setup())), after=delete)
            case "delete of a setup":
                yield Step(
                    lambda ask, held=held: ask("DELETE", f"{_LIST}/{held.pop()}", None),
                    prepare=lambda ask, held=held: held.append(_made(ask)),
                )
            case "create of a use case":
                name = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=16))
                body = {
                    "channel": "email",
                    "entity_name": "Bench",
                    "name": name,
                    "ses_setup_id": id,
                    "sender_email_address": f"{name}@{domain}",
                    "email_type": "transactional",
                }
                yield Step(
                    lambda ask, body=body, keep=keep: keep(ask("POST", _CASES, body)),
                    after=lambda ask, delete=delete: delete(ask, _CASES),
                )
            case _:
                raise SystemExit(f"no such request: {what}")


def measure(folder: Path, state: str, what: str, clients: int, times: int) -> None:
    """Send requests, and tell how long they took and what they cost."""
    with _workspace(folder, state) as environment:
        made = subprocess.run(
            [
                *(
                    str(Path(sys.executable).with_name("chanplan")),
                    "api-key",
                    "create",
                    uuid.uuid4().hex,
                    "--quiet",
                ),
                *("--scope", "view", "--scope", "create", "--scope", "delete"),
            ],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        key = made.stdout.strip()
        servers = [Server(folder, environment, key) for _ in range(2 if what.endswith("server") else 1)]
        try:
            _measure(servers, what, clients, times)
        finally:
            for server in servers:
                server.end()


def _measure(servers: Sequence[Server], what: str, clients: int, times: int) -> None:
    here, there = servers[0], servers[-1]
    with closing(here.connect()) as connection, closing(there.connect()) as other:
        items = json.loads(here.ask(connection, "GET", _LIST))["items"]
        here.ask(connection, "GET", _CASES)
        there.ask(other, "GET", _LIST)
        ids = [(item["id"], item["domain_identity"]) for item in items]
        # What a server loads for its first call of a service is no part of any request.
        for server, through in ((here, connection), (there, other)):
            server.ask(through, "GET", f"{_LIST}/{ids[0][0]}")
        took: list[float] = []
        sizes: list[int] = []
        gate = threading.Barrier(clients + 1)

        def work(number: int) -> None:
            draw = random.Random(number)
            with closing(here.connect()) as own:

                def ask(method: str, path: str, body: object) -> bytes:
                    return here.ask(own, method, path, body)

                endless = _steps(what, draw, ids, lambda *asked: there.ask(other, *asked))
                steps = list(itertools.islice(endless, times))
                for step in steps:
                    step.prepare(ask)
                gate.wait()
                gate.wait()
                for step in steps:
                    step.before(ask)
                    began = time.perf_counter()
                    said = step.do(ask)
                    took.append(time.perf_counter() - began)
                    sizes.append(len(said))
                gate.wait()
                gate.wait()
                for step in steps:
                    step.after(ask)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        gate.wait(_PATIENCE)
        services, worked, _ = here.figures()
        began = time.perf_counter()
        gate.wait(_PATIENCE)
        gate.wait(_PATIENCE)
        lasted = time.perf_counter() - began
        services_then, worked_then, peak = here.figures()
        gate.wait(_PATIENCE)
        for thread in threads:
            thread.join()
    figures = {
        "p50_seconds": statistics.median(took),
        "p95_seconds": statistics.quantiles(took, n=20)[-1],
        "answer_bytes": statistics.median(sizes),
        # Of a list after a change at the same server, the change is in it.
        CPU: (worked_then - worked) / len(took),
        PEAK: peak,
    }
    if "after a change" not in what:
        figures |= {
            "a_second": len(took) / lasted,
            "service_calls_seconds": (services_then - services) / len(took),
        }
    tell(**figures)


def main() -> None:
    """Prepare or measure: `seed FOLDER SETUPS`, `measure FOLDER STATE WHAT CLIENTS QUICK`."""
    what, folder, *rest = sys.argv[1:]
    if what == "seed":
        seed(Path(folder), int(rest[0]))
        return
    state, request, clients, quick = rest
    kind = KINDS[request]
    times = kind.times if int(clients) == 1 else kind.each
    measure(Path(folder), state, request, int(clients), min(times, 5) if int(quick) else times)


if __name__ == "__main__":
    main()
