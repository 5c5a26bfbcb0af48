"""The entry point: options before the command, commands by name, errors as one line, exit codes."""

import contextlib
import errno
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import click

from chanplan.cli.exits import Exit, exit_of
from chanplan.cli.invocation import Invocation
from chanplan.model.errors import ChanplanError, Interrupted, Invalid

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

# Name → module and the line that `--help` shows, so that `--help` imports no command.
COMMANDS = {
    "init": ("init", "Write a starter configuration."),
    "validate": ("validate", "Check the configuration, offline."),
    "plan": ("plan", "Show what would change, and why."),
    "apply": ("apply", "Make it so, as far as gates are open."),
    "destroy": ("destroy", "Delete everything in state."),
    "show": ("show", "Show a saved plan, or a resource read live."),
    "import": ("import_object", "Bring an object that exists under control."),
    "discover": ("discover", "List what exists and is in no state, as YAML too."),
    "export": ("export", "Write the YAML of what the HTTP API made."),
    "graph": ("graph", "Draw what depends on what."),
    "wait": ("wait", "Poll gates until they open."),
    "state": ("state", "List, show, move and forget what the state remembers."),
    "history": ("history", "List the runs so far."),
    "unlock": ("unlock", "Break the lock of a run that died."),
    "comment": ("comment", "Post a plan, or how its apply ended, on a pull request."),
    "doctor": ("doctor", "Look for what is wrong, and say what to do."),
    "dns": ("dns", "List and check the DNS records of setups."),
    "serve": ("serve", "Serve the Channel Manager HTTP API."),
    "api-key": ("api_key", "Make, list and revoke keys of the HTTP API."),
    "tiers": ("tiers", "Move use cases between reputation tiers, and look at them."),
    "sandbox": ("sandbox", "Run and steer the local services."),
    "schema": ("schema", "Print a JSON Schema."),
    "completion": ("completion", "Print a shell completion script."),
}


class _Commands(click.Group):
    """A group that imports a command when it is run, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"chanplan.cli.commands.{COMMANDS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(name, COMMANDS, 1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"There is no command '{name}'.{hint}")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from chanplan.app.version import version

        click.echo(f"chanplan {version()}")
        ctx.exit()


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  chanplan init                         write chanplan.yaml
  chanplan --sandbox plan               try it on local services, with no account
  chanplan apply --wait 20m             apply, and wait for DNS up to 20 minutes
  chanplan dns records ses_setup.acme   what the domain's owner must publish

Exit codes: 0 done, 1 error, 2 changes (plan --detailed-exitcode), 3 waiting, 4 refused, 5 locked, 130 interrupted.
""",
)
@click.option("-C", "directory", type=click.Path(path_type=Path), metavar="DIR", help="Work in DIR.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="CHANPLAN_CONFIG",
    help="The root file; chanplan.yaml if not given.",
)
@click.option("--sandbox", is_flag=True, help="Use local services instead of real ones.")
@click.option("--no-color", is_flag=True, help="Print no colours.")
@click.option("-v", "--verbose", is_flag=True, help="Tell each call to a service on standard error.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.pass_context
def cli(
    ctx: click.Context,
    *,
    directory: Path | None,
    config: Path | None,
    sandbox: bool,
    no_color: bool,
    verbose: bool,
) -> None:
    """Terraform for communication channels: email domains, voice lines and their use cases, from YAML."""
    if directory is not None:
        try:
            os.chdir(directory)
        except OSError as error:
            raise click.UsageError(f"-C {directory}: {error.strerror}.") from error
    if ctx.invoked_subcommand == "completion":
        return
    from chanplan.cli.logs import log_for_people

    log_for_people()
    ahead = None
    if sandbox and ctx.invoked_subcommand != "sandbox":
        from chanplan.cli.sandboxing import started_sandbox

        started = ctx.with_resource(started_sandbox())
        os.environ.update(started.environment)
        os.environ.pop("AWS_PROFILE", None)
        ahead = started.time
    root = config or Path("chanplan.yaml")
    metrics = None
    if verbose:
        from chanplan.cli.verbose import CallLines, say_where

        say_where(root)
        metrics = CallLines()
    ctx.obj = Invocation(config=root, sandbox=sandbox, colour=not no_color, metrics=metrics, ahead=ahead)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code. No traceback reaches the user."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    # Thousands of resources live as long as the command does: walking them over and over finds no garbage.
    gc.set_threshold(50_000, 20, 50)
    # A word of output can hold any character, whatever the locale says.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    with _errors_as_codes() as code:
        result = cli.main(
            args=None if arguments is None else list(arguments), prog_name="chanplan", standalone_mode=False
        )
        code.append(int(result) if isinstance(result, int) else 0)
    return code[-1]


@contextlib.contextmanager
def _errors_as_codes() -> Iterator[list[int]]:
    code: list[int] = [int(Exit.ERROR)]
    try:
        yield code
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        code.append(error.exit_code)
    except click.ClickException as error:
        _say_usage(error)
    except (click.Abort, KeyboardInterrupt, Interrupted):
        _say("Interrupted.")
        code.append(int(Exit.INTERRUPTED))
    except BrokenPipeError:
        # Who read our output has seen enough.
        _drop_output()
    except Invalid as error:
        from chanplan.render.problems import problems_text

        _say(problems_text(error.problems))
    except ChanplanError as error:
        _tell(error)
        code.append(int(exit_of(error)))
    except OSError as error:
        if error.filename is None and error.errno in _UNWRITABLE:
            _say(f"Error: the output can't be written: {error.strerror}.")
            _drop_output()
            code.append(int(Exit.ERROR))
        else:
            _say_crash(error)
    except Exception as error:  # noqa: BLE001 - the last net: no traceback ever reaches a user
        _say_crash(error)


def _drop_output() -> None:
    """Keep what is left in the buffer from raising again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(error: ChanplanError) -> None:
    from chanplan.render.escapes import visible

    _say(f"Error: {visible(error.message)}")
    for line in error.remedy.splitlines():
        _say(f"  {visible(line)}")


def _say_usage(error: click.ClickException) -> None:
    from chanplan.render.escapes import visible

    if isinstance(error, click.UsageError) and error.ctx is not None:
        _say(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n")
    # The message quotes what was typed, or what a script was made to type.
    lines = [visible(line) for line in error.format_message().replace("\n\t", "\n  ").split("\n")]
    _say(
        "\n".join(
            lines
            if isinstance(error, click.exceptions.NoArgsIsHelpError)
            else [f"Error: {lines[0]}", *lines[1:]]
        )
    )


def _say_crash(error: Exception) -> None:
    from chanplan.cli.crash import record_crash

    _say(record_crash(error))


def _say(text: str) -> None:
    from chanplan.render.masking import without_keys

    # Somebody may have typed a key where its name belongs.
    text = without_keys(text)
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
