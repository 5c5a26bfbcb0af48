"""`chanplan completion`."""

import click
from click.shell_completion import get_completion_class

from chanplan.cli.exits import Exit


@click.command(
    name="completion",
    epilog="""\b
Examples:
  chanplan completion bash > /etc/bash_completion.d/chanplan
  chanplan completion zsh > "${fpath[1]}/_chanplan"
  chanplan completion fish > ~/.config/fish/completions/chanplan.fish
""",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the script that completes chanplan's commands and options in a shell."""
    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"click knows no completion for {shell}.")
    click.echo(completion(ctx.find_root().command, {}, "chanplan", "_CHANPLAN_COMPLETE").source())
    return Exit.DONE
