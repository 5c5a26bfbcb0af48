"""The configuration after reading: desired resources and directives, with where each was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chanplan.model.addresses import Address
from chanplan.model.problems import Problem, Source
from chanplan.model.resources import Desired
from chanplan.model.tier_policy import TierPolicies
from chanplan.model.values import Secret


@dataclass(frozen=True, slots=True)
class SesAlias:
    """How one SES account and region is reached."""

    alias: str
    region: str
    account_id: str | None = None
    profile: str | None = None
    requests_per_second: float | None = None
    endpoint_url: str | None = None


@dataclass(frozen=True, slots=True)
class TwilioAlias:
    """How one Twilio account is reached; credentials come from the environment alone, an API key before the token."""

    alias: str
    account_sid: str | None
    auth_token: Secret = Secret("TWILIO_AUTH_TOKEN")
    requests_per_second: float | None = None
    api_key: Secret | None = None
    api_secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Providers:
    """All configured ways to outside services, by alias."""

    ses: Mapping[str, SesAlias] = field(default_factory=dict)
    twilio: Mapping[str, TwilioAlias] = field(default_factory=dict)
    nameservers: tuple[str, ...] = ()
    """`host:port` of the servers to ask; empty means each zone's authoritative servers."""


@dataclass(frozen=True, slots=True)
class SqliteSettings:
    """The state is kept in a file."""

    path: str = "state/chanplan.db"
    """Absolute, or relative to the working directory after the loader resolved it against the root file."""

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    """The state is kept in a PostgreSQL database."""

    dsn: Secret | None = None
    """libpq's connection string; None leaves everything to libpq's own variables and files."""

    def __str__(self) -> str:
        return f"PostgreSQL ({self.dsn or 'as the PG* variables say'})"


@dataclass(frozen=True, slots=True)
class S3Encryption:
    """How S3 encrypts what is written, where the bucket's own default won't do."""

    sse: str
    """`AES256` or `aws:kms`."""
    kms_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class S3Settings:
    """The state is kept in a bucket of S3."""

    bucket: str
    key: str
    """The snapshot's key; lock and journal stand beside it."""
    region: str
    endpoint_url: str | None = None
    profile: str | None = None
    encryption: S3Encryption | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


StateSettings = SqliteSettings | PostgresSettings | S3Settings
"""Where the state is kept; as text, what messages call it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A rename: the resource that the state knows as `origin` is `target` now."""

    origin: Address
    target: Address
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """A resource that is declared no more: forget it, or destroy it."""

    address: Address
    destroy: bool
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """An existing object that becomes `target`."""

    target: Address
    id: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A loss that was agreed to in the configuration."""

    address: Address
    action: str
    """`delete` or `replace`."""
    reason: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Safety:
    """The threshold on deletes and replacements."""

    max_percent: float = 30
    minimum: int = 10
    """The threshold counts from this many resources in state on (`from` in YAML)."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One workspace as declared."""

    workspace: str
    root: str
    """The root file's path as given."""
    resources: Mapping[Address, Desired]
    providers: Providers = Providers()
    state: StateSettings = SqliteSettings()
    moved: tuple[Moved, ...] = ()
    removed: tuple[Removed, ...] = ()
    imports: tuple[Import, ...] = ()
    acknowledge: tuple[Acknowledged, ...] = ()
    safety: Safety = Safety()
    tiers: TierPolicies = field(default_factory=TierPolicies)
    receiving_regions: frozenset[str] | None = None
    """Overrides the built-in list of regions in which SES receives mail."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """What goes onto every object of AWS; it stands among the attributes of what is declared already."""
    files: tuple[str, ...] = ()
    """The files that it was read from."""
    globs: tuple[tuple[str, str], ...] = ()
    """Where more files would be found: directories, each with the glob of an `include:` there."""
    warnings: tuple[Problem, ...] = ()
    digest: str = ""
    """Hash of what was declared, independent of the order of files and keys."""
