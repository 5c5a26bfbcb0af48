"""Whose mail is asked about, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chanplan.model.addresses import Address
from chanplan.model.problems import Problem
from chanplan.model.tier_evidence import MailMetrics, TenantStanding

UNANSWERED = frozenset(
    f"{what}_{how}" for what in ("metrics", "standing", "findings") for how in ("denied", "unavailable")
)
"""The codes of warnings that say: this was asked for, and not told. Others say what a source is like, such as `vdm_off`."""


@dataclass(frozen=True, slots=True)
class MailSender:
    """One email use case, as its service knows it."""

    address: Address
    configuration_set: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a service told of some senders at one place."""

    metrics: Mapping[Address, MailMetrics] = field(default_factory=dict)
    """Without an entry: nobody could tell."""
    standings: Mapping[Address, TenantStanding] = field(default_factory=dict)
    """Without an entry: nobody could tell."""
    problems: tuple[Problem, ...] = ()
    """Warnings: which source couldn't be asked, why, what was asked instead, and what to do."""
    calls: Mapping[str, int] = field(default_factory=dict)
    """What it took, by operation; a call that was tried again counts once."""
