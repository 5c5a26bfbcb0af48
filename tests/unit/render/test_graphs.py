"""Graphs as DOT and Mermaid: valid whatever stands in a name, and the same graph in each form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.addresses import Address
from chanplan.model.plans import Half
from chanplan.planning.drawing import Drawing, Link, ResourceNode, drawing_of
from chanplan.render.graph_dot import graph_dot
from chanplan.render.graph_looks import label_lines
from chanplan.render.graph_mermaid import graph_mermaid, is_too_large
from chanplan.render.graph_text import graph_text
from tests.unit.render import plans
from tests.unit.render.diagrams import read_dot, read_mermaid

PLANS = [plans.first_plan, plans.full_plan, plans.destroy_plan, plans.hostile_plan, plans.unchanged_plan]


def use_case(number: int, title: str = "") -> ResourceNode:
    """A node that is made."""
    return ResourceNode(
        f"use_case.n{number}", Address("use_case", f"n{number}"), Half.CREATE, title, waits=bool(number % 2)
    )


@pytest.mark.parametrize("make", PLANS, ids=lambda make: make.__name__)
def test_both_forms_hold_the_same_graph(make):
    """Each node with its text, each link with its ends."""
    drawing = drawing_of(make())
    texts = ["\n".join(label_lines(node)) for node in drawing.nodes]

    dot, mermaid = read_dot(graph_dot(drawing)), read_mermaid(graph_mermaid(drawing))

    assert list(dot.nodes.values()) == list(mermaid.nodes.values()) == texts
    names = list(dot.nodes)
    assert [(names.index(first), names.index(then)) for first, then in dot.links] == [
        (int(first), int(then)) for first, then in mermaid.links
    ]
    assert len(dot.links) == len(drawing.links)


@given(st.text(max_size=60))
def test_no_name_can_break_out(title):
    """Quotes, backslashes, entities, Markdown, line breaks and colour codes stand in the label as they are shown."""
    drawing = Drawing("w", (use_case(0, title),), ())
    text = "\n".join(label_lines(drawing.nodes[0]))

    assert list(read_dot(graph_dot(drawing)).nodes.values()) == [text]
    assert list(read_mermaid(graph_mermaid(drawing)).nodes.values()) == [text]
    assert all(
        ord(character) >= 32 or character == "\n" for character in graph_text(drawing, width=80, colour=False)
    )


def test_the_text_names_a_thousand_nodes_once():
    """Each on a line of its own, below what it comes after; what has many before it names three."""
    nodes = tuple(use_case(number) for number in range(1_000))
    links = tuple(Link(number, 999, "reference") for number in range(999))

    written = graph_text(Drawing("w", nodes, links), width=200, colour=False).splitlines()

    assert written[1] == "+ use_case.n0: create"
    assert written[1000] == (
        "  + use_case.n999: create, waits; also after use_case.n0, use_case.n1, use_case.n2 and 995 more"
    )
    assert [line.count("use_case.n500:") for line in written].count(1) == 1
    assert written[-1] == "1,000 nodes, 999 links."


def test_what_mermaid_would_not_draw_is_known():
    """Its settings hold 500 links and 50,000 characters."""
    few = Drawing("w", (use_case(0), use_case(1)), (Link(0, 1, "reference"),))
    many = Drawing("w", few.nodes, few.links * 501)

    assert [is_too_large(few, "x"), is_too_large(many, "x"), is_too_large(few, "x" * 50_001)] == [
        False,
        True,
        True,
    ]
