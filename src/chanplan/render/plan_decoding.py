"""From a document to the plan that it describes, believing nothing: each value is looked at before it is taken.

What is read here follows `plan_schema`, rule by rule (docs/decisions/0011); tests/fuzz holds the two against each other.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TypeVar

from chanplan.model.addresses import Address, parse_address
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
from chanplan.model.resources import Importing
from chanplan.model.scopes import Scope
from chanplan.model.values import Value

Document = Mapping[str, Value]

_Word = TypeVar("_Word", bound=StrEnum)

_ACTIONS = {action.words: action for action in Action}
_SIDES = (*_ACTIONS, ("read",))


class Unusable(Exception):
    """No plan: why, in half a sentence."""


def plan_of(document: Document) -> Plan:
    """Give the plan. Raises `Unusable` for what isn't as `plan_schema` says, and for what a schema can't say."""
    try:
        return _plan(document)
    except KeyError as error:
        raise Unusable(f"the key {error.args[0]} is missing") from error


def _map(value: Value) -> Document:
    if isinstance(value, dict):
        return value
    raise Unusable("something else stands where an object belongs")


def _map_or_none(value: Value) -> Document | None:
    return None if value is None else _map(value)


def _list(value: Value) -> Sequence[Value]:
    if isinstance(value, list):
        return value
    raise Unusable("something else stands where a list belongs")


def _maps(value: Value) -> Sequence[Document]:
    return [_map(item) for item in _list(value)]


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    raise Unusable("something else stands where a text belongs")


def _text_or_none(value: Value) -> str | None:
    return None if value is None else _text(value)


def _texts(value: Value) -> tuple[str, ...]:
    return tuple([_text(item) for item in _list(value)])


def _flag(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    raise Unusable("something else stands where true or false belongs")


def _whole(value: Value) -> int:
    # To JSON Schema, 7.0 is an integer too, and true is none.
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return int(value)
    raise Unusable("something else stands where a whole number belongs")


def _count(value: Value, least: int = 0) -> int:
    number = _whole(value)
    if number >= least:
        return number
    raise Unusable(f"a number is less than {least}")


def _seconds(value: Value) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise Unusable("something else stands where a number of 0 or more belongs")


@cache
def _words(kind: type[_Word]) -> Mapping[str, _Word]:
    return {word.value: word for word in kind}


def _word(kind: type[_Word], value: Value) -> _Word:
    word: _Word | None = _words(kind).get(_text(value))
    if word is None:
        raise Unusable("a word has no meaning where it stands")
    return word


def _plan(document: Document) -> Plan:
    state, refresh, estimate = (_map(document[key]) for key in ("state", "refresh", "estimate"))
    changes = tuple(_change(entry) for entry in _maps(document["resource_changes"]))
    if len({change.address for change in changes}) != len(changes):
        raise Unusable("an address stands in resource_changes twice")
    for claim in ("applyable", "complete", "errored"):
        _flag(document[claim])
    _text(document["chanplan_version"])
    return Plan(
        workspace=_text(document["workspace"]),
        lineage=_text_or_none(state["lineage"]),
        serial=_count(state["serial"]),
        config_digest=_text(document["config_digest"]),
        digest=_text(document["digest"]),
        created_at=_time(document["timestamp"]),
        refresh=_word(RefreshMode, refresh["mode"]),
        refreshed_at=_time_or_none(refresh["at"]),
        changes=changes,
        edges=tuple(
            Edge(_step(_map(edge["first"])), _step(_map(edge["then"])), _text(edge["why"]))
            for edge in _maps(document["order"])
        ),
        drift=tuple(_drift(entry) for entry in _maps(document["resource_drift"])),
        unchecked=tuple(
            Unchecked(
                _address(entry["address"]), _texts(entry["attributes"]), _time_or_none(entry["checked_at"])
            )
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
            _seconds(estimate["seconds"]),
        ),
        targeted=_flag(document["targeted"]),
        destroy=_flag(document["destroy"]),
        refresh_only=_flag(document["refresh_only"]),
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
        # Version 1.0 knew no imports.
        imported=_count(entry.get("import", 0)),
    )


def _change(entry: Document) -> Change:
    address, inner = _named(entry), _map(entry["change"])
    words, before, after = _sides(inner)
    if words not in _ACTIONS:
        raise Unusable(f"{address} has the actions {list(words)}, which this version never plans")
    gate = _map_or_none(entry["gate"])
    return Change(
        address=address,
        provider=_text(entry["provider_name"]),
        action=_ACTIONS[words],
        reason=_word(Reason, entry["action_reason"]),
        scope=_scope(_map(entry["scope"])),
        id=_text_or_none(entry["id"]),
        previous_address=_address_or_none(entry["previous_address"]),
        before=before,
        after=after,
        changed=_texts(entry["changed"]),
        differences=tuple(
            Difference(_path(difference["path"]), difference["before"], difference["after"])
            for difference in _maps(entry["differences"])
        ),
        after_unknown=_names(inner["after_unknown"]),
        replace_paths=tuple(_path(path) for path in _list(inner["replace_paths"])),
        depends_on=tuple(_address(text) for text in _texts(entry["depends_on"])),
        source=_source(entry["source"]),
        gate=None if gate is None else _gate(gate),
        losses=_losses(entry["losses"]),
        importing=_importing(_map_or_none(inner.get("importing"))),
        acknowledged_by=_text_or_none(entry["acknowledged_by"]),
        calls_service=_flag(entry["calls_service"]),
        fingerprints=_texts(entry["fingerprints"]),
    )


def _importing(entry: Document | None) -> Importing | None:
    if entry is None:
        return None
    return Importing(
        _text(entry["id"]),
        _texts(entry["taken_from"]),
        _text_or_none(entry["owner"]),
        _texts(entry["missing"]),
    )


def _scope(entry: Document) -> Scope:
    return Scope(
        _text(entry["provider"]),
        _text_or_none(entry["account"]),
        _text_or_none(entry["region"]),
        _text(entry["alias"]),
    )


def _losses(value: Value) -> tuple[Loss, ...]:
    return tuple(Loss(_text(loss["code"]), _text(loss["message"])) for loss in _maps(value))


def _gate(entry: Document) -> Gate:
    return Gate(
        _word(GateKind, entry["kind"]),
        _address(entry["on"]),
        _word(GateState, entry["state"]),
        _time_or_none(entry["since"]),
        _time_or_none(entry["deadline"]),
        _text(entry["detail"]),
        _texts(entry["todo"]),
    )


def _drift(entry: Document) -> Drift:
    _, before, after = _sides(_map(entry["change"]))
    scope = _scope(_map(entry["scope"]))
    if _text(entry["provider_name"]) != scope.provider:
        raise Unusable("provider_name isn't that of the scope")
    return Drift(
        _named(entry),
        _text(entry["id"]),
        scope,
        before or {},
        after,
        _texts(entry["changed"]),
        _time_or_none(entry["read_at"]),
        missing=_texts(entry["missing"]),
        losses=_losses(entry["losses"]),
        alike_at=_time_or_none(entry["alike_at"]),
        differed_at=_time_or_none(entry["differed_at"]),
        left=_text(entry["left"]),
        fingerprint=_text(entry["fingerprint"]),
    )


def _diagnostic(entry: Document) -> Problem:
    return Problem(
        code=_text(entry["code"]),
        message=_text(entry["message"]),
        remedy=_text(entry["remedy"]),
        severity=_word(Severity, entry["severity"]),
        source=_source(entry["source"]),
        address=_address_or_none(entry["address"]),
        data=_map(entry["data"]),
    )


def _step(entry: Document) -> Step:
    return Step(_address(entry["address"]), _word(Half, entry["half"]))


def _source(entry: Value) -> Source | None:
    if entry is None:
        return None
    place = _map(entry)
    return Source(_text(place["file"]), _count(place["line"], 1), _count(place["column"], 1))


def _path(value: Value) -> tuple[str | int, ...]:
    return tuple([part if isinstance(part, str) else _whole(part) for part in _list(value)])


def _names(flags: Value) -> tuple[str, ...]:
    if all(flag is True for flag in _map(flags).values()):
        return tuple(_map(flags))
    raise Unusable("something else than true stands at an attribute")


def _sides(entry: Document) -> tuple[tuple[str, ...], Document | None, Document | None]:
    words = _texts(entry["actions"])
    if words not in _SIDES:
        raise Unusable("something else stands where the words of an action belong")
    for side in ("before_sensitive", "after_sensitive"):
        _map(entry[side])
    return words, _map_or_none(entry["before"]), _map_or_none(entry["after"])


def _named(entry: Document) -> Address:
    address = _address(entry["address"])
    if (address.kind, address.name) != (entry["type"], entry["name"]):
        raise Unusable(f"type and name of {address} aren't those of its address")
    return address


def _address(value: Value) -> Address:
    address = parse_address(_text(value))
    if address is None:
        # JSON Schema's `$` lets a final line break pass in Python.
        raise Unusable("an address isn't KIND.NAME")
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
    raise Unusable("a time isn't written as 2026-11-23T17:05:00Z")


def _time_or_none(value: Value) -> datetime | None:
    return None if value is None else _time(value)
