"""What a store remembers, as JSON and back.

Every `encode_…` writes all keys; every `decode_…` takes absent keys for their defaults, leaves unknown keys
(of a newer minor version) aside, and raises `StateUnreadable` with the place for any other shape. Times are
ISO 8601 in UTC.
"""

from datetime import UTC, datetime
from typing import TypeAlias

from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.narrowing import Shape, shape_of
from chanplan.model.problems import Source
from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType, RecordVerdict
from chanplan.model.resources import Desired, Importing, Origin, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import (
    Acknowledgement,
    Approval,
    Intent,
    IntentKind,
    Observation,
    Run,
)
from chanplan.model.tier_facts import decode_move, decode_switch, encode_move, encode_switch
from chanplan.model.values import Value

Document: TypeAlias = dict[str, Value]
"""A JSON object that one of the `encode_…` wrote."""


def encode_moment(moment: datetime) -> str:
    """Write a time that knows its offset as ISO 8601 in UTC."""
    assert moment.tzinfo is not None, "times in the state know their offset from UTC"
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _optional_moment(moment: datetime | None) -> str | None:
    return None if moment is None else encode_moment(moment)


def _encode_scope(scope: Scope) -> Document:
    return {
        "provider": scope.provider,
        "account": scope.account,
        "region": scope.region,
        "alias": scope.alias,
    }


def _decode_scope(shape: Shape) -> Scope:
    return Scope(
        provider=shape.text("provider"),
        account=shape.optional_text("account"),
        region=shape.optional_text("region"),
        alias=shape.optional_text("alias") or "default",
    )


def encode_resource(resource: ResourceState) -> Document:
    """Write a remembered resource."""
    return {
        "address": str(resource.address),
        "id": resource.id,
        "scope": _encode_scope(resource.scope),
        "attributes": resource.attributes,
        "facts": resource.facts,
        "context": resource.context,
        "references": [str(address) for address in resource.references],
        "complete": resource.complete,
        "origin": resource.origin.value,
        "created_at": _optional_moment(resource.created_at),
        "updated_at": _optional_moment(resource.updated_at),
    }


def decode_resource(document: Value, where: str = "resource") -> ResourceState:
    """Read a remembered resource."""
    shape = shape_of(document, where)
    return ResourceState(
        address=shape.address("address"),
        id=shape.text("id"),
        scope=_decode_scope(shape.inner("scope")),
        attributes=shape.mapping("attributes"),
        facts=shape.mapping("facts"),
        context=shape.mapping("context"),
        references=shape.addresses("references"),
        complete=shape.flag("complete", default=True),
        origin=shape.member("origin", Origin, Origin.CONFIGURATION),
        created_at=shape.optional_moment("created_at"),
        updated_at=shape.optional_moment("updated_at"),
    )


def encode_desired(desired: Desired) -> Document:
    """Write a desired resource."""
    source = desired.source
    return {
        "address": str(desired.address),
        "attributes": desired.attributes,
        "scope": _encode_scope(desired.scope),
        "references": [str(address) for address in desired.references],
        "source": None
        if source is None
        else {"file": source.file, "line": source.line, "column": source.column},
        "context": desired.context,
        "origin": desired.origin.value,
        "id": desired.id,
    }


def decode_desired(document: Value, where: str = "desired") -> Desired:
    """Read a desired resource."""
    shape = shape_of(document, where)
    source = shape.optional_inner("source")
    return Desired(
        address=shape.address("address"),
        attributes=shape.mapping("attributes"),
        scope=_decode_scope(shape.inner("scope")),
        references=shape.addresses("references"),
        source=None
        if source is None
        else Source(source.text("file"), source.whole("line"), source.whole("column", 1)),
        context=shape.mapping("context"),
        origin=shape.member("origin", Origin, Origin.CONFIGURATION),
        id=shape.optional_text("id"),
    )


def encode_intent(intent: Intent) -> Document:
    """Write an intent."""
    return {
        "id": intent.id,
        "kind": intent.kind.value,
        "address": str(intent.address),
        "resource_id": intent.resource_id,
        "started_at": encode_moment(intent.started_at),
        "run_id": intent.run_id,
        "desired": None if intent.desired is None else encode_desired(intent.desired),
        "prior": None if intent.prior is None else encode_resource(intent.prior),
        "changed": list(intent.changed),
        "facts": intent.facts,
        "fingerprint": intent.fingerprint,
        "importing": None if intent.importing is None else _encode_importing(intent.importing),
        "tier_move": None if intent.tier_move is None else encode_move(intent.tier_move),
        "switch": None if intent.switch is None else encode_switch(intent.switch),
    }


def decode_intent(document: Value, where: str = "intent") -> Intent:
    """Read an intent."""
    shape = shape_of(document, where)
    desired = shape.fields.get("desired")
    prior = shape.fields.get("prior")
    importing = shape.optional_inner("importing")
    move, switch = shape.optional_inner("tier_move"), shape.optional_inner("switch")
    return Intent(
        id=shape.text("id"),
        kind=shape.member("kind", IntentKind),
        address=shape.address("address"),
        resource_id=shape.text("resource_id"),
        started_at=shape.moment("started_at"),
        run_id=shape.text("run_id"),
        desired=None if desired is None else decode_desired(desired, f"{where}.desired"),
        prior=None if prior is None else decode_resource(prior, f"{where}.prior"),
        changed=shape.texts("changed"),
        facts=shape.mapping("facts"),
        fingerprint=shape.optional_text("fingerprint"),
        importing=None if importing is None else _decode_importing(importing),
        tier_move=None if move is None else decode_move(move),
        switch=None if switch is None else decode_switch(switch),
    )


