"""`ses_setup`: a sending and receiving domain in a tenant of its own."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from chanplan.model.kinds.declared import AliasName, Declared, DomainName, Lifecycle, form
from chanplan.model.kinds.table import Attribute, Effect, Kind, NaturalKey
from chanplan.model.plans import Loss
from chanplan.model.records import DnsRecord, Purpose, RecordType
from chanplan.model.values import Attributes, Facts

VERIFICATION_HOURS = 72
"""How long SES looks for DNS records before it gives up (ses.md 3)."""

RECEIVING_REGIONS = frozenset(
    {
        "af-south-1",
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)
"""Regions in which SES receives mail, as known in 2026 (ses.md 1.4); overridable in the configuration."""

_REGIONAL_DKIM_ZONES = frozenset(
    {
        "af-south-1",
        "ap-northeast-3",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-5",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "il-central-1",
        "me-central-1",
        "us-gov-east-1",
    }
)


_NAME_FORM = form("1 to 64 letters, digits, hyphens and underscores")

TenantName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", json_schema_extra=_NAME_FORM)]
"""channel-manager.txt, Create SES Setup; the HTTP API takes the same."""


class Dmarc(Declared):
    """The DMARC record that is asked for."""

    policy: Literal["none", "quarantine", "reject"] = Field(
        "none",
        description="What receivers should do with mail that fails; a stricter published policy passes too.",
    )


TopicArn = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:sns:", json_schema_extra=form("The topic's ARN: arn:aws:sns:…"))
]
KeyArn = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:kms:", json_schema_extra=form("The key's ARN: arn:aws:kms:…"))
]
FunctionArn = Annotated[
    str,
    Field(pattern=r"^arn:aws[a-z-]*:lambda:", json_schema_extra=form("The function's ARN: arn:aws:lambda:…")),
]


class S3Action(Declared):
    """Store the mail in a bucket."""

    bucket: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
            json_schema_extra=form(
                "A bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens"
            ),
        ),
    ]
    prefix: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="What the keys of stored mails begin with."
    )
    topic: TopicArn | None = None
    kms_key: KeyArn | None = None


class SnsAction(Declared):
    """Publish the mail to a topic."""

    topic: TopicArn
    encoding: Literal["UTF-8", "Base64"] = Field(
        "UTF-8", description="How the mail is written into the message."
    )


class LambdaAction(Declared):
    """Call a function."""

    function: FunctionArn
    invocation: Literal["Event", "RequestResponse"] = Field(
        "Event", description="Event goes on at once; RequestResponse waits for the function's verdict."
    )


class ReceivingAction(Declared):
    """One thing to do with inbound mail: exactly one of s3, sns, lambda."""

    s3: S3Action | None = None
    sns: SnsAction | None = None
    lambda_: LambdaAction | None = Field(None, alias="lambda")

    @model_validator(mode="after")
    def _exactly_one(self) -> "ReceivingAction":
        if sum(action is not None for action in (self.s3, self.sns, self.lambda_)) != 1:
            raise PydanticCustomError(
                "receiving_action", "A receiving action is exactly one of s3, sns and lambda", {}
            )
        return self


class Receiving(Declared):
    """What happens to inbound mail."""

    rule_set: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", json_schema_extra=_NAME_FORM)] = Field(
        description="The receipt rule set that our shared rules go into. It is never made active by chanplan."
    )
    actions: Annotated[list[ReceivingAction], Field(min_length=1, max_length=10)] = Field(
        description="What to do with each mail, in order."
    )


class SesSetup(Declared):
    """A verified sending and receiving domain."""

    tenant_name: TenantName = Field(
        description="Name for reputation and suppression isolation: 1 to 64 letters, digits, hyphens, underscores."
    )
    domain_identity: DomainName = Field(description="Domain to verify for sending and receiving.")
    mail_from: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
            json_schema_extra=form(
                "One label: 1 to 63 lower-case letters, digits and hyphens, with no hyphen at its ends"
            ),
        ),
    ] = Field("bounce", description="Label below the domain at which bounces are received.")
    dmarc: Dmarc = Dmarc(policy="none")
    reputation_policy: Literal["none", "standard", "strict"] = Field(
        "standard", description="How readily SES pauses the tenant on bad reputation findings."
    )
    receiving: Receiving | None = None
    provider: AliasName = Field("default", description="The alias under providers.ses.")
    lifecycle: Lifecycle = Lifecycle(prevent_destroy=False)


def _declare(declared: BaseModel) -> Attributes:
    assert isinstance(declared, SesSetup)
    receiving = declared.receiving
    return {
        "tenant_name": declared.tenant_name,
        "domain_identity": declared.domain_identity,
        "mail_from": declared.mail_from,
        "dmarc": {"policy": declared.dmarc.policy},
        "reputation_policy": declared.reputation_policy,
        "receiving": None
        if receiving is None
        else receiving.model_dump(mode="json", by_alias=True, exclude_none=True),
        "prevent_destroy": declared.lifecycle.prevent_destroy,
    }


_ATTRIBUTES = {
    "tenant_name": Attribute(Effect.REPLACE),
    "domain_identity": Attribute(Effect.REPLACE),
    "mail_from": Attribute(Effect.IN_PLACE),
    "dmarc": Attribute(Effect.STATE_ONLY),
    "reputation_policy": Attribute(Effect.IN_PLACE),
    "receiving": Attribute(Effect.IN_PLACE, read_in_part=True),
    "tags": Attribute(Effect.IN_PLACE, read_in_part=True),
    "prevent_destroy": Attribute(Effect.STATE_ONLY),
}


def _losses(attributes: Attributes) -> tuple[Loss, ...]:
    return (
        Loss(
            "reputation",
            f"The reputation history and suppression list of tenant {attributes['tenant_name']} are gone for good.",
        ),
        Loss(
            "verified_domain",
            f"The verification of {attributes['domain_identity']} is gone: a new identity gets new DKIM tokens, "
            "and its owner must publish DNS records again.",
        ),
    )


_LOST_WITH = {"tenant": "reputation", "identity": "verified_domain"}
"""The loss that each part takes with it."""


def _lost_with(attributes: Attributes, parts: Collection[str]) -> tuple[Loss, ...]:
    lost = {_LOST_WITH[part] for part in parts if part in _LOST_WITH}
    return tuple(loss for loss in _losses(attributes) if loss.code in lost)


def _parse_import_id(text: str) -> Attributes | None:
    tenant, slash, domain = text.partition("/")
    if not slash or not tenant or not domain or "/" in domain:
        return None
    return {"tenant_name": tenant, "domain_identity": domain}


def mail_from_domain(attributes: Attributes) -> str:
    """Give the domain at which bounces are received."""
    return f"{attributes['mail_from']}.{attributes['domain_identity']}"


def dkim_zone(region: str) -> str:
    """Give the zone of DKIM targets for a region, for when the service doesn't name it (ses.md 1.3)."""
    return f"dkim.{region}.amazonses.com" if region in _REGIONAL_DKIM_ZONES else "dkim.amazonses.com"


