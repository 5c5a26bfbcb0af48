"""What `apply` and `destroy` share: asking, progress, the outcome's text and exit code."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from chanplan.app.accepting import Accepted, accept
from chanplan.app.apply import Task, apply
from chanplan.app.carrying_out import Approved, Consent, Outcome
from chanplan.app.importing import with_import
from chanplan.app.looking import remembered
from chanplan.app.plan_files import BY_PLAN_FILE, SavedPlan, check_fits, read_plan_file
from chanplan.app.tier_rounds import TIER_COMMANDS
from chanplan.app.workspace import Workspace
from chanplan.cli.exits import Exit, exit_of, worst
from chanplan.cli.invocation import Invocation
from chanplan.cli.progress import json_line, progress
from chanplan.execution.stopping import Stop, stop_on_signals
from chanplan.model.addresses import Address
from chanplan.model.configuration import Import
from chanplan.model.errors import ChanplanError, Misused
from chanplan.model.events import Listener
from chanplan.model.plans import Plan, RefreshMode
from chanplan.model.requests import Request
from chanplan.model.snapshots import RUNS_KEPT, Approval
from chanplan.render.acceptance import acceptance_document, acceptance_text
from chanplan.render.outcome import outcome_text
from chanplan.render.outcome_document import broken_off_document, outcome_document
from chanplan.render.plan_text import plan_text
from chanplan.render.zone_lines import Entry


@dataclass(frozen=True, slots=True)
class Manner:
    """How an apply is run."""

    command: str
    auto_approve: bool
    lock_timeout: float
    form: str = "text"
    expect: str | None = None
    planfile: Path | None = None
    parallelism: int = 16
    mode: RefreshMode = RefreshMode.SHALLOW
    wait: float = 0.0
    deepen: int = 0


def run_apply(invocation: Invocation, request: Request, manner: Manner, entry: Import | None = None) -> int:
    """Apply, and give the exit code. `entry` is carried out as if it stood in the configuration."""
    saved = None if manner.planfile is None else read_plan_file(manner.planfile)
    if saved is not None and saved.plan.tiers:
        raise Misused(
            f"{manner.planfile} moves tiers, which `{manner.command}` doesn't.",
            remedy=f"Run: chanplan tiers apply {manner.planfile}",
            code="plan_of_tiers",
        )
    approved = approved_of(manner, saved)
    consent = consent_of(invocation, manner, approved)
    task = Task(
        request if saved is None else saved.request,
        manner.mode,
        approved,
        manner.wait,
        manner.lock_timeout,
        manner.command,
        manner.deepen,
    )
    with stage(invocation, manner) as (workspace, listener):
        if saved is not None:
            check_fits(saved.plan, workspace)
        asked = workspace if entry is None else with_import(workspace, entry)
        if task.request.refresh_only:
            accepted = accept(
                workspace, task.request, task.mode, approved, consent, task.lock_timeout, listener
            )
            tell = partial(_tell_accepted, invocation, manner, accepted, approved)
        else:
            outcome = apply(asked, task, consent, listener)
            tell = partial(
                tell_outcome,
                invocation,
                manner,
                outcome,
                _records(asked, outcome),
                approved,
                stored_approval(asked, approved) if manner.form == "jsonl" else None,
            )
    return tell()


def run_resume(invocation: Invocation, manner: Manner) -> int:
    """Go on with every approval that isn't used up, the oldest first, and give the exit code that counts most.

    Each is a run of its own, so that an approval that today's configuration has overtaken stops no other.
    """
    with invocation.opened() as workspace:
        approvals = workspace.store.load().approvals
        # What was approved of tiers is judged anew before it is done: the next `tiers apply` does that.
        tiers = {
            run.digest for run in workspace.store.runs(RUNS_KEPT) if run.command.startswith(TIER_COMMANDS)
        }
    left = [each for each in approvals if each.remaining and each.digest not in tiers]
    if not left:
        click.echo("Nothing is left of what was approved.", err=True)
    codes = [Exit.DONE]
    for approval in left:
        click.echo(f"Going on with {approval.digest}", err=True)
        codes.append(Exit(run_apply(invocation, Request(), replace(manner, expect=approval.digest))))
    return worst(*codes)


@contextmanager
def stage(invocation: Invocation, manner: Manner) -> Iterator[tuple[Workspace, Listener]]:
    """Open the workspace for a run that changes something: signals stop it, progress is told, and programs hear of an error
    that ends it."""
    stop = Stop()
    # Lines for programs are the result; what a person reads meanwhile is a message.
    stream = sys.stdout if manner.form == "jsonl" else sys.stderr
    with (
        _last_line(manner),
        stop_on_signals(stop),
        invocation.opened(stop=stop, parallelism=manner.parallelism) as workspace,
        progress(
            manner.form, stream, is_terminal=stream.isatty(), colour=invocation.colours(stream)
        ) as listener,
    ):
        yield workspace, listener


@contextmanager
def _last_line(manner: Manner) -> Iterator[None]:
    """Tell programs, too, of an error that ends the run before its outcome is known."""
    try:
        yield
    except ChanplanError as error:
        if manner.form == "jsonl":
            _say(broken_off_document(error, code=exit_of(error)))
        raise


def _say(entry: Mapping[str, object]) -> None:
    click.echo(json_line(entry, datetime.now(UTC)), nl=False)


_UNASKED = {
    "import": "Add `--auto-approve`; or write an `imports:` entry, and review its plan.",
    **dict.fromkeys(
        ("tiers approve", "tiers suspend", "tiers stop-tenant", "tiers start-tenant"), "Add `--auto-approve`."
    ),
}
"""What to do where a command can't ask, if it takes no approval of a plan."""


