"""A plan as JSON: a superset of the shape of `terraform show -json`, so that people's policies and viewers work."""

from collections.abc import Sequence

from chanplan.model.gates import Gate
from chanplan.model.plans import Action, Change, Drift, Edge, Loss, Plan, Refusal, Step
from chanplan.model.problems import Problem, Source
from chanplan.model.resources import Importing
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Value
from chanplan.render.masking import sensitive
from chanplan.render.phrases import stamp
from chanplan.render.tier_document import move_document, switch_document

FORMAT_MAJOR = 1
FORMAT_MINOR = 2
"""Minor versions add keys; a reader accepts newer ones and refuses another major version."""

Document = dict[str, Value]


def plan_document(plan: Plan, version: str) -> Document:
    """Give the document of a plan (design 6). `version` is chanplan's own.

    Everything but `desired` and `prior` of the changes is in it, so that `plan_from_document` gives an equal plan.
    """
    return {
        "format_version": f"{FORMAT_MAJOR}.{FORMAT_MINOR}",
        "chanplan_version": version,
        "workspace": plan.workspace,
        "timestamp": stamp(plan.created_at),
        "applyable": plan.applyable,
        "complete": plan.complete,
        "errored": plan.errored,
        "targeted": plan.targeted,
        "destroy": plan.destroy,
        "refresh_only": plan.refresh_only,
        "tiers": plan.tiers,
        "state": {"lineage": plan.lineage, "serial": plan.serial},
        "config_digest": plan.config_digest,
        "digest": plan.digest,
        "refresh": {"mode": plan.refresh.value, "at": stamp(plan.refreshed_at)},
        "resource_changes": [_change(change) for change in plan.changes],
        "order": [_edge(edge) for edge in plan.edges],
        "resource_drift": [_drift(drift) for drift in plan.drift],
        "unchecked": [
            {
                "address": str(entry.address),
                "attributes": list(entry.attributes),
                "checked_at": stamp(entry.checked_at),
            }
            for entry in plan.unchecked
        ],
        "refusals": [_refusal(refusal) for refusal in plan.refusals],
        "diagnostics": [_problem(problem) for problem in plan.diagnostics],
        "summary": {
            "create": plan.summary.create,
            "update": plan.summary.update,
            "replace": plan.summary.replace,
            "delete": plan.summary.delete,
            "forget": plan.summary.forget,
            "no_op": plan.summary.no_op,
            "waiting": plan.summary.waiting,
            "import": plan.summary.imported,
        },
        **({"made_by_api": [str(address) for address in plan.made_by_api]} if plan.made_by_api else {}),
        "estimate": {"calls": dict(plan.estimate.calls), "seconds": plan.estimate.seconds},
    }


def _change(change: Change) -> Document:
    return {
        "address": str(change.address),
        "type": change.address.kind,
        "name": change.address.name,
        "provider_name": change.provider,
        "previous_address": None if change.previous_address is None else str(change.previous_address),
        "id": change.id,
        "scope": _scope(change.scope),
        "change": {
            **_sides(change.action.words, change.before, change.after),
            "after_unknown": dict.fromkeys(change.after_unknown, True),
            "replace_paths": [list(path) for path in change.replace_paths],
            "importing": None if change.importing is None else _importing(change.importing),
        },
        "action_reason": change.reason.value,
        "changed": list(change.changed),
        "differences": [
            {"path": list(difference.path), "before": difference.before, "after": difference.after}
            for difference in change.differences
        ],
        "calls_service": change.calls_service,
        "depends_on": [str(address) for address in change.depends_on],
        "source": _source(change.source),
        "gate": None if change.gate is None else gate_document(change.gate),
        "losses": _losses(change.losses),
        "acknowledged_by": change.acknowledged_by,
        "tier_move": None if change.tier_move is None else move_document(change.tier_move),
        "switch": None if change.switch is None else switch_document(change.switch),
        "fingerprints": list(change.fingerprints),
    }


def _importing(importing: Importing) -> Document:
    return {
        "id": importing.id,
        "taken_from": list(importing.taken_from),
        "owner": importing.owner,
        "missing": list(importing.missing),
    }


def _losses(losses: Sequence[Loss]) -> list[Value]:
    return [{"code": loss.code, "message": loss.message} for loss in losses]


def _sides(actions: Sequence[str], before: Attributes | None, after: Attributes | None) -> Document:
    return {
        "actions": list(actions),
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
        "before_sensitive": sensitive(before or {}),
        "after_sensitive": sensitive(after or {}),
    }


def gate_document(gate: Gate) -> Document:
    """Give the document of a gate."""
    return {
        "kind": gate.kind.value,
        "on": str(gate.on),
        "state": gate.state.value,
        "since": stamp(gate.since),
        "deadline": stamp(gate.deadline),
        "detail": gate.detail,
        "todo": list(gate.todo),
    }


def _scope(scope: Scope) -> Document:
    return {
        "provider": scope.provider,
        "account": scope.account,
        "region": scope.region,
        "alias": scope.alias,
    }


def _source(source: Source | None) -> Value:
    if source is None:
        return None
    return {"file": source.file, "line": source.line, "column": source.column}


def _edge(edge: Edge) -> Document:
    return {"first": _step(edge.first), "then": _step(edge.then), "why": edge.why}


def _step(step: Step) -> Document:
    return {"address": str(step.address), "half": step.half.value}


def _drift(drift: Drift) -> Document:
    gone = drift.after is None
    return {
        "address": str(drift.address),
        "type": drift.address.kind,
        "name": drift.address.name,
        "provider_name": drift.scope.provider,
        "id": drift.id,
        "scope": _scope(drift.scope),
        "change": _sides(Action.DELETE.words if gone else Action.UPDATE.words, drift.before, drift.after),
        "changed": list(drift.changed),
        "read_at": stamp(drift.read_at),
        "missing": list(drift.missing),
        "losses": _losses(drift.losses),
        "alike_at": stamp(drift.alike_at),
        "differed_at": stamp(drift.differed_at),
        "left": drift.left,
        "fingerprint": drift.fingerprint,
    }


def _refusal(refusal: Refusal) -> Document:
    return {
        "code": refusal.code,
        "address": None if refusal.address is None else str(refusal.address),
        "reason": refusal.reason,
        "remedy": refusal.remedy,
    }


def _problem(problem: Problem) -> Document:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "remedy": problem.remedy,
        "source": _source(problem.source),
        "address": None if problem.address is None else str(problem.address),
        "data": dict(problem.data),
    }
