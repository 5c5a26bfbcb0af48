"""Golden outputs of tiers: where use cases stand, and what became of them so far."""

from chanplan.model.tier_moves import TierReview
from chanplan.render.escapes import json_text
from chanplan.render.outcome import outcome_text
from chanplan.render.plan_document import plan_document
from chanplan.render.plan_markdown import plan_markdown
from chanplan.render.plan_text import plan_text
from chanplan.render.tier_document import moves_document, status_document
from chanplan.render.tier_history import tier_history_text
from chanplan.render.tier_status import standing_text, status_text
from tests.unit.render import outcomes, reviews, tier_plans
from tests.unit.render.reviews import POLICIES

OFFERS = reviews.row_of("offers", reviews.ROWS["offers"]).address


def status(width=100, *, colour=False, tier=None, review=None):
    """What `tiers status` prints."""
    return status_text(review or reviews.review(), POLICIES, tier=tier, width=width, colour=colour)


def standing(*names):
    """What `tiers status ADDRESS` prints."""
    rows = [row for row in reviews.review().rows if row.address.name in names]
    return standing_text(rows, POLICIES, width=100, colour=False)


def plan(made, width=80, **more):
    """What `tiers evaluate` prints."""
    return plan_text(made, width=width, colour=False, **more)


def written(made):
    """The document of a plan of moves."""
    return json_text(plan_document(made, "0.1.0")) + "\n"


CASES = {
    "tiers-plan.txt": lambda: plan(tier_plans.moving_plan(), review=reviews.review()),
    "tiers-plan-each.txt": lambda: plan(tier_plans.moving_plan(), review=reviews.review(), each=True),
    "tiers-plan-nothing.txt": lambda: plan(tier_plans.resting_plan(), review=reviews.review({})),
    "tiers-plan-wished.txt": lambda: plan(tier_plans.wished_plan()),
    "tiers-plan-refused.txt": lambda: plan(tier_plans.refused_plan()),
    "tiers-plan-hostile.txt": lambda: plan(tier_plans.hostile_moves()),
    "tiers-plan.md": lambda: plan_markdown(tier_plans.moving_plan(), limit=None, review=reviews.review()),
    "tiers-plan-hostile.md": lambda: plan_markdown(tier_plans.hostile_moves(), limit=None),
    "tiers-plan-wished.json": lambda: written(tier_plans.wished_plan()),
    "tiers-outcome.txt": lambda: outcome_text(
        tier_plans.wished_plan(),
        [outcomes.all_done(tier_plans.wished_plan())],
        width=80,
        colour=False,
    ),
    "tiers-status.txt": status,
    "tiers-status-60.txt": lambda: status(60),
    "tiers-status-colour.txt": lambda: status(colour=True),
    "tiers-status-suspended.txt": lambda: status(tier="suspended"),
    "tiers-status-nothing.txt": lambda: status(review=TierReview((), reviews.NOW, 0)),
    "tiers-status.json": lambda: (
        json_text(status_document(reviews.review(), problems=[tier_plans.STUCK])) + "\n"
    ),
    "tiers-standing.txt": lambda: standing("alerts", "newsletter", "reminders", "tips", "welcome"),
    "tiers-history.txt": lambda: tier_history_text(
        OFFERS, "onboarding", reviews.moves(), width=80, colour=False
    ),
    "tiers-history-nothing.txt": lambda: tier_history_text(OFFERS, "onboarding", (), width=80, colour=False),
    "tiers-history.json": lambda: (
        json_text(moves_document(str(OFFERS), "onboarding", reviews.moves())) + "\n"
    ),
}
