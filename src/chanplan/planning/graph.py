"""The dependency graph of steps: order, cycles, what belongs to a target, the longest chain."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from chanplan.model.addresses import Address
from chanplan.model.plans import Change, Edge, Step

if TYPE_CHECKING:
    import networkx as nx


def cycle_of(edges: Iterable[Edge]) -> tuple[Step, ...]:
    """Give the steps of one cycle, or nothing when there is none."""
    edges = tuple(edges)
    if not edges:
        return ()
    import networkx as nx

    graph, steps = _graph(edges)
    if nx.is_directed_acyclic_graph(graph):
        return ()
    return tuple(steps[number] for number, _ in nx.find_cycle(graph))


def on_cycles(edges: Iterable[Edge]) -> frozenset[Edge]:
    """Give the edges that lie on a cycle."""
    import networkx as nx

    edges = tuple(edges)
    graph, steps = _graph(edges)
    numbers = {step: number for number, step in enumerate(steps)}
    ring = {
        number: members
        for members in map(frozenset, nx.strongly_connected_components(graph))
        for number in members
    }
    return frozenset(edge for edge in edges if numbers[edge.then] in ring[numbers[edge.first]])


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


def followers(addresses: Iterable[Address], edges: Iterable[Edge]) -> frozenset[Address]:
    """Give what must be done after any of these addresses, and these."""
    after: dict[Address, list[Address]] = {}
    for edge in edges:
        after.setdefault(edge.first.address, []).append(edge.then.address)
    found: set[Address] = set()
    open_ends = list(addresses)
    while open_ends:
        address = open_ends.pop()
        if address not in found:
            found.add(address)
            open_ends.extend(after.get(address, ()))
    return frozenset(found)


def longest_chain(seconds: Mapping[Step, float], edges: Iterable[Edge]) -> float:
    """Give the length in seconds of the longest chain of steps that must follow one another."""
    edges = tuple(edges)
    if not edges:
        return max(seconds.values(), default=0.0)
    import networkx as nx

    graph, steps = _graph(edges)
    ends: dict[int, float] = {}
    for number in nx.topological_sort(graph):
        start = max((ends[first] for first in graph.predecessors(number)), default=0.0)
        ends[number] = start + seconds.get(steps[number], 0.0)
    return max(*ends.values(), *seconds.values())


def in_order(size: int, pairs: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Give the numbers below `size` so that the first of each pair comes before the second, and otherwise by size. What
    lies on a cycle stands together."""
    import networkx as nx

    graph: nx.DiGraph[int, dict[str, object], dict[str, object]] = nx.DiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(pairs)
    members = [sorted(ring) for ring in nx.strongly_connected_components(graph)]
    rings = nx.condensation(graph, members)
    return tuple(
        number
        for ring in nx.lexicographical_topological_sort(rings, key=lambda ring: members[ring][0])
        for number in members[ring]
    )


def around(start: Iterable[int], pairs: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Give these numbers, all that comes before them and all that comes after them."""
    before: dict[int, list[int]] = {}
    after: dict[int, list[int]] = {}
    for first, then in pairs:
        before.setdefault(then, []).append(first)
        after.setdefault(first, []).append(then)
    start = tuple(start)
    return _reached(start, before) | _reached(start, after)


def _reached(start: Iterable[int], onward: Mapping[int, Iterable[int]]) -> frozenset[int]:
    found: set[int] = set()
    open_ends = list(start)
    while open_ends:
        number = open_ends.pop()
        if number not in found:
            found.add(number)
            open_ends.extend(onward.get(number, ()))
    return frozenset(found)


def _graph(
    edges: Iterable[Edge],
) -> "tuple[nx.DiGraph[int, dict[str, object], dict[str, object]], tuple[Step, ...]]":
    """Number the steps: a graph of numbers is made and walked in half the time of one of steps."""
    import networkx as nx

    numbers: dict[Step, int] = {}
    pairs = [
        (numbers.setdefault(edge.first, len(numbers)), numbers.setdefault(edge.then, len(numbers)))
        for edge in edges
    ]
    graph: nx.DiGraph[int, dict[str, object], dict[str, object]] = nx.DiGraph()
    graph.add_edges_from(pairs)
    return graph, tuple(numbers)
