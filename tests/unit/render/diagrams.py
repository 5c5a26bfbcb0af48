"""Strict readers of the diagrams that we write: what they don't know is a mistake.

DOT by its published grammar, as far as it is used here (https://graphviz.org/doc/info/lang.html); Mermaid's flowcharts
by the forms of its manual.
"""

import html
import re
from dataclasses import dataclass, field

TOKENS = re.compile(r'\s+|(?P<string>"(?:[^"\\]|\\.)*")|(?P<id>[A-Za-z_]\w*|\d+)|(?P<mark>->|[{}\[\];=,])')
NODE = re.compile(r'  n(\d+)(?:\["([^"]*)"\]|\{\{"([^"]*)"\}\}):::([a-z]+)')
LINK = re.compile(r'  n(\d+) (?:-->|-\.->\|"[a-z]+"\|) n(\d+)')
REST = re.compile(
    r'  subgraph legend \[Legend\]|    legend_[a-z]+\["[^"]*"\]:::[a-z]+|    legend_waits\[waits\]:::waits|  end'
    r"|  classDef [a-z]+ [a-z:#0-9A-F, -]+|  class n\d+(?:,n\d+)* waits"
)


@dataclass
class Diagram:
    """What a reader found: texts of nodes by name, and links."""

    nodes: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)


def read_dot(text: str) -> Diagram:
    """Reads `digraph ID { … }`; raises AssertionError for anything else."""
    tokens, place = [], 0
    while place < len(text):
        found = TOKENS.match(text, place)
        assert found, f"no token: {text[place : place + 40]!r}"
        if found.lastgroup:
            tokens.append(found[0])
        place = found.end()
    assert tokens[:3] == ["digraph", "chanplan", "{"]
    diagram = Diagram()
    assert _statements(tokens, 3, diagram) == len(tokens)
    return diagram


def _statements(tokens: list[str], at: int, diagram: Diagram) -> int:
    while tokens[at] != "}":
        if tokens[at] == "subgraph":
            assert tokens[at + 2] == "{"
            at = _statements(tokens, at + 3, Diagram())
            continue
        name, at = tokens[at], at + 1
        assert _is_id(name)
        if tokens[at] == "=":
            assert _is_id(tokens[at + 1])
            at += 2
        elif tokens[at] == "->":
            assert _is_id(tokens[at + 1])
            diagram.links.append((_unquoted(name), _unquoted(tokens[at + 1])))
            at = _attributes(tokens, at + 2)[1]
        else:
            attributes, at = _attributes(tokens, at)
            if name not in ("node", "edge"):
                diagram.nodes[_unquoted(name)] = html.unescape(_label(attributes["label"]))
        assert tokens[at] == ";"
        at += 1
    return at + 1


def _attributes(tokens: list[str], at: int) -> tuple[dict[str, str], int]:
    found: dict[str, str] = {}
    if tokens[at] != "[":
        return found, at
    while tokens[at] != "]":
        name, equals, value = tokens[at + 1 : at + 4]
        assert (_is_id(name), equals, _is_id(value)) == (True, "=", True)
        found[name] = value
        at += 4
        assert tokens[at] in ",]"
    return found, at + 1


def _is_id(token: str) -> bool:
    return token.startswith('"') or token.isidentifier() or token.isdigit()


def _unquoted(token: str) -> str:
    return token[1:-1].replace('\\"', '"') if token.startswith('"') else token


def _label(token: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], token[1:-1])


def read_mermaid(text: str) -> Diagram:
    """Reads a flowchart; raises AssertionError for a line of another form."""
    head, *lines = text.splitlines()
    assert head == "flowchart LR"
    diagram = Diagram()
    for line in lines:
        if node := NODE.fullmatch(line):
            diagram.nodes[node[1]] = _decoded(node[2] or node[3])
        elif link := LINK.fullmatch(line):
            diagram.links.append((link[1], link[2]))
        else:
            assert REST.fullmatch(line), line
    return diagram


def _decoded(text: str) -> str:
    """What stands in a node: entity codes and line breaks; everything else must mean nothing."""
    plain = text.replace("<br/>", "\n")
    assert not re.search(r"[<>&`*\"'\[\]{}|;]", re.sub(r"#\d+;", "", plain)), text
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), plain)
