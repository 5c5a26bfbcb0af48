"""A graph in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html)."""

from collections.abc import Iterable

from chanplan.planning.drawing import Drawing, GateNode, Link, Node
from chanplan.render.graph_looks import has_waiting, label_lines, look_of, looks_in
from chanplan.render.printable import line

PLAIN = frozenset({"reference", "gate"})
"""Links that need no words; the others say why."""


def graph_dot(drawing: Drawing) -> str:
    """Write a directed graph; arrows lead to what comes after. Ends with a line break."""
    written = [
        "digraph chanplan {",
        "  rankdir=LR;",
        f"  label={_quoted(line(drawing.workspace))};",
        '  node [shape=box, style="filled", fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=10];',
        *(f"  {_quoted(node.name)} [{_attributes(node)}];" for node in drawing.nodes),
        *(f"  {_link(drawing, link)};" for link in drawing.links),
        *_legend(drawing),
        "}",
    ]
    return "\n".join(written) + "\n"


def _attributes(node: Node) -> str:
    look = look_of(node)
    parts = [
        f"label={_label(label_lines(node))}",
        f"fillcolor={_quoted(look.fill)}",
        f"color={_quoted(look.stroke)}",
    ]
    if isinstance(node, GateNode):
        parts.append("shape=hexagon")
    elif node.waits:
        parts.append('style="filled,dashed"')
    return ", ".join(parts)


def _link(drawing: Drawing, link: Link) -> str:
    first, then = (_quoted(drawing.nodes[place].name) for place in (link.first, link.then))
    why = "" if link.why in PLAIN else f" [label={_label([line(link.why)])}, style=dashed]"
    return f"{first} -> {then}{why}"


def _legend(drawing: Drawing) -> list[str]:
    looks = [
        f"    {_quoted('legend/' + look.name)} [label={_label([look.words])}, fillcolor={_quoted(look.fill)}, "
        f"color={_quoted(look.stroke)}{', shape=hexagon' if look.name == 'gate' else ''}];"
        for look in looks_in(drawing)
    ]
    if has_waiting(drawing):
        looks.append('    "legend/waits" [label="waits", style="dashed"];')
    return ["  subgraph cluster_legend {", '    label="Legend";', *looks, "  }"] if looks else []


def _quoted(text: str) -> str:
    """Write an ID. In it only the double quote is special, and a backslash before one (or at the end)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _label(lines: Iterable[str]) -> str:
    """Write a label of several lines: an escString, with line breaks of its own, in which HTML's entities are read."""
    escaped = (text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for text in lines)
    return '"' + "\\n".join(escaped) + '"'