def _encode_importing(importing: Importing) -> Document:
    return {
        "id": importing.id,
        "taken_from": list(importing.taken_from),
        "owner": importing.owner,
        "missing": list(importing.missing),
    }


def _decode_importing(shape: Shape) -> Importing:
    return Importing(
        shape.text("id"), shape.texts("taken_from"), shape.optional_text("owner"), shape.texts("missing")
    )


def encode_gate(gate: Gate) -> Document:
    """Write a gate."""
    return {
        "kind": gate.kind.value,
        "on": str(gate.on),
        "state": gate.state.value,
        "since": _optional_moment(gate.since),
        "deadline": _optional_moment(gate.deadline),
        "detail": gate.detail,
        "todo": list(gate.todo),
    }


def decode_gate(document: Value, where: str = "gate") -> Gate:
    """Read a gate."""
    shape = shape_of(document, where)
    return Gate(
        kind=shape.member("kind", GateKind),
        on=shape.address("on"),
        state=shape.member("state", GateState),
        since=shape.optional_moment("since"),
        deadline=shape.optional_moment("deadline"),
        detail=shape.optional_text("detail") or "",
        todo=shape.texts("todo"),
    )


def encode_verdict(verdict: RecordVerdict) -> Document:
    """Write what the DNS says of one record."""
    record = verdict.record
    return {
        "purpose": record.purpose.value,
        "type": record.type.value,
        "name": record.name,
        "value": record.value,
        "outcome": verdict.outcome.value,
        "detail": verdict.detail,
        "found": list(verdict.found),
        "warnings": list(verdict.warnings),
        "checked_at": _optional_moment(verdict.checked_at),
    }


def decode_verdict(document: Value, where: str = "verdict") -> RecordVerdict:
    """Read what the DNS says of one record."""
    shape = shape_of(document, where)
    return RecordVerdict(
        record=DnsRecord(
            purpose=shape.member("purpose", Purpose),
            type=shape.member("type", RecordType),
            name=shape.text("name"),
            value=shape.text("value"),
        ),
        outcome=shape.member("outcome", Outcome),
        detail=shape.optional_text("detail") or "",
        found=shape.texts("found"),
        warnings=shape.texts("warnings"),
        checked_at=shape.optional_moment("checked_at"),
    )


def encode_observation(observation: Observation) -> Document:
    """Write what was last seen of a resource."""
    return {
        "address": str(observation.address),
        "read_at": encode_moment(observation.read_at),
        "facts": observation.facts,
        "verdicts": [encode_verdict(verdict) for verdict in observation.verdicts],
        "dns_checked_at": _optional_moment(observation.dns_checked_at),
        "gate": None if observation.gate is None else encode_gate(observation.gate),
        "deep_at": _optional_moment(observation.deep_at),
        "differs": list(observation.differs),
    }


def decode_observation(document: Value, where: str = "observation") -> Observation:
    """Read what was last seen of a resource."""
    shape = shape_of(document, where)
    gate = shape.fields.get("gate")
    return Observation(
        address=shape.address("address"),
        read_at=shape.moment("read_at"),
        facts=shape.mapping("facts"),
        verdicts=tuple(decode_verdict(inner.fields, inner.where) for inner in shape.inners("verdicts")),
        dns_checked_at=shape.optional_moment("dns_checked_at"),
        gate=None if gate is None else decode_gate(gate, f"{where}.gate"),
        deep_at=shape.optional_moment("deep_at"),
        differs=shape.texts("differs"),
    )


def encode_approval(approval: Approval) -> Document:
    """Write an approval."""
    return {
        "digest": approval.digest,
        "fingerprints": sorted(approval.fingerprints),
        "spent": sorted(approval.spent),
        "approved_at": encode_moment(approval.approved_at),
    }


def decode_approval(document: Value, where: str = "approval") -> Approval:
    """Read an approval."""
    shape = shape_of(document, where)
    return Approval(
        digest=shape.text("digest"),
        fingerprints=frozenset(shape.texts("fingerprints")),
        spent=frozenset(shape.texts("spent")),
        approved_at=shape.moment("approved_at"),
    )


def encode_acknowledgement(acknowledgement: Acknowledgement) -> Document:
    """Write a spent acknowledgement."""
    return {
        "address": str(acknowledgement.address),
        "action": acknowledgement.action,
        "reason": acknowledgement.reason,
        "spent_at": encode_moment(acknowledgement.spent_at),
    }


def decode_acknowledgement(document: Value, where: str = "acknowledgement") -> Acknowledgement:
    """Read a spent acknowledgement."""
    shape = shape_of(document, where)
    return Acknowledgement(
        address=shape.address("address"),
        action=shape.text("action"),
        reason=shape.text("reason"),
        spent_at=shape.moment("spent_at"),
    )


def encode_run(run: Run) -> Document:
    """Write a run."""
    return {
        "id": run.id,
        "command": run.command,
        "holder": run.holder,
        "started_at": encode_moment(run.started_at),
        "finished_at": _optional_moment(run.finished_at),
        "digest": run.digest,
        "result": run.result,
        "done": run.done,
        "failed": run.failed,
        "waiting": run.waiting,
        "version": run.version,
        "waits": list(run.waits),
    }


def decode_run(document: Value, where: str = "run") -> Run:
    """Read a run."""
    shape = shape_of(document, where)
    return Run(
        id=shape.text("id"),
        command=shape.text("command"),
        holder=shape.text("holder"),
        started_at=shape.moment("started_at"),
        finished_at=shape.optional_moment("finished_at"),
        digest=shape.optional_text("digest"),
        result=shape.optional_text("result"),
        done=shape.whole("done", 0),
        failed=shape.whole("failed", 0),
        waiting=shape.whole("waiting", 0),
        version=shape.optional_text("version"),
        waits=shape.texts("waits"),
    )
