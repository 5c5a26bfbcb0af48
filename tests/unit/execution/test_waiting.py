"""Waiting for gates, in virtual time."""

from chanplan.execution.waiting import Polled, poll_gates
from chanplan.model.events import Event, GatePolled
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.records import Outcome
from tests.unit.execution.scene import Scene, at, declare, email, key, setup


def _waiting() -> tuple[Scene, tuple[Gate, ...]]:
    scene = Scene()
    scene.apply(declare(setup()))
    result = scene.apply(declare(setup(), email()))
    scene.events.clear()
    scene.world.calls.clear()
    return scene, result.gates


def _poll(scene: Scene, gates: tuple[Gate, ...], patience: float) -> Polled:
    return poll_gates(
        gates,
        scene.store,
        scene.providers,
        scene.checker,
        scene.clock,
        scene.hear,
        scene.stop,
        patience=patience,
    )


def _intervals(events: list[Event]) -> list[float]:
    return [event.next_in for event in events if isinstance(event, GatePolled)]


def test_pending_gates_are_looked_at_less_and_less_often():
    """After 2 seconds, then twice as long each time up to a minute, and never beyond the time that is left."""
    scene, gates = _waiting()

    polled = _poll(scene, gates, 200)

    assert (polled.moved, [gate.state for gate in polled.gates]) == (False, [GateState.PENDING])
    assert _intervals(scene.events) == [4, 8, 16, 32, 60, 60, 18, 0]
    assert scene.clock.monotonic() == 200


def test_a_gate_that_opens_ends_the_wait():
    """The next look finds it, and what was seen is stored."""
    scene, gates = _waiting()
    scene.listener = lambda _event: scene.verify() if scene.clock.monotonic() > 5 else None

    polled = _poll(scene, gates, 3600)

    assert (polled.moved, [gate.state for gate in polled.gates]) == (True, [GateState.OPEN])
    assert scene.clock.monotonic() == 2 + 4 + 8
    stored = scene.store.load().observations[at("ses_setup.mail")]
    assert (stored.gate, stored.facts["dkim_status"]) == (polled.gates[0], "SUCCESS")
    assert {verdict.outcome for verdict in stored.verdicts} == {Outcome.VERIFIED}


def test_a_gate_that_expires_ends_the_wait():
    """There is nothing left to wait for."""
    scene, gates = _waiting()
    scene.world.report(key("identity", "mail.example"), dkim_status="FAILED")

    polled = _poll(scene, gates, 3600)

    assert (polled.moved, [gate.state for gate in polled.gates]) == (True, [GateState.EXPIRED])


def test_a_gate_that_stays_expired_is_waited_on():
    """Trying again at once wouldn't help: the records are still missing."""
    scene, gates = _waiting()
    scene.world.report(key("identity", "mail.example"), dkim_status="FAILED")
    expired = _poll(scene, gates, 3600).gates

    polled = _poll(scene, expired, 100)

    assert (polled.moved, [gate.state for gate in polled.gates]) == (False, [GateState.EXPIRED])


def test_only_the_setups_that_are_waited_for_are_read():
    """One direct read of one setup a look."""
    scene, gates = _waiting()

    _poll(scene, gates, 1)

    assert {call.name for call in scene.world.calls} == {"mail", "mail.example", "mail/mail.example"}
    assert len(scene.world.calls) == 6


def test_a_stop_ends_the_wait():
    """Nobody waits for a person who wants to leave."""
    scene, gates = _waiting()
    scene.stop.ask()

    polled = _poll(scene, gates, 3600)

    assert polled == Polled(gates, moved=False)
    assert scene.world.calls == []


def test_a_setup_that_was_never_made_stays_pending():
    """There is nothing to read yet."""
    scene = Scene()
    gate = Gate(GateKind.DNS_VERIFIED, at("ses_setup.none"), GateState.PENDING)

    polled = _poll(scene, (gate,), 1)

    assert [each.state for each in polled.gates] == [GateState.PENDING]
