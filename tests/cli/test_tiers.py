"""`tiers policy`: every number that tiers are judged by, its source, and where the configuration overrides it."""

import json

from chanplan.model.tier_policy import TierPolicy, entries
from tests.cli.desk import Desk

OVERRIDDEN = """\
version: 1
workspace: acme
tiers:
  promote:
    standard: {bounce_percent: 1.5}
  email_types:
    marketing:
      demote: {complaint_percent: 0.08}
"""


def rows(told: str) -> list[tuple[str, ...]]:
    """Give name, value and origin of each number of a table."""
    lines = [line for line in told.splitlines() if line.startswith(("floors.", "promote.", "demote."))]
    return [tuple(cell.strip() for cell in line.split("  ") if cell.strip())[:3] for line in lines]


def test_defaults_are_printed_once_with_their_sources(desk: Desk):
    """Both email_types share what nobody overrides; each number has a source that is told below."""
    desk.write("version: 1\nworkspace: acme\n")

    ended = desk.run("tiers", "policy")

    assert ended.code == 0
    assert ended.out.startswith("Tier policy 1, for transactional and marketing mail\n")
    assert ended.out.count("NUMBER") == 1
    assert ("promote.standard.bounce_percent", "2 %", "default [4]") in rows(ended.out)
    assert "\n[4] SES Developer Guide, enforcement FAQ: bounces under 2 %" in ended.out
    assert [name for name, *_ in rows(ended.out)] == [
        ".".join(path) for path, _, _ in entries(TierPolicy()) if path[0] in {"floors", "promote", "demote"}
    ]


def test_an_overridden_number_says_where(desk: Desk):
    """The line of the configuration stands in the place of the source, with the default beside it."""
    desk.write(OVERRIDDEN)

    told = rows(desk.run("tiers", "policy", "--email-type", "marketing").out)

    assert ("promote.standard.bounce_percent", "1.5 %", "chanplan.yaml:5, not 2 %") in told
    assert ("demote.complaint_percent", "0.08 %", "chanplan.yaml:8, not 0.1 %") in told


def test_an_override_of_one_email_type_leaves_the_other(desk: Desk):
    """Each has its own version, so that evidence tells by which numbers it was judged."""
    desk.write(OVERRIDDEN)

    policies = json.loads(desk.run("tiers", "policy", "--format", "json").out)["policies"]

    numbers = {
        email_type: {each["name"]: (each["value"], each["overridden_at"]) for each in policy["numbers"]}
        for email_type, policy in policies.items()
    }
    assert numbers["marketing"]["demote.complaint_percent"] == (0.08, "chanplan.yaml:8")
    assert numbers["transactional"]["demote.complaint_percent"] == (0.1, None)
    assert numbers["transactional"]["promote.standard.bounce_percent"] == (1.5, "chanplan.yaml:5")
    assert len({policy["version"] for policy in policies.values()} | {"1"}) == 3
    assert all(each["source"] for policy in policies.values() for each in policy["numbers"])


def test_a_policy_that_contradicts_itself_is_not_printed(desk: Desk):
    """As with every command, the configuration must be valid."""
    desk.write("version: 1\nworkspace: acme\ntiers: {promote: {premium: {complaint_percent: 0.1}}}\n")

    ended = desk.run("tiers", "policy")

    assert (ended.code, ended.out) == (1, "")
    assert "error[tier_hysteresis]" in ended.err
