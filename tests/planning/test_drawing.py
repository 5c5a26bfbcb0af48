"""Drawing a plan: one node for each resource, two for a replacement, one for each gate, in the order of an apply."""

from dataclasses import replace

import pytest

from chanplan.model.plans import Edge, Half, Step
from chanplan.planning.drawing import Drawing, drawing_of
from tests.unit.render import plans

RECEIPTS = plans.use_case("receipts")


def links(drawing: Drawing) -> set[tuple[str, str, str]]:
    """The links by the names of what they connect."""
    return {
        (drawing.nodes[link.first].name, drawing.nodes[link.then].name, link.why) for link in drawing.links
    }


@pytest.mark.parametrize(
    "make", [plans.first_plan, plans.full_plan, plans.destroy_plan, plans.unchanged_plan]
)
def test_what_comes_after_stands_after(make):
    """Every link leads on, and a second drawing is the same."""
    plan = make()
    drawing = drawing_of(plan)

    assert [link for link in drawing.links if link.first >= link.then] == []
    assert len({node.name for node in drawing.nodes}) == len(drawing.nodes)
    assert drawing_of(plan) == drawing


def test_the_way_leads_through_the_gate():
    """A use case comes after the gate of its setup, and the gate after the setup."""
    gate = f"dns_verified/{plans.MAIL}"

    found = links(drawing_of(plans.first_plan()))

    assert (str(plans.MAIL), gate, "gate") in found
    assert (gate, str(RECEIPTS), "gate") in found
    assert not [link for link in found if link[:2] == (str(plans.MAIL), str(RECEIPTS))]


def test_what_stays_as_it_is_is_drawn_by_its_references():
    """A plan that changes nothing still shows what depends on what."""
    plan = plans.unchanged_plan()
    drawing = drawing_of(plan)
    references = {
        (str(reference), str(change.address), "reference")
        for change in plan.changes
        for reference in change.depends_on
    }

    assert {node.half for node in drawing.nodes} == {None}
    assert references <= links(drawing)


def test_a_replacement_has_two_nodes():
    """One for each half, in their order."""
    names = [node.name for node in drawing_of(plans.full_plan()).nodes]
    halves = [name for name in names if "/" in name and not name.startswith(("dns_", "profile_"))]

    assert halves
    assert {name.rpartition("/")[2] for name in halves} == {"create", "delete"}


def test_a_target_cuts_to_what_is_around_it():
    """What comes before it and after it, all the way, and nothing beside it; how much was left out is said."""
    whole = drawing_of(plans.first_plan())

    cut = drawing_of(plans.first_plan(), [RECEIPTS])

    others = {node.name for node in whole.nodes} - {node.name for node in cut.nodes}
    assert str(RECEIPTS) in {node.name for node in cut.nodes}
    assert links(cut) <= links(whole)
    assert len(others) == cut.left_out > 0


def test_a_cycle_can_be_looked_at():
    """A plan that is refused for a cycle is drawn, with all of its links."""
    plan = plans.first_plan()
    steps = [Step(change.address, Half.CREATE) for change in plan.effective[:2]]
    ring = (Edge(steps[0], steps[1], "release"), Edge(steps[1], steps[0], "release"))

    drawing = drawing_of(replace(plan, edges=(*plan.edges, *ring)))

    found = links(drawing)
    assert {(str(edge.first.address), str(edge.then.address)) for edge in ring} <= {
        link[:2] for link in found
    }
    assert len(drawing.nodes) == len(drawing_of(plan).nodes)
