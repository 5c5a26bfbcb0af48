"""`sandbox publish` and `unpublish`: the records of one setup, of several, or of all."""

import pytest

from tests.cli.desk import EMAIL, SETUP, SandboxedDesk

OTHER = """
  other-mail:
    tenant_name: other
    domain_identity: mail.other.example
use_cases:"""


@pytest.fixture
def two(sandboxed: SandboxedDesk):
    """Two setups that wait for their records, in a folder whose sandbox is the one that commands steer."""
    sandboxed.write(EMAIL.replace("\nuse_cases:", OTHER))
    assert sandboxed.run("--sandbox", "apply", "--auto-approve").code == 3
    return sandboxed


@pytest.mark.parametrize(
    "whose, said",
    [
        ((SETUP,), f"7 records of {SETUP}"),
        ((SETUP, "ses_setup.other-mail"), "14 records of 2 setups"),
        ((SETUP, SETUP), f"7 records of {SETUP}"),
        (("--all",), "14 records of 2 setups"),
    ],
)
def test_records_come_and_go(two: SandboxedDesk, whose, said):
    """What is published is counted, and so is what is withdrawn."""
    published, withdrawn = two.run("sandbox", "publish", *whose), two.run("sandbox", "unpublish", *whose)

    assert (published.code, published.out) == (0, f"Published {said}.\n")
    assert (withdrawn.code, withdrawn.out) == (0, f"Withdrew {said}.\n")
    assert "records 0 published" in two.run("sandbox", "status").out


def test_a_check_of_many_ends_with_who_is_missing(two: SandboxedDesk):
    """Nobody has to read two hundred checks to find the one that isn't done."""
    two.run("sandbox", "publish", SETUP)

    checked = two.run("--sandbox", "dns", "check")
    one = two.run("--sandbox", "dns", "check", SETUP)

    assert checked.out.endswith("1 of 2 setups have all their records in place; not ses_setup.other-mail.\n")
    assert "setups have" not in one.out


@pytest.mark.parametrize("whose", [(), ("--all", SETUP)], ids=["nobody", "both"])
def test_either_names_or_all(two: SandboxedDesk, whose):
    """Nothing is published by mistake."""
    ended = two.run("sandbox", "publish", *whose)

    assert (ended.code, ended.out) == (1, "")
    assert "Name setups, such as ses_setup.acme-mail, or give --all." in ended.err
