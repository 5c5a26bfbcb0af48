"""`chanplan api-key …`: who may call the HTTP API."""

import sys
from contextlib import suppress
from datetime import timedelta

import click

from chanplan.app.keys import NewKey, create_key, list_keys, revoke_key, take_back
from chanplan.app.workspace import Workspace
from chanplan.cli.durations import parse_duration
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.model.api_keys import KeyScope
from chanplan.model.errors import StateError
from chanplan.render.api_keys import expiry_of, key_document, keys_text, scopes_of
from chanplan.render.escapes import json_text
from chanplan.render.phrases import joined, moment

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.group(
    name="api-key",
    epilog="""\b
Examples:
  chanplan api-key create dashboard --scope view                           prints the key, once
  chanplan api-key create backend --scope view --scope create --expires 30d
  KEY=$(chanplan api-key create ci --scope view --quiet)                   the key and nothing else
  chanplan api-key list                                                    who may call, until when
  chanplan api-key revoke dashboard                                        for good
""",
)
def command() -> None:
    """Make, list and revoke keys of the HTTP API (`chanplan serve`)."""


@command.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in KeyScope]),
    multiple=True,
    required=True,
    help="What it may do; several times for several.",
)
@click.option(
    "--expires", default="90d", show_default=True, metavar="DURATION|never", help="How long it holds."
)
@click.option("-q", "--quiet", is_flag=True, help="Print the key and nothing else.")
@_FORMAT
@click.pass_obj
def create(
    invocation: Invocation, *, name: str, scopes: tuple[str, ...], expires: str, quiet: bool, form: str
) -> int:
    """Make a key and print it, once: only a hash of it is kept, so that nobody can look it up later."""
    never = expires.strip().lower() == "never"
    lifetime = None if never else timedelta(seconds=parse_duration(expires))
    with invocation.opened() as workspace:
        made = create_key(workspace, name, {KeyScope(each) for each in scopes}, lifetime)
        if form == "json":
            document = key_document(made.key, workspace.clock.now())
            _hand_over(workspace, made, json_text({**document, "key": made.text}))
        else:
            _hand_over(workspace, made, made.text)
    if form == "text" and not quiet:
        click.echo(
            f"Made {made.key.name} (id {made.key.id}): {joined(scopes_of(made.key))}, expires {expiry_of(made.key)}.\n"
            "The line above is the key. Keep it now: it isn't shown again.",
            err=True,
        )
    return Exit.DONE


@command.command(name="list")
@_FORMAT
@click.pass_obj
def list_(invocation: Invocation, form: str) -> int:
    """List all keys: what they may do, until when, who made them; revoked ones too. The keys themselves are kept nowhere."""
    with invocation.opened() as workspace:
        keys, now = list_keys(workspace), workspace.clock.now()
    if form == "json":
        click.echo(json_text({"keys": [key_document(key, now) for key in keys]}))
    else:
        click.echo(keys_text(keys, now), nl=False)
    return Exit.DONE


@command.command()
@click.argument("name")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
@click.pass_obj
def revoke(invocation: Invocation, *, name: str, quiet: bool) -> int:
    """End a key for good. Servers that run hold to it within seconds. Its name isn't given again."""
    with invocation.opened() as workspace:
        done = revoke_key(workspace, name)
    if not quiet:
        when = "" if done.key.revoked_at is None else f" {moment(done.key.revoked_at)}"
        click.echo(
            f"{done.key.name} was revoked before,{when}."
            if done.already
            else f"Revoked {done.key.name} (id {done.key.id}). Servers that run refuse it within 6 seconds, or 60 while they can't"
            " read the state."
        )
    return Exit.DONE


def _hand_over(workspace: Workspace, made: NewKey, text: str) -> None:
    """Print a key; one that can't be printed is forgotten again, since nobody would have it."""
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError:
        with suppress(StateError):
            take_back(workspace, made.key)
        raise
