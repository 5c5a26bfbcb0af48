"""What a refresh asks, and what it makes of the answers."""

from collections import Counter
from dataclasses import replace

from chanplan.execution.refresh import refresh
from chanplan.model.errors import Transient
from chanplan.model.plans import RefreshMode
from chanplan.model.records import Outcome
from chanplan.model.requests import Reading
from chanplan.model.resources import Depth, Marks
from chanplan.providers.memory.faults import Fail
from chanplan.providers.memory.provider import MemoryProvider
from chanplan.providers.memory.world import Part
from tests.unit.execution.scene import SES, Scene, at, declare, email, key, pool, setup

EVERYTHING = declare(setup(), pool(), email())


def _made() -> Scene:
    scene = Scene()
    scene.apply(EVERYTHING)
    scene.verify()
    scene.apply(EVERYTHING)
    scene.plan(EVERYTHING)
    scene.world.calls.clear()
    return scene


def _read(scene: Scene, mode: RefreshMode, configuration=EVERYTHING, provider=None) -> Reading:
    providers = {"ses": provider or scene.provider}
    return refresh(configuration, scene.store.load(), providers, scene.checker, scene.clock, mode, scene.hear)


def _asked(scene: Scene) -> Counter[str]:
    return Counter(call.operation.partition("_")[0] for call in scene.world.calls)


def test_none_asks_nobody():
    """There is no call at all, and nothing is said to have been read."""
    scene = _made()
    scene.checker.asked.clear()

    assert _read(scene, RefreshMode.NONE) == Reading(RefreshMode.NONE)
    assert (scene.world.calls, scene.checker.asked) == ([], [])


def test_shallow_lists_what_is_unchanged():
    """A list for each kind and place, and not one direct read."""
    scene = _made()

    reading = _read(scene, RefreshMode.SHALLOW)

    assert _asked(scene) == {"list": 3}
    assert {address.kind: seen.depth for address, seen in reading.observed.items()} == {
        "ses_setup": Depth.LISTED,
        "sending_pool": Depth.LISTED,
        "use_case": Depth.LISTED,
    }
    assert (reading.mode, reading.at, reading.gone) == (RefreshMode.SHALLOW, scene.clock.now(), frozenset())


def test_shallow_reads_directly_what_changes():
    """What the plan will act on is looked at closely."""
    scene = _made()

    reading = _read(scene, RefreshMode.SHALLOW, declare(setup(mail_from="post"), pool(), email()))

    assert reading.observed[at("ses_setup.mail")].depth is Depth.DIRECT
    assert reading.observed[at("sending_pool.txn")].depth is Depth.LISTED


def test_what_a_list_lacks_is_gone_only_when_a_direct_read_says_so():
    """Lists lag behind what was just made."""
    scene = _made()
    lagging = MemoryProvider(scene.world, scene.provider._pacer, scene.clock, "acme", list_lag=60)
    scene.world.lose(key("pool", "txn"))

    reading = _read(scene, RefreshMode.SHALLOW, provider=lagging)

    assert reading.gone == {at("sending_pool.txn")}
    assert reading.observed[at("ses_setup.mail")].depth is Depth.DIRECT


def test_what_is_new_is_looked_at_when_its_name_is_taken():
    """Whose an existing object is, only a direct read tells."""
    scene = _made()
    scene.world.put(key("pool", "bulk"), Part("bulk"))

    reading = _read(scene, RefreshMode.SHALLOW, declare(setup(), pool(), email(), pool("bulk"), pool("free")))

    assert reading.observed[at("sending_pool.bulk")].marks == Marks(None, None)
    assert at("sending_pool.free") not in reading.observed
    assert reading.gone == frozenset()


def test_the_new_name_of_a_replacement_is_looked_for():
    """Its delete half would come first, so that a name that is taken must be known before."""
    scene = _made()
    scene.world.put(key("pool", "bulk"), Part("bulk"))

    reading = _read(scene, RefreshMode.SHALLOW, declare(setup(), pool(pool_name="bulk"), email()))

    assert {address: seen.marks for address, seen in reading.taken.items()} == {
        at("sending_pool.txn"): Marks(None, None)
    }


def test_deep_reads_everything_directly():
    """No list is asked, and every part of every object is."""
    scene = _made()

    reading = _read(scene, RefreshMode.DEEP)

    assert _asked(scene) == {"get": 9}
    assert {seen.depth for seen in reading.observed.values()} == {Depth.DIRECT}
    assert reading.observed[at("ses_setup.mail")].incomplete == ()


def test_missing_parts_and_drift_are_seen():
    """A direct read tells what should be there and isn't, and what is otherwise."""
    scene = _made()
    scene.world.lose(key("association", "mail/mail.example"))
    scene.world.alter(key("mail_from", "mail.example"), mail_from="theirs")

    seen = _read(scene, RefreshMode.DEEP).observed[at("ses_setup.mail")]

    assert (seen.incomplete, seen.attributes["mail_from"]) == (("association",), "theirs")


def test_a_place_that_cannot_be_read_does_not_stop_the_others():
    """It is listed with the reason, and nothing in it is said to be gone."""
    scene = _made()
    elsewhere = replace(SES, region="us-east-1")
    far = replace(pool("far"), scope=elsewhere)
    scene.world.fault(Fail(Transient("The endpoint is down.")), operation="list_ses_setup", times=9)

    reading = _read(scene, RefreshMode.SHALLOW, declare(setup(), pool(), email(), far))

    assert [(unread.scope, unread.problem.code) for unread in reading.unreadable] == [(SES, "transient")]
    assert reading.unreadable[0].problem.message == (
        "ses 123456789012 eu-west-1 couldn't be read: The endpoint is down."
    )
    assert reading.gone == frozenset()


def test_resources_of_a_provider_that_is_not_wired_are_left_unread():
    """They are neither gone nor unreadable."""
    scene = _made()

    reading = refresh(
        EVERYTHING, scene.store.load(), {}, scene.checker, scene.clock, RefreshMode.DEEP, scene.hear
    )

    assert (dict(reading.observed), reading.gone, reading.unreadable) == ({}, frozenset(), ())


def test_the_records_of_what_is_waited_for_are_looked_up():
    """All seven, with the tokens that the service gave."""
    scene = Scene()
    scene.apply(declare(setup()))

    reading = _read(scene, RefreshMode.SHALLOW, EVERYTHING)

    verdicts = reading.verdicts[at("ses_setup.mail")]
    assert [(verdict.record.purpose, verdict.outcome) for verdict in verdicts] == [
        (purpose, Outcome.MISSING)
        for purpose in ("dkim", "dkim", "dkim", "mail_from_mx", "spf", "dmarc", "inbound_mx")
    ]


class Taciturn(MemoryProvider):
    """Its lists tell that objects are there, and nothing of their verification, as some emulators' do."""

    def read_all(self, kind, scope, wanted):
        """Look for objects with lists only."""
        return {
            address: replace(seen, facts={})
            for address, seen in super().read_all(kind, scope, wanted).items()
        }


def test_a_setup_that_is_waited_for_is_read_directly_when_lists_dont_tell_how_it_stands():
    """Otherwise its gate could never open."""
    scene = Scene()
    scene.apply(EVERYTHING)
    taciturn = Taciturn(scene.world, scene.provider._pacer, scene.clock, "acme")

    reading = _read(scene, RefreshMode.SHALLOW, provider=taciturn)

    assert reading.observed[at("ses_setup.mail")].depth is Depth.DIRECT
