"""
The sandbox's movable clock, in seconds since 1970.

It runs with real time from a remembered point, so 72 hours pass in one call and every process agrees on them.
"""

import json
import time
from typing import NamedTuple

from chanplan.sandbox.state.storage import Transaction

_SETTING = "clock"


class Setting(NamedTuple):
    """From where the clock runs: what it showed at a real time, and how fast it has run since."""

    real: float
    shown: float
    scale: float


def setting(state: Transaction) -> Setting | None:
    """Returns how the clock was set; None when nobody touched it."""
    text = state.setting(_SETTING)
    return None if text is None else Setting(*json.loads(text))


def shown_at(found: Setting | None, real: float) -> float:
    """Returns what a clock that was set so shows at a real time."""
    return real if found is None else float(found.shown + (real - found.real) * found.scale)


def now(state: Transaction) -> float:
    """Returns the sandbox's time."""
    return shown_at(setting(state), time.time())


def advance(state: Transaction, seconds: float) -> float:
    """Moves the clock forward (or back, with a negative number) and returns the new time."""
    moved = now(state) + seconds
    _set(state, moved, _scale(state))
    return moved


def run_at(state: Transaction, scale: float) -> None:
    """Lets the clock run `scale` times as fast as real time from here on; 0 stops it."""
    _set(state, now(state), scale)


def _scale(state: Transaction) -> float:
    found = setting(state)
    return 1.0 if found is None else found.scale


def _set(state: Transaction, shown: float, scale: float) -> None:
    state.set_setting(_SETTING, json.dumps([time.time(), shown, scale]))
