"""What an apply will cost: calls, and seconds at the known quotas."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chanplan.model.plans import Change, Edge, Estimate
from chanplan.model.scopes import Place, Scope
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
    """Count the calls of all changes that an apply can begin now, and say how long it takes at the known quotas.
    `records` are the DNS records that a gate looks up."""
    work = _work_of(changes, edges, costs)
    calls: Counter[str] = Counter({"ses": 0, "twilio": 0, "dns": records})
    for queue, queued in work.queues.items():
        calls[queue.place[0]] += queued.calls
    return Estimate(dict(calls), round(max(work.chain, work.drained), 1))


def together(first: Estimate, second: Estimate) -> Estimate:
    """Give what two parts of a run cost, one after the other."""
    calls = Counter(first.calls)
    calls.update(second.calls)
    return Estimate(dict(calls), round(first.seconds + second.seconds, 1))


def lower_bound(changes: Iterable[Change], edges: Iterable[Edge], costs: Costs) -> float:
    """Give the seconds that no order of the calls can beat: the longer of the busiest quota and the longest chain
    of steps."""
    work = _work_of(changes, edges, costs)
    return max(work.chain, work.busiest)


def _reachable(
    changes: Sequence[Change], edges: Sequence[Edge], costs: Costs
) -> Iterator[tuple[Change, Mapping[str, int]]]:
    """Give the changes that call a service and wait for nothing, with their calls."""
    waiting = followers((change.address for change in changes if change.waits), edges)
    for change in changes:
        if change.calls_service and change.address not in waiting:
            yield change, costs.calls_of(change)


class _Queue(NamedTuple):
    # Quotas belong to accounts and regions, whatever alias reaches them.
    place: Place
    operation: str


@dataclass(slots=True)
class _Queued:
    rate: float | None
    calls: int = 0
    shortest: float = float("inf")
    """Seconds of the shortest step that calls it: before the first call, and after the last one, there is that much
    else to do."""


@dataclass(frozen=True, slots=True)
class _Work:
    queues: Mapping[_Queue, _Queued]
    chain: float

    @property
    def busiest(self) -> float:
        return max(((each.calls - 1) / each.rate for each in self.queues.values() if each.rate), default=0.0)

    @property
    def drained(self) -> float:
        return max(
            ((each.calls - 1) / each.rate + each.shortest for each in self.queues.values() if each.rate),
            default=0.0,
        )


def _work_of(changes: Iterable[Change], edges: Iterable[Edge], costs: Costs) -> _Work:
    changes, edges = tuple(changes), tuple(edges)
    queues: dict[_Queue, _Queued] = {}
    seconds = {}
    for change, needed in _reachable(changes, edges, costs):
        steps = steps_of(change)
        latency = SECONDS_PER_CALL * sum(needed.values()) / len(steps)
        for step in steps:
            seconds[step] = latency
        for operation, count in needed.items():
            queue = _Queue(change.scope.place, operation)
            if queue not in queues:
                queues[queue] = _Queued(costs.rate_of(change.scope, operation))
            queued = queues[queue]
            queued.calls += count
            queued.shortest = min(queued.shortest, latency)
    chain = longest_chain(seconds, (edge for edge in edges if edge.first in seconds and edge.then in seconds))
    return _Work(queues, chain)
