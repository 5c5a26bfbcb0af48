"""`chanplan plan`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from chanplan.app.accepting import look_for_drift
from chanplan.app.files import write_file
from chanplan.app.holder import job_address
from chanplan.app.preview import preview
from chanplan.app.version import version
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import (
    COMMENT_LIMIT,
    DETAILED_EXITCODE,
    OUT,
    PLAN_FORMAT,
    REFRESH_ONLY,
    check_refresh_only,
    planning_options,
    request_of,
)
from chanplan.cli.paging import show
from chanplan.cli.progress import progress
from chanplan.model.addresses import Address
from chanplan.model.plans import Plan, RefreshMode
from chanplan.planning.diagnostics import UNFINISHED_REPLACEMENT
from chanplan.render.escapes import json_text


@click.command(
    name="plan",
    epilog="""\b
Examples:
  chanplan plan                                  look at the services and show what would change
  chanplan plan --refresh none                   from the state alone, without any network call
  chanplan plan --out reviewed.plan.json         save it, for `chanplan apply reviewed.plan.json`
  chanplan plan --format markdown --comment-limit 65536 > comment.md
  chanplan plan --destroy                        what `chanplan destroy` would do
  chanplan plan --refresh-only --refresh deep    what somebody changed outside chanplan, and when it was read
""",
)
@planning_options
@OUT
@PLAN_FORMAT
@COMMENT_LIMIT
@DETAILED_EXITCODE
@REFRESH_ONLY
@click.option("--destroy", is_flag=True, help="Plan to delete everything in state.")
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    refresh: str,
    targets: Sequence[Address],
    allow_delete: Sequence[str],
    allow_replace: Sequence[Address],
    take_ownership: Sequence[Address],
    out: Path | None,
    form: str,
    comment_limit: int | None,
    detailed_exitcode: bool,
    refresh_only: bool,
    destroy: bool,
) -> int:
    """Show what would change, why, what it loses and what it waits for. Changes nothing."""
    request = request_of(
        targets=targets,
        allow_delete=allow_delete,
        allow_replace=allow_replace,
        take_ownership=take_ownership,
        destroy=destroy,
        refresh_only=refresh_only,
    )
    mode = RefreshMode(refresh)
    check_refresh_only(request, mode)
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
        looking = look_for_drift if refresh_only else preview
        plan = looking(workspace, request, mode, listener).plan
    document = _document(plan) if out is not None or form == "json" else ""
    if out is not None:
        write_file(out, document)
    if form == "text":
        show(rendered(invocation, plan, form), invocation)
    else:
        click.echo(document if form == "json" else rendered(invocation, plan, form, comment_limit), nl=False)
    if plan.errored:
        return Exit.ERROR
    left_over = any(problem.code == UNFINISHED_REPLACEMENT for problem in plan.diagnostics)
    return Exit.CHANGES if detailed_exitcode and (plan.effective or plan.drift or left_over) else Exit.DONE


def check_limit(limit: int | None, form: str) -> None:
    """Raise `click.UsageError` for a limit that would be heeded by nothing."""
    if limit is not None and form != "markdown":
        raise click.UsageError("--comment-limit cuts Markdown: add --format markdown.")


def rendered(invocation: Invocation, plan: Plan, form: str, limit: int | None = None) -> str:
    """Give a plan in one of the three forms, ending in a newline."""
    match form:
        case "json":
            return _document(plan)
        case "markdown":
            from chanplan.render.plan_markdown import plan_markdown

            return plan_markdown(plan, limit=limit, whole=job_address(invocation.environment))
        case _:
            from chanplan.render.plan_text import plan_text

            return plan_text(plan, width=invocation.width, colour=invocation.colours(sys.stdout))


def _document(plan: Plan) -> str:
    from chanplan.render.plan_document import plan_document

    return json_text(plan_document(plan, version())) + "\n"