def approved_of(manner: Manner, saved: SavedPlan | None) -> Approved | None:
    """Give what was approved before the run, when something was."""
    if saved is not None:
        return Approved(saved.plan.digest, BY_PLAN_FILE, saved.fingerprints)
    if manner.expect is not None:
        return Approved(manner.expect, "--expect")
    return None


def consent_of(invocation: Invocation, manner: Manner, approved: Approved | None) -> Consent | None:
    """Give who asks; None where nobody needs to. Raises `Misused` where nobody can."""
    if manner.auto_approve or approved is not None:
        return None
    if not invocation.interactive:
        raise Misused(
            f"`{manner.command}` can't ask here, since there is no terminal.",
            remedy=_UNASKED.get(manner.command, "Add `--auto-approve`, `--expect DIGEST` or a plan file."),
        )

    def ask(plan: Plan) -> bool:
        click.echo(
            plan_text(plan, width=invocation.width, colour=invocation.colours(sys.stderr)), nl=False, err=True
        )
        return click.confirm("Carry this out?", default=False, err=True)

    return ask


def _records(workspace: Workspace, outcome: Outcome) -> Mapping[Address, Sequence[Entry]]:
    """What the setups behind gates ask to publish, with the last verdicts."""
    if outcome.last is None:
        return {}
    made = workspace.store.load().resources
    waiting = {gate.on for gate in outcome.last.gates if gate.on in made}
    return {seen.resource.address: seen.entries for seen in remembered(workspace, sorted(waiting))}


def stored_approval(workspace: Workspace, approved: Approved | None) -> Approval | None:
    """What the state keeps of what was approved before the run."""
    if approved is None:
        return None
    stored = workspace.store.load().approvals
    return next((entry for entry in stored if entry.digest == approved.digest), None)


def _tell_accepted(
    invocation: Invocation, manner: Manner, accepted: Accepted, approved: Approved | None
) -> int:
    plan, lines = accepted.plan, manner.form == "jsonl"
    codes = [Exit.DONE]
    if accepted.refused:
        codes.append(Exit.REFUSED)
        text = plan_text(plan, width=invocation.width, colour=invocation.colours(sys.stderr))
        click.echo(f"{text}Refused: nothing was done.", err=True)
    elif accepted.declined:
        click.echo("Nothing was done.", err=True)
    else:
        click.echo(
            acceptance_text(
                plan, accepted.taken, width=invocation.width, colour=invocation.colours(sys.stdout)
            ),
            nl=False,
            err=lines,
        )
    if accepted.declined or plan.errored:
        codes.append(Exit.ERROR)
    code = worst(*codes)
    if lines:
        word = "refused" if accepted.refused else "declined" if accepted.declined else "done"
        result = "failed" if word == "done" and plan.errored else word
        digest = None if approved is None else approved.digest
        _say(acceptance_document(plan, accepted.taken, result=result, code=code, approved=digest))
    return code


def tell_outcome(
    invocation: Invocation,
    manner: Manner,
    outcome: Outcome,
    records: Mapping[Address, Sequence[Entry]],
    approved: Approved | None,
    approval: Approval | None,
) -> int:
    """Say how a run ended, and give its exit code."""
    code = _code(outcome)
    _tell(invocation, manner, outcome, records)
    if manner.form == "jsonl":
        _say(
            outcome_document(
                outcome.plan,
                outcome.results,
                result=_word(outcome),
                code=code,
                approved=None if approved is None else approved.digest,
                approval=approval,
            )
        )
    return code


def _tell(
    invocation: Invocation, manner: Manner, outcome: Outcome, records: Mapping[Address, Sequence[Entry]]
) -> None:
    if outcome.refused:
        click.echo(
            plan_text(outcome.plan, width=invocation.width, colour=invocation.colours(sys.stderr)),
            nl=False,
            err=True,
        )
        click.echo("Refused: nothing was done.", err=True)
    elif outcome.declined:
        click.echo("Nothing was done.", err=True)
    else:
        text = outcome_text(
            outcome.plan,
            outcome.results,
            width=invocation.width,
            colour=invocation.colours(sys.stdout),
            timed_out=outcome.timed_out,
            records=records,
            digest=None if outcome.approved is None else outcome.approved.digest,
            deepened=outcome.deepened,
        )
        click.echo(text, nl=False, err=manner.form == "jsonl")


def _word(outcome: Outcome) -> str:
    if outcome.refused or outcome.declined:
        return "refused" if outcome.refused else "declined"
    if outcome.interrupted:
        return "interrupted"
    if outcome.plan.errored or any(result.word == "failed" for result in outcome.results):
        return "failed"
    return "done" if outcome.last is None else outcome.last.word


def _code(outcome: Outcome) -> int:
    codes = [Exit.DONE]
    if outcome.refused:
        codes.append(Exit.REFUSED)
    if outcome.declined or outcome.plan.errored:
        codes.append(Exit.ERROR)
    last = outcome.last
    if last is not None:
        if last.interrupted or outcome.interrupted:
            codes.append(Exit.INTERRUPTED)
        if any(result.failed or result.problems for result in outcome.results) or last.gate_failed:
            codes.append(Exit.ERROR)
        if last.waiting or outcome.timed_out:
            codes.append(Exit.WAITING)
    return worst(*codes)
