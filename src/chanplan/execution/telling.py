"""Telling events to a listener that hears one at a time, whichever threads they come from."""

import logging
import threading

from chanplan.model.events import Event, Listener

_log = logging.getLogger(__name__)


def one_at_a_time(listener: Listener) -> Listener:
    """Give a listener that may be called from many threads at once. One that breaks isn't called again: what is
    being applied matters more than who watches."""
    lock = threading.Lock()
    broken = False

    def tell(event: Event) -> None:
        nonlocal broken
        with lock:
            if broken:
                return
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - whatever a renderer stumbles over, the apply goes on
                broken = True
                _log.exception("a listener broke at %s", type(event).__name__)

    return tell


def silence(_event: Event) -> None:
    """A listener that nobody reads."""
