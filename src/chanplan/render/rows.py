"""Attributes before and after, in words: the rows of a change or a drift."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chanplan.model.plans import Action, Change, Drift
from chanplan.model.values import Attributes, Value
from chanplan.planning.diff import differences
from chanplan.render.masking import masked
from chanplan.render.printable import line

KNOWN_LATER = "(known after apply)"


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute of a change. A side that doesn't exist is None."""

    path: str
    before: str | None
    after: str | None
    masked: bool = False
    """A password is hidden in it, so that both sides may look alike."""
    forces: bool = False
    """It is why a replacement is needed."""

    @property
    def known_later(self) -> bool:
        """Whether only the apply will tell the value."""
        return self.after == KNOWN_LATER


def changed_rows(change: Change) -> tuple[Row, ...]:
    """Give what differs: the declared attributes of what is made or deleted, the differences of the rest, and what
    only the apply will tell."""
    rows: list[Row] = []
    if change.action is Action.NO_OP:
        return ()
    if change.action in (Action.CREATE, Action.DELETE) and not change.differences:
        creates = change.action is Action.CREATE
        attributes = (change.after if creates else change.before) or {}
        for path, value in flat(attributes):
            text, hidden = shown_value(value)
            rows.append(Row(path, None if creates else text, text if creates else None, hidden))
    else:
        for difference in change.differences:
            forces = any(difference.path[: len(path)] == path for path in change.replace_paths)
            path = path_text(difference.path)
            rows.append(_two_sided(path, difference.before, difference.after, forces=forces))
    rows += [Row(line(name), None, KNOWN_LATER) for name in change.after_unknown]
    return tuple(rows)


def flat(attributes: Attributes, prefix: str = "") -> Iterable[tuple[str, Value]]:
    """Give the paths and values of a mapping of mappings, leaving out what says nothing: null, false and empty."""
    for name, value in attributes.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{line(name)}.")
        elif value is not None and value is not False and value not in ([], {}):
            yield prefix + line(name), value


def path_text(path: Sequence[str | int]) -> str:
    """Write a path as people do: `voice.url`, `tiers[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{line(part)}" if text else line(part)
    return text


def drifted_rows(drift: Drift) -> tuple[Row, ...]:
    """Give what somebody changed behind our back, place by place; nothing when the object is gone."""
    if drift.after is None:
        return ()
    return tuple(
        _two_sided(path_text(each.path), each.before, each.after)
        for each in differences(drift.before, drift.after, drift.changed)
    )


def shown_value(value: Value) -> tuple[str, bool]:
    """Write a value as JSON on one line, and tell whether a password in it was masked."""
    text = json.dumps(value, ensure_ascii=False)
    hidden = masked(text)
    return line(hidden), hidden != text


def _two_sided(path: str, before: Value, after: Value, *, forces: bool = False) -> Row:
    old, hidden_old = shown_value(before)
    new, hidden_new = shown_value(after)
    return Row(
        path,
        None if before is None else old,
        None if after is None else new,
        hidden_old or hidden_new,
        forces,
    )
