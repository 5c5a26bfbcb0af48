"""Reputation tiers: what they are judged by."""

from collections.abc import Mapping
from pathlib import Path

from chanplan.config.loader import load_configuration
from chanplan.model.tier_policy import TierPolicies


def tier_policies(root: Path, environment: Mapping[str, str]) -> TierPolicies:
    """Give the effective policies. Asks nobody, and opens no state. Raises Invalid."""
    return load_configuration(root, environment).tiers
