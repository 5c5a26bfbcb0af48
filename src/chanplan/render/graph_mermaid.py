"""A graph in Mermaid's flowchart language, which GitHub and GitLab draw (https://mermaid.js.org/syntax/flowchart.html)."""

from collections.abc import Iterable

from chanplan.planning.drawing import Drawing, GateNode, Link, Node
from chanplan.render.graph_dot import PLAIN
from chanplan.render.graph_looks import has_waiting, label_lines, look_of, looks_in

MOST_LINKS = 500
MOST_CHARACTERS = 50_000
"""What Mermaid draws unless it is told otherwise: its settings `maxEdges` and `maxTextSize`."""

_SAFE = frozenset(" .,-_/()")


def graph_mermaid(drawing: Drawing) -> str:
    """Write a flowchart; arrows lead to what comes after. Ends with a line break."""
    looks = looks_in(drawing)
    written = ["flowchart LR"]
    written += [f"  n{place}{_box(node)}" for place, node in enumerate(drawing.nodes)]
    written += [f"  {_link(link)}" for link in drawing.links]
    if looks:
        written += ["  subgraph legend [Legend]"]
        written += [f"    legend_{look.name}[{_text([look.words])}]:::{look.name}" for look in looks]
        written += ["    legend_waits[waits]:::waits"] if has_waiting(drawing) else []
        written += ["  end"]
    written += [
        f"  classDef {look.name} fill:{look.fill},stroke:{look.stroke},color:#000000" for look in looks
    ]
    # Waiting stands on top of what is done, so it is a class of its own that only dashes the border.
    waiting = [
        f"n{place}"
        for place, node in enumerate(drawing.nodes)
        if not isinstance(node, GateNode) and node.waits
    ]
    if waiting:
        written += ["  classDef waits stroke-dasharray:5 4", f"  class {','.join(waiting)} waits"]
    return "\n".join(written) + "\n"


def is_too_large(drawing: Drawing, text: str) -> bool:
    """Tell whether Mermaid would refuse to draw a text with its own settings."""
    return len(drawing.links) > MOST_LINKS or len(text) > MOST_CHARACTERS


def _box(node: Node) -> str:
    text = _text(label_lines(node))
    shape = f"{{{{{text}}}}}" if isinstance(node, GateNode) else f"[{text}]"
    return f"{shape}:::{look_of(node).name}"


def _link(link: Link) -> str:
    if link.why in PLAIN:
        return f"n{link.first} --> n{link.then}"
    return f"n{link.first} -.->|{_text([link.why])}| n{link.then}"


def _text(lines: Iterable[str]) -> str:
    """Quote lines. Whatever could mean something in a quoted label is written as an entity code, `#` and its number."""
    return '"' + "<br/>".join("".join(map(_character, text)) for text in lines) + '"'


def _character(character: str) -> str:
    if character.isalnum() or character in _SAFE:
        return character
    return f"#{ord(character)};"
