"""The declared form of the configuration files: what `validate` checks and editors complete.

Secrets are the fields of type `SecretReference`: they hold `${env:NAME}` and nothing else.
"""

from typing import Annotated, Literal

from pydantic import Field

from chanplan.config.environment import SECRET_PATTERN
from chanplan.config.tier_document import TierOverrides
from chanplan.model.addresses import KIND_NAMES, NAME_PATTERN
from chanplan.model.kinds.declared import AliasName, AwsAccountId, Declared, WebUrl, form
from chanplan.model.kinds.sending_pool import SendingPool
from chanplan.model.kinds.ses_setup import SesSetup
from chanplan.model.kinds.twilio_setup import AccountSid, TwilioSetup
from chanplan.model.kinds.use_case import AnyUseCase

ROOT_ONLY = ("version", "workspace", "state", "providers", "tags", "safety", "tiers")
"""Keys that stand in the root file alone: they hold for the whole workspace."""

WORKSPACE_PATTERN = r"[a-z0-9][a-z0-9_-]{0,49}"
"""Shorter than other names: SES's receipt rules have 64 characters for `chanplan-WORKSPACE-NNN`."""


ResourceName = Annotated[
    str,
    Field(
        pattern=f"^{NAME_PATTERN}$",
        json_schema_extra=form(
            "1 to 63 lower-case letters, digits, hyphens and underscores, beginning with a letter or digit"
        ),
    ),
]
AddressText = Annotated[
    str,
    Field(
        pattern=f"^({'|'.join(KIND_NAMES)})\\.{NAME_PATTERN}$",
        json_schema_extra=form("An address is KIND.NAME, for example use_case.receipts"),
    ),
]
Region = Annotated[
    str,
    Field(
        pattern=r"^[a-z]{2,3}(-[a-z]+){1,3}-[0-9]{1,2}$",
        json_schema_extra=form("An AWS region, for example us-east-1"),
    ),
]
SecretReference = Annotated[
    str,
    Field(
        pattern=SECRET_PATTERN,
        json_schema_extra={"writeOnly": True, **form("A secret is named, never written: ${env:NAME}")},
    ),
]
RequestRate = Annotated[float, Field(gt=0, le=10_000)]
Nameserver = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?$",
        json_schema_extra=form("A server is HOST or HOST:PORT, with an IPv6 address in brackets"),
    ),
]
TagKey = Annotated[str, Field(min_length=1, max_length=128)]
"""AWS's own bounds on tags, here and for values."""
Tags = dict[TagKey, Annotated[str, Field(max_length=256)]]
Globs = list[Annotated[str, Field(min_length=1, max_length=1024)]]
FormatVersion = Literal[1]
WorkspaceName = Annotated[
    str,
    Field(
        pattern=f"^{WORKSPACE_PATTERN}$",
        json_schema_extra=form(
            "1 to 50 lower-case letters, digits, hyphens and underscores, beginning with a letter or digit"
        ),
    ),
]


class SqliteState(Declared):
    """The state in a file: for one person, or jobs that share a disk. This holds when no backend is named."""

    backend: Literal["sqlite"] = Field("sqlite", description="sqlite: a file beside the configuration.")
    path: Annotated[str, Field(min_length=1, max_length=4096)] = Field(
        "state/chanplan.db", description="The state's file, relative to the root file's directory."
    )


class PostgresState(Declared):
    """The state in a PostgreSQL database, which many workspaces may share."""

    backend: Literal["postgres"] = Field(description="postgres: a PostgreSQL database.")
    dsn: SecretReference | None = Field(
        None,
        description="The variable that holds the connection string: ${env:NAME}; without it libpq's own PG* variables.",
    )


BucketName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        json_schema_extra=form("A bucket's name is 3 to 63 lower-case letters, digits, dots and hyphens"),
    ),
]
ObjectKey = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*$",
        max_length=900,
        json_schema_extra=form(
            "An object's key is up to 900 letters, digits and the characters !_.*'()-, in parts between single slashes"
        ),
    ),
]


class StateEncryption(Declared):
    """How S3 encrypts what is written there. Without it the bucket's own default holds."""

    sse: Literal["AES256", "aws:kms"] = Field(
        description="AES256 with keys of S3, or aws:kms with a KMS key."
    )
    kms_key_id: Annotated[str, Field(min_length=1, max_length=2048)] | None = Field(
        None,
        description="The KMS key's ARN, id or alias; without it the account's key for S3. Needs sse: aws:kms.",
    )


class S3State(Declared):
    """The state in a bucket of Amazon S3, or of a server that keeps to its conditional writes."""

    backend: Literal["s3"] = Field(description="s3: a bucket, which must exist.")
    bucket: BucketName = Field(description="The bucket's name.")
    key: ObjectKey = Field(
        description="The snapshot's key; lock and journal stand beside it, as KEY.lock and so on."
    )
    region: Region = Field(description="The bucket's AWS region, for example us-east-1.")
    endpoint_url: WebUrl | None = Field(None, description="Another server that speaks S3.")
    profile: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        None, description="A profile of the AWS configuration files."
    )
    encryption: StateEncryption | None = Field(None, description="How S3 encrypts what is written.")


AnyState = Annotated[SqliteState | PostgresState | S3State, Field(discriminator="backend")]


