"""`chanplan graph`."""

import sys
from collections.abc import Sequence

import click

from chanplan.app.graph import graph
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.cli.progress import progress
from chanplan.model.addresses import Address
from chanplan.model.plans import RefreshMode
from chanplan.planning.drawing import Drawing


@click.command(
    name="graph",
    epilog="""\b
Examples:
  chanplan graph                                     a tree, in the order of an apply
  chanplan graph --target ses_setup.acme-mail        what comes before it and after it, and nothing else
  chanplan graph --format dot | dot -Tsvg > graph.svg
  chanplan graph --format mermaid                    for a Markdown file, between ```mermaid and ```
  chanplan graph --destroy                           the order in which everything would go
""",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "dot", "mermaid"]), default="text", show_default=True
)
@click.option("--target", "targets", type=ADDRESS, multiple=True, help="Draw only what is around this.")
@click.option(
    "--refresh",
    type=click.Choice([mode.value for mode in RefreshMode]),
    default=RefreshMode.NONE.value,
    show_default=True,
    help="How closely to look at the services first.",
)
@click.option("--destroy", is_flag=True, help="Draw the plan to delete everything.")
@click.pass_obj
def command(
    invocation: Invocation, *, form: str, targets: Sequence[Address], refresh: str, destroy: bool
) -> int:
    """Draw what depends on what, with what would change and what waits. Asks no service unless told to."""
    mode = RefreshMode(refresh)
    with (
        invocation.opened() as workspace,
        progress(
            "none" if mode is RefreshMode.NONE else "text",
            sys.stderr,
            is_terminal=sys.stderr.isatty(),
            colour=invocation.colours(sys.stderr),
        ) as listener,
    ):
        drawing = graph(workspace, mode, targets, listener, destroy=destroy)
    click.echo(_rendered(invocation, drawing, form), nl=False)
    return Exit.DONE


def _rendered(invocation: Invocation, drawing: Drawing, form: str) -> str:
    match form:
        case "dot":
            from chanplan.render.graph_dot import graph_dot

            return graph_dot(drawing)
        case "mermaid":
            from chanplan.render.graph_mermaid import graph_mermaid, is_too_large

            text = graph_mermaid(drawing)
            if is_too_large(drawing, text):
                click.echo(
                    "Warning: Mermaid draws this only with higher maxEdges and maxTextSize; --target cuts it.",
                    err=True,
                )
            return text
        case _:
            from chanplan.render.graph_text import graph_text

            return graph_text(drawing, width=invocation.width, colour=invocation.colours(sys.stdout))
