"""Commands that were typed wrong: what is wrong, what is meant perhaps, and exit code 1, not click's 2."""

import click
import pytest

from chanplan.cli.main import COMMANDS, cli
from tests.cli.desk import EMAIL, Desk, SandboxedDesk


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["plam"], "There is no command 'plam'. Did you mean 'plan'?"),
        (["frobnicate"], "There is no command 'frobnicate'."),
        (["state", "lst"], "No such command 'lst'. Did you mean 'list'?"),
        (["--sandbx", "plan"], "No such option '--sandbx'. Did you mean '--sandbox'?"),
        (["plan", "--fromat", "json"], "No such option '--fromat'."),
        (["plan", "--format", "xml"], "'xml' is not one of 'text', 'json', 'markdown'."),
        (["plan", "--refresh", "hard"], "'hard' is not one of 'none', 'shallow', 'deep'."),
        (["plan", "--target", "receipts"], "'receipts' isn't an address; one looks like use_case.receipts"),
        (["plan", "--target", "usecase.receipts"], "'usecase.receipts' isn't an address;"),
        (["plan", "--allow-delete", "receipts"], "'receipts' isn't an address;"),
        (["plan", "--comment-limit", "10"], "10 is not in the range x>=4000."),
        (["plan", "--comment-limit", "5000"], "--comment-limit cuts Markdown: add --format markdown."),
        (["show", "reviewed.json", "--comment-limit", "5000"], "--comment-limit cuts Markdown"),
        (
            ["apply", "--expect", "sha256:abc"],
            "'sha256:abc' isn't a digest; a plan's last line tells its own,",
        ),
        (["destroy", "--expect", "abc"], "'abc' isn't a digest;"),
        (["plan", "--refresh-only", "--destroy"], "--refresh-only and --destroy exclude each other."),
        (["apply", "--wait", "soon"], "'soon' isn't a duration. Write a number and its unit: 20s, 5m, 72h."),
        (["apply", "--wait", "20"], "'20' isn't a duration."),
        (["apply", "--wait", "-5m"], "'-5m' isn't a duration."),
        (["apply", "--wait", "9000d"], "'9000d' is longer than a year."),
        (["apply", "--parallelism", "0"], "0 is not in the range 1<=x<=256."),
        (["apply", "--lock-timeout", "x"], "'x' isn't a duration."),
        (["state", "mv", "receipts", "x"], "'receipts' isn't an address;"),
        (["state", "rm"], "Missing argument 'ADDRESS...'."),
        (["state", "push"], "Missing argument 'FILE'."),
        (["state", "push", "x", "--lock-timeout", "soon"], "'soon' isn't a duration."),
        (["history", "--limit", "0"], "0 is not in the range x>=1."),
        (["show"], "Missing argument 'PLANFILE|ADDRESS'."),
        (["schema", "cofnig"], "'cofnig' is not one of 'config', 'plan', 'state', 'api'."),
        (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'."),
        (["-C", "nowhere", "plan"], "-C nowhere: No such file or directory."),
        (["-C", "chanplan.yaml", "plan"], "-C chanplan.yaml: Not a directory."),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line(desk: Desk, arguments, message):
    """The message goes to standard error, nothing else happens."""
    desk.write(EMAIL)
    before = desk.files()

    ended = desk.run(*arguments)

    assert (ended.code, ended.out, desk.files()) == (1, "", before)
    assert message in ended.said


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["show", "receipts"], "Error: receipts is neither a file nor an address."),
        (["show", "use_case.nope"], "Error: use_case.nope is neither declared nor in state."),
        (["show", "use_case.receipts"], "Error: use_case.receipts isn't made yet."),
        (["state", "show", "use_case.nope"], "Error: use_case.nope is neither declared nor in state."),
        (
            ["plan", "--refresh", "none", "--target", "use_case.nope"],
            "Error: use_case.nope is neither declared",
        ),
        (["wait", "--for", "sending_pool.marketing"], "Error: sending_pool.marketing waits for no gate."),
        (
            ["dns", "records", "use_case.receipts"],
            "Error: use_case.receipts has no DNS records: setups of SES have.",
        ),
        (["dns", "records", "ses_setup.acme-mail"], "Error: ses_setup.acme-mail isn't made yet."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_address_of_something_else(desk: Desk, arguments, message):
    """One line says what is wrong, the next what to do."""
    desk.write(EMAIL)

    ended = desk.run(*arguments)
    told, remedy = ended.err.splitlines()

    assert (ended.code, ended.out) == (1, "")
    assert told.startswith(message)
    assert remedy.startswith("  ")


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_without_a_terminal_somebody_must_have_said_yes(begun: SandboxedDesk, command):
    """There is nobody to ask: nothing is read or done."""
    begun.publish()
    before = begun.controls.status().calls

    ended = begun.run(command)

    assert (ended.code, ended.out, begun.controls.status().calls) == (1, "", before)
    assert ended.err == (
        f"Error: `{command}` can't ask here, since there is no terminal.\n"
        "  Add `--auto-approve`, `--expect DIGEST` or a plan file.\n"
    )


def test_a_choice_that_is_missing(desk: Desk):
    """What may be chosen stands line by line, with nothing that looks like an escape."""
    ended = desk.run("comment", "reviewed.plan.json")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.endswith("Error: Missing option '--platform'. Choose from:\n  github,\n  gitlab\n")


def test_no_command_at_all_shows_the_commands(desk: Desk):
    """As an error, since nothing was done."""
    ended = desk.run()

    assert (ended.code, ended.out) == (1, "")
    assert "Commands:\n  init" in ended.err


def every_command():
    """All commands and commands of commands, as they are typed."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        yield (name,)
        if isinstance(command, click.Group):
            yield from ((name, inner) for inner in command.commands)


@pytest.mark.parametrize("command", list(every_command()), ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(desk: Desk, command, option):
    """Help is a result, needs no configuration and exits with 0."""
    ended = desk.run(*command, option)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: chanplan {' '.join(command)} ")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(desk: Desk, command):
    """Each command shows itself at work, with a line that can be typed."""
    text = desk.run(command, "--help").out
    _, examples, typed = text.partition("Examples:\n")

    assert examples
    assert any(line.strip().startswith(("chanplan ", f"chanplan {command}")) for line in typed.splitlines())
    assert command in typed


def test_help_of_all_tells_the_exit_codes(desk: Desk):
    """They are part of what a script is written against."""
    text = " ".join(desk.run("--help").out.split())

    assert (
        "Exit codes: 0 done, 1 error, 2 changes (plan --detailed-exitcode), 3 waiting, 4 refused, 5 locked, "
        "130 interrupted."
    ) in text


def test_the_version(desk: Desk):
    """One line for scripts."""
    assert desk.run("--version").out.startswith("chanplan 0.")
