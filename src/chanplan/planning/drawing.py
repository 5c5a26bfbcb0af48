"""A plan as a graph to look at: its resources, steps and closed gates, and what comes after what."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate
from chanplan.model.plans import Change, Half, Plan, Step
from chanplan.planning.edges import making, steps_of
from chanplan.planning.graph import around, in_order


@dataclass(frozen=True, slots=True)
class ResourceNode:
    """A resource, or one half of its replacement."""

    name: str
    """Unique in the drawing: the address, and for a half of a replacement `ADDRESS/HALF`."""
    address: Address
    half: Half | None
    """What is done; None for what stays as it is."""
    title: str
    """What people call it: a domain, a pool, an entity and its purpose."""
    waits: bool = False
    """Whether a gate that isn't open stands before it."""


@dataclass(frozen=True, slots=True)
class GateNode:
    """A gate that isn't open, after what it is on and before what waits for it."""

    name: str
    """`GATE/ADDRESS`, as in `dns_verified/ses_setup.acme-mail`."""
    gate: Gate


Node: TypeAlias = ResourceNode | GateNode


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """What comes after what, as places in `Drawing.nodes`."""

    first: int
    then: int
    why: str
    """`reference`, `gate`, `pool`, `replacement`, `release`, `number`."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph in the order of an apply; on a cycle, which refuses the plan, in the order of addresses."""

    workspace: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    left_out: int = 0
    """How many nodes aren't shown, since they aren't around what was asked for."""


def drawing_of(plan: Plan, targets: Collection[Address] = ()) -> Drawing:
    """Draw a plan. With targets, only them, all that comes before them and all that comes after them.

    An order between two steps is taken from the plan itself; what isn't changed has no steps, and its links are its
    references and its pool.
    """
    sketch = _Sketch()
    _add_nodes(plan, sketch)
    changes = {change.address: change for change in plan.changes}
    for edge in plan.edges:
        sketch.link(sketch.steps.get(edge.first), sketch.steps.get(edge.then), edge.why)
    for change in plan.changes:
        _refer(change, changes, sketch)
    _carry(plan.changes, sketch)
    for change in plan.changes:
        _wait(change, sketch)
    return _arranged(plan.workspace, sketch, targets)


@dataclass(slots=True)
class _Sketch:
    """A drawing under way. Nodes are numbered in the order of addresses."""

    nodes: list[Node] = field(default_factory=list)
    steps: dict[Step, int] = field(default_factory=dict)
    entries: dict[Address, int] = field(default_factory=dict)
    """What of an address is done first."""
    results: dict[Address, int] = field(default_factory=dict)
    """What of an address stands afterwards; its only node when nothing does."""
    gates: dict[tuple[str, Address], int] = field(default_factory=dict)
    links: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def link(self, first: int | None, then: int | None, why: str) -> None:
        if first is not None and then is not None and first != then:
            self.links.setdefault((first, then), why)


def _add_nodes(plan: Plan, sketch: _Sketch) -> None:
    gates: dict[Address, dict[str, Gate]] = {}
    for change in plan.changes:
        if change.gate is not None and change.waits:
            gates.setdefault(change.gate.on, {})[change.gate.kind.value] = change.gate
    for change in plan.changes:
        _add_change(change, sketch)
        _add_gates(change.address, gates.pop(change.address, {}), sketch)
    for on in sorted(gates):
        _add_gates(on, gates[on], sketch)


def _add_gates(on: Address, gates: Mapping[str, Gate], sketch: _Sketch) -> None:
    for kind, gate in sorted(gates.items()):
        sketch.gates[kind, on] = sketch.add(GateNode(f"{kind}/{on}", gate))


def _add_change(change: Change, sketch: _Sketch) -> None:
    steps = steps_of(change)
    title = _title(change.after if change.after is not None else change.before or {})
    numbers = []
    halves: tuple[Half | None, ...] = tuple(step.half for step in steps) or (None,)
    for half in halves:
        name = f"{change.address}/{half}" if len(steps) > 1 else str(change.address)
        numbers.append(sketch.add(ResourceNode(name, change.address, half, title, change.waits)))
    sketch.steps.update(zip(steps, numbers, strict=False))
    made = making(change)
    sketch.entries[change.address] = numbers[0]
    sketch.results[change.address] = numbers[0] if made is None else sketch.steps[made]


def _title(attributes: Mapping[str, object]) -> str:
    names = ("domain_identity", "pool_name", "entity_name", "name")
    return ", ".join(str(attributes[name]) for name in names if attributes.get(name))


def _refer(change: Change, changes: Mapping[Address, Change], sketch: _Sketch) -> None:
    for reference in change.depends_on:
        referent = changes.get(reference)
        if referent is not None and not (steps_of(change) and steps_of(referent)):
            sketch.link(sketch.results[reference], sketch.results[change.address], "reference")


def _carry(changes: Sequence[Change], sketch: _Sketch) -> None:
    """Link pools to what they carry, where the plan has no order between them."""
    pools: dict[object, list[Change]] = {}
    for change in changes:
        if change.address.kind == "sending_pool" and change.after is not None:
            pools.setdefault(change.after.get("pool_name"), []).append(change)
    for change in changes:
        carrier = None if change.after is None else change.after.get("sending_pool")
        for pool in pools.get(carrier, ()) if carrier else ():
            if pool.scope.same_place(change.scope):
                sketch.link(sketch.results[pool.address], sketch.results[change.address], "pool")


def _wait(change: Change, sketch: _Sketch) -> None:
    if change.gate is None or not change.waits:
        return
    gate = sketch.gates[change.gate.kind.value, change.gate.on]
    entry = sketch.entries[change.address]
    on = sketch.results.get(change.gate.on)
    if on is not None:
        # The way leads through the gate; a second line beside it would say less.
        sketch.links.pop((on, entry), None)
        sketch.link(on, gate, "gate")
    sketch.link(gate, entry, "gate")


def _arranged(workspace: str, sketch: _Sketch, targets: Collection[Address]) -> Drawing:
    kept = frozenset(range(len(sketch.nodes)))
    if targets:
        kept = around(_of(targets, sketch), sketch.links)
    order = [number for number in in_order(len(sketch.nodes), sketch.links) if number in kept]
    places = {number: place for place, number in enumerate(order)}
    return Drawing(
        workspace,
        tuple(sketch.nodes[number] for number in order),
        tuple(
            sorted(
                Link(places[first], places[then], why)
                for (first, then), why in sketch.links.items()
                if first in kept and then in kept
            )
        ),
        left_out=len(sketch.nodes) - len(order),
    )


def _of(targets: Collection[Address], sketch: _Sketch) -> Iterator[int]:
    for number, node in enumerate(sketch.nodes):
        if isinstance(node, ResourceNode) and node.address in targets:
            yield number
