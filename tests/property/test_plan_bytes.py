"""A saved plan of which any byte was changed approves what it approved before, or nothing."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from chanplan.model.errors import ChanplanError
from chanplan.model.plans import Plan
from chanplan.render.escapes import json_text
from chanplan.render.plan_document import plan_document
from chanplan.render.plan_reading import plan_from_bytes
from tests.unit.render import plans

MADE = {"everything": plans.full_plan, "a destroy": plans.destroy_plan, "drift": plans.drift_plan}


@cache
def saved(name):
    """A plan as `plan --out` writes it."""
    return json_text(plan_document(MADE[name](), "0.1.0")).encode()


def approvals(plan: Plan):
    """What an apply takes out of a plan file: what may be done, of what, and which losses somebody agreed to."""
    losses = {
        (mark, loss.code)
        for change in plan.effective
        for mark in change.fingerprints
        for loss in change.losses
    }
    return plan.fingerprints, losses


def read(content):
    """The plan, or None where the file is refused."""
    try:
        return plan_from_bytes(content, "reviewed.plan.json", plans.SEAL)
    except ChanplanError:
        return None


@settings(max_examples=max(500, settings.default.max_examples))
@given(st.sampled_from(sorted(MADE)), st.data())
def test_a_changed_byte_approves_nothing_more(name, data):
    """Whichever byte becomes another, the file is refused, or it approves the same changes and no more losses;
    a loss whose code is another now isn't agreed to."""
    content = bytearray(saved(name))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    known, changed = read(saved(name)), read(bytes(content))

    assert known is not None
    if changed is not None:
        (fingerprints, losses), (listed, lost) = approvals(known), approvals(changed)
        assert listed == fingerprints
        assert len(lost) <= len(losses)


@given(st.sampled_from(sorted(MADE)), st.data())
def test_a_file_that_lost_its_end_is_refused(name, data):
    """A download that broke off is no shorter plan."""
    content = saved(name)
    end = data.draw(st.integers(0, len(content.rstrip()) - 1))

    assert read(content[:end]) is None
