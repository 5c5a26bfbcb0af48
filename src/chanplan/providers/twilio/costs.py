"""How many calls a change makes, by operation, so that a plan can say what it costs.

Counted as things go when nothing went wrong before, every list is one page, and every number that is bound is new here
and isn't on the profile yet. A delete is counted with the read by which the engine makes sure right before it that it
deletes what the plan showed. A test compares these counts with the calls that a service saw.
"""

from collections import Counter
from collections.abc import Mapping

from chanplan.model.plans import Action, Change, Reason
from chanplan.model.values import Attributes, Facts
from chanplan.providers.twilio.applications import texts
from chanplan.providers.twilio.numbers import held_in
from chanplan.providers.twilio.use_cases import APPLICATION

_NUMBERS = "twilio:ListIncomingPhoneNumber"
_NUMBER = "twilio:FetchIncomingPhoneNumber"
_BIND = "twilio:UpdateIncomingPhoneNumber"
_ASSIGNMENTS = "twilio:ListCustomerProfileChannelEndpointAssignment"
_ASSIGN = "twilio:CreateCustomerProfileChannelEndpointAssignment"
_UNASSIGN = "twilio:DeleteCustomerProfileChannelEndpointAssignment"


def calls_of(change: Change) -> Mapping[str, int]:
    """Count the calls of a change; both halves of a replacement."""
    if not change.calls_service or change.action in {Action.NO_OP, Action.FORGET}:
        return {}
    before, after = change.before or {}, change.after or {}
    facts: Facts = {}
    if change.prior is not None:
        before, facts = change.prior.attributes, change.prior.facts
    if change.desired is not None:
        after = change.desired.attributes
    if change.address.kind == "twilio_setup":
        # Letting go of one is settled in the state alone.
        return {} if change.action is Action.DELETE else {"twilio:FetchCustomerProfile": 1}
    if change.action is Action.UPDATE:
        return _update(change, before, after, facts)
    counted: Counter[str] = Counter()
    if change.action.destroys:
        # A replacement's numbers have moved to the new Application by then.
        kept = set(_numbers(after)) if change.action.replaces else set()
        counted += _delete(
            [number for number in _numbers(before) if number not in kept], bool(_numbers(before))
        )
    if change.action is Action.CREATE or change.action.replaces:
        counted += _create(_numbers(after))
    return counted


def _create(numbers: tuple[str, ...]) -> Counter[str]:
    counted = Counter(("twilio:ListApplication", "twilio:CreateApplication"))
    if numbers:
        counted.update((_NUMBERS, _ASSIGNMENTS))
    return counted + _taken(len(numbers))


def _update(change: Change, before: Attributes, after: Attributes, facts: Facts) -> Counter[str]:
    counted = Counter(("twilio:FetchApplication",))
    changed, old, new = set(change.changed), set(_numbers(before)), set(_numbers(after))
    if APPLICATION & changed:
        counted["twilio:UpdateApplication"] += 1
    if "phone_numbers" in changed or set(held_in(facts)) != new:
        counted[_NUMBERS] += 1
    if new:
        counted[_ASSIGNMENTS] += 1
    if "phone_numbers" in changed:
        counted += _taken(len(new - old)) + _given(len(old - new))
    kept = len(new & old)
    if "customer_profile" in changed:
        counted += Counter({_NUMBER: kept, _UNASSIGN: kept, _ASSIGN: kept})
    elif change.reason is Reason.MENDED and kept:
        # A plan doesn't say how many assignments are missing.
        counted.update((_NUMBER, _ASSIGN))
    return counted


def _delete(numbers: list[str], had_any: bool) -> Counter[str]:
    counted = Counter(("twilio:FetchApplication", _NUMBERS, _NUMBERS, "twilio:DeleteApplication"))
    if had_any and numbers:
        counted[_ASSIGNMENTS] += 1
    return counted + _given(len(numbers))


def _taken(numbers: int) -> Counter[str]:
    return Counter({_NUMBER: numbers, _BIND: numbers, _ASSIGN: numbers})


def _given(numbers: int) -> Counter[str]:
    return Counter({_NUMBER: numbers, _UNASSIGN: numbers, _BIND: numbers})


def _numbers(attributes: Attributes) -> tuple[str, ...]:
    return texts(attributes.get("phone_numbers"))
