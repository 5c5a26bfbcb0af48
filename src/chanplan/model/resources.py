"""Resources three times: as declared, as remembered, as the services say now."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chanplan.model.addresses import Address
from chanplan.model.problems import Source
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Facts


class Origin(StrEnum):
    """Who brought a resource into the state."""

    CONFIGURATION = "configuration"
    IMPORT = "import"
    API = "api"


@dataclass(frozen=True, slots=True)
class Desired:
    """What the configuration, or a request to the API, says a resource should be."""

    address: Address
    attributes: Attributes
    """Declared attributes with their defaults; a reference is the text of an address; `tags` and
    `prevent_destroy` are attributes like any other."""
    scope: Scope
    references: tuple[Address, ...] = ()
    source: Source | None = None
    context: Facts = field(default_factory=dict)
    """What the provider needs of the resources it refers to (a use case: tenant and domain of its setup),
    filled right before an action by `Kind.context`. Never diffed."""
    origin: Origin = Origin.CONFIGURATION
    """Who says so. Never diffed, but what the API made and the configuration declares is the configuration's from then on."""
    id: str | None = None
    """The id that it gets when it is made; None where the apply draws one."""


@dataclass(frozen=True, slots=True)
class ResourceState:
    """What the state remembers of a resource: its desired state at the last success, and what it was given."""

    address: Address
    id: str
    """UUID, chosen before the first call; its mark of ownership at the service."""
    scope: Scope
    attributes: Attributes
    facts: Facts = field(default_factory=dict)
    """Stable facts: ids, ARNs, DKIM tokens, tier. Statuses are observations and live apart."""
    context: Facts = field(default_factory=dict)
    references: tuple[Address, ...] = ()
    complete: bool = True
    """False while a create has begun and not finished; it is continued in place."""
    origin: Origin = Origin.CONFIGURATION
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider needs to find one object: its mark, its natural keys and what was learned before."""

    address: Address
    id: str | None
    scope: Scope
    attributes: Attributes
    facts: Facts = field(default_factory=dict)
    context: Facts = field(default_factory=dict)


def identity_of(resource: ResourceState) -> Identity:
    """Give what finds a remembered resource."""
    return Identity(
        resource.address, resource.id, resource.scope, resource.attributes, resource.facts, resource.context
    )


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of ownership that an object carries; both None on an object that nobody marked."""

    id: str | None
    workspace: str | None


class Depth(StrEnum):
    """How closely an object was looked at."""

    LISTED = "listed"
    """Found in lists and batches: some attributes, no marks, no associations."""
    DIRECT = "direct"
    """Read by itself, with everything the service reports."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a service says of one object."""

    attributes: Attributes
    """Only what was read; an attribute that is absent here is unchecked."""
    facts: Facts
    """Stable facts (ids, ARNs, tokens) and statuses (`dkim_status`, `mail_from_status`, …)."""
    read_at: datetime
    depth: Depth
    marks: Marks | None = None
    """None when the marks weren't read. Of an object in several parts, those of a part that isn't ours."""
    carried: tuple[Marks, ...] = ()
    """The marks of its parts, where it has several: ours may be among them though another part is somebody else's."""
    incomplete: tuple[str, ...] = ()
    """Parts that should be there and aren't: an association, a receipt rule entry. Non-empty means drift
    that an update without changed attributes mends."""
    candidates: tuple[str, ...] = ()
    """The service's ids of several objects, or of one that nobody may take for ours, where objects carry no mark:
    which of them is meant, nobody can tell from the service alone."""

    @property
    def ids(self) -> frozenset[str]:
        """The ids that its parts carry."""
        return frozenset(marks.id for marks in self.carried if marks.id is not None)


@dataclass(frozen=True, slots=True)
class Importing:
    """How an object that exists comes under control."""

    id: str
    """The id under which it was asked for."""
    taken_from: tuple[str, ...] = ()
    """The ids of other resources that its parts carry and lose by this, sorted."""
    owner: str | None = None
    """The workspace that they name."""
    missing: tuple[str, ...] = ()
    """Parts that aren't there, and are made."""
