"""`chanplan tiers apply`."""

from pathlib import Path

import click

from chanplan.app.tiering import TierTask, apply_tiers
from chanplan.cli.applying import Manner
from chanplan.cli.invocation import Invocation
from chanplan.cli.moving_tiers import run_moves, saved_moves
from chanplan.cli.options import (
    AUTO_APPROVE,
    EXPECT,
    LOCK_TIMEOUT,
    OUTCOME_FORMAT,
    PARALLELISM,
    REQUIRE_EVIDENCE,
    TARGETS,
)
from chanplan.model.addresses import Address


@click.command(
    epilog="""\b
Examples:
  chanplan tiers apply                       show what would move, ask, move it
  chanplan tiers apply --auto-approve --require-evidence    each day, in CI; fails when nobody tells of the mail
  chanplan tiers apply --expect sha256:…     the moves that were reviewed, or what remains of them
  chanplan tiers apply tiers.plan.json       likewise, from what `tiers evaluate --out` saved

\b
Judged anew under the lock: a saved plan says what may be done, and today's evidence whether it is.
"""
)
@click.argument("planfile", type=click.Path(path_type=Path), required=False)
@TARGETS
@AUTO_APPROVE
@EXPECT
@REQUIRE_EVIDENCE
@PARALLELISM
@LOCK_TIMEOUT
@OUTCOME_FORMAT
@click.pass_obj
def apply(
    invocation: Invocation,
    *,
    planfile: Path | None,
    targets: tuple[Address, ...],
    auto_approve: bool,
    expect: str | None,
    evidence_required: bool,
    parallelism: int,
    lock_timeout: float,
    form: str,
) -> int:
    """Move use cases to the tier that their mail earned or cost, each by at most one step.

    Killed at any moment, it loses nothing: the next run goes on.
    """
    if planfile is not None and (expect or targets):
        raise click.UsageError("A plan file says itself what is done: give it without --expect and --target.")
    manner = Manner(
        command="tiers apply",
        auto_approve=auto_approve,
        lock_timeout=lock_timeout,
        form=form,
        expect=expect,
        planfile=planfile,
        parallelism=parallelism,
    )
    saved = None if planfile is None else saved_moves(planfile)

    return run_moves(
        invocation,
        manner,
        lambda stage: apply_tiers(
            stage.workspace,
            TierTask(
                targets=targets if saved is None else saved.request.targets,
                approved=stage.approved,
                lock_timeout=lock_timeout,
                evidence_required=evidence_required,
            ),
            stage.consent,
            stage.listener,
        ),
        saved,
    )
