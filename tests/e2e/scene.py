"""A workspace on a sandbox of this process: what every test of the whole program stands on."""

import json
import re
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import boto3
from botocore.config import Config

from chanplan.cli.sandboxing import SANDBOX_DIRECTORY
from chanplan.model.addresses import Address
from chanplan.model.encoding import encode_resource
from chanplan.model.snapshots import Snapshot
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.server import Sandbox
from chanplan.stores.sqlite.store import SqliteStore
from tests.e2e.commands import Commands, Ended, Running

EXAMPLES = Path(__file__).parents[2] / "examples"
EMAIL = Path(__file__).parents[1] / "email.yaml"
SETUP = "ses_setup.acme-mail"

# What differs between two runs to the same end: times of day, processes, and what SES has looked at in between.
TIMES = (
    "asked",
    "at",
    "by",
    "created_at",
    "decided_at",
    "moved_at",
    "since",
    "updated_at",
    "verification_started_at",
)
READS = ("BatchGet", "Describe", "Fetch", "Get", "List")
SEARCH = ("checked", "error", "version")


class Scene:
    """A folder with a configuration and its state, a sandbox, and the command line on both.

    `root` holds all of it, so that a copy of it, made while the sandbox is stopped, is a copy of the world.
    """

    def __init__(self, root: Path, commands: Commands, hooks=None, session=None) -> None:
        self.folder = root / "workspace"
        self.directory = self.folder / SANDBOX_DIRECTORY
        self._commands = commands
        self._sandbox = Sandbox(self.directory, hooks=hooks)
        self._session = session
        self._clients = []

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sandbox.start()
        return self

    def __exit__(self, *error):
        for client in self._clients:
            client.close()
        self._sandbox.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead to the sandbox."""
        return self._sandbox.environment()

    def write(self, text: str) -> None:
        """Writes the configuration."""
        (self.folder / "chanplan.yaml").write_text(text)

    def edit(self, *changes: tuple[str, str]) -> None:
        """Replaces texts of the configuration, each of which must stand there once."""
        text = (self.folder / "chanplan.yaml").read_text()
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self.write(text)

    def start(self, *arguments: str, **variables: str) -> Running:
        """Starts a command, with more variables where some are given."""
        return self._commands.start(self.folder, {**self.environment, **variables}, *arguments)

    def run(self, *arguments: str, **variables: str) -> Ended:
        """Runs a command to its end."""
        return self.start(*arguments, **variables).wait()

    def expect(self, code: int, *arguments: str) -> str:
        """Runs a command that must end with a code, and returns its standard output."""
        ended = self.run(*arguments)
        assert ended.code == code, f"{arguments}: {ended.code}, not {code}\n{ended.out}\n{ended.err}"
        return ended.out

    def plan(self, *arguments: str) -> Mapping[str, object]:
        """Returns a plan as its document."""
        return json.loads(self.expect(0, "plan", "--format", "json", *arguments))

    def controls(self) -> Controls:
        """The knobs of the sandbox; close them."""
        return Controls(self.directory)

    def publish(self, setup: str = SETUP) -> None:
        """Publishes what a setup asks for, as the domain's owner would."""
        records = json.loads(self.expect(0, "dns", "records", setup, "--format", "json"))
        with self.controls() as controls:
            controls.publish(
                ZoneRecord(record["name"], record["type"], record["value"]) for record in records
            )

    def client(self, service: str = "sesv2", region: str = "us-east-1"):
        """Makes a boto3 client of the sandbox: somebody who works behind chanplan's back."""
        client = (self._session or boto3.Session()).client(
            service,
            region_name=region,
            endpoint_url=self.environment[f"AWS_ENDPOINT_URL_{service.upper()}"],
            aws_access_key_id="sandbox",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self._clients.append(client)
        return client

    def state(self) -> Snapshot:
        """Returns what the state remembers."""
        return snapshot_in(self.folder)

    def calls(self) -> list[str]:
        """Returns the operations that were called so far and can change something."""
        with self.controls() as controls:
            names = [call.operation for call in controls.calls()]
        return [name for name in names if not name.partition(":")[2].startswith(READS)]

    def objects(self) -> dict[tuple[str, ...], object]:
        """Returns everything that the services hold, with our ids as addresses."""
        return objects_in(
            self.directory, {resource.id: str(at) for at, resource in self.state().resources.items()}
        )

    def everything(self) -> str:
        """Returns all that the next command will find, half-done work included, without times of day."""
        state = self.state()
        ids = {resource.id: str(at) for at, resource in state.resources.items()}
        ids = {intent.resource_id: f"begun {intent.address}" for intent in state.intents} | ids
        services = [[*key, value] for key, value in sorted(objects_in(self.directory, ids).items())]
        intents = [
            [intent.kind, str(intent.address), ids[intent.resource_id], intent.changed, lasting(intent.facts)]
            for intent in state.intents
        ]
        observations = {
            str(at): [lasting(seen.facts), str(seen.verdicts), seen.gate and seen.gate.state]
            for at, seen in state.observations.items()
        }
        spent = [[str(entry.address), entry.action, entry.reason] for entry in state.acknowledgements]
        return json.dumps([services, remembered(state), intents, observations, spent], sort_keys=True)

    def world(self) -> dict[str, object]:
        """Returns the state and the services in a form that two runs to the same end share."""
        return {"state": remembered(self.state()), "services": self.objects()}


def copied(root: Path, target: Path) -> Path:
    """Copies a scene that nobody uses."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(root, target)
    return target


def snapshot_in(folder: Path) -> Snapshot:
    """Returns what the state of a workspace remembers."""
    store = SqliteStore(folder / "state" / "chanplan.db")
    try:
        return store.load()
    finally:
        store.close()


def remembered(snapshot: Snapshot) -> dict[str, object]:
    """Returns a state without ids and times of day."""
    resources = {}
    for address, resource in snapshot.resources.items():
        document = encode_resource(replace(resource, id=str(address), facts=lasting(resource.facts)))
        resources[str(address)] = {name: value for name, value in document.items() if name not in TIMES}
    return {
        "resources": resources,
        "open intents": [(str(intent.address), intent.kind.value) for intent in snapshot.intents],
    }


def lasting(facts: Mapping[str, object]) -> dict[str, object]:
    """Returns facts without times of day."""
    return {name: None if name in TIMES else _lasting(value) for name, value in facts.items()}


def _lasting(value: object) -> object:
    if isinstance(value, Mapping):
        return lasting(value)
    return [_lasting(each) for each in value] if isinstance(value, list) else value


def objects_in(directory: Path, addresses: Mapping[str, str]) -> dict[tuple[str, ...], object]:
    """Returns what a sandbox holds, each id of ours replaced by the address that has it."""
    connection = sqlite3.connect(directory / "sandbox.db")
    try:
        rows = connection.execute("SELECT account, region, kind, key, value FROM objects").fetchall()
    finally:
        connection.close()
    pattern = re.compile("|".join(map(re.escape, addresses)) or r"(?!)")
    return {
        (account, region, kind, key): settled(
            json.loads(pattern.sub(lambda found: addresses[found[0]], value))
        )
        for account, region, kind, key, value in rows
    }


def settled(value: object) -> object:
    """Returns an object without what SES notes down when somebody asks for its verification."""
    if isinstance(value, dict):
        return {
            name: {key: said for key, said in inner.items() if key not in SEARCH}
            if name == "search"
            else settled(inner)
            for name, inner in value.items()
        }
    return value


def address(text: str) -> Address:
    """Reads an address."""
    kind, _, name = text.partition(".")
    return Address(kind, name)
