"""A small year of made-up senders, as `script/tier-year` plays a large one."""

from datetime import timedelta
from itertools import pairwise

from benchmarks.tier_year import BEGIN, simulate
from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.tier_evidence import SUSPENDED


def test_a_year_without_flaps():
    """Tiers go up, down, into suspension and back, none twice within a week but into suspension, and incidents end at once."""
    year = simulate(use_cases=40, days=240, seed=11)

    ways = {(move.tier, move.to) for move in year.moves}
    assert ways >= {
        ("onboarding", "standard"),
        ("standard", "premium"),
        ("standard", "onboarding"),
        (SUSPENDED, "onboarding"),
    }
    assert ways <= {
        *pairwise(TIERS),
        *pairwise(reversed(TIERS)),
        *((tier, SUSPENDED) for tier in TIERS),
        (SUSPENDED, TIERS[0]),
    }
    assert year.flaps(timedelta(days=7)) == 0
    assert year.suspended_after != []
    assert max(year.suspended_after) <= 1
    assert min(move.when for move in year.moves if move.to == "standard") >= BEGIN + timedelta(days=14)
    assert min(move.when for move in year.moves if move.to == "premium") >= BEGIN + timedelta(days=44)
