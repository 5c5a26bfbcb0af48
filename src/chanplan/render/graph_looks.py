"""What the drawings for programs have in common: the look of each sort of node, and the lines in it."""

from dataclasses import dataclass

from chanplan.model.plans import Half
from chanplan.planning.drawing import Drawing, GateNode, Node
from chanplan.render.graph_text import node_words
from chanplan.render.printable import line


@dataclass(frozen=True, slots=True)
class Look:
    """How one sort of node is drawn. Colours are light enough for black text; no sort is told by colour alone."""

    name: str
    words: str
    fill: str
    stroke: str


GATE = Look("gate", "gate that isn't open", "#fff3cd", "#b8860b")
UNCHANGED = Look("unchanged", "unchanged", "#f5f5f5", "#777777")
_HALVES = {
    Half.CREATE: Look("create", "create", "#d4edda", "#2e7d32"),
    Half.IMPORT: Look("import", "import", "#e8def8", "#6a1b9a"),
    Half.UPDATE: Look("update", "update", "#d6e9ff", "#1565c0"),
    Half.DELETE: Look("delete", "delete", "#f8d7da", "#b71c1c"),
    Half.FORGET: Look("forget", "forget", "#e2e3e5", "#455a64"),
}
_ALL = (*_HALVES.values(), UNCHANGED, GATE)


def look_of(node: Node) -> Look:
    """Give the look of a node."""
    if isinstance(node, GateNode):
        return GATE
    return UNCHANGED if node.half is None else _HALVES[node.half]


def looks_in(drawing: Drawing) -> tuple[Look, ...]:
    """Give the looks that occur, in one order: the legend."""
    found = {look_of(node) for node in drawing.nodes}
    return tuple(look for look in _ALL if look in found)


def has_waiting(drawing: Drawing) -> bool:
    """Whether something waits, so that the legend must say how that looks."""
    return any(not isinstance(node, GateNode) and node.waits for node in drawing.nodes)


def label_lines(node: Node) -> tuple[str, ...]:
    """Give what stands in a node, line by line, safe to print."""
    if isinstance(node, GateNode):
        return (node.gate.kind.value, node_words(node))
    title = (line(node.title),) if node.title else ()
    return (line(str(node.address)), *title, node_words(node))
