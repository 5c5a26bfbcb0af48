"""`chanplan validate`."""

import os

import click

from chanplan.app.validate import validate
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.model.problems import Severity
from chanplan.render.problems import problems_github, problems_json, problems_text


@click.command(
    name="validate",
    epilog="""\b
Examples:
  chanplan validate                     all problems at once, with file, line and what to do
  chanplan validate --format github     annotations on the lines of a pull request
""",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True
)
@click.pass_obj
def command(invocation: Invocation, form: str) -> int:
    """Check the configuration, completely and without any network."""
    problems = validate(invocation.config, os.environ)
    match form:
        case "json":
            click.echo(problems_json(problems))
        case "github":
            click.echo(problems_github(problems), nl=False)
        case _:
            click.echo(problems_text(problems) if problems else "The configuration is valid.")
    return Exit.ERROR if any(problem.severity is Severity.ERROR for problem in problems) else Exit.DONE
