"""The dependency graph of steps: order, cycles, what belongs to a target, the longest chain."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from chanplan.model.addresses import Address
from chanplan.model.plans import Change, Edge, Step

if TYPE_CHECKING:
    import networkx as nx


def cycle_of(edges: Iterable[Edge]) -> tuple[Step, ...]:
    """Give the steps of one cycle, or nothing when there is none."""
    import networkx as nx

    graph = _graph(edges)
    if nx.is_directed_acyclic_graph(graph):
        return ()
    return tuple(step for step, _ in nx.find_cycle(graph))


def levels(steps: Iterable[Step], edges: Iterable[Edge]) -> tuple[tuple[Step, ...], ...]:
    """Group steps into generations: each depends on earlier ones only. Sorted, so that the result is stable."""
    import networkx as nx

    graph = _graph(edges)
    graph.add_nodes_from(steps)
    return tuple(tuple(sorted(generation)) for generation in nx.topological_generations(graph))


def closure(
    targets: Iterable[Address], changes: Mapping[Address, Change], edges: Iterable[Edge]
) -> frozenset[Address]:
    """Give the targets with all that must be done before them: what a target that stays depends on, and what
    depends on a target that goes."""
    before: dict[Address, set[Address]] = {}
    for edge in edges:
        before.setdefault(edge.then.address, set()).add(edge.first.address)
    found: set[Address] = set()
    open_ends = [address for address in targets if address in changes]
    while open_ends:
        address = open_ends.pop()
        if address in found:
            continue
        found.add(address)
        open_ends.extend(before.get(address, ()))
        if changes[address].after is not None:
            open_ends.extend(reference for reference in changes[address].depends_on if reference in changes)
    return frozenset(found)


def longest_chain(seconds: Mapping[Step, float], edges: Iterable[Edge]) -> float:
    """Give the length in seconds of the longest chain of steps that must follow one another."""
    import networkx as nx

    graph = _graph(edges)
    graph.add_nodes_from(seconds)
    ends: dict[Step, float] = {}
    for step in nx.topological_sort(graph):
        start = max((ends[first] for first in graph.predecessors(step)), default=0.0)
        ends[step] = start + seconds.get(step, 0.0)
    return max(ends.values(), default=0.0)


def _graph(edges: Iterable[Edge]) -> "nx.DiGraph[Step, dict[str, object], dict[str, object]]":
    import networkx as nx

    graph: nx.DiGraph[Step, dict[str, object], dict[str, object]] = nx.DiGraph()
    graph.add_edges_from((edge.first, edge.then) for edge in edges)
    return graph
