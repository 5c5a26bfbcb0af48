"""What a reviewer should know of imports besides what they change."""

from collections.abc import Iterable, Iterator

from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Change
from chanplan.model.problems import Problem, Severity
from chanplan.planning.situation import Situation


def import_notes(situation: Situation, changes: Iterable[Change]) -> Iterator[Problem]:
    """Tell of entries that name another object than the state holds, of use cases whose pool tells no tier, and of
    objects that other tenants use too."""
    yield from _already_in_state(situation)
    for change in changes:
        if change.importing is None or change.prior is None:
            continue
        if _is_without_tier(change):
            yield _without_tier(change)
        observed = situation.observed(change.address)
        others = () if observed is None else observed.facts.get("other_tenants")
        if isinstance(others, list | tuple) and others:
            yield _shared(change, [str(name) for name in others])


def _already_in_state(situation: Situation) -> Iterator[Problem]:
    for entry in situation.configuration.imports:
        held = situation.prior(entry.target)
        if held is None or not held.complete:
            continue
        known = KINDS[entry.target.kind].import_id_of(held.attributes, held.facts, held.scope)
        if known is not None and known.lower() != entry.id.lower():
            yield Problem(
                "already_in_state",
                f'{entry.target} is in state as "{known}"; the entry to import "{entry.id}" does nothing.',
                "Take the entry out, or give it an address of its own.",
                Severity.WARNING,
                entry.source,
                entry.target,
            )


def _is_without_tier(change: Change) -> bool:
    return (
        change.prior is not None
        and "email_type" in change.prior.attributes
        and "tier" not in change.prior.facts
        and (change.after or {}).get("sending_pool") is not None
    )


def _without_tier(change: Change) -> Problem:
    pool = (change.before or {}).get("sending_pool")
    through = f"sends through pool {pool}, which" if pool else "sends through no pool of its own, which"
    return Problem(
        "tier_unknown",
        f"{change.address} {through} tells no tier: it starts at onboarding, and its mail moves to that tier's pool.",
        "To keep it where it is, declare that pool under sending_pools for the tier that it has.",
        Severity.WARNING,
        change.source,
        change.address,
    )


def _shared(change: Change, others: list[str]) -> Problem:
    return Problem(
        "import_shared",
        f"{change.address} also belongs to tenants that aren't its setup's: {', '.join(others)}.",
        "It is imported all the same; it can't be deleted before they gave it up.",
        Severity.WARNING,
        change.source,
        change.address,
    )
