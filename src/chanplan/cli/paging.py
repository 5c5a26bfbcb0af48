"""Long results, through the person's pager."""

import shutil
import sys

import click

from chanplan.cli.invocation import Invocation


def show(text: str, invocation: Invocation) -> None:
    """Print a result that ends with a line break: page by page where a person would have to scroll back for its
    beginning, as one piece everywhere else.

    The pager is `PAGER`, else `less`; `PAGER=cat` turns paging off. Where there is neither, or no terminal to read keys
    from, nothing is paged.
    """
    height = shutil.get_terminal_size((100, 24)).lines
    if sys.stdin.isatty() and sys.stdout.isatty() and text.count("\n") >= height:
        # None keeps colours for a pager that shows them, and takes them out for others.
        click.echo_via_pager(text.removesuffix("\n"), color=None if invocation.colours(sys.stdout) else False)
    else:
        click.echo(text, nl=False)
