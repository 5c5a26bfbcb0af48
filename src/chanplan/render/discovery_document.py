"""What a discovery found, for programs."""

from collections.abc import Mapping, Sequence

from chanplan.model.discoveries import Discovered, Findings, Owner, Proposal, Unclaimed, Undiscovered, Unfit
from chanplan.model.problems import Problem
from chanplan.model.scopes import Scope
from chanplan.model.values import Value

FORMAT_VERSION = "1.0"


def discovery_document(findings: Findings, workspace: str) -> Mapping[str, Value]:
    """Give everything that was found, as one document; docs/discover.md says what its members mean."""
    return {
        "format_version": FORMAT_VERSION,
        "workspace": workspace,
        "summary": {
            "importable": len(findings.proposals),
            "unclaimed": len(findings.unclaimed),
            "to_fill_in": sum(len(proposal.gaps) for proposal in findings.proposals),
            "not_importable": len(findings.unfit),
            "in_state": findings.in_state,
            "imported": findings.imported,
        },
        "importable": [_proposal(proposal) for proposal in findings.proposals],
        "unclaimed": [_unclaimed(each) for each in findings.unclaimed],
        "not_importable": [_unfit(unfit) for unfit in findings.unfit],
        "not_read": [_undiscovered(each) for each in findings.undiscovered],
    }


def _proposal(proposal: Proposal) -> Value:
    found = proposal.found
    return {
        "address": str(proposal.address),
        **_object(found, proposal.owner),
        "declared": proposal.declared,
        "fill_in": [
            {"path": ".".join(gap.path), "choices": gap.choices, "why": gap.why} for gap in proposal.gaps
        ],
        "notes": _problems(proposal.notes),
    }


def _unfit(unfit: Unfit) -> Value:
    found = unfit.found
    return {
        "kind": found.kind,
        **_object(found, unfit.owner),
        "reasons": _problems(unfit.reasons),
    }


def _unclaimed(each: Unclaimed) -> Value:
    return {"address": str(each.address), **_object(each.found, each.owner)}


def _object(found: Discovered, owner: Owner) -> dict[str, Value]:
    workspace = None if found.marks is None else found.marks.workspace
    return {
        "id": found.import_id,
        "place": _place(found.scope),
        "mark": {"owner": owner.value, "workspace": workspace},
    }


def _undiscovered(each: Undiscovered) -> Value:
    return {"kinds": list(each.kinds), "place": _place(each.scope), **_problem(each.problem)}


def _place(scope: Scope) -> Value:
    return {
        "provider": scope.provider,
        "alias": scope.alias,
        "account": scope.account,
        "region": scope.region,
    }


def _problems(problems: Sequence[Problem]) -> Value:
    return [_problem(problem) for problem in problems]


def _problem(problem: Problem) -> dict[str, Value]:
    return {"code": problem.code, "message": problem.message, "remedy": problem.remedy}
