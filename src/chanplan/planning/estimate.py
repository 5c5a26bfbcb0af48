"""What an apply will cost: calls, and seconds at the known quotas."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


def demand(changes: Iterable[Change], edges: Iterable[Edge], costs: Costs) -> Mapping[tuple[Scope, str], int]:
    """Count the calls of all changes that an apply can begin now, by scope and operation."""
    calls: Counter[tuple[Scope, str]] = Counter()
    for change, needed in _reachable(tuple(changes), tuple(edges), costs):
        calls.update({(change.scope, operation): count for operation, count in needed.items()})
    return calls


def estimate(changes: Iterable[Change], edges: Iterable[Edge], records: int, costs: Costs) -> Estimate:
    """Count the calls of all changes that an apply can begin now, and bound its time from below.

    The bound is the longer of the busiest quota and the longest chain of steps. `records` are the DNS records that
    a gate looks up.
    """
    changes, edges = tuple(changes), tuple(edges)
    calls: Counter[str] = Counter({"ses": 0, "twilio": 0, "dns": records})
    queues: Counter[tuple[tuple[str, str | None, str | None], str]] = Counter()
    rates: dict[tuple[tuple[str, str | None, str | None], str], float] = {}
    seconds = {}
    for change, needed in _reachable(changes, edges, costs):
        calls[change.provider] += sum(needed.values())
        for operation, count in needed.items():
            # Quotas belong to accounts and regions, whatever alias reaches them.
            queue = (change.scope.place, operation)
            queues[queue] += count
            if queue not in rates:
                rates[queue] = costs.rate_of(change.scope, operation) or 0.0
        steps = steps_of(change)
        for step in steps:
            seconds[step] = SECONDS_PER_CALL * sum(needed.values()) / len(steps)
    busiest = max(
        ((count - 1) / rates[queue] for queue, count in queues.items() if rates[queue]), default=0.0
    )
    chain = longest_chain(seconds, (edge for edge in edges if edge.first in seconds and edge.then in seconds))
    return Estimate(dict(calls), round(max(busiest, chain), 1))


def _reachable(
    changes: Sequence[Change], edges: Sequence[Edge], costs: Costs
) -> Iterator[tuple[Change, Mapping[str, int]]]:
    """Give the changes that call a service and wait for nothing, with their calls."""
    waiting = followers((change.address for change in changes if change.waits), edges)
    for change in changes:
        if change.calls_service and change.address not in waiting:
            yield change, costs.calls_of(change)
