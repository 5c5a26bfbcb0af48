"""One gate in words, and who waits before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.plans import Change
from chanplan.render.phrases import moment
from chanplan.render.printable import line, lines

_GATE_STATES = {
    GateState.PENDING: "pending",
    GateState.OPEN: "open",
    GateState.FAILED: "failed, it won't open by itself",
    GateState.EXPIRED: "expired, the service stopped looking",
    GateState.UNKNOWN: "unknown, nobody could say",
}

_PROFILE_STATES = {
    GateState.PENDING: "pending",
    GateState.FAILED: "failed, it stays so until the profile is corrected",
    GateState.EXPIRED: "expired, the approval has ended",
}

URGENCY = (GateState.FAILED, GateState.EXPIRED, GateState.UNKNOWN, GateState.PENDING, GateState.OPEN)
"""The order in which gates are shown: what won't open by itself needs a person first."""


@dataclass(frozen=True, slots=True)
class GateView:
    """One gate that isn't open, and who waits before it."""

    name: str
    on: str
    state: GateState
    words: str
    times: str
    """Since when, and until when the service looks; or nothing."""
    detail: tuple[str, ...]
    todo: tuple[tuple[str, ...], ...]
    waiting: tuple[str, ...]


def gate_view(gate: Gate, waiting: Iterable[str], *, made: bool = False) -> GateView:
    """Make the view of one gate. `made` says that what it is on was made after the gate was judged: then nothing is
    known of a domain yet, while a customer profile was there before."""
    times = []
    if gate.since is not None:
        times.append(f"since {moment(gate.since)}")
    if gate.deadline is not None:
        times.append(f"the service looks until {moment(gate.deadline)}")
    return GateView(
        name=gate_name(gate),
        on=line(str(gate.on)),
        state=gate.state,
        words=_PROFILE_STATES.get(gate.state, _GATE_STATES[gate.state])
        if gate.kind is GateKind.PROFILE_APPROVED
        else _GATE_STATES[gate.state],
        times="; ".join(times),
        detail=("It is made now.",) if made and gate.kind is GateKind.DNS_VERIFIED else lines(gate.detail),
        todo=tuple(lines(step) for step in gate.todo),
        waiting=tuple(waiting),
    )


def gate_views(changes: Sequence[Change]) -> tuple[GateView, ...]:
    """Make the views of the gates that changes wait for, each once, what won't open by itself first."""
    waiting: dict[tuple[str, str], list[str]] = {}
    gates: dict[tuple[str, str], Gate] = {}
    for change in changes:
        if change.gate is not None and change.waits:
            key = (str(change.gate.on), change.gate.kind.value)
            gates.setdefault(key, change.gate)
            waiting.setdefault(key, []).append(line(str(change.address)))
    ranked = sorted(gates, key=lambda key: (URGENCY.index(gates[key].state), key))
    return tuple(gate_view(gates[key], waiting[key]) for key in ranked)


def gate_name(gate: Gate) -> str:
    """Give what a gate waits for, as people write it."""
    return {GateKind.DNS_VERIFIED: "dns_verified", GateKind.PROFILE_APPROVED: "profile_approved"}[gate.kind]
