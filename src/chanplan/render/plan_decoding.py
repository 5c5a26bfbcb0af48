"""From a document to the plan that it describes, believing nothing: each value is looked at before it is taken.

What is read here follows `plan_schema`, rule by rule (docs/decisions/0011); tests/fuzz holds the two against each other.
"""

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
from chanplan.render.plan_values import (
    Document,
    Unusable,
    as_count,
    as_flag,
    as_list,
    as_map,
    as_map_or_none,
    as_maps,
    as_number,
    as_text,
    as_text_or_none,
    as_texts,
    as_time,
    as_time_or_none,
    as_whole,
    as_word,
)
from chanplan.render.tier_decoding import check_told, move_of, switch_of

_ACTIONS = {action.words: action for action in Action}
_SIDES = (*_ACTIONS, ("read",))


def plan_of(document: Document) -> Plan:
    """Give the plan. Raises `Unusable` for what isn't as `plan_schema` says, and for what a schema can't say."""
    try:
        return _plan(document)
    except KeyError as error:
        raise Unusable(f"the key {error.args[0]} is missing") from error


def _plan(document: Document) -> Plan:
    state, refresh, estimate = (as_map(document[key]) for key in ("state", "refresh", "estimate"))
    changes = tuple(_change(entry) for entry in as_maps(document["resource_changes"]))
    if len({change.address for change in changes}) != len(changes):
        raise Unusable("an address stands in resource_changes twice")
    tiers = as_flag(document.get("tiers", False))
    for change in changes:
        check_told(change, tiers=tiers)
    for claim in ("applyable", "complete", "errored"):
        as_flag(document[claim])
    as_text(document["chanplan_version"])
    return Plan(
        workspace=as_text(document["workspace"]),
        lineage=as_text_or_none(state["lineage"]),
        serial=as_count(state["serial"]),
        config_digest=as_text(document["config_digest"]),
        digest=as_text(document["digest"]),
        created_at=as_time(document["timestamp"]),
        refresh=as_word(RefreshMode, refresh["mode"]),
        refreshed_at=as_time_or_none(refresh["at"]),
        changes=changes,
        edges=tuple(
            Edge(_step(as_map(edge["first"])), _step(as_map(edge["then"])), as_text(edge["why"]))
            for edge in as_maps(document["order"])
        ),
        drift=tuple(_drift(entry) for entry in as_maps(document["resource_drift"])),
        unchecked=tuple(
            Unchecked(
                _address(entry["address"]),
                as_texts(entry["attributes"]),
                as_time_or_none(entry["checked_at"]),
            )
            for entry in as_maps(document["unchecked"])
        ),
        refusals=tuple(
            Refusal(
                as_text(entry["code"]),
                _address_or_none(entry["address"]),
                as_text(entry["reason"]),
                as_text(entry["remedy"]),
            )
            for entry in as_maps(document["refusals"])
        ),
        diagnostics=tuple(_diagnostic(entry) for entry in as_maps(document["diagnostics"])),
        summary=_summary(as_map(document["summary"])),
        made_by_api=tuple(_address(text) for text in as_texts(document.get("made_by_api", []))),
        estimate=Estimate(
            {name: as_count(number) for name, number in as_map(estimate["calls"]).items()},
            as_number(estimate["seconds"]),
        ),
        targeted=as_flag(document["targeted"]),
        destroy=as_flag(document["destroy"]),
        refresh_only=as_flag(document["refresh_only"]),
        tiers=tiers,
    )


def _summary(entry: Document) -> Summary:
    return Summary(
        create=as_count(entry["create"]),
        update=as_count(entry["update"]),
        replace=as_count(entry["replace"]),
        delete=as_count(entry["delete"]),
        forget=as_count(entry["forget"]),
        no_op=as_count(entry["no_op"]),
        waiting=as_count(entry["waiting"]),
        # Version 1.0 knew no imports.
        imported=as_count(entry.get("import", 0)),
    )


