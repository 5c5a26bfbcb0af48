"""How an apply ended, for programs: the last line of `apply --format jsonl` (docs/apply-stream.md)."""

from collections.abc import Sequence

from chanplan.model.errors import ChanplanError
from chanplan.model.plans import Half, Plan
from chanplan.model.problems import Problem, Severity
from chanplan.model.snapshots import Approval
from chanplan.model.values import Value
from chanplan.render.outcome import PAST, DoneStep, Round, bottom_line
from chanplan.render.plan_document import Document, gate_document
from chanplan.render.tier_document import move_document


def outcome_document(
    plan: Plan,
    rounds: Sequence[Round],
    *,
    result: str,
    code: int,
    approved: str | None = None,
    approval: Approval | None = None,
) -> Document:
    """Give the document of a run that came to its end, whatever became of its steps.

    `plan` is the last one, and `rounds` what became of each: what was done is summed over all of them; failures, waits
    and skips are those of the last, as in `outcome_text`. `result` is `done`, `waiting`, `failed`, `refused`,
    `declined` or `interrupted`, and `code` the exit code. `approved` is the digest that was approved before the run, and
    `approval` what the state keeps of that.
    """
    done = [entry for made in rounds for entry in made.done]
    last = rounds[-1] if rounds else None
    failed = () if last is None else last.failed
    waiting = () if last is None else last.waiting
    skipped = () if last is None else last.skipped
    stopped = () if last is None else last.problems
    unread = [problem for problem in plan.diagnostics if problem.severity is Severity.ERROR]
    gates = {(entry.gate.kind, entry.gate.on): entry.gate for entry in waiting}
    problems: list[Value] = [problem_document(problem) for problem in (*stopped, *unread)]
    problems += [
        {**problem_document(entry.problem), "address": str(entry.step.address), "half": entry.step.half.value}
        for entry in failed
    ]
    message = bottom_line(plan, done, last)
    if result in ("refused", "declined"):
        message = f"{message} The rest was {result}." if done else f"Nothing was done: {result}."
    return {
        "type": "outcome",
        "message": message,
        "result": result,
        "exit_code": code,
        "digest": plan.digest,
        "approval": None if approved is None else _approval(approved, approval),
        "counts": {
            **{PAST[half]: sum(entry.step.half is half for entry in done) for half in Half},
            "failed": len(failed),
            "waiting": len(waiting),
            "not_started": len(skipped),
        },
        "gates": [gate_document(gates[key]) for key in sorted(gates)],
        "problems": problems,
        "refusals": refusal_documents(plan),
        **({"moves": _moves(plan, done)} if plan.tiers else {}),
    }


def refusal_documents(plan: Plan) -> list[Value]:
    """Give the documents of what refuses a plan."""
    return [
        {
            "code": refusal.code,
            "address": None if refusal.address is None else str(refusal.address),
            "problem": refusal.reason,
            "remedy": refusal.remedy,
        }
        for refusal in plan.refusals
    ]


def broken_off_document(error: ChanplanError, *, code: int) -> Document:
    """Give the document of a run that an error ended before its outcome was known."""
    return {
        "type": "outcome",
        "message": error.message,
        "result": "error",
        "exit_code": code,
        "digest": None,
        "approval": None,
        "counts": None,
        "gates": [],
        "problems": [{"address": None, "code": error.code, "problem": error.message, "remedy": error.remedy}],
        "refusals": [],
    }


def _moves(plan: Plan, done: Sequence[DoneStep]) -> list[Value]:
    """Give the moves of tiers that were done, with why and on what evidence."""
    made = {entry.step.address for entry in done}
    return [
        {"address": str(change.address), **move_document(change.tier_move)}
        for change in plan.changes
        if change.tier_move is not None and change.address in made
    ]


def _approval(digest: str, stored: Approval | None) -> Document:
    return {
        "digest": digest,
        "steps": None if stored is None else len(stored.fingerprints),
        "done": None if stored is None else len(stored.spent),
    }


def problem_document(problem: Problem) -> Document:
    """Give the document of a problem."""
    return {
        "address": None if problem.address is None else str(problem.address),
        "code": problem.code,
        "problem": problem.message,
        "remedy": problem.remedy,
    }
