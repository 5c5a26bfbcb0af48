"""`chanplan comment`."""

from pathlib import Path

import click

from chanplan.app.comment import How, post
from chanplan.app.files import read_bounded
from chanplan.app.plan_files import read_plan_file
from chanplan.app.wiring import open_review
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.config.loader import load_configuration
from chanplan.execution.clocks import SystemClock
from chanplan.model.errors import Misused
from chanplan.model.plans import Plan
from chanplan.ports.review import Review
from chanplan.render.printable import line

LARGEST = 1024**3
"""Bytes of a text, and of an apply's lines, that are read."""


def _refuse_token(_: click.Context, __: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise Misused(
            "A token on a command line is seen by every process of the machine and stands in logs.",
            remedy="Give it in the environment: GITHUB_TOKEN, or GITLAB_TOKEN. Make this one invalid.",
            code="token_on_command_line",
        )


@click.command(
    name="comment",
    epilog="""\b
Examples:
  chanplan comment --platform github reviewed.plan.json
  chanplan comment --platform github reviewed.plan.json --outcome outcome.jsonl   after an apply
  chanplan comment --platform gitlab reviewed.plan.json
  chanplan plan --format markdown --comment-limit 60000 | chanplan comment --platform github --body-file -

\b
Which pull request is meant, the platform's CI says in its variables; --pr names another. The token is
GITHUB_TOKEN (or GH_TOKEN), with permission to write pull requests, or GITLAB_TOKEN, with the scope `api`.
See docs/comment.md.
""",
)
@click.argument("planfile", type=click.Path(path_type=Path), required=False)
@click.option("--platform", type=click.Choice(["github", "gitlab"]), required=True, help="Where to post.")
@click.option(
    "--outcome",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Show what `apply --format jsonl` told.",
)
@click.option(
    "--body-file",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Post this Markdown; - reads standard input.",
)
@click.option("--pr", "number", type=click.IntRange(1, 2**31), metavar="NUMBER", help="Comment on this one.")
@click.option(
    "--workspace", metavar="NAME", help="Whose comment it is, where no plan file and no configuration says."
)
@click.option("--token", hidden=True, expose_value=False, is_eager=True, callback=_refuse_token)
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    planfile: Path | None,
    platform: str,
    outcome: Path | None,
    body_file: Path | None,
    number: int | None,
    workspace: str | None,
) -> int:
    """Post a plan, or how its apply ended, as one comment per workspace, updated in place."""
    if body_file is not None and (planfile is not None or outcome is not None):
        raise click.UsageError("--body-file is posted as it is: give it without a plan file and --outcome.")
    if body_file is None and planfile is None and outcome is None:
        raise click.UsageError("Nothing to post: give a plan file, --outcome or --body-file.")
    plan = None if planfile is None else read_plan_file(planfile).plan
    owner = _owner(invocation, plan, workspace)
    source = body_file or outcome
    content = b"" if source is None else _read(source)
    clock = SystemClock()
    with open_review(platform, invocation.environment, number, clock, invocation.metrics) as review:
        body = _body(review, owner, plan, content, outcome=outcome, body_file=body_file)
        posted = post(review, body, clock, of_commit=outcome is None)
    for warning in posted.warnings:
        click.echo(f"Warning: {line(warning)}", err=True)
    if posted.how is How.OUTDATED:
        click.echo(
            "Nothing was written: this run is of an older commit, whose plan nobody reviews.", err=True
        )
    if posted.removed:
        click.echo(f"Removed {posted.removed} more of ours, made at the same moment.", err=True)
    click.echo(f"{posted.how} {line(posted.url)}")
    return Exit.DONE


def _body(
    review: Review,
    owner: str,
    plan: Plan | None,
    content: bytes,
    *,
    outcome: Path | None,
    body_file: Path | None,
) -> str:
    if body_file is not None:
        from chanplan.render.comment import written_comment

        return written_comment(owner, _decoded(content, body_file), limit=review.limit)
    if outcome is not None:
        from chanplan.render.outcome_markdown import outcome_comment
        from chanplan.render.outcome_reading import outcome_from_lines

        told = outcome_from_lines(content, str(outcome))
        return outcome_comment(told, owner, plan, limit=review.limit)
    from chanplan.render.comment import plan_comment

    assert plan is not None
    return plan_comment(plan, commit=review.commit, limit=review.limit)


def _owner(invocation: Invocation, plan: Plan | None, workspace: str | None) -> str:
    """Give the workspace whose comment is written."""
    if plan is not None:
        if workspace not in (None, plan.workspace):
            raise Misused(
                f"The plan is of workspace {plan.workspace}, not of {workspace}.",
                remedy="Leave --workspace away: the plan file says it.",
                code="plan_of_other_workspace",
            )
        return plan.workspace
    return workspace or load_configuration(invocation.config, invocation.environment).workspace


def _read(path: Path) -> bytes:
    try:
        content = read_bounded(path, LARGEST)
    except OSError as error:
        raise Misused(
            f"{path} can't be read: {error.strerror}.",
            remedy="Give the path of a file.",
            code="file_unreadable",
        ) from error
    if len(content) > LARGEST:
        raise Misused(
            f"{path} has more than {LARGEST:,} bytes.",
            remedy="No comment holds that.",
            code="comment_too_long",
        )
    return content


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Misused(
            f"{path} isn't UTF-8, from byte {error.start} on.", remedy="Save it as UTF-8.", code="not_utf8"
        ) from error
