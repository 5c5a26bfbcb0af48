"""`chanplan discover`."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from chanplan.app.discover import discover
from chanplan.app.files import SHARED, file_exists, write_file
from chanplan.cli.counting import Counter, counted_on
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.paging import show
from chanplan.execution.stopping import Stop, stop_on_signals
from chanplan.model.addresses import KIND_NAMES
from chanplan.model.discoveries import Answers, Findings, PoolUse
from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.kinds.use_case import CONSENTS, EMAIL_TYPES, VOICE_CHANNELS
from chanplan.render.discovery_document import discovery_document
from chanplan.render.discovery_text import discovery_text
from chanplan.render.discovery_yaml import discovery_yaml
from chanplan.render.escapes import json_text, visible
from chanplan.render.phrases import counted

_LOCAL_PART = re.compile(r"([A-Za-z0-9.!#$%&'*+/=?^_`|~-]|\{entity\}|\{name\}){1,64}")


class PoolUseType(click.ParamType[tuple[str, PoolUse]]):
    """What a person says of a pool: `NAME=FAMILY`, or `NAME=FAMILY:TIER,TIER`."""

    name = "NAME=FAMILY[:TIER,…]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, PoolUse]:
        """Read what is said of a pool; without tiers, it carries all of them."""
        if isinstance(value, tuple):
            return value
        name, _, use = str(value).partition("=")
        family, _, listed = use.partition(":")
        tiers = tuple(listed.split(",")) if listed else TIERS
        if not name or family not in EMAIL_TYPES or not set(tiers) <= set(TIERS):
            self.fail(
                f"'{value}' isn't {self.name}; one is acme-txn=transactional:standard,premium, the families are "
                f"{' and '.join(EMAIL_TYPES)}, and the tiers {', '.join(TIERS)}.",
                param,
                ctx,
            )
        return name, PoolUse(family, tiers)


def _local_part(_ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _LOCAL_PART.fullmatch(value):
        raise click.BadParameter(
            f"'{value}' can't stand before an @; {{entity}} and {{name}} are the only names in braces.",
            param=param,
        )
    return value


@click.command(
    name="discover",
    epilog="""\b
Examples:
  chanplan discover                                 what exists, what can be imported, and why not
  chanplan discover --out imported.yaml             and the YAML for it, with imports blocks
  chanplan discover --out imported.yaml --email-type transactional --sender-local-part '{name}'
  chanplan discover --kind ses_setup --provider eu --format json
""",
)
@click.option(
    "--kind", "kinds", type=click.Choice(KIND_NAMES), multiple=True, help="Look for this kind only."
)
@click.option(
    "--provider", "providers", multiple=True, metavar="ALIAS", help="Look there only: eu, or ses.eu."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the YAML to a file that doesn't exist yet.",
)
@click.option(
    "--sender-local-part",
    metavar="TEXT",
    callback=_local_part,
    help="What stands before the @ of each sender; {entity} and {name} are replaced.",
)
@click.option(
    "--email-type", type=click.Choice(EMAIL_TYPES), help="What mail of sets without a known pool is."
)
@click.option(
    "--pool", "pools", type=PoolUseType(), multiple=True, help="What a pool carries; without tiers, all."
)
@click.option("--channel", type=click.Choice(VOICE_CHANNELS), help="What Applications are used for.")
@click.option("--consent", type=click.Choice(CONSENTS), help="How people agreed to ringless voicemail.")
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    kinds: Sequence[str],
    providers: Sequence[str],
    form: str,
    out: Path | None,
    sender_local_part: str | None,
    email_type: str | None,
    pools: Sequence[tuple[str, PoolUse]],
    channel: str | None,
    consent: str | None,
) -> int:
    """List what exists at the services and is in no state, and write the YAML that imports it. Reads only."""
    if out is not None and (out.exists() or out.is_symlink()):
        # Before thousands of calls are made; writing refuses it, too.
        raise file_exists(out)
    answers = Answers(sender_local_part, email_type, channel, consent, dict(pools))
    counter, stop = Counter(invocation.metrics), Stop()
    with (
        stop_on_signals(stop),
        invocation.opened(stop=stop, metrics=counter) as workspace,
        counted_on(
            sys.stderr,
            "Looking for what exists at the services",
            counter,
            is_terminal=sys.stderr.isatty() and form == "text",
            colour=invocation.colours(sys.stderr),
        ),
    ):
        findings = discover(workspace, kinds, providers, answers)
        name = workspace.configuration.workspace
    match form:
        case "json":
            click.echo(json_text(discovery_document(findings, name)))
        case "yaml":
            click.echo(discovery_yaml(findings, name), nl=False)
        case _:
            show(discovery_text(findings, name), invocation)
            if out is None and (findings.proposals or findings.unclaimed):
                click.echo(
                    "Next: `chanplan discover --out FILE` writes the YAML that imports them.", err=True
                )
    if out is not None:
        _write(invocation, out, findings, name)
    return Exit.ERROR if findings.undiscovered else Exit.DONE


def _write(invocation: Invocation, out: Path, findings: Findings, workspace: str) -> None:
    number = len(findings.proposals) + len(findings.unclaimed)
    if not number:
        click.echo(f"{visible(str(out))} wasn't written: there is nothing to import.", err=True)
        return
    write_file(out, discovery_yaml(findings, workspace), SHARED, new=True)
    open_values = sum(len(proposal.gaps) for proposal in findings.proposals)
    fill = f", in which {counted(open_values, 'value')} must be filled in" if open_values else ""
    click.echo(
        f"Wrote {visible(str(out))}: {counted(number, 'object')}{fill}. "
        f"Name it under `include:` in {visible(str(invocation.config))} and run `chanplan validate`.",
        err=True,
    )
