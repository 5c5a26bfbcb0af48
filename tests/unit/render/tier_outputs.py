"""Golden outputs of tiers: where use cases stand, and what became of them so far."""

from chanplan.model.tier_moves import TierReview
from chanplan.render.escapes import json_text
from chanplan.render.tier_document import moves_document, review_document
from chanplan.render.tier_history import tier_history_text
from chanplan.render.tier_status import standing_text, status_text
from tests.unit.render import reviews
from tests.unit.render.reviews import POLICIES

OFFERS = reviews.row_of("offers", reviews.ROWS["offers"]).address


def status(width=100, *, colour=False, tier=None, review=None):
    """What `tiers status` prints."""
    return status_text(review or reviews.review(), POLICIES, tier=tier, width=width, colour=colour)


def standing(*names):
    """What `tiers status ADDRESS` prints."""
    rows = [row for row in reviews.review().rows if row.address.name in names]
    return standing_text(rows, POLICIES, width=100, colour=False)


CASES = {
    "tiers-status.txt": status,
    "tiers-status-60.txt": lambda: status(60),
    "tiers-status-colour.txt": lambda: status(colour=True),
    "tiers-status-suspended.txt": lambda: status(tier="suspended"),
    "tiers-status-nothing.txt": lambda: status(review=TierReview((), reviews.NOW, 0)),
    "tiers-status.json": lambda: json_text(review_document(reviews.review())) + "\n",
    "tiers-standing.txt": lambda: standing("alerts", "newsletter", "reminders", "tips", "welcome"),
    "tiers-history.txt": lambda: tier_history_text(
        OFFERS, "onboarding", reviews.moves(), width=80, colour=False
    ),
    "tiers-history-nothing.txt": lambda: tier_history_text(OFFERS, "onboarding", (), width=80, colour=False),
    "tiers-history.json": lambda: (
        json_text(moves_document(str(OFFERS), "onboarding", reviews.moves())) + "\n"
    ),
}
