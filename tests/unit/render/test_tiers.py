"""Tiers as they are shown: bars that tell the truth, texts that can't play tricks, and 10,000 rows at once."""

import re
from dataclasses import replace
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.rates import rate
from chanplan.model.tier_evidence import Suspend, Why
from chanplan.model.tier_moves import TierReview
from chanplan.planning.tier_windows import reaches
from chanplan.render.comment import plan_comment
from chanplan.render.terminal import Paper
from chanplan.render.tier_bars import CELLS, bar, percent
from chanplan.render.tier_history import tier_history_text
from chanplan.render.tier_status import standing_text, status_text
from chanplan.render.tier_words import outlook
from tests.unit.render import plans, reviews, tier_plans
from tests.unit.render.reviews import POLICIES

PLAIN = Paper(100, colour=False)
limits = st.tuples(st.integers(1, 1_000_000), st.integers(1, 1_000_000)).map(
    lambda pair: tuple(sorted(each / 10_000 for each in pair))
)


@given(st.integers(0, 5000), st.integers(1, 5000), limits)
def test_a_bar_touches_its_mark_exactly_when_the_rate_does(count, of, pair):
    """And it is full exactly when the rate suspends, however close to a limit it is."""
    mark, full = pair
    found = rate(count, of)

    drawn = bar(found, mark, full, PLAIN)

    before, _, after = drawn.partition("|")
    assert len(before) + len(after) == CELLS
    assert re.fullmatch(r"#*\.*", before + after)
    assert ("." not in before) == reaches(found, mark)
    assert ("." not in before + after) == reaches(found, full) or mark == full


def test_percents_say_no_more_than_the_counts_do():
    """Two digits, and none behind the point from ten percent on."""
    assert [percent(number) for number in (0, 0.0312, 0.1, 0.996, 1.24, 9.94, 9.95, 66.7, 100)] == [
        "0 %",
        "0.031 %",
        "0.1 %",
        "1.0 %",
        "1.2 %",
        "9.9 %",
        "10 %",
        "67 %",
        "100 %",
    ]


def test_what_an_operator_wrote_can_not_steer_a_terminal():
    """A reason is somebody's text: control characters and commands to CI systems are shown, not carried out."""
    row = reviews.row_of("offers", reviews.ROWS["offers"])
    trick = "An operator suspended it: \x1b[2J\u202e ::set-env name=X::y"
    hostile = replace(row, decision=replace(row.decision, why=Why("operator", trick)))
    move = reviews.move_of(hostile, by="\x07root")

    told = (
        status_text(TierReview((hostile,), reviews.NOW, 1), POLICIES, width=400, colour=False)
        + standing_text((hostile,), POLICIES, width=400, colour=False)
        + tier_history_text(hostile.address, "standard", (move,), width=400, colour=False)
    )

    assert told.count("\\x1b[2J\\u202e \\x3a:set-env name=X::y") == 3
    assert "\\x07root" in told
    assert not set(told) & {"\x1b", "\u202e", "\x07"}


def test_a_tier_of_a_newer_version_is_shown_as_it_is():
    """It has no place in the ladder, no limits and no next tier, and breaks nothing."""
    row = reviews.row_of("later", {"tier": "gold", "age": 3, "mail": "3*100"})
    told = status_text(TierReview((row,), reviews.NOW, 1), POLICIES, width=100, colour=False)

    assert "0 suspended, 1 gold\n" in told
    assert "a newer version may have given it" in outlook(row)


def test_ten_thousand_use_cases_are_written_at_once():
    """Measured on two cores of this machine: 0.3 s. The bound leaves room for slower ones."""
    few = reviews.review().rows
    rows = tuple(
        replace(few[n % len(few)], address=few[0].address.__class__("use_case", f"u{n}"))
        for n in range(10_000)
    )
    began = process_time()

    told = status_text(TierReview(rows, reviews.NOW, 3000), POLICIES, width=100, colour=False)

    assert told.count("\nuse_case.u") == 10_000
    assert process_time() - began < 5


def test_a_suspension_that_is_decided_is_the_loudest():
    """Its line has the colour of alarm."""
    row = reviews.row_of("offers", reviews.ROWS["offers"])
    assert isinstance(row.decision, Suspend)

    told = status_text(TierReview((row,), reviews.NOW, 1), POLICIES, width=200, colour=True)

    assert "\x1b[1;31mThe next run suspends it" in told


def test_a_plan_of_tiers_has_a_comment_of_its_own():
    """It doesn't replace what reviewers read of the resources of the same workspace."""
    tops = [
        plan_comment(plan, commit="a" * 40, limit=65_536).partition("\n")[0]
        for plan in (plans.first_plan(), tier_plans.moving_plan())
    ]

    assert tops == [
        "<!-- chanplan: the comment of workspace acme-production -->",
        "<!-- chanplan: the comment on tiers of workspace acme-production -->",
    ]
