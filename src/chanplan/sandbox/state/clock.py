"""
The sandbox's movable clock, in seconds since 1970.

It runs with real time from a remembered point, so 72 hours pass in one call and every process agrees on them.
"""

import json
import time

from chanplan.sandbox.state.storage import Transaction

_SETTING = "clock"


def now(state: Transaction) -> float:
    """Returns the sandbox's time."""
    text = state.setting(_SETTING)
    if text is None:
        return time.time()
    real, shown, scale = json.loads(text)
    return float(shown + (time.time() - real) * scale)


def advance(state: Transaction, seconds: float) -> float:
    """Moves the clock forward (or back, with a negative number) and returns the new time."""
    moved = now(state) + seconds
    _set(state, moved, _scale(state))
    return moved


def run_at(state: Transaction, scale: float) -> None:
    """Lets the clock run `scale` times as fast as real time from here on; 0 stops it."""
    _set(state, now(state), scale)


def _scale(state: Transaction) -> float:
    text = state.setting(_SETTING)
    return 1.0 if text is None else float(json.loads(text)[2])


def _set(state: Transaction, shown: float, scale: float) -> None:
    state.set_setting(_SETTING, json.dumps([time.time(), shown, scale]))
