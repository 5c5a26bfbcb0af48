"""What the commands share that move tiers or stop tenants: consent, progress, the outcome and its exit code."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chanplan.app.carrying_out import Approved, Consent, Outcome
from chanplan.app.plan_files import SavedPlan, check_fits, read_plan_file
from chanplan.app.workspace import Workspace
from chanplan.cli.applying import Manner, approved_of, consent_of, stage, stored_approval, tell_outcome
from chanplan.cli.invocation import Invocation
from chanplan.model.errors import Misused
from chanplan.model.events import Listener, Noted
from chanplan.model.problems import Severity


@dataclass(frozen=True, slots=True)
class Stage:
    """What a run is given."""

    workspace: Workspace
    approved: Approved | None
    consent: Consent | None
    listener: Listener


def saved_moves(path: Path) -> SavedPlan:
    """Read a saved plan of moves. Raises `Misused` for a plan of anything else."""
    saved = read_plan_file(path)
    if not saved.plan.tiers:
        raise Misused(
            f"{path} is a plan that moves no tiers.",
            remedy=f"Run: chanplan apply {path}",
            code="plan_of_resources",
        )
    return saved


def run_moves(
    invocation: Invocation,
    manner: Manner,
    carry_out: Callable[[Stage], Outcome],
    saved: SavedPlan | None = None,
) -> int:
    """Carry out, tell how it ended, and give the exit code."""
    approved = approved_of(manner, saved)
    consent = consent_of(invocation, manner, approved)
    with stage(invocation, manner) as (workspace, listener):
        if saved is not None:
            check_fits(saved.plan, workspace)
        outcome = carry_out(Stage(workspace, approved, consent, listener))
        if consent is None and not outcome.refused:
            _note(outcome, listener)
        approval = stored_approval(workspace, approved)
    return tell_outcome(invocation, manner, outcome, {}, approved, approval)


def run_asked(
    invocation: Invocation,
    command: str,
    auto_approve: bool,
    lock_timeout: float,
    form: str,
    carry_out: Callable[[Stage], Outcome],
) -> int:
    """Carry out what an operator asked of one thing by name, and give the exit code."""
    manner = Manner(command=command, auto_approve=auto_approve, lock_timeout=lock_timeout, form=form)
    return run_moves(invocation, manner, carry_out)


def _note(outcome: Outcome, listener: Listener) -> None:
    """Tell, where nobody was shown the plan, why less moved than might have: mail that couldn't be asked about, above all."""
    for problem in outcome.plan.diagnostics:
        if problem.severity is Severity.WARNING:
            listener(Noted(problem))
