"""Rates with their bounds."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""The normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A count out of another, in percent, with the bounds of its 95 % Wilson interval."""

    count: int
    of: int
    percent: float
    low: float
    high: float


def rate(count: int, of: int) -> Rate:
    """Give a rate with its Wilson bounds.

    Bounces are counted on the day of the bounce, so there may be more of them than sends: the bounds take such a rate for all of it.
    """
    if of == 0:
        return Rate(count, 0, 0.0, 0.0, 100.0)
    share = min(count / of, 1.0)
    spread = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    centre, scale = share + _Z**2 / (2 * of), 1 + _Z**2 / of
    low = 0.0 if count == 0 else 100 * (centre - spread) / scale
    high = 100.0 if share == 1 else 100 * (centre + spread) / scale
    return Rate(count, of, 100 * count / of, low, high)
