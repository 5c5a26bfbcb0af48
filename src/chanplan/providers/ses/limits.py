"""What SES allows, as small named facts. Each says where it was read and when it was last looked up.

Numbers that AWS may raise for an account are not enforced here: the service says so itself, as `quota`.
"""

from chanplan.model.kinds.sending_pool import RESERVED_POOL_NAMES

__all__ = ["RESERVED_POOL_NAMES"]

TENANTS_PER_PAGE = 100
"""ListTenants and the other tenant lists: 1 to 100 (floci's probes of SES, 2026-10)."""

REPUTATION_ENTITIES_PER_PAGE = 100
"""ListReputationEntities: taken to be as for tenants; nobody published it (2026-11)."""

IDENTITIES_PER_PAGE = 1000
"""ListEmailIdentities: "PageSize must be between 1 and 1000" (floci's probes, 2026-10)."""

CONFIGURATION_SETS_PER_PAGE = 1000
"""ListConfigurationSets: 1 to 1000 (floci's probes, 2026-10)."""

POOLS_PER_PAGE = 100
"""ListDedicatedIpPools: unpublished; 100 is what others ask for (2026-11)."""

IDENTITIES_PER_BATCH = 100
"""GetIdentityDkimAttributes and GetIdentityMailFromDomainAttributes of the older API (its reference, 2026-11)."""

RECIPIENTS_PER_RULE = 100
"""Recipients of one receipt rule (SES Developer Guide, quotas, 2023-06)."""

RULES_PER_SET = 200
"""Receipt rules of one set (SES Developer Guide, quotas, 2023-06)."""

RULE_NAME_LENGTH = 64
"""Characters of a receipt rule's name: letters, digits, underscores, hyphens (API reference, 2026-11)."""

TAGS_PER_OBJECT = 50
"""Tags of one object, ours included (service model of botocore 1.44.5, 2026-11)."""

TAG_KEY_LENGTH = 128
"""Characters of a tag's key (service model of botocore 1.44.5, 2026-11)."""

TAG_VALUE_LENGTH = 256
"""Characters of a tag's value (service model of botocore 1.44.5, 2026-11)."""

DNS_NAME_LENGTH = 253
"""Characters of a domain name as text (RFC 1035, section 2.3.4, without the final dot; 2026-11)."""

DKIM_TOKEN_LENGTH = 32
"""Characters of an Easy DKIM token; `TOKEN._domainkey.DOMAIN` must still be a name (seen 2026-11)."""

METRIC_QUERIES_PER_CALL = 10
"""Queries of one BatchGetMetricData (service model of botocore 1.44.5, 2026-11)."""

METRICS_PER_CALL = 500
"""Metrics of one GetMetricData of CloudWatch (its reference, 2026-11)."""

RECOMMENDATIONS_PER_PAGE = 100
"""ListRecommendations: unpublished; 100 is what the other lists of the newer API take (2026-11)."""

OWN_RATE = 1.0
"""Requests a second of each operation that AWS documents for SES's control plane (SES Developer Guide, quotas, 2023-06)."""

OWN_RATES = {
    "sesv2:BatchGetMetricData": 16.0,
    "cloudwatch:GetMetricData": 50.0,
}
"""Requests a second of operations with another quota. BatchGetMetricData also takes 160 queries a second, which are its 16
calls of ten (API reference, 2026-11); GetMetricData is CloudWatch's, 50 by default (its quotas, 2026-11)."""
