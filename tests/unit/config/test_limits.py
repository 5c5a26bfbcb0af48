"""Bounds that keep reading quick, and ceilings that only large workspaces meet."""

from pathlib import Path

import pytest

from chanplan.config.ceilings import IDENTITIES_PER_REGION
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