class SesProvider(Declared):
    """One AWS account and region of SES."""

    region: Region = Field(description="The AWS region, for example us-east-1.")
    account_id: AwsAccountId | None = Field(
        None, description="The AWS account's 12 digits, in quotes; without it the service is asked."
    )
    profile: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        None, description="A profile of the AWS configuration files."
    )
    requests_per_second: RequestRate | None = Field(
        None, description="Requests per second and operation; without it 1 on AWS's own hosts."
    )
    endpoint_url: WebUrl | None = Field(None, description="Another server that speaks SES.")


class TwilioProvider(Declared):
    """One Twilio account. Without keys here the environment's TWILIO_AUTH_TOKEN is used."""

    account_sid: AccountSid | None = Field(None, description="The account's SID: AC and 32 hex digits.")
    auth_token: SecretReference | None = Field(None, description="The account's token: ${env:NAME}.")
    api_key: SecretReference | None = Field(None, description="An API key's SID: ${env:NAME}.")
    api_secret: SecretReference | None = Field(None, description="The API key's secret: ${env:NAME}.")
    requests_per_second: RequestRate | None = Field(None, description="Requests per second and operation.")


class DnsProvider(Declared):
    """How DNS is asked."""

    nameservers: list[Nameserver] = Field(
        default_factory=list,
        description="HOST:PORT of the servers to ask, in quotes; without them each zone's authoritative servers.",
    )


class Providers(Declared):
    """How outside services are reached. A resource chooses an alias with `provider:`; it is `default` otherwise."""

    ses: dict[AliasName, SesProvider] = Field(default_factory=dict, description="SES, by alias.")
    twilio: dict[AliasName, TwilioProvider] = Field(default_factory=dict, description="Twilio, by alias.")
    dns: DnsProvider = Field(default_factory=DnsProvider, description="DNS.")
    ses_receiving_regions: list[Region] | None = Field(
        None, description="The regions in which SES receives mail, where chanplan's own list is out of date."
    )


class MovedEntry(Declared):
    """A rename, without any call."""

    origin: AddressText = Field(alias="from", description="The address that the state knows.")
    target: AddressText = Field(alias="to", description="The address that is declared now.")


class RemovedEntry(Declared):
    """A resource that is declared no more."""

    address: AddressText
    destroy: bool = Field(description="true destroys it; false forgets it and leaves it where it is.")


class ImportEntry(Declared):
    """An object that exists and is brought under control."""

    target: AddressText = Field(alias="to", description="The address that it becomes.")
    id: Annotated[str, Field(min_length=1, max_length=512)] = Field(
        description="TENANT/DOMAIN, ACCOUNT_SID/PROFILE_SID, a configuration set, an Application SID or a pool."
    )


class AcknowledgedEntry(Declared):
    """A loss that was agreed to."""

    address: AddressText
    action: Literal["delete", "replace"] = Field(description="What may happen to it.")
    reason: Annotated[str, Field(min_length=1, max_length=500)] = Field(
        description="Why, for whoever reviews it."
    )


class Safety(Declared):
    """How many deletes and replacements one plan may hold without --allow-delete all."""

    max_percent: Annotated[float, Field(ge=0, le=100)] = Field(
        30, description="Percent of the resources in state."
    )
    minimum: Annotated[int, Field(ge=0)] = Field(
        10, alias="from", description="The threshold counts from this many resources in state on."
    )


class IncludedFile(Declared):
    """What any file may hold."""

    include: Globs = Field(
        default_factory=list,
        description="Globs of more files, relative to this file's directory; ** stands for any directories.",
    )
    sending_pools: dict[ResourceName, SendingPool] = Field(
        default_factory=dict,
        description="Dedicated IP pools by name; without any, mail goes through SES's shared pool.",
    )
    ses_setups: dict[ResourceName, SesSetup] = Field(
        default_factory=dict, description="Sending and receiving domains by name."
    )
    twilio_setups: dict[ResourceName, TwilioSetup] = Field(
        default_factory=dict, description="Twilio accounts with an approved customer profile, by name."
    )
    use_cases: dict[ResourceName, AnyUseCase] = Field(
        default_factory=dict, description="What channels are used for, by name."
    )
    moved: list[MovedEntry] = Field(default_factory=list, description="Renames.")
    removed: list[RemovedEntry] = Field(
        default_factory=list, description="Resources to forget or to destroy."
    )
    imports: list[ImportEntry] = Field(default_factory=list, description="Existing objects to take over.")
    acknowledge: list[AcknowledgedEntry] = Field(default_factory=list, description="Losses agreed to.")


class RootFile(IncludedFile):
    """The root file of a workspace."""

    version: FormatVersion = Field(description="The version of this format: 1.")
    workspace: WorkspaceName = Field(description="The workspace's name: it marks every object of ours.")
    state: AnyState = Field(default_factory=SqliteState, description="Where the state is kept.")
    providers: Providers = Field(default_factory=Providers, description="How outside services are reached.")
    tags: Tags = Field(default_factory=dict, description="Tags for every AWS object, beside chanplan's own.")
    safety: Safety = Field(default_factory=Safety, description="How much one plan may destroy.")
    # It is made of the policy, and mypy takes no such class for a type.
    tiers: TierOverrides = Field(  # type: ignore[valid-type]
        default_factory=TierOverrides, description="Overrides of the reputation tier policy."
    )
