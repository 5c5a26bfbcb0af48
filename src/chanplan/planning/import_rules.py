"""What may not be imported, and what to do then."""

from collections.abc import Iterable, Sequence
from shlex import quote

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Action, Change, RefreshMode, Refusal
from chanplan.model.problems import Source
from chanplan.model.resources import Desired, Importing, ResourceState
from chanplan.model.scopes import Place
from chanplan.model.snapshots import IntentKind
from chanplan.planning.edges import SHARED
from chanplan.planning.numbers import told_apart
from chanplan.planning.situation import Situation


def import_refusals(situation: Situation, changes: Sequence[Change]) -> tuple[Refusal, ...]:
    """Refuse what can't be imported: one reason for each, the first that holds; and replacements that an entry could
    stop half-way."""
    entries = {entry.target: entry for entry in situation.configuration.imports}
    if not entries and all(change.importing is None for change in changes):
        return ()
    importing = [change for change in changes if change.importing is not None]
    managed = _Managed(situation, importing)
    refusals = [_refusal(situation, change, managed) for change in importing]
    refusals += [
        _stands(change, entries[change.address].source)
        for change in changes
        if change.action is Action.REPLACE and change.address in entries
    ]
    return tuple(refusal for refusal in refusals if refusal is not None)


def _refusal(situation: Situation, change: Change, managed: "_Managed") -> Refusal | None:
    importing, desired = change.importing, change.desired
    assert importing is not None
    assert desired is not None, "what is imported is declared"
    declared = KINDS[change.address.kind].import_id_of(desired.attributes, {}, desired.scope)
    if declared is not None and declared.lower() != importing.id.lower():
        return _names_differ(change, importing, declared)
    holder = managed.holder_of(change)
    if holder is not None:
        return _already_managed(change, importing, holder)
    if change.address in situation.reading.absent:
        return _not_found(change, importing)
    if change.prior is None:
        return _unread(situation, change, importing)
    if change.losses and change.acknowledged_by is None:
        return _owned(situation, change, importing)
    if change.replace_paths:
        return _cannot_become(change, importing)
    return None


def _stands(change: Change, source: Source | None) -> Refusal:
    """An import that was done is forgotten with its object: between delete and create the entry would count anew."""
    where = f" at {source}" if source is not None else ""
    return Refusal(
        "import_stands",
        change.address,
        f"{change.address} is to be deleted and created anew, and its imports: entry still stands{where}. If that stopped "
        "half-way, the entry would ask for an object that is gone.",
        "Take the entry out: what it asked for is done.",
    )


class _Managed:
    """What the state holds already, by everything that an object is known by."""

    def __init__(self, situation: Situation, importing: Iterable[Change]) -> None:
        self._by_id: dict[str, Address] = {}
        self._by_name: dict[tuple[str, str, str, Place | None], Address] = {}
        for resource in situation.snapshot.resources.values():
            self._learn(resource)
        for intent in situation.snapshot.intents:
            if intent.kind is IntentKind.DELETE:
                # What a replacement left is ours until it is deleted.
                self._by_id.setdefault(intent.resource_id, intent.address)
                if intent.prior is not None and (name := told_apart(intent.prior)):
                    self._by_id.setdefault(name, intent.address)
        for change in importing:
            # Marks that somebody copied: of several objects with one id, one can keep it.
            if change.id is not None:
                self._by_id.setdefault(change.id, change.address)

    def _learn(self, resource: ResourceState) -> None:
        self._by_id[resource.id] = resource.address
        name = told_apart(resource)
        if name:
            self._by_id[name] = resource.address
        for claim in _claims(resource):
            self._by_name[claim] = resource.address

    def holder_of(self, change: Change) -> Address | None:
        """Give the address that holds what a change is to import."""
        assert change.importing is not None
        assert change.desired is not None
        marks = (*change.importing.taken_from, *(() if change.id is None else (change.id,)))
        found = [self._by_id.get(mark) for mark in (change.importing.id, *marks)]
        found += [self._by_name.get(claim) for claim in _claims(change.desired)]
        return next((address for address in found if address not in {None, change.address}), None)


