"""What whoever sends a use case's mail must know, since SES holds nobody to it."""

from chanplan.model.resources import ResourceState
from chanplan.model.tier_facts import history_of
from chanplan.model.tier_policy import TierPolicies
from chanplan.model.values import Value
from chanplan.planning.tiers import tier_of
from chanplan.render.phrases import stamp


def sender_output(resource: ResourceState, policies: TierPolicies) -> dict[str, Value]:
    """Give the tier's beginning, its pool and the mails a day that should be sent at most; nothing for what sends no mail.

    A null pool is SES's default, a null capacity that of no tier: a suspended use case has none.
    """
    email_type = resource.attributes.get("email_type")
    if not isinstance(email_type, str):
        return {}
    return {
        "tier": tier_of(resource),
        "tier_since": stamp(history_of(resource).since),
        "sending_pool": resource.attributes.get("sending_pool"),
        "daily_capacity": policies.of(email_type).capacity.of(tier_of(resource)),
    }
