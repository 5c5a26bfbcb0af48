"""From what planner, engine and services say to what the caller of the API is told."""

from chanplan.execution.results import Result
from chanplan.model.addresses import Address
from chanplan.model.channel_errors import (
    ChannelError,
    Conflict,
    ServiceFailed,
    ServiceTimedOut,
    Unprepared,
)
from chanplan.model.errors import StateError, StateUnwritable
from chanplan.model.gates import Gate, GateKind
from chanplan.model.plans import Plan, Refusal
from chanplan.model.problems import Problem
from chanplan.model.requests import Reading
from chanplan.model.snapshots import IntentKind, Snapshot
from chanplan.model.values import Value

TIMED_OUT = frozenset({"no_answer", "outcome_unknown"})
"""Codes of providers for calls that were sent and to which no proper answer came."""

_CODES = {
    "foreign_object": "foreign_object",
    "orphan": "orphan",
    # Of the state, only a part was shown to the planner.
    "state_lost": "orphan",
    "ambiguous": "ambiguous",
    "protected": "prevent_destroy",
    "setup_in_use": "setup_in_use",
    "phone_numbers_assigned": "phone_numbers_assigned",
    "pool_missing": "pool_missing",
    "tier_from_newer_version": "pool_missing",
    "profile_not_found": "profile_not_approved",
}
"""By the code of a refusal: that of the conflict. Anything else is `refused`."""
_ORPHAN = (
    "Such an object exists at the service and carries this workspace's mark, but the state doesn't know it."
)


def refused(plan: Plan) -> Conflict:
    """Give the error for a plan that may not be applied."""
    return _conflict(plan.refusals[0])


def _conflict(refusal: Refusal) -> Conflict:
    code = _CODES.get(refusal.code, "refused")
    lost = refusal.code == "state_lost"
    data: dict[str, Value] = {} if code != "refused" else {"refusal": refusal.code}
    return Conflict(
        code,
        _ORPHAN if lost else refusal.reason,
        remedy="Let people bring it under control: `chanplan discover` finds it." if lost else refusal.remedy,
        data=data,
    )


def closed(gate: Gate) -> Conflict:
    """Give the error for a gate that isn't open: what is made waits for nothing."""
    code = "dns_not_verified" if gate.kind is GateKind.DNS_VERIFIED else "profile_not_approved"
    return Conflict(
        code,
        gate.detail or f"{gate.kind} of {gate.on} is {gate.state}.",
        remedy=" ".join(f"{step.rstrip('.')}." for step in gate.todo) or "Look again later.",
        data={"state": gate.state.value, "todo": list(gate.todo)},
    )


def unreadable(reading: Reading) -> ServiceFailed:
    """Give the error for a service that couldn't be asked: nothing was begun."""
    entry = reading.unreadable[0]
    return failed_by(entry.problem, entry.scope.provider, None)


def failed_by(problem: Problem, service: str, unfinished: str | None) -> ServiceFailed:
    """Give the error for what a service said, or didn't."""
    data: dict[str, Value] = {"service": service}
    if unfinished is not None:
        data["unfinished"] = unfinished
    kind = ServiceTimedOut if problem.code in TIMED_OUT else ServiceFailed
    return kind(problem.code, problem.message, remedy=problem.remedy, data=data)


def ended_badly(
    result: Result, service: str, address: Address, snapshot: Snapshot
) -> ChannelError | StateError:
    """Give the error for a change that didn't come to its end; `snapshot` is what the state says since."""
    if result.problems:
        problem = result.problems[0]
        return StateUnwritable(problem.message, remedy=problem.remedy, code=problem.code)
    if not result.failed:
        return Unprepared(
            "stopping", "The service is being stopped, and nothing was begun.", remedy="Repeat the request."
        )
    problem = result.failed[0].problem
    if problem.code == "changed_since_plan":
        return Conflict("changed_meanwhile", problem.message, remedy="Repeat the request.")
    if problem.code in ("foreign_object", "orphan"):
        return Conflict(problem.code, problem.message, remedy=problem.remedy)
    return failed_by(problem, service, unfinished_at(address, snapshot))


def unfinished_at(address: Address, snapshot: Snapshot) -> str | None:
    """Give the id of what was begun at an address and isn't finished, be it making or deleting; None where nothing is."""
    for intent in snapshot.intents:
        if intent.address == address and intent.kind in (IntentKind.CREATE, IntentKind.DELETE):
            return intent.resource_id
    held = snapshot.resources.get(address)
    return held.id if held is not None and not held.complete else None
