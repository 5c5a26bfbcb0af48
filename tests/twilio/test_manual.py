"""The manual says what the code does."""

from pathlib import Path

from chanplan.providers.twilio import credentials, wire
from chanplan.providers.twilio.assumptions import ASSUMPTIONS
from chanplan.providers.twilio.errors import APPLICATIONS_PER_ACCOUNT

MANUAL = (Path(__file__).parents[2] / "docs" / "providers-twilio.md").read_text()


def test_every_assumption_is_told_and_no_other():
    """In the order of the code, at the end."""
    rows = [f"| {each.since} | {each.question} | {each.taken} |" for each in ASSUMPTIONS]

    assert MANUAL.rstrip().splitlines()[-len(rows) :] == rows
    assert sum(line.startswith("| 20") for line in MANUAL.splitlines()) == len(rows)


def test_the_numbers_are_those_of_the_code():
    """Time-outs, connections, the ceiling."""
    told = (
        f"takes at most {wire.CONNECT_TIMEOUT:.0f} s, an answer {wire.READ_TIMEOUT:.0f} s; {wire.CONNECTIONS} connections",
        f"{APPLICATIONS_PER_ACCOUNT:,} Applications per account",
        f"`{credentials.BASE_VARIABLE}` replaces",
    )

    assert [words for words in told if words not in MANUAL] == []
