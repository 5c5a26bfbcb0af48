"""Taking drift into the state: what is taken, what is left and why, and what is written for it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration, Safety
from chanplan.model.handovers import belonging
from chanplan.model.kinds.use_case import numbers_of
from chanplan.model.plans import Drift, Estimate, Plan, Refusal, Summary
from chanplan.model.problems import Problem, Severity
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Depth
from chanplan.model.snapshots import DropResource, Edit, PutResource, Snapshot
from chanplan.planning.digest import digest_of, fingerprint_of
from chanplan.planning.drift import drift, is_ours, unchecked
from chanplan.planning.numbers import known_numbers
from chanplan.planning.situation import Situation

LEFT_ALONE = "drift_left_alone"
"""The code of a warning about what an earlier run began: only an apply knows how it goes on."""


def make_acceptance(
    configuration: Configuration, snapshot: Snapshot, reading: Reading, request: Request, now: datetime
) -> Plan:
    """Plan to take into the state what the services have. What is declared plays no part, so `moved:` entries don't
    either: addresses are those of the state. Pure.

    Taken are values that a close look read of an object that is ours, and that an object is gone. Left are what an
    earlier run began, what carries another's mark, missing parts, lines that are gone while numbers may name them, and
    what is gone while others still refer to it.
    """
    begun = {intent.address: intent for intent in snapshot.intents}
    situation = Situation(
        configuration=configuration,
        snapshot=snapshot,
        previous={},
        reading=reading,
        request=request,
        now=now,
        desired={},
        going=frozenset(),
        renewed=frozenset(),
        begun=begun,
        removed={},
        wanted_numbers={},
        known_objects=frozenset(),
    )
    asked = asked_about(snapshot, request.targets)
    found = tuple(_judged(situation, [each for each in drift(situation) if each.address in asked]))
    return Plan(
        workspace=configuration.workspace,
        lineage=snapshot.lineage,
        serial=snapshot.serial,
        config_digest=configuration.digest,
        digest=digest_of(each.fingerprint for each in found if each.fingerprint),
        created_at=now,
        refresh=reading.mode,
        refreshed_at=reading.at,
        changes=(),
        edges=(),
        drift=found,
        unchecked=tuple(each for each in unchecked(situation) if each.address in asked),
        refusals=_threshold(found, len(snapshot.resources), configuration.safety, request),
        diagnostics=(
            *(entry.problem for entry in reading.unreadable),
            *_unfinished(snapshot, asked),
        ),
        summary=Summary(),
        estimate=Estimate(),
        targeted=bool(request.targets),
        refresh_only=True,
    )


def asked_about(snapshot: Snapshot, targets: Iterable[Address]) -> frozenset[Address]:
    """Give the resources that are looked at: the targets with what they refer to, or all when there are none."""
    found: set[Address] = set()
    open_ends = list(targets) or list(snapshot.resources)
    while open_ends:
        address = open_ends.pop()
        if address in found or address not in snapshot.resources:
            continue
        found.add(address)
        open_ends.extend(snapshot.resources[address].references)
    return frozenset(found)


def edits_of(plan: Plan, snapshot: Snapshot, now: datetime) -> tuple[Edit, ...]:
    """Give what is written when the plan is carried out: values as they were found, gone resources forgotten. Facts,
    protection and what wasn't read stay as they are."""
    edits: list[Edit] = []
    for entry in plan.drift:
        if not entry.fingerprint:
            continue
        if entry.after is None:
            edits.append(DropResource(entry.address))
        else:
            resource = snapshot.resources[entry.address]
            edits.append(PutResource(replace(resource, attributes=entry.after, updated_at=now)))
    return tuple(edits)


def under_acceptance(plan: Plan, approved: frozenset[str]) -> Plan:
    """Keep of a plan what an approval covers, and refuse (`not_approved`) what else it would take into the state."""
    strange = [each for each in plan.drift if each.fingerprint and each.fingerprint not in approved]
    refusals = tuple(
        Refusal(
            "not_approved",
            each.address,
            f"The approved plan doesn't hold this drift of {each.address}.",
            "Review a new plan (`chanplan plan --refresh-only`) and apply with its digest.",
        )
        for each in strange
    )
    return replace(plan, refusals=(*plan.refusals, *refusals))


def _judged(situation: Situation, found: Sequence[Drift]) -> Iterable[Drift]:
    gone = {each.address for each in found if each.after is None}
    kept = {address for address in gone if known_numbers(situation.snapshot.resources[address])}
    staying = _staying(situation.snapshot, gone - kept)
    for each in map(_without_idle_profile, found):
        why = _why_left(situation, each, staying)
        yield replace(each, left=why) if why else replace(each, fingerprint=fingerprint_of(each))


def _without_idle_profile(found: Drift) -> Drift:
    """Take a customer profile along with the last number of a line: one without numbers is assigned to none, and no
    reading would ever tell of it again."""
    after = found.after
    if after is None or not after.get("customer_profile") or numbers_of(after):
        return found
    after = {**after, "customer_profile": None}
    return replace(found, after=after, changed=tuple(sorted({*found.changed, "customer_profile"})))


def _staying(snapshot: Snapshot, gone: Collection[Address]) -> Mapping[Address, Address]:
    """Give what is gone and can't be forgotten, each with one that still refers to it."""
    staying: dict[Address, Address] = {}
    for address in sorted(gone):
        referring = sorted(belonging(snapshot, frozenset({address})) - {address} - set(gone))
        if referring:
            staying[address] = referring[0]
    return staying


def _why_left(situation: Situation, found: Drift, staying: Mapping[Address, Address]) -> str:
    if found.after is None:
        if numbers := sorted(known_numbers(situation.snapshot.resources[found.address])):
            return (
                f"{', '.join(numbers)} may still name it, and only the state knows that it was ours. An apply makes it anew "
                "and binds them to that."
            )
        user = staying.get(found.address)
        return "" if user is None else f"{user} refers to it and is still there. An apply makes it anew."
    observed = situation.reading.observed[found.address]
    if not is_ours(situation.snapshot.resources[found.address], observed):
        return "What has its names doesn't carry our mark (any more), so it is left alone."
    if observed.depth is not Depth.DIRECT:
        return "Only a list told of it, which doesn't say whose it is."
    if not found.changed:
        return "The state keeps no parts: an apply puts back what is missing."
    return ""


def _unfinished(snapshot: Snapshot, asked: Collection[Address]) -> Iterable[Problem]:
    begun = {intent.address for intent in snapshot.intents}
    begun |= {address for address, resource in snapshot.resources.items() if not resource.complete}
    for address in sorted(begun & set(asked)):
        yield Problem(
            LEFT_ALONE,
            f"An earlier run began something on {address} and didn't finish it, so the state keeps what it has of it.",
            "An apply (without --refresh-only) finishes it.",
            Severity.WARNING,
            address=address,
        )


def _threshold(found: Sequence[Drift], total: int, safety: Safety, request: Request) -> tuple[Refusal, ...]:
    """Refuse to forget too large a part of the workspace at once: that much rarely goes, while a wrong account or
    endpoint shows nothing at all."""
    gone = sum(1 for each in found if each.after is None)
    if request.allow_all or total < safety.minimum or 100 * gone <= safety.max_percent * total:
        return ()
    return (
        Refusal(
            "threshold",
            None,
            f"{gone} of {total} resources are gone, more than {safety.max_percent:g} %: are these the right accounts "
            "and endpoints?",
            "If they are, add `--allow-delete all`, and the state forgets them.",
        ),
    )
