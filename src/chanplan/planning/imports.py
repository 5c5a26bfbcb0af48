"""Objects that exist and come under control: which ones are meant, and as what they would be taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Loss
from chanplan.model.problems import Source
from chanplan.model.resources import (
    Desired,
    Identity,
    Importing,
    Marks,
    Observed,
    Origin,
    ResourceState,
)
from chanplan.model.snapshots import Intent, IntentKind, Snapshot
from chanplan.model.values import Attributes, Facts
from chanplan.planning.tiers import PoolMap


@dataclass(frozen=True, slots=True)
class Pending:
    """What is to be imported and isn't in state yet."""

    id: str
    source: Source | None
    begun: Intent | None = None
    """The intent of an earlier run that didn't finish it."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What becomes of a pending import."""

    importing: Importing
    source: Source | None
    prior: ResourceState | None = None
    """The object as if the state remembered it as it was found; None when it wasn't found or looked for."""
    id: str | None = None
    """The id that it carries and keeps; None where the apply draws one."""
    losses: tuple[Loss, ...] = ()


def pending_imports(configuration: Configuration, snapshot: Snapshot) -> Mapping[Address, Pending]:
    """Give what is declared, isn't in state, and is to be imported: by an entry, or since an earlier run began it.

    An entry whose target is in state has done its work and does nothing.
    """
    entries = {entry.target: entry for entry in configuration.imports}
    begun = {
        intent.address: (intent, intent.importing.id)
        for intent in snapshot.intents
        if intent.kind is IntentKind.IMPORT and intent.importing is not None
    }
    pending = {}
    for address in sorted(entries.keys() | begun.keys()):
        if address in snapshot.resources or address not in configuration.resources:
            continue
        entry, (intent, known) = entries.get(address), begun.get(address, (None, ""))
        if entry is None:
            pending[address] = Pending(known, None, intent)
        else:
            pending[address] = Pending(entry.id, entry.source, intent if known == entry.id else None)
    return pending


def identity_to_import(desired: Desired, pending: Pending, context: Facts) -> Identity:
    """Give what finds the object of a pending import."""
    return Identity(
        desired.address, None, desired.scope, desired.attributes, _facts_named(desired, pending.id), context
    )


def _facts_named(desired: Desired, id: str) -> Facts:
    """Give the fact that an import id is, where objects carry no mark and are told apart by what the service calls
    them."""
    kind = KINDS[desired.address.kind]
    fact, named = kind.told_apart_by(desired.attributes), kind.parse_import_id(id)
    return {} if not fact or named is None or fact not in named else {fact: named[fact]}


def fits(desired: Desired, id: str) -> bool:
    """Tell whether an import id has the form of what is declared."""
    kind = KINDS[desired.address.kind]
    named = kind.parse_import_id(id)
    if named is None or kind.name != "use_case":
        return named is not None
    return (kind.told_apart_by(desired.attributes) or "configuration_set_name") in named


def inferred_tier(
    desired: Desired, pending: Pending | None, observed: Observed | None, pools: PoolMap
) -> str | None:
    """Give the tier at which an email use case comes under control: that of the pool of its family that it sends
    through. None where no such pool is known, or nothing is imported."""
    if pending is None or "email_type" not in desired.attributes:
        return None
    if pending.begun is not None and pending.begun.prior is not None:
        tier = pending.begun.prior.facts.get("tier")
        return tier if isinstance(tier, str) else None
    return None if observed is None else pools.tier_served(desired, observed.attributes.get("sending_pool"))


def adoption_of(
    desired: Desired, pending: Pending, observed: Observed | None, workspace: str, tier: str | None
) -> Adoption:
    """Judge what was found of a pending import. `desired` has its derived attributes."""
    if observed is None or observed.candidates:
        return Adoption(Importing(pending.id), pending.source)
    owners = _owners(observed)
    begun = pending.begun
    if (
        begun is not None
        and begun.prior is not None
        and begun.importing is not None
        and owners.keys() <= {begun.resource_id, *begun.importing.taken_from}
    ):
        # Whoever began it agreed to what it takes, and may have taken some of it already.
        prior = replace(begun.prior, facts={**begun.prior.facts, **begun.facts})
        importing = replace(begun.importing, missing=observed.incomplete)
        return Adoption(importing, pending.source, prior, begun.resource_id)
    ours = [id for id, owner in owners.items() if owner == workspace]
    keeps = ours[0] if len(ours) == len(owners) == 1 else None
    taken = () if keeps is not None else tuple(sorted(owners))
    strangers = sorted({owner or "" for owner in owners.values()} - {workspace})
    owner = None if keeps is not None or not owners else (strangers[0] if strangers else workspace)
    prior = ResourceState(
        desired.address,
        keeps or "",
        desired.scope,
        _as_found(desired, observed),
        {**_facts_named(desired, pending.id), **({} if tier is None else {"tier": tier})},
        references=desired.references,
        origin=Origin.IMPORT,
    )
    importing = Importing(pending.id, taken, owner, observed.incomplete)
    return Adoption(importing, pending.source, prior, keeps, (_lost(owner),) if taken else ())


def _owners(observed: Observed) -> Mapping[str, str | None]:
    """Give the ids that an object's parts carry, with the workspaces that they name."""
    marks: tuple[Marks | None, ...] = (observed.marks, *observed.carried)
    return {each.id: each.workspace for each in marks if each is not None and each.id is not None}


def _as_found(desired: Desired, observed: Observed) -> Attributes:
    """Give the declared attributes as they were read; what the service doesn't tell is as it is declared. Of tags, only
    keys that are declared are looked at: nothing says that others are ours."""
    table = KINDS[desired.address.kind].attributes_of(desired.attributes)
    found = {name: value for name, value in observed.attributes.items() if name in table}
    tags, wanted = found.get("tags"), desired.attributes.get("tags")
    if isinstance(tags, Mapping):
        keys = wanted if isinstance(wanted, Mapping) else {}
        found["tags"] = {key: value for key, value in tags.items() if key in keys}
    return {**desired.attributes, **found}


def _lost(owner: str | None) -> Loss:
    whose = f"workspace {owner}" if owner else "another resource"
    return Loss(
        "ownership",
        f"It carries the mark of {whose}, which can change and delete it no more from then on.",
    )


def import_entry(address: Address, id: str | None) -> str:
    """Write the entry that brings an object under control."""
    return f"imports: [{_entry(address, id)}]"


def import_entries(entries: Sequence[tuple[Address, str | None]]) -> str:
    """Write the entries of several objects under one key, since YAML takes a key only once."""
    return "imports:\n" + "\n".join(f"  - {_entry(address, id)}" for address, id in entries)


def _entry(address: Address, id: str | None) -> str:
    return f'{{to: {address}, id: "{id or KINDS[address.kind].import_form}"}}'
