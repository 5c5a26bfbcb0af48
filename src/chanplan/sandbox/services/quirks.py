"""
What AWS's services do that their public reference doesn't say, or says otherwise: one line each, with its source.

Sources are the labels of the research notes: [M] botocore's service model, [DG23] the SES developer guide of June 2023,
[DG-T] its present page on tenants, [FL] probes of real SES published with an open-source emulator (2026), [HG] a
published comparison with a real account (2026-08-11), [TF] Terraform's acceptance tests, [NUKE] issues of aws-nuke,
[moto] the emulator moto, [docs] today's public reference, [ours] a choice of this sandbox where nothing is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chanplan.sandbox.services.quirk import Quirk


@dataclass(frozen=True, slots=True)
class PageRules:
    """The page sizes of a list and how it refuses others."""

    default: int
    most: int
    bad_size: str
    bad_token: str


# --- tenants
TENANT_EXISTS = Quirk(
    "Tenant with name {name} already exists in account {account}", "CreateTenant of a taken name, 400", "[FL]"
)
TENANT_MISSING = Quirk(
    "The requested tenant <{name}> does not exist.", "any call for a tenant that isn't there, 404", "[FL]"
)
TENANT_BAD_NAME = Quirk(
    "1 validation error detected: Value '{name}' at 'tenantName' failed to satisfy constraint:"
    " Member must satisfy regular expression pattern: [A-Za-z0-9_-]{{1,64}}",
    "CreateTenant of a name that isn't 1-64 letters, digits, `_` and `-`; the rule is [FL]'s, the text is ours",
    "[FL] [ours]",
)
TENANT_ID_DIGITS = Quirk(
    30, "hex digits in a tenant id, `tn-` before them; a tenant made again gets another id", "[FL] [ours]"
)
TENANTS_PER_REGION = Quirk(10_000, "tenants per account and region; more is LimitExceededException", "[DG-T]")
ASSOCIATION_EXISTS = Quirk(
    "Resources {arn} has already been associated with tenant {name}", "the grammar is SES's own, 400", "[FL]"
)
ASSOCIATION_NO_ARN = Quirk("Provided resource identifier is not an SES resource", "not an ARN, 400", "[FL]")
ASSOCIATION_OTHER_SERVICE = Quirk(
    "Provided ARN is not in SES resource ARN format", "an ARN of another service, 400", "[FL]"
)
ASSOCIATION_TYPE = Quirk(
    "Unsupported resource type: {type}", "an SES ARN of a type that tenants can't have, 400", "[FL]"
)
ASSOCIATION_OTHER_REGION = Quirk("Resource <{arn}> must be in the same region", "400", "[FL]")
ASSOCIATION_OTHER_ACCOUNT = Quirk("Resource <{arn}> must be in the same account", "400", "[FL]")
ASSOCIATION_NO_IDENTITY = Quirk(
    "Identity <{name}> does not exist", "an identity that isn't there, 404", "[FL]"
)
ASSOCIATION_NO_SET = Quirk(
    "Configuration set <{name}> does not exist:",
    "a set that isn't there, 404; the colon is SES's own",
    "[FL]",
)
ASSOCIATION_NO_TEMPLATE = Quirk(
    "Email template <{name}> does not exist", "always, as the sandbox has no templates, 404", "[FL]"
)
ASSOCIATION_GUARD = Quirk(
    "Cannot delete <{arn}> because it has tenant associations. Remove all tenant associations and try again.",
    "deleting an identity or a configuration set that a tenant still has, 400",
    "[FL] [NUKE]",
)
RESOURCE_TYPES = Quirk(
    ("identity", "configuration-set", "template"),
    "ListTenantResources answers and filters by the ARN's words; the SDK's enum (EMAIL_IDENTITY ...) is refused",
    "[FL]",
)
RESOURCE_TYPE_REFUSED = Quirk(
    "Invalid resource type {type} specified.", "the SDK's own enum as a filter, 400", "[FL]"
)
MISSING_ASSOCIATION_IS_FINE = Quirk(
    True, "DeleteTenantResourceAssociation of a missing link succeeds", "[FL]"
)
SUPPRESSION_NEEDS_SCOPE = Quirk(
    "SuppressedReasons cannot be specified without SuppressionScope.",
    "half a pair of suppression attributes, 400",
    "[FL]",
)
SUPPRESSION_NEEDS_REASONS = Quirk(
    "SuppressionScope cannot be specified without SuppressedReasons.",
    "the other half; the text is ours",
    "[FL] [ours]",
)
POLICY_AT_FIRST = Quirk(
    "none", "the reputation policy of a tenant that nobody touched; the guide says standard", "[HG]"
)
IMPACT_AT_FIRST = Quirk(
    "NONE", "the reputation impact of an untouched tenant: no value of the SDK's enum", "[HG]"
)
MISSING_ENTITY_AT_UPDATE = Quirk(
    "BadRequestException",
    "what updates of a missing reputation entity answer: their models have no NotFoundException; which code it is, nobody has published",
    "[M] [ours]",
)
STATUS_CAUSE = Quirk("Status manually updated.", "the cause after a customer-managed status was set", "[HG]")
POLICIES = Quirk(
    ("none", "standard", "strict"), "the reputation policies; others are refused with 400", "[DG-T]"
)

# --- identities
IDENTITY_EXISTS = Quirk(
    "Email identity {name} already exist.", "CreateEmailIdentity of a taken name, 400", "[FL]"
)
IDENTITY_MISSING = Quirk(
    "Email identity {name} does not exist.", "any call for an identity that isn't there, 404", "[FL]"
)
IDENTITIES_PER_REGION = Quirk(
    10_000, "identities per account and region; more is LimitExceededException", "[DG23]"
)
DKIM_AT_FIRST = Quirk(
    "PENDING", "Easy DKIM's status right after the create, with three tokens and a 2048-bit key", "[TF]"
)
DKIM_AT_FIRST_ELSEWHERE = Quirk("NOT_STARTED", "the DKIM status of a new address identity", "[HG] [TF]")
ADDRESS_KEY_LENGTH = Quirk(
    "RSA_1024_BIT", "the next key length of an address identity, which has no key", "[TF] [moto]"
)
DKIM_ZONE = Quirk("dkim.amazonses.com", "SigningHostedZone", "[docs]")
DKIM_REGIONAL_ZONE = Quirk("dkim.{region}.amazonses.com", "SigningHostedZone in the regions below", "[docs]")
DKIM_REGIONS_OF_THEIR_OWN = Quirk(
    frozenset(
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
    ),
    "regions whose SigningHostedZone has the region in it",
    "[docs]",
)
SEARCH_SECONDS = Quirk(
    72 * 3600,
    "how long DKIM and MAIL FROM are looked for; then FAILED, and no more looking until re-armed",
    "[DG23]",
)
MAIL_FROM_HOST = Quirk(
    "feedback-smtp.{region}.amazonses.com", "the only MX that a MAIL FROM domain may have", "[DG23]"
)
MAIL_FROM_NO_SUBDOMAIN = Quirk(
    "Provided MAIL-FROM domain <{mail_from}> is not subdomain of the domain of the identity <{name}>.",
    "a MAIL FROM domain outside the identity, 400",
    "[M] [ours]",
)
REARM = Quirk(
    ("PutEmailIdentityDkimSigningAttributes", "PutEmailIdentityMailFromAttributes"),
    "start the search anew, also after FAILED; for DKIM nobody has confirmed it",
    "[DG23] [ours]",
)

# --- configuration sets and pools
SET_EXISTS = Quirk(
    "Configuration set {name} already exists.", "CreateConfigurationSet of a taken name, 400", "[ours]"
)
SET_MISSING = Quirk(
    "Configuration set <{name}> does not exist.", "any call for a set that isn't there, 404", "[FL]"
)
DESTINATION_EXISTS = Quirk(
    "Event destination {name} already exists.", "CreateConfigurationSetEventDestination, 400", "[ours]"
)
DESTINATION_MISSING = Quirk(
    "Event destination <{name}> does not exist.", "DeleteConfigurationSetEventDestination, 404", "[ours]"
)
DESTINATION_KIND_REFUSED = Quirk(
    "An event destination publishes to exactly one service.", "none or two of its kinds, 400", "[ours]"
)
SETS_PER_REGION = Quirk(
    10_000, "configuration sets per account and region; more is LimitExceededException", "[DG23]"
)
SET_DEFAULTS_OMITTED = Quirk(
    True,
    "GetConfigurationSet leaves out the blocks that nobody set; reputation and sending always show",
    "[M] [ours]",
)
POOL_MISSING_IN_SET = Quirk(
    "SendingPool <{name}> doesn't exist", "a set that names a missing pool, 400", "[FL]"
)
POOL_EXISTS = Quirk("The pool <{name}> already exists.", "CreateDedicatedIpPool of a taken name, 400", "[FL]")
POOL_MISSING = Quirk(
    "The requested pool <{name}> does not exist.", "any call for a pool that isn't there, 404", "[FL]"
)
POOL_MODE_REFUSED = Quirk("The ScalingMode parameter is invalid.", "MANAGED back to STANDARD, 400", "[FL]")
RESERVED_POOLS = Quirk(
    frozenset({"ses-shared-pool", "ses-default-dedicated-pool"}),
    "pools that may be named in a set, but neither read nor made",
    "[docs]",
)
RESERVED_POOL_REFUSED = Quirk(
    "The pool name <{name}> is reserved.", "reading or making a reserved pool, 400", "[docs] [ours]"
)
MANAGED_POOLS_PER_REGION = Quirk(
    5, "managed pools per account and region; more is LimitExceededException", "[DG23]"
)

# --- tags
TAGS_PER_RESOURCE = Quirk(50, "tags on one resource; keys to 128 and values to 256 characters", "[M]")
TAG_TARGET_MISSING = Quirk(
    "No {type} present with name: {name}", "tags of something that isn't there, 404", "[FL]"
)
TAG_TENANT_MISSING = Quirk(
    "No Tenant present with name: {name}with tenantId: {id}",
    "a tenant is found by the id in its ARN alone; the missing space is SES's own, 404",
    "[FL]",
)
TAGGED_PAGE = Quirk(
    100, "resources on one page of the tagging service's GetResources, at most and by default", "[M]"
)
ONCE_TAGGED = Quirk(True, "GetResources without filters also shows resources that had tags once", "[M]")

# --- lists
IDENTITY_PAGES = Quirk(
    PageRules(
        25,
        1000,
        "Value {size} for parameter PageSize is invalid. PageSize must be between 1 and 1000.",
        "Invalid NextToken <{token}>.",
    ),
    "ListEmailIdentities",
    "[FL]",
)
SET_PAGES = Quirk(
    PageRules(50, 1000, "The page size must be between 1 and 1000", "invalid nextToken {token}"),
    "ListConfigurationSets",
    "[FL]",
)
TENANT_PAGES = Quirk(
    PageRules(
        100,
        100,
        "1 validation error detected: Value '{size}' at 'pageSize' failed to satisfy constraint:"
        " Member must have value between 1 and 100",
        "Invalid Next Token",
    ),
    "ListTenants, ListTenantResources, ListResourceTenants, ListReputationEntities; a token belongs to its region and request",
    "[FL]",
)
FINDING_PAGES = Quirk(
    PageRules(100, 100, "The page size must be between 1 and 100", "Invalid NextToken <{token}>."),
    "ListRecommendations; nobody has measured it",
    "[ours]",
)
POOL_PAGES = Quirk(
    PageRules(100, 100, "The page size must be between 1 and 100", "Invalid NextToken <{token}>."),
    "ListDedicatedIpPools and GetDedicatedIps; nobody has measured them",
    "[ours]",
)

# --- the older API
V1_BATCH = Quirk(
    100, "identities in one GetIdentity...Attributes call; unknown ones are left out of the answer", "[docs]"
)
NO_MAIL_FROM_IN_BATCH = Quirk(
    "GetIdentityMailFromDomainAttributes",
    "shows the behaviour alone for an identity without MAIL FROM, although its model requires the other members",
    "[moto]",
)
RULE_SETS = Quirk(40, "receipt rule sets per account and region", "[DG23]")
RULES_PER_SET = Quirk(200, "rules in one set; more is LimitExceeded `Too many rules`", "[DG23] [FL]")
RECIPIENTS_PER_RULE = Quirk(
    100, "recipients in one rule (a probe [FL] saw 101 accepted: we keep the documented limit)", "[DG23]"
)
ACTIONS_PER_RULE = Quirk(10, "actions in one rule", "[DG23]")
RULE_NAME_CHARACTERS = Quirk(
    "1 validation error detected: Value at '{place}' failed to satisfy constraint:"
    " Member must satisfy regular expression pattern: ^[a-zA-Z0-9_.-]+$",
    "the name of a rule or a rule set with another character in it: ValidationError, before anything is looked up",
    "[FL] [moto]",
)
RULE_NAME_REFUSED = Quirk(
    "Not a valid {what}: {name}",
    "such a name that is longer than 64, or doesn't begin and end with a letter or digit: InvalidParameterValue",
    "[FL]",
)
RULE_GOES_FIRST = Quirk(True, "CreateReceiptRule without After puts the rule before all others", "[FL]")
MISSING_RULE_IS_FINE = Quirk(True, "DeleteReceiptRule of a missing rule succeeds, its set must exist", "[FL]")
NO_ACTIVE_SET = Quirk(
    True, "DescribeActiveReceiptRuleSet answers nothing at all when no set is active", "[FL]"
)

# --- metrics, findings and pauses
VDM_AT_FIRST = Quirk("DISABLED", "Virtual Deliverability Manager of an account that nobody touched", "[docs]")
VDM_OFF = Quirk(
    "Virtual Deliverability Manager is not enabled for the account.",
    "BatchGetMetricData while VDM is off: NotFoundException, the one word of its model that fits; nobody has published it",
    "[M] [ours]",
)
METRIC_DAYS = Quirk(
    True,
    "BatchGetMetricData tells UTC days by their midnights, from that of StartDate to the last before EndDate, oldest first",
    "[ours]",
)
METRIC_PERIOD_REFUSED = Quirk(
    "The start date must be before the end date.", "a query whose period is empty, 400", "[ours]"
)
METRIC_ZEROS_ABSENT = Quirk(True, "a day on which a metric counted nothing isn't in its answer", "[ours]")
METRIC_UNKNOWN_NAME = Quirk(
    True, "metrics of a set, identity or tenant that isn't there are empty, no error", "[ours]"
)
METRICS_OUTLIVE_SETS = Quirk(
    True, "the mail of a deleted set still counts, and under its name if it is made again", "[ours]"
)
DELIVERY_COMPLAINT_IS_DELIVERY = Quirk(
    True,
    "every recipient's provider counts as one with a feedback loop; nothing is opened, clicked or told by ISP",
    "[ours]",
)
METRIC_QUERY_REFUSED = Quirk(
    "Access to the metrics of <{name}> is denied.",
    "one query of a batch that was refused; the text is ours",
    "[M] [ours]",
)
IMPACT_OF_FINDINGS = Quirk(True, "a tenant's reputation impact is the highest of its open findings", "[M]")
FINDING_AGAIN = Quirk(
    True,
    "a finding that comes back is the same one, opened again: it keeps the time at which it was first met",
    "[M] [ours]",
)
FINDING_DESCRIPTION = Quirk(
    "{type} of tenant {name}: the rate is too high for the volume that represents it.",
    "what a finding says, unless it was given words of its own",
    "[ours]",
)
PAUSE_CAUSE = Quirk(
    "Sending was paused because of reputation findings.", "the cause after AWS paused a tenant", "[ours]"
)
PAUSE_ENDS_REINSTATED = Quirk(
    "REINSTATED",
    "AWS's own status when it lets a tenant go on while findings are open; ENABLED when none is",
    "[M] [ours]",
)
NO_PAUSE_BY_ITSELF = Quirk(
    True, "a finding pauses nobody, whatever the policy: a pause is played like everything else", "[ours]"
)
METRIC_QUERIES = Quirk(500, "queries in one GetMetricData call; more is ValidationError", "[docs]")
METRIC_POINTS = Quirk(100_800, "data points in one answer of GetMetricData, at most and by default", "[docs]")
METRIC_EXPRESSION = Quirk(
    "The sandbox knows no metric math: give MetricStat.",
    "GetMetricData of an expression, ValidationError",
    "[ours]",
)
METRIC_WINDOW = Quirk(
    True, "StartTime is in, EndTime isn't; newest first unless ScanBy says otherwise", "[docs]"
)
METRIC_POINT_AT_MIDNIGHT = Quirk(
    True,
    "CloudWatch has a whole day's mail at its midnight: shorter periods show it in the first of the day",
    "[ours]",
)
COUNTS_NEED_DESTINATION = Quirk(
    True,
    "Send, Delivery, Bounce and Complaint with the dimension ses:configuration-set are there for sets that publish such events by that"
    " dimension alone, once for each event destination; without a dimension they are the account's and always there",
    "[DG23]",
)
RATES_NEED_REPUTATION = Quirk(
    True,
    "Reputation.BounceRate and .ComplaintRate of a set are there while its ReputationMetricsEnabled is on, as fractions",
    "[DG23]",
)
RATE_DAYS = Quirk(
    7,
    "days that a reputation rate goes back, the day itself included; the real volume is unpublished",
    "[ours]",
)
RATE_BOUNCES = Quirk(
    True, "the reputation rate counts permanent bounces, the metric Bounce all", "[DG23] [docs]"
)
OLDER_CODES_BESIDE = Quirk(
    True,
    "CloudWatch tells its older protocol's codes (AccessDenied, Throttling) in a header, and the SDK shows those",
    "[M] [ours]",
)

# --- the models
BEYOND_THE_MODEL = Quirk(
    frozenset(
        {
            "ses:GetIdentityMailFromDomainAttributes MailFromDomainAttributes.*.MailFromDomain",
            "ses:GetIdentityMailFromDomainAttributes MailFromDomainAttributes.*.MailFromDomainStatus",
            "sesv2:GetReputationEntity ReputationEntity.ReputationImpact",
            "sesv2:ListReputationEntities ReputationEntities.[].ReputationImpact",
            "sesv2:ListTenantResources TenantResources.[].ResourceType",
        }
    ),
    "places in answers where the services are known not to keep to botocore's model; all others are held against it",
    "[FL] [HG] [moto]",
)

# --- accounts
DEFAULT_ACCOUNT = Quirk(
    "123456789012",
    "the account of the access key `sandbox`; other keys give others, twelve digits themselves",
    "[ours]",
)


def table() -> Iterator[tuple[str, str, str, str]]:
    """Returns every quirk as name, value, meaning and source, in the order of this file; the manual shows it."""
    for name, quirk in globals().items():
        if isinstance(quirk, Quirk):
            yield name, _shown(quirk.value), quirk.means, quirk.source


def _shown(value: object) -> str:
    if isinstance(value, PageRules):
        return f"{value.default} by default, at most {value.most}"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is True else str(value).replace("{{", "{").replace("}}", "}")
