"""Objects that exist under the names that a plan wants to create."""

from collections.abc import Iterable, Sequence

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Action, Change, Reason, Refusal
from chanplan.model.resources import Observed
from chanplan.model.snapshots import IntentKind
from chanplan.planning.imports import import_entries, import_entry
from chanplan.planning.situation import Situation

_ENTRIES = 10
"""How many entries a remedy prints."""


def ownership_refusals(situation: Situation, changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse to create what exists already, somebody else's or ours and forgotten, and to touch what carries
    another's mark by now.

    An empty state over a workspace whose objects exist is one refusal, since its cause is one.
    """
    refusals: list[Refusal] = []
    lost: list[Change] = []
    known = {resource.id for resource in situation.snapshot.resources.values()}
    leftovers = {
        intent.resource_id: intent.address
        for intent in situation.snapshot.intents
        if intent.kind is IntentKind.DELETE
    }
    for change in changes:
        if change.importing is not None:
            continue
        if _taken_over(situation, change):
            refusals.append(_not_ours_any_more(change))
        observed = _in_the_way(situation, change)
        if observed is None:
            continue
        if observed.candidates:
            strange = [one for one in observed.candidates if one not in situation.known_objects]
            if strange:
                refusals.append(_unmarked(change, strange))
            continue
        marks = observed.marks
        if marks is not None and marks.id in known:
            # A resource of ours has the name now; the order of steps says when it gives it up.
            continue
        if marks is not None and marks.id in leftovers:
            refusals.append(_not_free_yet(change, leftovers[marks.id]))
        elif marks is not None and marks.workspace == situation.configuration.workspace:
            lost.append(change)
        else:
            refusals.append(_foreign(change, None if marks is None else marks.workspace))
    if lost and not situation.snapshot.resources:
        names = ", ".join(str(change.address) for change in lost[:5])
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        refusals.append(
            Refusal(
                "state_lost",
                None,
                f"The state is empty, and the services hold objects of workspace "
                f"{situation.configuration.workspace}: {names}{more}.",
                "Bring the state back: check `state:` and its path, and look for a backup. If it is lost for good, "
                "bring what exists under control again (`chanplan discover` writes all entries):\n"
                + _entries(lost),
            )
        )
    else:
        refusals.extend(_orphan(change) for change in lost)
    return tuple(refusals)


def _in_the_way(situation: Situation, change: Change) -> Observed | None:
    """What exists under the names that a change is about to create."""
    if not KINDS[change.address.kind].owns_objects:
        return None
    if change.action.replaces or change.action is Action.UPDATE:
        return situation.reading.taken.get(change.address)
    if change.action is Action.CREATE and change.reason is Reason.NOT_IN_STATE:
        return situation.observed(change.address)
    return None


def _taken_over(situation: Situation, change: Change) -> bool:
    observed = situation.observed(change.address)
    if change.prior is None or observed is None or observed.marks is None or not change.calls_service:
        return False
    if not KINDS[change.address.kind].owns_objects:
        return False
    # An object without any mark may be one whose service or rights don't show marks: the provider decides.
    return observed.marks.id not in (None, change.prior.id)


def _not_ours_any_more(change: Change) -> Refusal:
    return Refusal(
        "foreign_object",
        change.address,
        f"The object with the names of {change.address} carries the mark of another resource; it is left alone.",
        f"Find out who took it over. To let go of it, delete its block and add\n"
        f"removed: [{{address: {change.address}, destroy: false}}]",
    )


def _foreign(change: Change, owner: str | None) -> Refusal:
    whose = f"belongs to workspace {owner}" if owner else "carries no mark of chanplan"
    return Refusal(
        "foreign_object",
        change.address,
        f"An object with the names of {change.address} exists and {whose}; it is left alone.",
        "Choose another name."
        if change.prior is not None
        else f"Choose another name, or bring it under control:\n{_entry(change)}"
        + (f"\nwith `--take-ownership {change.address}`, once that workspace forgot it." if owner else ""),
    )


def _not_free_yet(change: Change, replaced: Address) -> Refusal:
    return Refusal(
        "name_not_free_yet",
        change.address,
        f"The names that {change.address} asks for belong to what an earlier replacement of {replaced} left, which goes "
        "once nothing uses it any more.",
        "Choose other names, or leave this change out until an apply has deleted it: what still uses it leaves once its "
        "gate opens. Don't delete it by hand.",
    )


def _unmarked(change: Change, strange: Sequence[str]) -> Refusal:
    listed = ", ".join(strange)
    return Refusal(
        "foreign_object",
        change.address,
        f"{'Objects' if len(strange) > 1 else 'An object'} with the names of {change.address} "
        f"{'exist' if len(strange) > 1 else 'exists'}, which the state doesn't know: {listed}.",
        "Choose another name, or delete by hand what nobody needs."
        if change.prior is not None
        else "Choose another name, delete by hand what nobody needs, or bring one under control:\n"
        + "\n".join(import_entry(change.address, one) for one in strange),
    )


def _orphan(change: Change) -> Refusal:
    return Refusal(
        "orphan",
        change.address,
        f"An object with the names of {change.address} carries this workspace's mark, but the state doesn't know it.",
        f"Bring back the state that knows it, or bring it under control again:\n{_entry(change)}",
    )


def _entries(changes: Sequence[Change]) -> str:
    shown = [(change.address, _import_id(change)) for change in changes[:_ENTRIES]]
    more = len(changes) - len(shown)
    return import_entries(shown) + (f"\n  # and {more} more" if more else "")


def _entry(change: Change) -> str:
    return import_entry(change.address, _import_id(change))


def _import_id(change: Change) -> str | None:
    return KINDS[change.address.kind].import_id_of(change.after or {}, {}, change.scope)
