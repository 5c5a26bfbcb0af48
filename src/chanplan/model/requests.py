"""What a plan is made from besides configuration and state: what was asked for, and what the services said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.numbers import NumberSeen
from chanplan.model.plans import RefreshMode
from chanplan.model.problems import Problem
from chanplan.model.records import RecordVerdict
from chanplan.model.resources import Observed
from chanplan.model.scopes import Place, Scope


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked of a plan."""

    destroy: bool = False
    refresh_only: bool = False
    targets: tuple[Address, ...] = ()
    allow_delete: frozenset[Address] = frozenset()
    allow_replace: frozenset[Address] = frozenset()
    allow_all: bool = False
    """`--allow-delete all`: lifts losses and the threshold, never protection."""
    take_ownership: frozenset[Address] = frozenset()
    """What may be imported though it carries the mark of another workspace."""
    approved: frozenset[str] = frozenset()
    """Fingerprints that the digest or plan file of this run covers; they acknowledge their losses."""
    approved_losses: frozenset[tuple[str, str]] | None = None
    """What a plan file says that its changes lose: a fingerprint with a loss's code. None under a digest alone, which
    stands for all that its plan listed."""
    approved_by: str = ""
    """`--expect` or `plan file`, when `approved` is set."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place whose resources couldn't be read, so that nothing about them is planned."""

    scope: Scope
    problem: Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """What a refresh brought."""

    mode: RefreshMode
    at: datetime | None = None
    """None when nothing was asked."""
    observed: Mapping[Address, Observed] = field(default_factory=dict)
    """What was found: of resources in state, and of declared new ones whose natural key exists already.
    A resource in state that is neither here nor in `gone` is unconfirmed and keeps its prior."""
    gone: frozenset[Address] = frozenset()
    """Resources in state that a direct read didn't find."""
    verdicts: Mapping[Address, tuple[RecordVerdict, ...]] = field(default_factory=dict)
    """What the DNS said of the records of setups that were asked about."""
    unreadable: tuple[Unreadable, ...] = ()
    taken: Mapping[Address, Observed] = field(default_factory=dict)
    """What exists already under the new names that a change asks for."""
    absent: frozenset[Address] = frozenset()
    """Declared resources whose object must be there already, since they own nothing or import it, and a direct read
    didn't find it."""
    numbers: Mapping[Place, Mapping[str, NumberSeen | None]] = field(default_factory=dict)
    """The phone numbers that were looked up, by account: None where the account doesn't own one. What isn't here
    wasn't asked about."""
