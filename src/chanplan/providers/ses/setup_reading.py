"""Reading a setup: its tenant, identity, association, reputation policy and receipt rule, put together."""

from collections.abc import Mapping
from datetime import datetime

from chanplan.model.resources import Depth, Identity, Observed
from chanplan.model.values import Attributes, Value
from chanplan.providers.ses.identities import DomainIdentity, find_identity, label_below
from chanplan.providers.ses.marks import carried_by, observed_tags, shared_marks
from chanplan.providers.ses.place import Place
from chanplan.providers.ses.receiving import Receiving, active_rule_set, rules_of
from chanplan.providers.ses.receiving_actions import same_actions
from chanplan.providers.ses.tenants import (
    Reputation,
    Tenant,
    Untold,
    find_reputation,
    find_tenant,
    tenants_of,
)

TENANT, IDENTITY, MAIL_FROM = "tenant", "identity", "MAIL FROM domain"
POLICY, ASSOCIATION, RULE = "reputation policy", "association", "receipt rule entry"
"""The parts of a setup, as people read them in progress and in what is incomplete."""
RULE_SET = "receipt rule set"
"""No part: progress says so when a rule set is about to be written to for the first time."""


def tenant_name(attributes: Attributes) -> str:
    """Give the tenant's name."""
    return str(attributes["tenant_name"])


def domain_of(attributes: Attributes) -> str:
    """Give the domain as SES keeps it: domains are the same in upper and lower case, SES's lists aren't."""
    return str(attributes["domain_identity"]).lower()


def receiving_of(attributes: Attributes) -> Mapping[str, Value] | None:
    """Give the declared receiving, or None."""
    receiving = attributes.get("receiving")
    return receiving if isinstance(receiving, Mapping) else None


def read_setup(place: Place, receiving: Receiving, identity: Identity, at: datetime) -> Observed | None:
    """Read all parts of one setup; None when neither tenant nor identity is there."""
    calls, attributes = place.calls, identity.attributes
    domain = domain_of(attributes)
    tenant = find_tenant(calls, tenant_name(attributes))
    if tenant is not None:
        place.learn(tenant.arn)
    domain_identity = find_identity(calls, domain)
    if tenant is None and domain_identity is None:
        return None
    reputation = None if tenant is None else find_reputation(calls, tenant.arn)
    seen: dict[str, Value] = {}
    facts: dict[str, Value] = {}
    missing: list[str] = []
    if tenant is None:
        missing.append(TENANT)
    else:
        seen["tenant_name"] = attributes["tenant_name"]
        facts |= {"tenant_id": tenant.id, "tenant_arn": tenant.arn}
        facts["sending_status"] = _sending_status(tenant, reputation)
        match reputation:
            case Untold():
                pass
            case Reputation(policy=str(policy)):
                seen["reputation_policy"] = policy
                facts["reputation_impact"] = reputation.impact
                facts["sending_status_by_us"] = reputation.sending_status_by_us
            case _:
                missing.append(POLICY)
    if domain_identity is None:
        missing.append(IDENTITY)
    else:
        seen["domain_identity"] = attributes["domain_identity"]
        seen["mail_from"] = label_below(domain_identity.mail_from, domain)
        facts |= {**domain_identity.lasting, **statuses(domain_identity)}
        if tenant is not None:
            arn = place.home().identity(domain)
            facts["identity_arn"] = arn
            holders = tenants_of(calls, arn)
            if tenant.name not in holders:
                missing.append(ASSOCIATION)
            if others := [holder for holder in holders if holder != tenant.name]:
                facts["other_tenants"] = others
    if wanted := receiving_of(attributes):
        facts["receiving_rule_set_active"] = active_rule_set(calls) == wanted["rule_set"]
        rules = rules_of(calls, str(wanted["rule_set"])) or ()
        actions = receiving.actions_of(rules, domain)
        if actions is None or receiving.is_torn(rules, domain):
            missing.append(RULE)
        if actions is not None:
            seen["receiving"] = observed_receiving(wanted, actions)
    else:
        # Nothing says that it should be in a rule, so there is no rule set to look into.
        seen["receiving"] = None
    parts = [part.tags for part in (tenant, domain_identity) if part is not None]
    seen |= observed_tags(attributes, *parts)
    return Observed(
        attributes=seen,
        facts=facts,
        read_at=at,
        depth=Depth.DIRECT,
        marks=shared_marks(identity.id, parts),
        carried=carried_by(parts),
        incomplete=tuple(missing),
    )


def statuses(identity: DomainIdentity) -> dict[str, Value]:
    """Give what SES says of an identity's verification now."""
    return {
        "dkim_status": identity.dkim_status,
        "mail_from_status": identity.mail_from_status,
        "verification_status": identity.verification_status,
        "verification_error": identity.verification_error,
    }


def observed_receiving(wanted: Mapping[str, Value], actions: list[Value]) -> Value:
    """Give attribute `receiving` as it is, in the declared spelling where it means the same."""
    same = same_actions(wanted["actions"], actions)
    return {"rule_set": wanted["rule_set"], "actions": wanted["actions"] if same else actions}


def _sending_status(tenant: Tenant, reputation: Reputation | Untold | None) -> str | None:
    if isinstance(reputation, Reputation) and reputation.sending_status is not None:
        return reputation.sending_status
    return tenant.sending_status
