"""What exists at the services and is in no state, and how it could be declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chanplan.model.addresses import Address
from chanplan.model.problems import Problem, Severity
from chanplan.model.resources import Marks
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Facts, Value

FILL_IN = "FILL_IN"
"""Stands where only a person knows the value. No field of the configuration that can be left open accepts it."""

SETUP = "setup"
"""The fact of a discovered use case that names its setup as `Discovered.import_id` does."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """An object that exists at a service."""

    kind: str
    import_id: str
    """The id under which it can be imported; where it can't be, what the service calls it."""
    scope: Scope
    marks: Marks | None
    """None where nobody can tell whose it is: Twilio keeps no marks, some endpoints tell none."""
    attributes: Attributes
    """Declared attributes, as far as the service tells them."""
    facts: Facts
    problems: tuple[Problem, ...] = ()
    """Errors say why it can't be imported, warnings what somebody should know who imports it."""

    @property
    def fits(self) -> bool:
        """Whether its service shows nothing that keeps it from being imported."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Undiscovered:
    """Objects of some kinds that couldn't be listed."""

    kinds: tuple[str, ...]
    scope: Scope
    problem: Problem


class Owner(StrEnum):
    """Whose an object is, by its mark."""

    NOBODY = "nobody"
    ORPHAN = "orphan"
    """This workspace made it, and its state doesn't know it."""
    OTHER = "other"
    """Another workspace's."""
    UNKNOWN = "unknown"
    """Its service keeps no marks."""


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What a person says of a pool, which no service knows."""

    family: str
    tiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says once for many objects. None leaves each to be filled in."""

    sender_local_part: str | None = None
    """What stands before the @; `{entity}` and `{name}` are replaced."""
    email_type: str | None = None
    channel: str | None = None
    consent: str | None = None
    pools: Mapping[str, PoolUse] = field(default_factory=dict)
    """By pool_name."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A value that a person must fill in."""

    path: tuple[str, ...]
    """Keys in the declaration."""
    choices: str
    """What may stand there, in words."""
    why: str
    """Why no service tells it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An object that can be imported, as it could be declared."""

    address: Address
    found: Discovered
    owner: Owner
    declared: Mapping[str, Value]
    """In the form of the configuration; `FILL_IN` at each gap."""
    gaps: tuple[Gap, ...] = ()
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """An object that is declared, and that neither the state nor an import names: an import is all that it lacks."""

    address: Address
    found: Discovered
    owner: Owner


@dataclass(frozen=True, slots=True)
class Unfit:
    """An object that can't be imported, and why."""

    found: Discovered
    owner: Owner
    reasons: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a discovery found, in the order in which people read it."""

    proposals: tuple[Proposal, ...] = ()
    unfit: tuple[Unfit, ...] = ()
    unclaimed: tuple[Unclaimed, ...] = ()
    in_state: int = 0
    """Objects that the state knows."""
    imported: int = 0
    """Objects that the state doesn't know and `imports:` names."""
    undiscovered: tuple[Undiscovered, ...] = ()
