"""What differs between two sets of declared attributes."""

from collections.abc import Iterable, Mapping

from chanplan.model.plans import Action, Change, Difference
from chanplan.model.values import Attributes, Value


def changed_names(before: Attributes, after: Attributes, names: Iterable[str]) -> tuple[str, ...]:
    """Give the names whose values differ, sorted; an absent value equals None."""
    return tuple(sorted(name for name in names if before.get(name) != after.get(name)))


def differences_of(change: Change) -> tuple[Difference, ...] | None:
    """Give what a change says of its attributes before and after, place by place; None where an attribute differs that
    it doesn't name as changed."""
    if change.action is not Action.UPDATE and not change.action.replaces:
        return ()
    before, after = change.before or {}, change.after or {}
    # A restarted verification is named as changed, too, and is no attribute.
    named = tuple(name for name in change.changed if name in before or name in after)
    return (
        differences(before, after, named)
        if changed_names(before, after, {*before, *after}) == named
        else None
    )


def differences(
    before: Attributes | None, after: Attributes | None, names: Iterable[str]
) -> tuple[Difference, ...]:
    """Explain, place by place, how the named attributes differ.

    Mappings are compared key by key and lists whole; only attributes that are known to differ should be named.
    """
    found: list[Difference] = []
    for name in names:
        old = None if before is None else before.get(name)
        new = None if after is None else after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found.extend(_deep(name, old, new))
        else:
            found.append(Difference((name,), old, new))
    return tuple(found)


def _deep(name: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> list[Difference]:
    if not any(isinstance(value, Mapping) for value in (*old.values(), *new.values())):
        # deepdiff takes a fifth of a millisecond, which a change of the workspace's tags would pay for each resource.
        keys = sorted(key for key in {*old, *new} if key not in old or key not in new or old[key] != new[key])
        return [Difference((name, key), old.get(key), new.get(key)) for key in keys]
    from deepdiff import DeepDiff

    delta = DeepDiff(dict(old), dict(new), view="tree", ignore_order=False)
    paths: set[tuple[str | int, ...]] = set()
    for group in delta.values():
        for level in group:
            paths.add(tuple(_up_to_list(level.path(output_format="list"))))
    return [
        Difference((name, *path), _at(old, path), _at(new, path))
        for path in sorted(paths, key=lambda p: list(map(str, p)))
    ]


def _up_to_list(path: Iterable[str | int]) -> list[str | int]:
    """Cut a path before its first list index: lists are compared whole."""
    cut: list[str | int] = []
    for part in path:
        if isinstance(part, int):
            break
        cut.append(part)
    return cut


def _at(value: Value, path: tuple[str | int, ...]) -> Value:
    for part in path:
        if not isinstance(value, Mapping) or not isinstance(part, str):
            return None
        value = value.get(part)
    return value
