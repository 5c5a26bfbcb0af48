"""How taking drift into the state ended."""

from collections.abc import Sequence

from chanplan.model.plans import Drift, Half, Plan
from chanplan.model.problems import Severity
from chanplan.render.change_view import loss_view
from chanplan.render.outcome import PAST
from chanplan.render.outcome_document import problem_document, refusal_documents
from chanplan.render.phrases import counted
from chanplan.render.plan_document import Document
from chanplan.render.plan_text import losses_lines, problem_lines
from chanplan.render.printable import line
from chanplan.render.terminal import Paper, Style
from chanplan.render.view import problem_view


def acceptance_text(plan: Plan, taken: Sequence[Drift], *, width: int, colour: bool) -> str:
    """Write what the state remembers from now on, what it doesn't and why, and what to run next. Ends with a line
    break."""
    paper = Paper(width, colour)
    written: list[str] = []
    for drift in taken:
        if drift.after is None:
            written += paper.block(f". {line(str(drift.address))} is forgotten: it is gone", rest="  ")
            written += losses_lines(tuple(loss_view(loss) for loss in drift.losses), "Lost", paper)
        else:
            names = ", ".join(map(line, drift.changed))
            written += paper.block(f"~ {line(str(drift.address))} is remembered as it is: {names}", rest="  ")
    for drift in plan.drift:
        if drift.left:
            written += paper.block(
                f"= {line(str(drift.address))} stays as the state has it: {line(drift.left)}", rest="  "
            )
    for problem in plan.diagnostics:
        style = Style.DESTROY if problem.severity is Severity.ERROR else Style.UPDATE
        written += problem_lines(problem_view(problem), paper, style)
    if written:
        written.append("")
    written += paper.block(_bottom(plan, taken), style=Style.HEADING)
    if taken:
        written += paper.block("`chanplan plan` shows what differs from the configuration now.")
    return "\n".join(written) + "\n"


def acceptance_document(
    plan: Plan, taken: Sequence[Drift], *, result: str, code: int, approved: str | None = None
) -> Document:
    """Give the last line of `apply --refresh-only --format jsonl`: the keys of any outcome, with `accepted` among the
    counts. `result` is `done`, `failed` (something couldn't be read), `refused` or `declined`; `approved` the digest that was
    approved before."""
    gone = sum(drift.after is None for drift in taken)
    done = result in ("done", "failed")
    return {
        "type": "outcome",
        "message": _bottom(plan, taken) if done else f"Nothing was done: {result}.",
        "result": result,
        "exit_code": code,
        "digest": plan.digest,
        "approval": None if approved is None else {"digest": approved, "steps": None, "done": None},
        "counts": {
            **{PAST[half]: gone if half is Half.FORGET else 0 for half in Half},
            "accepted": len(taken) - gone,
            "failed": 0,
            "waiting": 0,
            "not_started": 0,
        },
        "gates": [],
        "problems": [
            problem_document(problem) for problem in plan.diagnostics if problem.severity is Severity.ERROR
        ],
        "refusals": refusal_documents(plan),
    }


def _bottom(plan: Plan, taken: Sequence[Drift]) -> str:
    if not taken:
        unread = " in what could be read" if plan.errored else ""
        return f"Nothing to take into the state{unread}: no service was changed, and neither was the state."
    gone = sum(drift.after is None for drift in taken)
    parts = [counted(len(taken) - gone, "resource") + " as found", counted(gone, "resource") + " forgotten"]
    return f"Taken into the state: {', '.join(parts)}. No service was changed."
