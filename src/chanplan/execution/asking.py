"""What a provider is told with a create or an update beyond what is declared. None of it is remembered: it follows from
configuration and state of the moment."""

from dataclasses import replace

from chanplan.execution.journal import Journal
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Change
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import IntentKind
from chanplan.model.values import Facts

PASSED, TAKEN = "passed_numbers", "taken"
"""The names in a context under which the numbers stand that other lines take, and those that ours may take."""
REPLACES = "replaces"
"""The name among the partial facts of a create under which the service's names of what it replaces stand."""


def with_numbers(change: Change, desired: Desired, facts: Facts, journal: Journal) -> Desired:
    """Tell which numbers of a line pass to other lines, and which of those that it takes are ours to take. `facts` are
    what is known of the line itself."""
    context = dict(desired.context)
    if change.passed_numbers:
        context[PASSED] = list(change.passed_numbers)
    taken = journal.numbers.claims(change, facts)
    if taken:
        context[TAKEN] = taken
    return replace(desired, context=context)


def with_replaced(change: Change, begun: ResourceState | None, partial: Facts, journal: Journal) -> Facts:
    """Tell what the service calls the objects that a create stands in for, where objects carry no mark: beside them, an
    object of the same name is no stranger, and what is bound to them, though they may be gone, is ours. `begun` is what
    an earlier attempt at the same create left."""
    held = journal.resources.get(change.address)
    olds = [held] if held is not None and begun is None else []
    intents = journal.open_intents(change.address)
    olds += [
        intent.prior for intent in intents if intent.kind is IntentKind.DELETE and intent.prior is not None
    ]
    kind = KINDS[change.address.kind]
    names = {old.facts.get(kind.told_apart_by(old.attributes)) for old in olds}
    replaced = sorted(name for name in names if isinstance(name, str))
    return {**partial, REPLACES: replaced} if replaced else partial
