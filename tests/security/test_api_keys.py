"""Keys of the HTTP API where they don't belong: in a configuration, on a command line, in an error, a log, a plan."""

import logging

import pytest

from chanplan.cli.logs import log_for_people
from chanplan.render.masking import masked, sensitive, without_keys
from tests.cli.desk import EMAIL, Desk

ID = "0123456789abcdef"
SECRET = "0f" * 32
KEY = f"chk_{ID}_{SECRET}"


@pytest.mark.parametrize(
    "text, shown",
    [
        (KEY, f"chk_{ID}_***"),
        (f"Bearer {KEY}, twice: {KEY}!", f"Bearer chk_{ID}_***, twice: chk_{ID}_***!"),
        (KEY[:40], f"chk_{ID}_***"),
        (KEY.replace("0f", "0F"), f"chk_{ID}_***"),
        (f"https://user:{KEY}@host/?key={KEY}", f"https://***@host/?key=chk_{ID}_***"),
        (f"chk_{ID}", f"chk_{ID}"),
        ("a chk_ of its own", "a chk_ of its own"),
    ],
)
def test_the_secret_is_masked_and_the_id_stays(text, shown):
    """So that a leak can be traced to a name, and revoked."""
    assert (masked(text), sensitive(text)) == (shown, shown != text)
    assert SECRET[:20] not in without_keys(text)


def test_no_plan_shows_a_key_that_stands_in_a_description(desk: Desk):
    """Somebody pasted it there: the plan that people read is masked, and that for programs is marked."""
    desk.write(
        EMAIL.replace("description: ", f"description: {KEY} ", 1) if "description: " in EMAIL else EMAIL
    )
    ended = desk.run("plan", "--refresh", "none")
    markdown = desk.run("plan", "--refresh", "none", "--format", "markdown")

    assert f"chk_{ID}_***" in ended.out
    assert SECRET not in ended.said + markdown.said


@pytest.mark.parametrize(
    "arguments",
    [
        ("api-key", "revoke", KEY),
        ("api-key", "create", KEY, "--scope", "view"),
        ("api-key", "create", "x", "--scope", KEY),
        ("api-key", KEY),
        (KEY,),
        ("plan", "--target", KEY),
        ("unlock", KEY, "--auto-approve"),
        ("--config", KEY, "plan"),
    ],
)
def test_no_error_repeats_a_key(desk: Desk, arguments):
    """Whoever pastes it into the wrong place finds its id there, and not the rest."""
    desk.write("version: 1\nworkspace: acme\n")
    ended = desk.run(*arguments)

    assert (ended.code != 0 or "unlock" in arguments, SECRET in ended.said) == (True, False), ended.said


def test_no_plain_field_reads_a_variable_that_holds_a_key(desk: Desk):
    """By its value, whatever the variable is called."""
    desk.write(EMAIL.replace("tenant_name: acme", 'tenant_name: "${env:DASHBOARD}"', 1))
    ended = desk.run("validate", DASHBOARD=KEY)

    assert (ended.code, "environment_secret" in ended.said, SECRET in ended.said) == (1, True, False)


def test_no_log_repeats_a_key(capsys):
    """Whatever logs it."""
    handlers, propagate = logging.getLogger("chanplan").handlers[:], logging.getLogger("chanplan").propagate
    try:
        log_for_people()
        logging.getLogger("chanplan.anything").warning("Authorization: Bearer %s", KEY)
    finally:
        logging.getLogger("chanplan").handlers[:] = handlers
        logging.getLogger("chanplan").propagate = propagate

    assert capsys.readouterr().err == f"Warning: Authorization: Bearer chk_{ID}_***\n"
