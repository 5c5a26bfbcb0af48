"""Counting changes."""

from collections import Counter
from collections.abc import Iterable

from chanplan.model.plans import Change, Summary


def summary_of(changes: Iterable[Change]) -> Summary:
    """Count changes by action, and those before which a gate isn't open."""
    counts: Counter[str] = Counter()
    for change in changes:
        word = "replace" if change.action.replaces else change.action.value.replace("-", "_")
        if change.importing is not None:
            counts["imported"] += 1
        if not change.only_imports:
            counts[word] += 1
        if change.waits:
            counts["waiting"] += 1
    return Summary(
        create=counts["create"],
        update=counts["update"],
        replace=counts["replace"],
        delete=counts["delete"],
        forget=counts["forget"],
        no_op=counts["no_op"],
        waiting=counts["waiting"],
        imported=counts["imported"],
    )