def _change(entry: Document) -> Change:
    address, inner = _named(entry), as_map(entry["change"])
    words, before, after = _sides(inner)
    if words not in _ACTIONS:
        raise Unusable(f"{address} has the actions {list(words)}, which this version never plans")
    gate = as_map_or_none(entry["gate"])
    return Change(
        address=address,
        provider=as_text(entry["provider_name"]),
        action=_ACTIONS[words],
        reason=as_word(Reason, entry["action_reason"]),
        scope=_scope(as_map(entry["scope"])),
        id=as_text_or_none(entry["id"]),
        previous_address=_address_or_none(entry["previous_address"]),
        before=before,
        after=after,
        changed=as_texts(entry["changed"]),
        differences=tuple(
            Difference(_path(difference["path"]), difference["before"], difference["after"])
            for difference in as_maps(entry["differences"])
        ),
        after_unknown=_names(inner["after_unknown"]),
        replace_paths=tuple(_path(path) for path in as_list(inner["replace_paths"])),
        depends_on=tuple(_address(text) for text in as_texts(entry["depends_on"])),
        source=_source(entry["source"]),
        gate=None if gate is None else _gate(gate),
        losses=_losses(entry["losses"]),
        importing=_importing(as_map_or_none(inner.get("importing"))),
        tier_move=move_of(as_map_or_none(entry.get("tier_move"))),
        switch=switch_of(as_map_or_none(entry.get("switch"))),
        acknowledged_by=as_text_or_none(entry["acknowledged_by"]),
        calls_service=as_flag(entry["calls_service"]),
        fingerprints=as_texts(entry["fingerprints"]),
    )


def _importing(entry: Document | None) -> Importing | None:
    if entry is None:
        return None
    return Importing(
        as_text(entry["id"]),
        as_texts(entry["taken_from"]),
        as_text_or_none(entry["owner"]),
        as_texts(entry["missing"]),
    )


def _scope(entry: Document) -> Scope:
    return Scope(
        as_text(entry["provider"]),
        as_text_or_none(entry["account"]),
        as_text_or_none(entry["region"]),
        as_text(entry["alias"]),
    )


def _losses(value: Value) -> tuple[Loss, ...]:
    return tuple(Loss(as_text(loss["code"]), as_text(loss["message"])) for loss in as_maps(value))


def _gate(entry: Document) -> Gate:
    return Gate(
        as_word(GateKind, entry["kind"]),
        _address(entry["on"]),
        as_word(GateState, entry["state"]),
        as_time_or_none(entry["since"]),
        as_time_or_none(entry["deadline"]),
        as_text(entry["detail"]),
        as_texts(entry["todo"]),
    )


def _drift(entry: Document) -> Drift:
    _, before, after = _sides(as_map(entry["change"]))
    scope = _scope(as_map(entry["scope"]))
    if as_text(entry["provider_name"]) != scope.provider:
        raise Unusable("provider_name isn't that of the scope")
    return Drift(
        _named(entry),
        as_text(entry["id"]),
        scope,
        before or {},
        after,
        as_texts(entry["changed"]),
        as_time_or_none(entry["read_at"]),
        missing=as_texts(entry["missing"]),
        losses=_losses(entry["losses"]),
        alike_at=as_time_or_none(entry["alike_at"]),
        differed_at=as_time_or_none(entry["differed_at"]),
        left=as_text(entry["left"]),
        fingerprint=as_text(entry["fingerprint"]),
    )


def _diagnostic(entry: Document) -> Problem:
    return Problem(
        code=as_text(entry["code"]),
        message=as_text(entry["message"]),
        remedy=as_text(entry["remedy"]),
        severity=as_word(Severity, entry["severity"]),
        source=_source(entry["source"]),
        address=_address_or_none(entry["address"]),
        data=as_map(entry["data"]),
    )


def _step(entry: Document) -> Step:
    return Step(_address(entry["address"]), as_word(Half, entry["half"]))


def _source(entry: Value) -> Source | None:
    if entry is None:
        return None
    place = as_map(entry)
    return Source(as_text(place["file"]), as_count(place["line"], 1), as_count(place["column"], 1))


def _path(value: Value) -> tuple[str | int, ...]:
    return tuple([part if isinstance(part, str) else as_whole(part) for part in as_list(value)])


def _names(flags: Value) -> tuple[str, ...]:
    if all(flag is True for flag in as_map(flags).values()):
        return tuple(as_map(flags))
    raise Unusable("something else than true stands at an attribute")


def _sides(entry: Document) -> tuple[tuple[str, ...], Document | None, Document | None]:
    words = as_texts(entry["actions"])
    if words not in _SIDES:
        raise Unusable("something else stands where the words of an action belong")
    for side in ("before_sensitive", "after_sensitive"):
        as_map(entry[side])
    return words, as_map_or_none(entry["before"]), as_map_or_none(entry["after"])


def _named(entry: Document) -> Address:
    address = _address(entry["address"])
    if (address.kind, address.name) != (entry["type"], entry["name"]):
        raise Unusable(f"type and name of {address} aren't those of its address")
    return address


def _address(value: Value) -> Address:
    address = parse_address(as_text(value))
    if address is None:
        # JSON Schema's `$` lets a final line break pass in Python.
        raise Unusable("an address isn't KIND.NAME")
    return address


def _address_or_none(value: Value) -> Address | None:
    return None if value is None else _address(value)
