"""`chanplan tiers …`: reputation tiers."""

import click

from chanplan.cli.commands.tiers.apply import apply
from chanplan.cli.commands.tiers.evaluate import evaluate
from chanplan.cli.commands.tiers.history import history
from chanplan.cli.commands.tiers.policy import policy
from chanplan.cli.commands.tiers.status import status
from chanplan.cli.commands.tiers.tenants import start_tenant, stop_tenant
from chanplan.cli.commands.tiers.wishes import approve, suspend


@click.group(
    name="tiers",
    epilog="""\b
Examples:
  chanplan tiers status                                    where each use case stands, and what it lacks
  chanplan tiers evaluate                                  what its mail earned or cost: a plan
  chanplan tiers apply --auto-approve                      each day, in CI
  chanplan tiers suspend use_case.offers --reason "…"      now, whatever the figures say
  chanplan tiers approve use_case.offers                   out of suspension, back to onboarding

\b
Asks SES for the mail of the last weeks; what isn't known moves no tier. See docs/tiers.md.
""",
)
def command() -> None:
    """Move use cases between reputation tiers by what became of their mail, and look at them."""


for each in (status, evaluate, apply, approve, suspend, history, stop_tenant, start_tenant, policy):
    command.add_command(each)
