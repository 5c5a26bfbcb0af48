"""Finding a use case's Application. Applications carry no mark: their SID is remembered, and before that, what was there.

Before it makes one, chanplan records which Applications of that name there were; one more afterwards is its own
(design 8).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chanplan.model.errors import Foreign, Interrupted
from chanplan.model.values import Attributes, Facts, Value
from chanplan.ports.clock import Clock
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.objects import Application

BELIEVED_AFTER = 5.0
"""Seconds after a call from which on lists are believed (design 7)."""
TOLERANCE = 0.05
"""Seconds by which a whole sleep may look too short."""


@dataclass(frozen=True, slots=True)
class Several:
    """More than one that may be ours: nobody can tell which."""

    sids: tuple[str, ...]


def known_sid(attributes: Attributes, facts: Facts) -> str | None:
    """Give the SID under which an Application is known: as learned, or as imported."""
    sid = facts.get("application_sid") or attributes.get("application_sid")
    return sid if isinstance(sid, str) else None


def texts(value: Value) -> tuple[str, ...]:
    """Give a list of texts, empty where there is none."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()


def begun(facts: Facts) -> bool:
    """Tell whether a creation was begun of which nobody knows the outcome."""
    return "applications_before" in facts and not facts.get("application_sid")


def find_begun(calls: Calls, clock: Clock, name: str, facts: Facts) -> Application | Several | None:
    """Look for what a creation made that was begun and got no answer: what is there now and wasn't before.

    When nothing is, it is looked for again once lists are believed; None means that nothing was made.
    """
    before = texts(facts.get("applications_before"))
    found = _new(calls, name, before)
    if found:
        return found[0] if len(found) == 1 else _several(found)
    left = _left(clock, facts.get("asked"))
    if left <= 0:
        return None
    began = clock.monotonic()
    clock.sleep(left)
    if clock.monotonic() - began < left - TOLERANCE:
        # A sleep ends early for a stop alone, and what wasn't looked for long enough isn't absent.
        raise Interrupted("A stop was asked for while Twilio's lists were waited for.")
    found = _new(calls, name, before)
    if len(found) > 1:
        return _several(found)
    return found[0] if found else None


def look_for_strangers(calls: Calls, name: str, replaced: Collection[str]) -> tuple[str, ...]:
    """Give the SIDs of all Applications that may bear a name, before one more is made.

    `replaced` are those of ours that the new one takes the place of; a list may be late to show them. Raises `Foreign` when there are others: asked
    themselves, since a list may still hold names that were changed.
    """
    matches = [application.sid for application in calls.applications(name)]
    others = [sid for sid in matches if sid not in replaced]
    present = [sid for sid in others if (live := calls.application(sid)) is not None and live.name == name]
    if present:
        listed = ", ".join(sorted(present))
        raise Foreign(
            f"Account {calls.account_sid} has an Application '{name}' already: {listed}. It isn't touched.",
            remedy="Choose another entity_name or name, or delete that Application at Twilio if nobody needs it.",
        )
    return tuple(sorted({*matches, *replaced}))


def _new(calls: Calls, name: str, before: Collection[str]) -> list[Application]:
    return [application for application in calls.applications(name) if application.sid not in before]


def _several(found: Collection[Application]) -> Several:
    return Several(tuple(sorted(application.sid for application in found)))


def asked_now(clock: Clock) -> Facts:
    """Give what a later look needs to know of when a creation was asked for, whatever becomes of the time of day."""
    return {"asked": {"origin": clock.origin(), "seconds": clock.monotonic()}}


def _left(clock: Clock, asked: Value) -> float:
    """Give the seconds until lists are believed: all of them where nobody can say how long ago it was asked, after a
    restart or on another machine."""
    if not isinstance(asked, Mapping) or not asked.get("origin") or asked["origin"] != clock.origin():
        return BELIEVED_AFTER
    seconds = asked.get("seconds")
    since = clock.monotonic() - seconds if isinstance(seconds, int | float) else 0.0
    return BELIEVED_AFTER - max(0.0, since)
