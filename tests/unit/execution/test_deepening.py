"""The oldest facts are checked first, each once before any twice, with what the quotas have to spare."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event

import pytest

from chanplan.execution.deepening import Deepening
from chanplan.model.errors import Rejected
from chanplan.model.events import Deepened, DeepeningAwaited
from chanplan.model.plans import RefreshMode
from chanplan.model.resources import Identity, Observed
from chanplan.model.snapshots import PutResource
from chanplan.planning.attention import attention
from tests.unit.execution.scene import SES, Scene, at, declare, email, key, pool, setup


def answering() -> Event:
    """Give the sign of a service that answers."""
    event = Event()
    event.set()
    return event


@dataclass
class Reader:
    """A provider whose readings are noted; one of a kind that is `refused` fails, and none ends before it `answers`."""

    scene: Scene
    refused: str = ""
    read_so_far: list[str] = field(default_factory=list)
    answers: Event = field(default_factory=answering)

    def read(self, identity: Identity) -> Observed | None:
        """Read as the scene's provider does."""
        self.read_so_far.append(str(identity.address))
        self.scene.clock.advance(1)
        self.answers.wait(20)
        if identity.address.kind == self.refused:
            raise Rejected("No.")
        return self.scene.provider.read(identity)


def made(use_cases: int = 1) -> Scene:
    """Give a workspace of a pool, a setup and use cases, all applied, which nobody read wholly."""
    scene = Scene()
    everything = declare(setup(), pool(), *(email(f"mail{number}") for number in range(use_cases)))
    scene.apply(everything)
    scene.verify()
    scene.apply(everything)
    observations = scene.store.load().observations.values()
    scene.store.observe([replace(seen, deep_at=None, differs=()) for seen in observations])
    scene.clock.advance(60)
    scene.events.clear()
    return scene


def deepening(scene: Scene, reader: Reader, calls: int = 1000) -> Deepening:
    """Give the check of one apply."""
    return Deepening(
        scene.store,
        {"ses": reader},
        scene.pacer,
        scene.clock,
        scene.stop,
        calls,
    )


def deepen(
    scene: Scene, reader: Reader, calls: int = 1000, without: frozenset[object] = frozenset()
) -> Deepened | None:
    """Check as an apply does that has nothing to do."""
    check = deepening(scene, reader, calls)
    check.begin(scene.store.load(), scene.clock.now(), without)
    found = check.finish(scene.hear)
    scene.clock.advance(60)
    return found


@pytest.mark.parametrize("calls", [1, 3, 7, 10])
def test_everything_once_before_anything_twice(calls):
    """However small the budget, repeated applies go around; what was never read comes first."""
    scene = made(use_cases=7)
    reader = Reader(scene)

    for _ in range(30):
        deepen(scene, reader, calls)

    rounds = [reader.read_so_far[start : start + 9] for start in range(0, len(reader.read_so_far) - 8, 9)]
    assert len(rounds) > 2
    assert all(sorted(each) == sorted(rounds[0]) and len(set(each)) == 9 for each in rounds)


def test_no_reading_is_begun_after_the_last_call():
    """The one under way is finished, so that the smallest budget makes headway, too."""
    scene = made(use_cases=3)
    scene.world.calls.clear()

    found = deepen(scene, Reader(scene), calls=1)

    assert found is not None
    assert (found.checked, found.calls, found.never) == (1, len(scene.world.calls), 4)


def test_what_differs_is_remembered_by_name():
    """The next plan reads it directly for that; no value is stored, and the serial stays."""
    scene = made()
    scene.world.alter(key("configuration_set", "acme_mail0"), email_type="marketing")
    serial = scene.store.load().serial

    found = deepen(scene, Reader(scene))

    state = scene.store.load()
    assert found is not None
    assert found.differing == (at("use_case.mail0"),)
    assert state.observations[at("use_case.mail0")].differs == ("email_type",)
    assert state.serial == serial
    assert attention(declare(), state, RefreshMode.SHALLOW).direct >= {at("use_case.mail0")}


def test_what_is_gone_is_remembered_so():
    """That nothing is there any more differs, too."""
    scene = made()
    scene.world.lose(key("pool", "txn"))

    deepen(scene, Reader(scene))

    assert scene.store.load().observations[at("sending_pool.txn")].differs == ("existence",)


def test_a_kind_that_cant_be_read_stops_no_other():
    """One failure ends the readings of that kind in that place; they keep their age and come first next time."""
    scene = made(use_cases=3)
    reader = Reader(scene, refused="use_case")

    found = deepen(scene, reader)

    assert found is not None
    assert (found.checked, found.never) == (2, 3)
    assert Counter(text.partition(".")[0] for text in reader.read_so_far) == {
        "sending_pool": 1,
        "ses_setup": 1,
        "use_case": 1,
    }


def test_unreadable_places_and_fresh_facts_are_left_out():
    """The refresh has just met the former's error, and has just read the latter."""
    scene = made()
    reader = Reader(scene)

    assert deepen(scene, reader, without=frozenset({SES.place})) is None
    check, since = deepening(scene, reader), scene.clock.now()
    check.leave_alone([at("use_case.mail0")])
    check.begin(scene.store.load(), since)
    check.finish(scene.hear)
    assert sorted(reader.read_so_far) == ["sending_pool.txn", "ses_setup.mail"]
    again = deepening(scene, reader)
    again.begin(scene.store.load(), since)
    again.finish(scene.hear)

    assert reader.read_so_far[2:] == ["use_case.mail0"]


def test_what_changed_meanwhile_isnt_overwritten():
    """A reading that may be older than the change says nothing."""
    scene = made()
    state = scene.store.load()
    check = deepening(scene, Reader(scene))
    held = state.resources[at("use_case.mail0")]
    scene.store.edit([PutResource(replace(held, updated_at=scene.clock.now()))])

    check.begin(state, scene.clock.now())
    found = check.finish(scene.hear)

    assert found is not None
    assert (found.checked, found.never) == (2, 1)


def test_a_stop_ends_it():
    """Nothing more is read, and nobody waits."""
    scene = made()
    scene.stop.ask()
    reader = Reader(scene)

    assert deepen(scene, reader) is None
    assert len(reader.read_so_far) <= 1


def test_a_service_that_doesnt_answer_keeps_nobody():
    """The time is up, that is said, and what comes later is stored no more."""
    scene = made()
    reader = Reader(scene, answers=Event())
    check = Deepening(scene.store, {"ses": reader}, scene.pacer, scene.clock, scene.stop, longest_tail=0.0)
    check.begin(scene.store.load(), scene.clock.now())

    found = check.finish(scene.hear)
    reader.answers.set()

    assert found is None
    assert scene.events == [DeepeningAwaited(0.0)]
    assert all(seen.deep_at is None for seen in scene.store.load().observations.values())


def test_what_a_clock_ahead_wrote_down_comes_first() -> None:
    """Nobody knows when that was, and it mustn't pass for fresh until the time has come."""
    scene = made(2)
    reader = Reader(scene)
    deepen(scene, reader)
    (first, *_) = sorted(scene.resources)
    seen = scene.store.load().observations[first]
    scene.store.observe([replace(seen, deep_at=scene.clock.now() + timedelta(days=30))])
    reader.read_so_far.clear()

    deepen(scene, reader, 1)

    assert reader.read_so_far == [str(first)]
