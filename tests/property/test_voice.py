"""What holds for every apply of voice lines: numbers and names in any hands, other setups and profiles, a kill anywhere."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.configuration import Configuration
from chanplan.model.kinds.use_case import numbers_of
from chanplan.model.requests import Request
from chanplan.providers.memory.world import Part
from tests.property.generated import FEW, seldom
from tests.property.kills import WatchedStore, WatchedWorld, survivors, watch
from tests.unit.execution.scene import ALLOWED, Scene, declare, line, voice_setup

NUMBERS = tuple(f"+1415555010{digit}" for digit in range(5))
PROFILES = ("BU1", "BU2", "BU3")
DESTROY = Request(destroy=True, allow_all=True)
RUNS = 5
"""Runs within which everything is done."""


@dataclass(frozen=True)
class Line:
    """A line as it is declared."""

    key: str
    name: str
    on: str
    url: str | None
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A workspace as it is declared, in few words."""

    profiles: tuple[str, str]
    lines: tuple[Line, ...]

    @property
    def configuration(self) -> Configuration:
        """Spell it out."""
        setups = [voice_setup(name, sid) for name, sid in zip(("one", "two"), self.profiles, strict=True)]
        lines = [
            line(
                each.key, *each.numbers, on=each.on, name=each.name, voice={"url": each.url, "method": "POST"}
            )
            for each in self.lines
        ]
        return declare(*setups, *lines)


@st.composite
def workspaces(draw: st.DrawFn) -> Asked:
    """Up to four lines on two setups, with numbers, names and profiles in any hands."""
    profiles = (draw(st.sampled_from(PROFILES)), draw(st.sampled_from(PROFILES)))
    keys = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4))
    names = draw(st.permutations("abcd")) if draw(seldom) else list("abcd")
    holders: dict[str, list[str]] = {key: [] for key in keys}
    for number in NUMBERS if keys else ():
        if draw(st.booleans()):
            holders[draw(st.sampled_from(keys))].append(number)
    lines = tuple(
        Line(
            key,
            names["abcd".index(key)],
            draw(st.sampled_from(["one", "one", "two"])),
            draw(st.sampled_from([None, "https://voice.example/"])),
            tuple(holders[key]),
        )
        for key in keys
    )
    return Asked(profiles, lines)


def opened(store: WatchedStore, world: WatchedWorld) -> Scene:
    """Open a workspace whose account owns all numbers."""
    scene = Scene(store, world, parallelism=1, list_lag=3)
    if not world.parts():
        scene.own(*NUMBERS)
        for profile in PROFILES:
            scene.review(profile)
    return scene


def settled(scene: Scene, configuration: Configuration, request: Request = ALLOWED) -> bool:
    """Apply until nothing is left to do; False, and nothing done, when the plan is refused."""
    if not scene.plan(configuration, request).applyable:
        return False
    for _ in range(RUNS):
        result = scene.apply(configuration, request)
        if result.word == "done" and not result.done:
            return True
    raise AssertionError(result)


def service(scene: Scene) -> dict[str, Any]:
    """Give what is at the service: lines by name with their numbers, each with its profile."""
    parts: list[Part] = [part for key, part in scene.world.parts().items() if key.part == "application"]
    by = {key[3:]: part for key, part in scene.world.parts().items()}
    found: dict[str, Any] = {}
    for part in parts:
        numbers = {
            each.name: by.get(("assignment", str(each.attributes["sid"]).lower()))
            for (sort, _), each in by.items()
            if sort == "number" and each.attributes["application_sid"] == part.name
        }
        found.setdefault(f"{part.attributes['name']}", []).append(
            {
                "voice": part.attributes["voice"],
                "numbers": {
                    number: None if assignment is None else assignment.attributes["profile_sid"]
                    for number, assignment in numbers.items()
                },
            }
        )
    assigned = [key for key in by if key[0] == "assignment"]
    return {**found, "assignments": len(assigned)}


def declared(configuration: Configuration) -> dict[str, Any]:
    """Give what a configuration asks of the service, in the same form."""
    found: dict[str, Any] = {}
    count = 0
    for address, each in configuration.resources.items():
        if address.kind != "use_case":
            continue
        profile = configuration.resources[each.references[0]].attributes["customer_profile"]
        assert isinstance(profile, dict)
        numbers = numbers_of(each.attributes)
        count += len(numbers)
        found[f"{each.attributes['name']}"] = [
            {"voice": each.attributes["voice"], "numbers": dict.fromkeys(numbers, profile["sid"])}
        ]
    return {**found, "assignments": count}


@FEW
@given(st.lists(workspaces(), min_size=1, max_size=3))
def test_what_is_declared_is_what_is_there(asked: list[Asked]) -> None:
    """After applies and edits, and the plan of what was applied is empty; a destroy leaves nothing."""
    scene = opened(WatchedStore(), WatchedWorld())
    reached = None
    for configuration in (each.configuration for each in asked):
        if settled(scene, configuration):
            reached = configuration
            plan = scene.plan(configuration)
            assert (plan.effective, plan.drift, plan.refusals) == ((), (), ())
            assert service(scene) == declared(configuration)
    if reached is not None and settled(scene, reached, DESTROY):
        assert (service(scene), dict(scene.resources)) == ({"assignments": 0}, {})


@FEW
@given(workspaces(), workspaces(), workspaces(), st.data())
def test_a_kill_and_an_edit_lose_nothing(
    before: Asked, during: Asked, after: Asked, data: st.DataObject
) -> None:
    """Whatever is declared by the time of the next run is what is there in the end, and nothing else."""
    store, world = WatchedStore(), WatchedWorld()
    scene = opened(store, world)
    settled(scene, before.configuration)
    moments = watch(store, world)
    if scene.plan(during.configuration).applyable:
        scene.apply(during.configuration)

    killed = data.draw(st.sampled_from(range(len(moments))))
    scene = opened(*survivors(moments[killed]))
    wanted = (each.configuration for each in (after, during, before))
    reached = next((each for each in wanted if settled(scene, each)), None)

    if reached is not None:
        plan = scene.plan(reached)
        assert (plan.effective, plan.drift, plan.refusals) == ((), (), ())
        assert service(scene) == declared(reached)
        assert scene.store.load().intents == ()
        known = {resource.facts.get("application_sid") for resource in scene.resources.values()}
        assert len(known - {None}) == len(service(scene)) - 1
