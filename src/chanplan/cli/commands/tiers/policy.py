"""`chanplan tiers policy`."""

import click

from chanplan.app.tiers import tier_policies
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.model.kinds.use_case import EMAIL_TYPES
from chanplan.render.escapes import json_text
from chanplan.render.tier_policy import policy_document, policy_text


@click.command(
    epilog="""\b
Examples:
  chanplan tiers policy                           every number that tiers are judged by, and its source
  chanplan tiers policy --email-type marketing    those that hold for marketing mail
"""
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--email-type", type=click.Choice(EMAIL_TYPES), help="Only the policy of this mail.")
@click.pass_obj
def policy(invocation: Invocation, form: str, email_type: str | None) -> int:
    """Print the policy that holds: each number with its source, and where it is overridden. Asks nobody."""
    policies = tier_policies(invocation.config, invocation.environment)
    email_types = EMAIL_TYPES if email_type is None else (email_type,)
    if form == "json":
        click.echo(json_text(policy_document(policies, email_types)))
    else:
        click.echo(policy_text(policies, email_types), nl=False)
    return Exit.DONE