def _claims(resource: ResourceState | Desired) -> Iterable[tuple[str, str, str, Place | None]]:
    """Give the names by which objects of a kind are found, where a name means one object."""
    kind = KINDS[resource.address.kind]
    if kind.told_apart_by(resource.attributes):
        return
    for key in kind.natural_keys(resource.attributes):
        if key.names_object and key.namespace not in SHARED:
            yield (kind.name, *key.claim(resource.scope))


def _names_differ(change: Change, importing: Importing, declared: str) -> Refusal:
    return Refusal(
        "import_differs",
        change.address,
        f'"{importing.id}" is to be imported as {change.address}, which is declared as "{declared}".',
        "Declare it under the names that it has: what exists isn't renamed. Or correct the id.",
    )


def _already_managed(change: Change, importing: Importing, holder: Address) -> Refusal:
    return Refusal(
        "already_managed",
        change.address,
        f'"{importing.id}" is to be imported as {change.address}, and it is {holder} already.',
        "Take the entry out. If only the address is new, rename it; if its mark was copied, take the tag chanplan:id off "
        f"the copy.\nmoved: [{{from: {holder}, to: {change.address}}}]",
    )


def _not_found(change: Change, importing: Importing) -> Refusal:
    place = " ".join(filter(None, (change.scope.provider, change.scope.account, change.scope.region)))
    return Refusal(
        "import_not_found",
        change.address,
        f'"{importing.id}" is to be imported as {change.address}, and {place} has no such {_title(change)}.',
        "Correct the id or the provider: `chanplan discover` lists what there is. To make it anew, take the entry out.",
    )


def _title(change: Change) -> str:
    return KINDS[change.address.kind].title


def _unread(situation: Situation, change: Change, importing: Importing) -> Refusal:
    unasked = situation.reading.mode is RefreshMode.NONE
    return Refusal(
        "import_unread",
        change.address,
        f'"{importing.id}" is to be imported as {change.address}, and nobody looked at it.',
        "Plan without `--refresh none`." if unasked else "Run again when its service can be read.",
    )


def _owned(situation: Situation, change: Change, importing: Importing) -> Refusal:
    owner = importing.owner
    if owner == situation.configuration.workspace:
        reason = (
            f'The parts of "{importing.id}" carry marks of several resources of this workspace, none of which the state '
            f"knows: {', '.join(importing.taken_from)}."
        )
        remedy = "Look for the state that knows them. If there is none, agree to mark all parts anew:"
    else:
        whose = f"belongs to workspace {owner}" if owner else "carries the mark of another resource"
        reason = f'"{importing.id}" is to be imported as {change.address}, and it {whose}; it is left alone.'
        remedy = (
            "Let that workspace forget it first (`removed: [{address: …, destroy: false}]` there), and agree to take "
            "it over:"
        )
    return Refusal(
        "foreign_object",
        change.address,
        reason,
        f"{remedy}\n{_agreeing(situation, change.address, importing)}",
    )


def _agreeing(situation: Situation, address: Address, importing: Importing) -> str:
    """Write the command that agrees. What `chanplan import` asks for stands in no file, so an apply wouldn't know of it."""
    entry = next((each for each in situation.configuration.imports if each.target == address), None)
    if entry is not None and entry.source is None:
        return f"chanplan import {address} {quote(importing.id)} --take-ownership"
    return f"chanplan apply --take-ownership {address}"


def _cannot_become(change: Change, importing: Importing) -> Refusal:
    names = sorted({str(path[0]) for path in change.replace_paths})
    before = change.before or {}
    found = ", ".join(f"{name}: {before.get(name)}" for name in names)
    return Refusal(
        "import_differs",
        change.address,
        f'"{importing.id}" differs from {change.address} in what can\'t be changed in place: it has {found}. '
        "What somebody else made is never replaced.",
        f"Declare it as it is ({found}), or choose other names for a new one.",
    )
