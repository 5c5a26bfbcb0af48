"""Rates against what they cost, as small bars."""

from chanplan.model.rates import Rate
from chanplan.model.tier_evidence import Window
from chanplan.model.tier_policy import TierPolicy
from chanplan.planning.tier_windows import reaches
from chanplan.render.terminal import Paper, Style, padded

CELLS = 10
WIDTH = CELLS + 1
"""Columns of a bar: its cells, and the mark."""

_PLAIN, _FINE = ("#", ".", "|"), ("█", "░", "│")


def bounce_bar(window: Window, policy: TierPolicy, paper: Paper) -> str:
    """Draw the bounces of a window: marked where they cost a tier, full where they suspend."""
    if window.sends < policy.floors.bounce_sends:
        return _too_few()
    return bar(window.bounces, policy.demote.bounce_percent, policy.suspend.bounce_percent, paper)


def complaint_bar(window: Window, policy: TierPolicy, paper: Paper) -> str:
    """Draw the complaints of a window likewise."""
    floors, found = policy.floors, window.complaints
    if found.of < floors.complaint_deliveries and found.count < floors.complaints:
        return _too_few()
    return bar(found, policy.demote.complaint_percent, policy.suspend.complaint_percent, paper)


def bar(found: Rate, mark: float, full: float, paper: Paper) -> str:
    """Draw a rate. It touches the mark exactly when the rate reaches `mark` percent, and is full exactly at `full`.

    With colour it is drawn in blocks, green below the mark, yellow from there on, red when it is full; without in ASCII.
    """
    at = min(max(int(CELLS * mark / full), 1), CELLS)
    cells = int(CELLS * found.percent / full)
    if reaches(found, full):
        cells, style = CELLS, Style.DESTROY
    elif reaches(found, mark):
        cells, style = min(max(cells, at), CELLS - 1), Style.UPDATE
    else:
        cells, style = min(cells, at - 1), Style.CREATE
    filled, empty, line = _FINE if paper.colour else _PLAIN
    drawn = filled * cells + empty * (CELLS - cells)
    return paper.paint(f"{drawn[:at]}{line}{drawn[at:]}", style)


def percent(number: float) -> str:
    """Write a percentage with as many digits as say something: `0.03 %`, `1.2 %`, `12 %`."""
    if number >= 9.95:
        return f"{number:.0f} %"
    return f"{number:.1f} %" if number >= 0.995 else f"{number:.2g} %"


def _too_few() -> str:
    return padded("too few", WIDTH)
