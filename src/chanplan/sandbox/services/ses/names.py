"""Which kind an SES ARN names, and how the kinds are called in the state file."""

from dataclasses import dataclass

from chanplan.sandbox.documents import Document

TENANT = "ses.tenant"
TENANT_ID = "ses.tenant-id"
IDENTITY = "ses.identity"
CONFIGURATION_SET = "ses.configuration-set"
POOL = "ses.pool"
ASSOCIATION = "ses.association"
RESOURCE_TENANT = "ses.resource-tenant"
RULE_SET = "ses.receipt-rule-set"
ACTIVE_RULE_SET = "ses.active-receipt-rule-set"
TAGS = "ses.tags"
FINDING = "ses.finding"
VDM = "ses.vdm"
DESTINATIONS = "ses.event-destinations"
REFUSED_METRICS = "ses.refused-metrics"

# Kinds that only index others or are settings: they are no objects of their own.
INDEXES = frozenset({TENANT_ID, RESOURCE_TENANT, TAGS, VDM, DESTINATIONS, REFUSED_METRICS})

_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class ArnParts:
    """An ARN taken apart: `arn:PARTITION:SERVICE:REGION:ACCOUNT:TYPE/NAME`."""

    service: str
    region: str
    account: str
    type: str
    name: str


def taken_apart(arn: str) -> ArnParts | None:
    """Takes an ARN apart; None when the text isn't one."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn":
        return None
    kind, _, name = parts[5].partition("/")
    return ArnParts(parts[2], parts[3], parts[4], kind, name)


def label(kind: str, key: str, value: Document) -> str:
    """Returns what tells people most about an object: mostly its key."""
    if kind != FINDING:
        return key
    parts = taken_apart(str(value["ResourceArn"]))
    whose = "" if parts is None else parts.name.partition("/")[0]
    return f"{value['Type']} {value['Impact']} {value['Status']} of {whose}"
