"""`chanplan tiers evaluate`."""

import sys
from pathlib import Path

import click

from chanplan.app.files import write_file
from chanplan.app.holder import job_address
from chanplan.app.tiering import Evaluation, TierTask
from chanplan.app.tiering import evaluate as evaluated
from chanplan.app.version import version
from chanplan.cli.commands.plan import check_limit
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import COMMENT_LIMIT, DETAILED_EXITCODE, OUT, PLAN_FORMAT, REQUIRE_EVIDENCE, TARGETS
from chanplan.cli.paging import show
from chanplan.cli.progress import progress
from chanplan.model.addresses import Address
from chanplan.render.escapes import json_text
from chanplan.render.plan_document import plan_document
from chanplan.render.plan_markdown import plan_markdown
from chanplan.render.plan_text import plan_text
from chanplan.render.tier_document import review_document


@click.command(
    epilog="""\b
Examples:
  chanplan tiers evaluate                           what would move, on what evidence, and who stays, by reason
  chanplan -v tiers evaluate                        who stays, one by one
  chanplan tiers evaluate --out tiers.plan.json     save it, for `chanplan tiers apply tiers.plan.json`
  chanplan tiers evaluate --format markdown --comment-limit 65536 > comment.md
"""
)
@TARGETS
@OUT
@PLAN_FORMAT
@COMMENT_LIMIT
@DETAILED_EXITCODE
@REQUIRE_EVIDENCE
@click.pass_obj
def evaluate(
    invocation: Invocation,
    *,
    targets: tuple[Address, ...],
    out: Path | None,
    form: str,
    comment_limit: int | None,
    detailed_exitcode: bool,
    evidence_required: bool,
) -> int:
    """Judge the tiers by the evidence, and show what would move. Changes nothing."""
    check_limit(comment_limit, form)
    with (
        invocation.opened() as workspace,
        progress(
            "text" if form == "text" else "none",
            sys.stderr,
            is_terminal=sys.stderr.isatty(),
            colour=invocation.colours(sys.stderr),
        ) as listener,
    ):
        made = evaluated(workspace, TierTask(targets=targets, evidence_required=evidence_required), listener)
    if out is not None:
        write_file(out, json_text(plan_document(made.plan, version())) + "\n")
    _tell(invocation, made, form, comment_limit)
    if made.plan.errored:
        return Exit.ERROR
    return Exit.CHANGES if detailed_exitcode and made.plan.effective else Exit.DONE


def _tell(invocation: Invocation, made: Evaluation, form: str, limit: int | None) -> None:
    plan, review = made.plan, made.review
    match form:
        case "json":
            document = {**plan_document(plan, version()), "review": review_document(review)}
            click.echo(json_text(document))
        case "markdown":
            whole = job_address(invocation.environment)
            click.echo(plan_markdown(plan, limit=limit, whole=whole, review=review), nl=False)
        case _:
            told = plan_text(
                plan,
                width=invocation.width,
                colour=invocation.colours(sys.stdout),
                review=review,
                # Who wants each call told wants each use case told as well.
                each=invocation.metrics is not None,
            )
            show(told, invocation)
