"""What only one resource of a workspace may have, across kinds, channels and files, without regard to case."""

from dataclasses import dataclass

from chanplan.config.draft import Declaration, Draft
from chanplan.config.reading import quoted
from chanplan.model.kinds.table import NaturalKey
from chanplan.model.kinds.use_case import VoiceUseCase


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a value that stands twice is told."""

    code: str
    attribute: str
    title: str
    remedy: str


_RULES = {
    "tenant": _Rule("duplicate_tenant", "tenant_name", "tenant", "Give each setup a tenant of its own."),
    "domain": _Rule(
        "duplicate_domain",
        "domain_identity",
        "domain",
        "Let several use cases share one setup, or verify a subdomain for the second.",
    ),
    "sender": _Rule(
        "duplicate_sender",
        "sender_email_address",
        "sender address",
        "Give each use case an address of its own.",
    ),
    "phone_number": _Rule(
        "duplicate_phone_number", "phone_numbers", "phone number", "Assign each number to one use case."
    ),
    "pool": _Rule(
        "duplicate_pool",
        "pool_name",
        "pool name",
        "A pool serves one family: give the second a name of its own, or merge their tiers.",
    ),
    "use_case": _Rule(
        "duplicate_use_case",
        "name",
        "pair of entity_name and name",
        "Change one of the two parts; channels share these names.",
    ),
    "configuration_set": _Rule(
        "configuration_set_collision",
        "name",
        "configuration set name",
        "Change one of the names by more than case, spaces and hyphens.",
    ),
}
"""By the namespace of a natural key; one that isn't here may repeat."""


def check_uniqueness(draft: Draft) -> None:
    """Report every value that a second resource has, with both places."""
    owners: dict[tuple[str, str], list[Declaration]] = {}
    for declaration in draft.declarations.values():
        repeated: set[str] = set()
        for key in declaration.kind.natural_keys(declaration.attributes):
            rule = _RULES.get(key.namespace)
            if rule is None:
                continue
            holders = owners.setdefault((key.namespace, key.value), [])
            first = next((held for held in holders if _collide(key, held, declaration, draft)), None)
            holders.append(declaration)
            if first is None:
                continue
            # The same pair gives the same configuration set: that is one mistake, told once.
            if key.namespace == "configuration_set" and "use_case" in repeated:
                continue
            repeated.add(key.namespace)
            _report(rule, key, first, declaration, draft)


def _collide(key: NaturalKey, first: Declaration, second: Declaration, draft: Draft) -> bool:
    if not key.regional:
        return True
    here, there = draft.scopes.get(second.address), draft.scopes.get(first.address)
    return here is None or there is None or here.same_place(there)


def _report(rule: _Rule, key: NaturalKey, first: Declaration, second: Declaration, draft: Draft) -> None:
    there = first.place(*_path(rule, key, first))
    draft.reading.report(
        rule.code,
        f"{second.address} has the {rule.title} {quoted(key.value)}, and so has {first.address} at {there}.",
        second.place(*_path(rule, key, second)),
        rule.remedy,
        address=second.address,
        data={"value": key.value, "other": str(first.address), "other_place": str(there)},
    )


def _path(rule: _Rule, key: NaturalKey, declaration: Declaration) -> tuple[str | int, ...]:
    if key.namespace == "phone_number" and isinstance(declaration.model, VoiceUseCase):
        return (rule.attribute, declaration.model.phone_numbers.index(key.value))
    return (rule.attribute,)
