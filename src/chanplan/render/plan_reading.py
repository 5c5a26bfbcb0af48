"""A saved plan, read back. What stands in the file was in somebody's hands: nothing of it is believed unchecked."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from chanplan.model.addresses import Address, parse_address
from chanplan.model.errors import Invalid, Misused, Refused
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.plans import (
    Action,
    Change,
    Difference,
    Drift,
    Edge,
    Estimate,
    Half,
    Loss,
    Plan,
    Reason,
    RefreshMode,
    Refusal,
    Step,
    Summary,
    Unchecked,
)
from chanplan.model.problems import Problem, Severity, Source
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Value
from chanplan.render.plan_document import FORMAT_MAJOR, FORMAT_MINOR
from chanplan.render.plan_schema import plan_schema

Document = Mapping[str, Value]

DEEPEST = 64
"""Nothing that chanplan writes is nested nearly as deep."""
LARGEST = 2**63
"""Larger numbers stand in no plan, and some JSON libraries can't keep them."""
MOST_PROBLEMS = 10

_REMEDY = "Make the plan again: chanplan plan --out FILE"
_ACTIONS = {action.words: action for action in Action}


@dataclass(frozen=True, slots=True)
class Seal:
    """How fingerprints and digest are computed; the planner's own functions."""

    fingerprints_of: Callable[[Change], tuple[str, ...]]
    digest_of: Callable[[Iterable[str]], str]


def plan_from_bytes(content: bytes, name: str, seal: Seal) -> Plan:
    """Read a saved plan. `name` is the file's, for messages. Errors are those of `plan_from_document`."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        what = "is empty" if not content.strip() else "isn't JSON"
        if isinstance(error, json.JSONDecodeError) and content.strip():
            what += f" (line {error.lineno}, column {error.colno})"
        raise _invalid(name, f"{name} {what}, so it isn't a saved plan.") from error
    return plan_from_document(document, name, seal)


def plan_from_document(document: object, name: str, seal: Seal) -> Plan:
    """Make the plan that a document describes; `desired` and `prior` of its changes are None.

    Keys that a newer minor version added are left aside. Raises `Invalid` for what isn't a plan, `Misused` for
    another major version (`plan_format`), and `Refused` (`plan_edited`) when the changes aren't those that the
    digest stands for, or when a flag or a count doesn't follow from them.
    """
    if not isinstance(document, Mapping) or "format_version" not in document:
        raise _invalid(name, f"{name} isn't a saved plan: it has no format_version.")
    minor = _minor_version(document["format_version"], name)
    _check_sanity(document, name)
    _check_schema(document, name, minor)
    try:
        plan = _plan(document)
    except _Unusable as error:
        raise _invalid(name, f"{name} isn't a plan that this version can use: {error}.", minor) from error
    _check_seal(plan, document, name, seal)
    return plan


class _Unusable(Exception):
    """What the schema can't say, in half a sentence."""


def _invalid(name: str, message: str, minor: int = 0) -> Invalid:
    return Invalid((_problem(name, message, minor),))


def _problem(name: str, message: str, minor: int = 0) -> Problem:
    remedy = _REMEDY
    if minor > FORMAT_MINOR:
        remedy = f"A newer chanplan made it: use that version, or {_REMEDY[0].lower()}{_REMEDY[1:]}"
    return Problem("plan_invalid", message, remedy, source=Source(name, 1))


def _minor_version(version: object, name: str) -> int:
    match = re.fullmatch(r"([0-9]{1,6})\.([0-9]{1,6})", version) if isinstance(version, str) else None
    if match is None:
        raise _invalid(name, f"{name} isn't a saved plan: its format_version isn't MAJOR.MINOR.")
    if int(match[1]) != FORMAT_MAJOR:
        raise Misused(
            f"{name} has format version {match[0]}, and this chanplan reads version {FORMAT_MAJOR}.x only.",
            remedy=f"Use the chanplan that made it, or {_REMEDY[0].lower()}{_REMEDY[1:]}",
            code="plan_format",
        )
    return int(match[2])


def _check_sanity(document: object, name: str) -> None:
    """Refuse what Python's reader lets pass and others can't write: infinities, giants, abysses."""
    level: list[object] = [document]
    for _ in range(DEEPEST):
        below: list[object] = []
        for value in level:
            if isinstance(value, Mapping):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, int | float) and not (math.isfinite(value) and abs(value) < LARGEST):
                raise _invalid(name, f"{name} isn't a saved plan: it holds a number out of range.")
        level = below
        if not level:
            return
    raise _invalid(name, f"{name} isn't a saved plan: it is nested too deep.")


