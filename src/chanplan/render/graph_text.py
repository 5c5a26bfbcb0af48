"""A graph for a terminal: a tree in the order of an apply."""

from chanplan.model.plans import Half
from chanplan.planning.drawing import Drawing, GateNode, Node
from chanplan.render.phrases import counted
from chanplan.render.printable import line
from chanplan.render.terminal import Paper, Style

NAMED = 3
"""So many of the other nodes that come before one are named."""

_SYMBOLS = {
    None: ("=", Style.QUIET),
    Half.CREATE: ("+", Style.CREATE),
    Half.IMPORT: ("~", Style.UPDATE),
    Half.UPDATE: ("~", Style.UPDATE),
    Half.DELETE: ("-", Style.DESTROY),
    Half.FORGET: (".", Style.MOVE),
}
_NEAREST = ("gate", "reference", "replacement", "release", "number", "pool")
"""Below which of several a node stands: what says most about it first."""


def graph_text(drawing: Drawing, *, width: int, colour: bool) -> str:
    """Write each node once, below the nearest of those that come before it, with the others named. Ends with a line
    break."""
    paper = Paper(width, colour)
    before: dict[int, list[tuple[int, int]]] = {}
    for link in drawing.links:
        # On a cycle, what comes later in the drawing can't be what a node stands below.
        rank = _NEAREST.index(link.why) if link.why in _NEAREST else len(_NEAREST)
        before.setdefault(link.then, []).append((rank, link.first))
    parents: dict[int, int | None] = {}
    below: dict[int | None, list[int]] = {}
    for number in range(len(drawing.nodes)):
        earlier = [entry for entry in before.get(number, ()) if entry[1] < number]
        nearest = min(earlier, key=lambda entry: (entry[0], -entry[1]), default=None)
        parents[number] = None if nearest is None else nearest[1]
        below.setdefault(parents[number], []).append(number)
    written = paper.block(f"Workspace {line(drawing.workspace)}", style=Style.HEADING)
    open_ends = [(number, 0) for number in reversed(below.get(None, []))]
    while open_ends:
        number, depth = open_ends.pop()
        others = [first for _, first in sorted(before.get(number, ())) if first != parents[number]]
        written += _node(drawing, number, others, "  " * depth, paper)
        open_ends += [(child, depth + 1) for child in reversed(below.get(number, []))]
    return "\n".join([*written, "", *_foot(drawing, paper)]) + "\n"


def node_words(node: Node) -> str:
    """Say what becomes of a node: `create, waits`, `unchanged`, or a gate's state."""
    if isinstance(node, GateNode):
        return node.gate.state.value
    return (node.half.value if node.half else "unchanged") + (", waits" if node.waits else "")


def _node(drawing: Drawing, number: int, others: list[int], indent: str, paper: Paper) -> list[str]:
    node = drawing.nodes[number]
    if isinstance(node, GateNode):
        symbol, style = "?", Style.UPDATE
        text = f"{node.gate.kind} of {line(str(node.gate.on))}: {node_words(node)}"
    else:
        symbol, style = _SYMBOLS[node.half]
        title = f" ({line(node.title)})" if node.title else ""
        text = f"{line(str(node.address))}{title}: {node_words(node)}"
    if others:
        named = ", ".join(line(drawing.nodes[other].name) for other in others[:NAMED])
        more = f" and {len(others) - NAMED:,} more" if len(others) > NAMED else ""
        text += f"; also after {named}{more}"
    written = paper.block(text, first=f"{indent}{symbol} ", rest=f"{indent}      ")
    head = f"{indent}{symbol}"
    written[0] = paper.paint(head, style) + written[0][len(head) :]
    return written


def _foot(drawing: Drawing, paper: Paper) -> list[str]:
    legend = "+ create, ~ update, - delete, . forget, = unchanged, ? a gate that isn't open."
    written = paper.block(f"{legend} What is indented comes after what it stands below.", style=Style.QUIET)
    count = f"{counted(len(drawing.nodes), 'node')}, {counted(len(drawing.links), 'link')}"
    if drawing.left_out:
        count += f"; {counted(drawing.left_out, 'node')} not shown"
    return [*written, *paper.block(f"{count}.")]
