"""One apply in a process of its own, which is killed at one of its calls to the service."""

from collections.abc import Callable, Mapping
from pathlib import Path

from chanplan.model.configuration import Configuration
from chanplan.model.requests import Request
from chanplan.providers.memory.faults import Kill, Moment
from chanplan.providers.memory.world import MemoryWorld
from chanplan.stores.sqlite.store import SqliteStore
from tests.unit.execution.scene import ALLOWED, Scene, declare, email, pool, setup

RECEIVING = {"rule_set": "inbound", "actions": [{"s3": {"bucket": "acme-inbound"}}]}

BEFORE = declare(setup(), pool(), email())
DESTROY = Request(destroy=True, allow_all=True)

AFTERWARDS: Mapping[str, tuple[Configuration, Request]] = {
    "create": (declare(setup(), pool(), email(), setup("other", receiving=RECEIVING)), ALLOWED),
    "update": (
        declare(setup(mail_from="post", reputation_policy="strict", receiving=RECEIVING), pool(), email()),
        ALLOWED,
    ),
    "replace": (
        declare(setup(), pool(), email(email_type="marketing"), pool("mkt", family="marketing")),
        ALLOWED,
    ),
    "replace, create first": (declare(setup(), pool(pool_name="fresh"), email()), ALLOWED),
    "delete": (declare(setup(), pool()), ALLOWED),
    "destroy": (BEFORE, DESTROY),
}
"""What is asked of the workspace that `prepare` made."""


def open_scene(folder: Path) -> Scene:
    """Open the workspace that is kept in a folder."""
    return Scene(
        SqliteStore(folder / "state.db"),
        MemoryWorld(folder / "world.json"),
        folder=folder,
        parallelism=1,
    )


def settle(
    scene: Scene, verify: Callable[[Scene], None], configuration: Configuration, request: Request
) -> None:
    """Apply until nothing is left to do, playing the domain's owner in between."""
    for _ in range(4):
        result = scene.apply(configuration, request)
        verify(scene)
        if result.word == "done" and not result.done:
            return
    raise AssertionError(result)


def verify_all(scene: Scene) -> None:
    """Verify every domain that there is."""
    for each in scene.world.parts():
        if each.part == "identity":
            scene.verify(each.name.removesuffix(".example"))


def prepare(folder: Path) -> None:
    """Make the workspace that the walks start from."""
    scene = open_scene(folder)
    settle(scene, verify_all, BEFORE, ALLOWED)
    scene.store.close()


def run(folder: Path, scenario: str, call: int, moment: Moment) -> None:
    """Apply a scenario, and die at a call; returns only when it made fewer calls."""
    scene = open_scene(folder)
    verify_all(scene)
    scene.world.fault(Kill(), moment, call=call)
    configuration, request = AFTERWARDS[scenario]
    scene.apply(configuration, request)
    scene.store.close()


def calls(folder: Path, scenario: str) -> list[str]:
    """Give the operations that the scenario's first run calls, in order, when nothing disturbs it."""
    scene = open_scene(folder)
    verify_all(scene)
    configuration, request = AFTERWARDS[scenario]
    scene.apply(configuration, request)
    scene.store.close()
    return [call.operation for call in scene.world.calls]


def outcome(folder: Path, scenario: str) -> object:
    """Run again until nothing is left, and give everything that counts but ids and times."""
    scene = open_scene(folder)
    verify_all(scene)
    configuration, request = AFTERWARDS[scenario]
    settle(scene, verify_all, configuration, request)
    snapshot = scene.store.load()
    scene.store.close()
    ids = {resource.id for resource in snapshot.resources.values()}
    return {
        "objects": {key: dict(part.attributes) for key, part in scene.world.parts().items()},
        "strangers": [name for name, id in scene.marked().items() if id not in ids],
        "resources": {
            str(address): (resource.attributes, resource.complete, resource.facts.get("tier"))
            for address, resource in snapshot.resources.items()
        },
        "intents": snapshot.intents,
    }