def receives(region: str | None, overrides: Collection[str] | None = None) -> bool:
    """Tell whether SES receives mail in a region."""
    return region in (RECEIVING_REGIONS if overrides is None else overrides)


def dns_records(
    attributes: Attributes, facts: Facts, region: str, *, inbound: bool = True
) -> tuple[DnsRecord, ...]:
    """Give the records that the domain's owner must publish, in the specification's order.

    Three DKIM records (none before the service gave its tokens), the MAIL FROM MX and SPF, DMARC, and, where the
    region receives mail, the inbound MX (values: ses.md 1.3).
    """
    domain = str(attributes["domain_identity"])
    tokens = facts.get("dkim_tokens")
    zone = str(facts.get("dkim_zone") or dkim_zone(region))
    bounce = mail_from_domain(attributes)
    dmarc = attributes["dmarc"]
    policy = dmarc["policy"] if isinstance(dmarc, dict) else "none"
    records = [
        DnsRecord(Purpose.DKIM, RecordType.CNAME, f"{token}._domainkey.{domain}", f"{token}.{zone}")
        for token in (tokens if isinstance(tokens, list | tuple) else ())
    ]
    records += [
        DnsRecord(Purpose.MAIL_FROM_MX, RecordType.MX, bounce, f"10 feedback-smtp.{region}.amazonses.com"),
        DnsRecord(Purpose.SPF, RecordType.TXT, bounce, "v=spf1 include:amazonses.com ~all"),
        DnsRecord(Purpose.DMARC, RecordType.TXT, f"_dmarc.{domain}", f"v=DMARC1; p={policy};"),
    ]
    if inbound:
        records.append(
            DnsRecord(Purpose.INBOUND_MX, RecordType.MX, domain, f"10 inbound-smtp.{region}.amazonaws.com")
        )
    return tuple(records)


KIND = Kind(
    name="ses_setup",
    section="ses_setups",
    title="SES setup",
    adapter=TypeAdapter(SesSetup),
    declare=_declare,
    provider_of=lambda _: "ses",
    attributes_of=lambda _: _ATTRIBUTES,
    computed_of=lambda _: ("id", "tenant_id", "tenant_arn", "identity_arn", "dns_records", "created_at"),
    natural_keys=lambda attributes: (
        NaturalKey("tenant", str(attributes["tenant_name"]).lower()),
        NaturalKey("domain", str(attributes["domain_identity"]).lower()),
    ),
    references={},
    parse_import_id=_parse_import_id,
    import_form="TENANT/DOMAIN",
    import_id_of=lambda attributes, _facts, _scope: (
        f"{attributes['tenant_name']}/{attributes['domain_identity']}"
    ),
    losses_of=_losses,
    lost_with=_lost_with,
    tagged=lambda _: True,
)
