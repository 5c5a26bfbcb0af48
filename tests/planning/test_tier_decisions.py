"""Tiers by evidence: the rows of tier_cases.yaml, and what holds for all histories."""

import re
from datetime import timedelta, timezone
from pathlib import Path

import pytest
import yaml

from chanplan.model.rates import Rate, rate
from chanplan.model.tier_evidence import Decision, Evidence, Keep, Window
from chanplan.planning import tier_decisions, tier_windows
from chanplan.planning.tier_decisions import decide
from chanplan.planning.tier_outlook import earliest_promotion
from tests.planning.tier_rows import NOW, policy_of, subject_of

ROWS = yaml.safe_load((Path(__file__).parent / "tier_cases.yaml").read_text())


def written(decision: Decision) -> str:
    """Write a decision as the rows do."""
    to = "" if isinstance(decision, Keep) else f" {decision.to}".replace(" suspended", "")
    return f"{type(decision).__name__.lower()}{to} {decision.why.code}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['tier']}: {row['rule']}")
def test_row(row):
    """The decision, its reason, what is said of it, and what stands before a promotion."""
    decision = decide(subject_of(row), policy_of(row), NOW)

    assert {
        "then": written(decision),
        **({"says": decision.why.sentence} if "says" in row else {}),
        **({"blocks": [each.code for each in decision.blocks]} if "blocks" in row else {}),
    } == {key: row[key] for key in ("then", "says", "blocks") if key in row}


def test_there_are_enough_rows():
    """Every rule has a row on each side of its limit, and no rule stands twice for a tier."""
    named = [(row["tier"], row["rule"]) for row in ROWS]

    assert len(ROWS) >= 60
    assert len(set(named)) == len(named)


def test_evidence_holds_what_was_looked_at():
    """Windows with counts, rates and their 95 % bounds; the source; the version of the policy."""
    row = {
        "tier": "standard",
        "age": 60,
        "mail": "23*1000b2 7*1000b30c3",
        "policy": {"demote.bounce_percent": 2.5},
    }

    evidence = decide(subject_of(row), policy_of(row), NOW).evidence

    first = NOW.date() - timedelta(days=6)
    window = Window(first, NOW.date(), 7000, 7, rate(210, 7000), rate(21, 6790))
    assert evidence == Evidence(policy_of(row).version, "cases", {"suspend": window})


@pytest.mark.parametrize(
    "row, due",
    [
        ({"tier": "onboarding", "age": 3, "mail": "3*100"}, "2026-12-10"),
        ({"tier": "onboarding", "age": 30, "mail": "30*0"}, "2026-12-05"),
        ({"tier": "onboarding", "age": 14, "mail": "14*100"}, "2026-11-29"),
        ({"tier": "onboarding", "age": 30, "moved": 2, "mail": "14*100"}, "2026-12-04"),
        ({"tier": "onboarding", "age": 30, "mail": "16*100 4*100b6"}, "2026-11-30"),
        ({"tier": "onboarding", "age": 30, "mail": "4*100 ? 4*100"}, "2026-12-09"),
        ({"tier": "standard", "age": 90, "mail": "30*2000", "standing": "closed 3"}, "2026-12-26"),
        ({"tier": "standard", "age": 90, "mail": "30*2000", "standing": "low"}, None),
        ({"tier": "onboarding", "age": 14, "mail": "14*100", "standing": "denied"}, None),
        ({"tier": "standard", "age": 90, "mail": "7*1000b90"}, None),
        ({"tier": "premium", "age": 90, "mail": "30*9000"}, None),
        ({"tier": "suspended", "age": 90, "mail": "30*0"}, None),
        ({"tier": "onboarding", "age": 14, "mail": "none"}, None),
    ],
    ids=str,
)
def test_when_the_next_promotion_is_due(row, due):
    """The first day on which it would be promoted if from now on all went well; None where time alone doesn't do it."""
    found = earliest_promotion(subject_of(row), policy_of(row), NOW)

    assert (None if found is None else str(found)) == due


def test_other_time_zones_see_the_same_days():
    """Windows are days of UTC, wherever the program runs."""
    row = {"tier": "onboarding", "age": 20, "mail": "14*100"}
    elsewhere = NOW.astimezone(timezone(timedelta(hours=14)))

    assert decide(subject_of(row), policy_of(row), elsewhere) == decide(subject_of(row), policy_of(row), NOW)


@pytest.mark.parametrize("count, of", [(1, 10), (2, 200), (210, 7000), (3, 1000), (9999, 10_000)])
def test_bounds_are_those_of_wilson(count, of):
    """At each bound p the score test is on the edge: (count/of - p)^2 = z^2 p (1 - p) / of."""
    found = rate(count, of)

    for bound in (found.low / 100, found.high / 100):
        assert (count / of - bound) ** 2 * of == pytest.approx(1.959964**2 * bound * (1 - bound))
    assert found.low < found.percent < found.high


def test_bounds_at_the_edges():
    """No bounce may still be some, every bounce may still be fewer, and no mail says nothing."""
    assert (rate(0, 100).low, rate(100, 100).high) == (0, 100)
    assert (rate(0, 100).high, rate(100, 100).low) == (
        pytest.approx(3.7, abs=0.01),
        pytest.approx(96.3, abs=0.01),
    )
    assert rate(300, 200) == Rate(300, 200, 150, rate(200, 200).low, 100)
    assert rate(0, 0) == Rate(0, 0, 0, 0, 100)


def test_every_reason_is_documented():
    """docs/tiers.md lists the codes that decisions give, and no other."""
    source = Path(tier_decisions.__file__).read_text() + Path(tier_windows.__file__).read_text()
    given = set(re.findall(r'Why\(\s*"([a-z_]+)"', source)) | {"bounces", "complaints"}
    table = (Path(__file__).parents[2] / "docs" / "tiers.md").read_text().partition("## Reasons")[2]
    rows = re.findall(r"^\| (`.+?) \|", table.partition("\n## ")[0], re.MULTILINE)

    assert set(re.findall(r"`([a-z_]+)`", " ".join(rows))) == given
