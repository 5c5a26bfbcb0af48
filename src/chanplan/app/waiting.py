"""Waiting for gates without applying anything."""

from collections.abc import Sequence

from chanplan.app.looking import look, remembered
from chanplan.app.workspace import Workspace
from chanplan.execution.waiting import STILL, look_once, poll_gates
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.events import GatePolled, Listener
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.kinds.registry import KINDS

SETUPS = frozenset({"ses_setup", "twilio_setup"})
"""The kinds on which there are gates."""


def wait(
    workspace: Workspace, address: Address | None, timeout: float, listener: Listener
) -> tuple[Gate, ...]:
    """Poll the gates of setups until none is pending or the time is up, and give them as they are then.

    `address` narrows it to one setup, or to the setup of one use case.

    Raises:
        Misused: the address isn't known.
    """
    until = workspace.clock.monotonic() + timeout
    setups = _setups(workspace, address)
    gates = (
        *(
            seen.observation.gate
            for seen in look(workspace, [one for one in setups if one.kind == "ses_setup"])
            if seen.observation is not None and seen.observation.gate is not None
        ),
        *_profile_gates(workspace, [one for one in setups if one.kind == "twilio_setup"]),
    )
    for gate in gates:
        listener(GatePolled(gate, 0.0))
    settled = [gate for gate in gates if gate.state not in STILL]
    pending = [gate for gate in gates if gate.state in STILL]
    while pending and not workspace.stop.asked and (left := until - workspace.clock.monotonic()) > 0:
        polled = poll_gates(
            pending,
            workspace.store,
            workspace.providers,
            workspace.checker,
            workspace.clock,
            listener,
            workspace.stop,
            patience=left,
            receiving_regions=workspace.configuration.receiving_regions,
        )
        settled += [gate for gate in polled.gates if gate.state not in STILL]
        pending = [gate for gate in polled.gates if gate.state in STILL]
    return (*settled, *pending)


def _profile_gates(workspace: Workspace, setups: Sequence[Address]) -> tuple[Gate, ...]:
    """Customer profiles are listed, not read one by one: there may be hundreds in an account."""
    unjudged = [
        Gate(GateKind.PROFILE_APPROVED, seen.resource.address, GateState.UNKNOWN)
        for seen in remembered(workspace, setups)
    ]
    return look_once(
        unjudged,
        workspace.store,
        workspace.providers,
        workspace.checker,
        workspace.clock,
        receiving_regions=workspace.configuration.receiving_regions,
    )


def _setups(workspace: Workspace, address: Address | None) -> tuple[Address, ...]:
    resources = workspace.store.load().resources
    if address is None:
        return tuple(sorted(one for one in resources if one.kind in SETUPS))
    if address.kind in SETUPS:
        return (address,)
    declared = workspace.configuration.resources.get(address)
    attributes = (
        resources[address].attributes
        if address in resources
        else None
        if declared is None
        else declared.attributes
    )
    need = None if attributes is None else KINDS[address.kind].gate_of(attributes)
    if need is None:
        raise Misused(
            f"{address} waits for no gate.",
            remedy="Name a use case or a setup that is declared.",
            code="no_gate",
        )
    return (need.on,)
