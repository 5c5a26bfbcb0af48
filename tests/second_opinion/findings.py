"""The differences that are known, as `differences.yaml` lists them, each with who is right and why."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

LISTED = Path(__file__).with_name("differences.yaml")
OPERATIONS = Path(__file__).with_name("operations.yaml")

Right = Literal["ours", "moto's", "unclear"]
Differs = dict[str, list[object]]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where a difference is seen."""

    operation: str
    scenario: str
    differs: Differs
    """By the path in the answer, ours and moto's; `outcome` where only one refuses, or each in another way."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference in what the servers do, and everywhere that it is seen."""

    what: str
    right: Right
    why: str
    source: str
    found: tuple[Occurrence, ...]


def findings() -> list[Finding]:
    """Returns what is listed."""
    return [
        Finding(**{**entry, "found": tuple(Occurrence(**each) for each in entry["found"])})
        for entry in yaml.safe_load(LISTED.read_text("utf-8"))
    ]


def expected() -> dict[tuple[str, str], Differs]:
    """Returns by operation and scenario what should differ."""
    by_scenario: dict[tuple[str, str], Differs] = {}
    for finding in findings():
        for seen in finding.found:
            by_scenario.setdefault((seen.operation, seen.scenario), {}).update(seen.differs)
    return by_scenario


def listed_operations() -> dict[str, dict[str, list[str]]]:
    """Returns which operations both servers had when the differences were last looked at."""
    return yaml.safe_load(OPERATIONS.read_text("utf-8"))
