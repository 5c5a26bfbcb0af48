"""What an apply will cost: calls, and seconds at the known quotas."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from chanplan.model.plans import Change, Edge, Estimate
from chanplan.model.scopes import Scope
from chanplan.planning.edges import steps_of
from chanplan.planning.graph import followers, longest_chain

SECONDS_PER_CALL = 0.15
"""A usual round trip to a control plane, where no quota is slower."""


@dataclass(frozen=True, slots=True)
class Costs:
    """How dear calls are."""

    calls_of: Callable[[Change], Mapping[str, int]]
    """The calls that a change makes, by operation."""
    rate_of: Callable[[Scope, str], float | None]
    """Requests a second that are allowed of an operation; None without a limit."""


def estimate(changes: Iterable[Change], edges: Iterable[Edge], records: int, costs: Costs) -> Estimate:
    """Count the calls of all changes that an apply can begin now, and bound its time from below.

    The bound is the longer of the busiest quota and the longest chain of steps. `records` are the DNS records that
    a gate looks up.
    """
    changes, edges = tuple(changes), tuple(edges)
    waiting = followers((change.address for change in changes if change.waits), edges)
    calls: Counter[str] = Counter({"ses": 0, "twilio": 0, "dns": records})
    queues: Counter[tuple[Scope, str]] = Counter()
    seconds = {}
    for change in changes:
        if not change.calls_service or change.address in waiting:
            continue
        needed = costs.calls_of(change)
        calls[change.provider] += sum(needed.values())
        queues.update({(change.scope, operation): count for operation, count in needed.items()})
        steps = steps_of(change)
        for step in steps:
            seconds[step] = SECONDS_PER_CALL * sum(needed.values()) / len(steps)
    busiest = 0.0
    for (scope, operation), count in queues.items():
        rate = costs.rate_of(scope, operation)
        if rate:
            busiest = max(busiest, (count - 1) / rate)
    chain = longest_chain(seconds, (edge for edge in edges if edge.first in seconds and edge.then in seconds))
    return Estimate(dict(calls), round(max(busiest, chain), 1))
