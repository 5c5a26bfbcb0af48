"""The last look before something is destroyed: it must still be what the plan was made from."""

from collections.abc import Collection

from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Change
from chanplan.model.problems import Problem
from chanplan.model.resources import Observed, ResourceState
from chanplan.model.values import Value
from chanplan.planning.decisions import as_read


def changed_since_plan(
    change: Change, prior: ResourceState, observed: Observed, *, begun: bool, changing: Collection[str] = ()
) -> Problem | None:
    """Compare an object about to be destroyed with what the plan said of it, or give None when it is the same.

    What the service doesn't report isn't compared, nor what an unfinished update was `changing`, nor tags of others;
    and of what is half made or half gone (`begun`) only the mark is.
    """
    marks = observed.marks if KINDS[prior.address.kind].owns_objects else None
    half_ours = not prior.complete and prior.id in observed.ids
    if marks is not None and marks.id != prior.id and not half_ours:
        carried = "no mark of ours" if marks.id is None else f"the mark of another resource ({marks.id})"
        return _problem(change, f"the object carries {carried}")
    if begun or not prior.complete or change.before is None:
        return None
    now = as_read(prior, observed, change.desired)
    table = KINDS[prior.address.kind].attributes_of(prior.attributes)
    differing = sorted(
        name
        for name in observed.attributes
        if name in change.before
        and name not in changing
        and change.before[name] != now.get(name)
        and not (name in table and table[name].passes_on and _is_less(now.get(name), change.before[name]))
    )
    if differing:
        return _problem(change, f"{', '.join(differing)} differ from what the plan shows")
    return None


def _is_less(now: Value, before: Value) -> bool:
    """Tell whether nothing came to a list; what left it was given to another resource, by this very plan above all."""
    return isinstance(now, list | tuple) and isinstance(before, list | tuple) and set(now) <= set(before)


def _problem(change: Change, what: str) -> Problem:
    return Problem(
        "changed_since_plan",
        f"{change.address} was changed since it was planned: {what}. Nothing was touched.",
        "Run plan again with --refresh deep, and review what would be destroyed.",
        source=change.source,
        address=change.address,
    )
