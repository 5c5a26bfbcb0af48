"""Bounds that keep reading quick, and ceilings that only large workspaces meet."""

from pathlib import Path

import pytest

from chanplan.config.ceilings import APPLICATIONS_PER_ACCOUNT, IDENTITIES_PER_REGION
from chanplan.config.loader import load_configuration
from chanplan.config.suggestions import Suggestions
from chanplan.model.errors import Invalid


def test_more_setups_than_a_region_holds(tmp_path: Path) -> None:
    """SES's quota of identities can't be raised, so one setup too many is told at the first beyond it."""
    root = tmp_path / "chanplan.yaml"
    setups = "".join(
        f"  s{index}: {{tenant_name: t{index}, domain_identity: d{index}.example}}\n"
        for index in range(IDENTITIES_PER_REGION + 1)
    )
    root.write_text(
        f"version: 1\nworkspace: acme\nproviders: {{ses: {{default: {{region: us-east-1}}}}}}\nses_setups:\n{setups}"
    )

    with pytest.raises(Invalid) as caught:
        load_configuration(root, {})

    assert [(p.code, str(p.address), p.message) for p in caught.value.problems] == [
        (
            "service_ceiling",
            "ses_setup.s10000",
            "10,001 domain identities are declared in us-east-1, and SES allows 10,000 per account and region.",
        )
    ]


def test_more_lines_than_an_account_holds(tmp_path: Path) -> None:
    """Twilio's ceiling of Applications counts by account, whichever setup and alias leads there."""
    root = tmp_path / "chanplan.yaml"
    accounts = [f"AC{number:032}" for number in (1, 2)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"{one}{two}{three}" for one in letters for two in letters for three in letters]
    lines = [
        f"  l{index}: {{channel: inbound_voice, entity_name: Acme, name: {names[index]}, "
        f"twilio_setup: {'first' if index % 2 else 'second'}}}\n"
        for index in range(APPLICATIONS_PER_ACCOUNT + 1)
    ]
    lines.append(
        "  elsewhere: {channel: inbound_voice, entity_name: Acme, name: Elsewhere, twilio_setup: other}\n"
    )
    root.write_text(
        f"version: 1\nworkspace: acme\nproviders: {{twilio: {{default: {{account_sid: {accounts[0]}}}}}}}\n"
        "twilio_setups:\n"
        "  first: {customer_profile: {sid: BU0123456789abcdef0123456789abcdef}}\n"
        f"  second: {{account: {{mode: existing, sid: {accounts[0]}}}, "
        "customer_profile: {sid: BU0123456789abcdef0123456789abcdef}}\n"
        f"  other: {{account: {{mode: existing, sid: {accounts[1]}}}, "
        "customer_profile: {sid: BU0123456789abcdef0123456789abcdef}}\n"
        f"use_cases:\n{''.join(lines)}"
    )

    with pytest.raises(Invalid) as caught:
        load_configuration(root, {})

    assert [(p.code, str(p.address), p.message, p.remedy) for p in caught.value.problems] == [
        (
            "service_ceiling",
            "use_case.l1000",
            f"1,001 voice use cases are declared in account {accounts[0]}, and Twilio allows 1,000 Applications per "
            "account.",
            "Move 1 of them to a twilio_setup in another account.",
        )
    ]


@pytest.mark.parametrize(
    "word, names, closest",
    [
        ("mial", ["mail", "main", "voice"], "mail"),
        ("MAIL", ["mail"], "mail"),
        ("tenant", ["tenant_name", "domain_identity"], "tenant_name"),
        ("x", ["mail", "voice"], None),
        ("", ["mail"], None),
        ("mail", [], None),
    ],
)
def test_did_you_mean(word: str, names: list[str], closest: str | None) -> None:
    """The most similar name is suggested, and none when none is close."""
    assert Suggestions().closest(word, names) == closest


def test_suggestions_end_with_their_budget() -> None:
    """Thousands of slips among thousands of names don't take minutes: at some point none is suggested."""
    suggestions = Suggestions(left=2)

    assert [suggestions.closest("mial", ["mail", "main"]) for _ in range(2)] == ["mail", None]