def _check_schema(document: Document, name: str, minor: int) -> None:
    from jsonschema import Draft202012Validator

    problems = []
    for error in Draft202012Validator(plan_schema()).iter_errors(document):
        where = error.json_path
        rule = f"{error.validator} {json.dumps(error.validator_value)[:80]}"
        problems.append(_problem(name, f"{name} isn't a saved plan: {where} breaks the rule {rule}.", minor))
        if len(problems) == MOST_PROBLEMS:
            break
    if problems:
        raise Invalid(tuple(problems))


def _check_seal(plan: Plan, document: Document, name: str, seal: Seal) -> None:
    followed = (
        plan.digest == seal.digest_of(text for change in plan.changes for text in change.fingerprints)
        and all(change.fingerprints == seal.fingerprints_of(change) for change in plan.changes)
        and plan.summary == _summed(plan.changes)
        and (plan.applyable, plan.complete, plan.errored)
        == (document["applyable"], document["complete"], document["errored"])
    )
    if not followed:
        raise Refused(
            f"{name} was edited after the plan was made: its changes aren't those that its digest stands for.",
            remedy=f"Change the configuration instead, and {_REMEDY[0].lower()}{_REMEDY[1:]}",
            code="plan_edited",
        )


def _summed(changes: Sequence[Change]) -> Summary:
    def count(*actions: Action) -> int:
        return sum(change.action in actions for change in changes)

    return Summary(
        create=count(Action.CREATE),
        update=count(Action.UPDATE),
        replace=count(Action.REPLACE, Action.REPLACE_CREATE_FIRST),
        delete=count(Action.DELETE),
        forget=count(Action.FORGET),
        no_op=count(Action.NO_OP),
        waiting=sum(change.waits for change in changes),
    )


# From here on the schema has spoken: each key is there and has its type, which `cast` repeats for mypy.


def _map(value: Value) -> Document:
    return cast("Document", value)


def _maps(value: Value) -> Sequence[Document]:
    return cast("Sequence[Document]", value)


def _text(value: Value) -> str:
    return cast("str", value)


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(cast("Sequence[str]", value))


def _count(value: Value) -> int:
    # To JSON Schema, 7.0 is an integer too.
    return int(cast("float", value))


def _plan(document: Document) -> Plan:
    state, refresh, estimate = (_map(document[key]) for key in ("state", "refresh", "estimate"))
    changes = tuple(_change(entry) for entry in _maps(document["resource_changes"]))
    if len({change.address for change in changes}) != len(changes):
        raise _Unusable("an address stands in resource_changes twice")
    return Plan(
        workspace=_text(document["workspace"]),
        lineage=cast("str | None", state["lineage"]),
        serial=_count(state["serial"]),
        config_digest=_text(document["config_digest"]),
        digest=_text(document["digest"]),
        created_at=_time(document["timestamp"]),
        refresh=RefreshMode(_text(refresh["mode"])),
        refreshed_at=_time_or_none(refresh["at"]),
        changes=changes,
        edges=tuple(
            Edge(_step(_map(edge["first"])), _step(_map(edge["then"])), _text(edge["why"]))
            for edge in _maps(document["order"])
        ),
        drift=tuple(_drift(entry) for entry in _maps(document["resource_drift"])),
        unchecked=tuple(
            Unchecked(_address(entry["address"]), _texts(entry["attributes"]))
            for entry in _maps(document["unchecked"])
        ),
        refusals=tuple(
            Refusal(
                _text(entry["code"]),
                _address_or_none(entry["address"]),
                _text(entry["reason"]),
                _text(entry["remedy"]),
            )
            for entry in _maps(document["refusals"])
        ),
        diagnostics=tuple(_diagnostic(entry) for entry in _maps(document["diagnostics"])),
        summary=_summary(_map(document["summary"])),
        estimate=Estimate(
            {name: _count(number) for name, number in _map(estimate["calls"]).items()},
            float(cast("float", estimate["seconds"])),
        ),
        targeted=bool(document["targeted"]),
        destroy=bool(document["destroy"]),
    )


