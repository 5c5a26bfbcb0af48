"""Objects that exist under the names that a plan wants to create."""

from collections.abc import Iterable

from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Action, Change, Reason, Refusal
from chanplan.planning.situation import Situation


def ownership_refusals(situation: Situation, changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse to create what exists already, somebody else's or ours and forgotten, and to touch what carries
    another's mark by now.

    An empty state over a workspace whose objects exist is one refusal, since its cause is one.
    """
    refusals: list[Refusal] = []
    lost: list[Change] = []
    for change in changes:
        if _taken_over(situation, change):
            refusals.append(_not_ours_any_more(change))
        if change.action is not Action.CREATE or change.reason not in (Reason.NOT_IN_STATE, Reason.GONE):
            continue
        observed = situation.observed(change.address)
        if observed is None or (change.reason is Reason.GONE and change.address in situation.reading.gone):
            continue
        marks = observed.marks
        if marks is not None and marks.workspace == situation.configuration.workspace:
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
                "Bring the state back (check `state:` and the path), or import the objects.",
            )
        )
    else:
        refusals.extend(_orphan(change) for change in lost)
    return tuple(refusals)


def _taken_over(situation: Situation, change: Change) -> bool:
    observed = situation.observed(change.address)
    if change.prior is None or observed is None or observed.marks is None or not change.calls_service:
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
    kind = KINDS[change.address.kind]
    whose = f"belongs to workspace {owner}" if owner else "carries no mark of chanplan"
    return Refusal(
        "foreign_object",
        change.address,
        f"An object with the names of {change.address} exists and {whose}; it is left alone.",
        f"Choose another name, or import it (`imports:` with its id, {kind.import_form}).",
    )


def _orphan(change: Change) -> Refusal:
    kind = KINDS[change.address.kind]
    return Refusal(
        "orphan",
        change.address,
        f"An object with the names of {change.address} carries this workspace's mark, but the state doesn't know it.",
        f"Import it (`imports:` with its id, {kind.import_form}), or delete it by hand.",
    )