def _summary(entry: Document) -> Summary:
    return Summary(
        create=_count(entry["create"]),
        update=_count(entry["update"]),
        replace=_count(entry["replace"]),
        delete=_count(entry["delete"]),
        forget=_count(entry["forget"]),
        no_op=_count(entry["no_op"]),
        waiting=_count(entry["waiting"]),
    )


def _change(entry: Document) -> Change:
    address, inner, scope = _named(entry), _map(entry["change"]), _map(entry["scope"])
    words = _texts(inner["actions"])
    if words not in _ACTIONS:
        raise _Unusable(f"{address} has the actions {list(words)}, which this version never plans")
    gate = entry["gate"]
    return Change(
        address=address,
        provider=_text(entry["provider_name"]),
        action=_ACTIONS[words],
        reason=Reason(_text(entry["action_reason"])),
        scope=Scope(
            _text(scope["provider"]),
            cast("str | None", scope["account"]),
            cast("str | None", scope["region"]),
            _text(scope["alias"]),
        ),
        id=cast("str | None", entry["id"]),
        previous_address=_address_or_none(entry["previous_address"]),
        before=cast("Attributes | None", inner["before"]),
        after=cast("Attributes | None", inner["after"]),
        changed=_texts(entry["changed"]),
        differences=tuple(
            Difference(_path(difference["path"]), difference["before"], difference["after"])
            for difference in _maps(entry["differences"])
        ),
        after_unknown=tuple(_map(inner["after_unknown"])),
        replace_paths=tuple(_path(path) for path in cast("Sequence[Value]", inner["replace_paths"])),
        depends_on=tuple(_address(text) for text in _texts(entry["depends_on"])),
        source=_source(entry["source"]),
        gate=None if gate is None else _gate(_map(gate)),
        losses=tuple(Loss(_text(loss["code"]), _text(loss["message"])) for loss in _maps(entry["losses"])),
        acknowledged_by=cast("str | None", entry["acknowledged_by"]),
        calls_service=bool(entry["calls_service"]),
        fingerprints=_texts(entry["fingerprints"]),
    )


def _gate(entry: Document) -> Gate:
    return Gate(
        GateKind(_text(entry["kind"])),
        _address(entry["on"]),
        GateState(_text(entry["state"])),
        _time_or_none(entry["since"]),
        _time_or_none(entry["deadline"]),
        _text(entry["detail"]),
        _texts(entry["todo"]),
    )


def _drift(entry: Document) -> Drift:
    sides = _map(entry["change"])
    return Drift(
        _named(entry),
        cast("Attributes | None", sides["before"]) or {},
        cast("Attributes | None", sides["after"]),
        _texts(entry["changed"]),
        _time_or_none(entry["read_at"]),
    )


def _diagnostic(entry: Document) -> Problem:
    return Problem(
        code=_text(entry["code"]),
        message=_text(entry["message"]),
        remedy=_text(entry["remedy"]),
        severity=Severity(_text(entry["severity"])),
        source=_source(entry["source"]),
        address=_address_or_none(entry["address"]),
        data=_map(entry["data"]),
    )


def _step(entry: Document) -> Step:
    return Step(_address(entry["address"]), Half(_text(entry["half"])))


def _source(entry: Value) -> Source | None:
    if entry is None:
        return None
    place = _map(entry)
    return Source(_text(place["file"]), _count(place["line"]), _count(place["column"]))


def _path(value: Value) -> tuple[str | int, ...]:
    parts = cast("Sequence[str | float]", value)
    return tuple(part if isinstance(part, str) else int(part) for part in parts)


def _named(entry: Document) -> Address:
    address = _address(entry["address"])
    if (address.kind, address.name) != (entry["type"], entry["name"]):
        raise _Unusable(f"type and name of {address} aren't those of its address")
    return address


def _address(value: Value) -> Address:
    address = parse_address(_text(value))
    if address is None:
        # JSON Schema's `$` lets a final line break pass in Python.
        raise _Unusable("an address isn't KIND.NAME")
    return address


def _address_or_none(value: Value) -> Address | None:
    return None if value is None else _address(value)


def _time(value: Value) -> datetime:
    try:
        at = datetime.fromisoformat(_text(value))
        if at.utcoffset() is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _Unusable("a time isn't written as 2026-11-23T17:05:00Z")


def _time_or_none(value: Value) -> datetime | None:
    return None if value is None else _time(value)
