"""Reading many at once: lists and batches whose number grows with pages, not with objects.

10,000 setups take 410 calls: 100 pages of tenants, 10 of identities, 100 of reputation entities, and 100 batches
each for DKIM and MAIL FROM, for which the older API alone has batches (ses.md 2).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from chanplan.model.addresses import Address
from chanplan.model.resources import Depth, Identity, Observed
from chanplan.model.values import Value
from chanplan.providers.ses.answers import Answer, block, required, text, texts
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.errors import Unoffered
from chanplan.providers.ses.identities import label_below
from chanplan.providers.ses.limits import (
    CONFIGURATION_SETS_PER_PAGE,
    IDENTITIES_PER_BATCH,
    IDENTITIES_PER_PAGE,
    POOLS_PER_PAGE,
    REPUTATION_ENTITIES_PER_PAGE,
    TENANTS_PER_PAGE,
)
from chanplan.providers.ses.place import Place
from chanplan.providers.ses.receiving import Receiving, active_rule_set, rules_of
from chanplan.providers.ses.setup_reading import (
    IDENTITY,
    RULE,
    TENANT,
    domain_of,
    observed_receiving,
    receiving_of,
    tenant_name,
)
from chanplan.providers.ses.tenants import Reputation, Tenant, reputation_in, tenant_in
from chanplan.providers.ses.use_cases import set_name

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Lists:
    """What the lists of one scope say."""

    tenants: Mapping[str, Tenant]
    identities: Mapping[str, Answer]
    """By domain."""
    dkim: Mapping[str, Answer]
    mail_from: Mapping[str, Answer]
    reputations: Mapping[str, Reputation]
    """By tenant ARN."""
    rules: Mapping[str, Sequence[Answer]]
    """By rule set; those that don't exist are left out."""
    active_set: str | None
    """The rule set that inbound mail follows; None too when no setup asks for one."""


def list_setups(
    place: Place, receiving: Receiving, wanted: Sequence[Identity], at: datetime
) -> dict[Address, Observed]:
    """Look for setups. Of those that we know, one whose tenant or identity isn't listed is left out, for a direct
    read; of new ones, any part that is listed tells that a name is taken."""
    lists = _fetch(place, wanted)
    found: dict[Address, Observed] = {}
    for identity in wanted:
        domain = domain_of(identity.attributes)
        tenant = lists.tenants.get(tenant_name(identity.attributes))
        listed = lists.identities.get(domain)
        parts = [part for part in (tenant, listed) if part is not None]
        if len(parts) == 2 or (parts and identity.id is None):
            found[identity.address] = _observed(lists, receiving, identity, tenant, listed, at)
    if lists.tenants:
        place.learn(next(iter(lists.tenants.values())).arn)
    return found


def list_sets(place: Place, wanted: Sequence[Identity], at: datetime) -> dict[Address, Observed]:
    """Look for configuration sets; their list tells names alone."""
    names = set(
        place.calls.names(
            "sesv2:ListConfigurationSets", "ConfigurationSets", PageSize=CONFIGURATION_SETS_PER_PAGE
        )
    )
    return {
        identity.address: Observed({}, {"configuration_set_name": name}, at, Depth.LISTED)
        for identity in wanted
        if (name := set_name(identity.attributes, identity.facts)) in names
    }


def list_pools(place: Place, wanted: Sequence[Identity], at: datetime) -> dict[Address, Observed]:
    """Look for pools; their list tells names alone."""
    names = set(pool_names(place.calls))
    return {
        identity.address: Observed({"pool_name": identity.attributes["pool_name"]}, {}, at, Depth.LISTED)
        for identity in wanted
        if identity.attributes["pool_name"] in names
    }


def pool_names(calls: Calls) -> Iterable[str]:
    """Give the names of all pools, SES's reserved ones perhaps among them."""
    return calls.names("sesv2:ListDedicatedIpPools", "DedicatedIpPools", PageSize=POOLS_PER_PAGE)


def _fetch(place: Place, wanted: Sequence[Identity]) -> _Lists:
    calls = place.calls
    domains = {domain_of(identity.attributes) for identity in wanted}
    # Batches leave out what isn't there, so those of domains that we know needn't wait for the list of identities.
    known = {domain_of(identity.attributes) for identity in wanted if identity.id is not None}
    sets = {str(named["rule_set"]) for identity in wanted if (named := receiving_of(identity.attributes))}
    dkim_of = partial(listed_dkim, calls)
    mail_from_of = partial(listed_mail_from, calls)
    # Each operation has its own quota, so the lists are fetched side by side.
    with ThreadPoolExecutor(max_workers=6, thread_name_prefix="ses-list") as threads:
        tenants = threads.submit(listed_tenants, calls)
        reputations = threads.submit(listed_reputations, calls)
        rules = threads.submit(_rules, calls, sorted(sets))
        active = threads.submit(active_rule_set, calls) if sets else None
        dkim, mail_from = (threads.submit(batches, sorted(known)) for batches in (dkim_of, mail_from_of))
        identities = listed_identities(calls)
        found = sorted((domains - known) & identities.keys())
        new_dkim, new_mail_from = (threads.submit(batches, found) for batches in (dkim_of, mail_from_of))
        return _Lists(
            tenants.result(),
            identities,
            dkim.result() | new_dkim.result(),
            mail_from.result() | new_mail_from.result(),
            reputations.result(),
            rules.result(),
            None if active is None else active.result(),
        )


def listed_tenants(calls: Calls) -> dict[str, Tenant]:
    """Give all tenants by name, without their tags."""
    items = calls.pages("sesv2:ListTenants", "Tenants", PageSize=TENANTS_PER_PAGE)
    return {tenant.name: tenant for tenant in map(tenant_in, items)}


def listed_identities(calls: Calls) -> dict[str, Answer]:
    """Give all identities, addresses among them, by name in lower case."""
    items = calls.pages("sesv2:ListEmailIdentities", "EmailIdentities", PageSize=IDENTITIES_PER_PAGE)
    return {required(item, "IdentityName").lower(): item for item in items}


def listed_reputations(calls: Calls) -> dict[str, Reputation]:
    """Give the reputations of all tenants by ARN; none where the endpoint keeps none."""

    def fetch() -> dict[str, Reputation]:
        items = calls.pages(
            "sesv2:ListReputationEntities", "ReputationEntities", PageSize=REPUTATION_ENTITIES_PER_PAGE
        )
        return {required(item, "ReputationEntityReference"): reputation_in(item) for item in items}

    return _where_offered(calls, fetch, "reputation")


def listed_dkim(calls: Calls, domains: Sequence[str]) -> dict[str, Answer]:
    """Give how mail of each domain is signed; what isn't there is left out."""
    return _batches(calls, "ses:GetIdentityDkimAttributes", "DkimAttributes", domains)


def listed_mail_from(calls: Calls, domains: Sequence[str]) -> dict[str, Answer]:
    """Give what is set as the MAIL FROM domain of each; what isn't there is left out."""
    return _batches(calls, "ses:GetIdentityMailFromDomainAttributes", "MailFromDomainAttributes", domains)


def _rules(calls: Calls, rule_sets: Sequence[str]) -> dict[str, Sequence[Answer]]:
    found = {name: rules_of(calls, name) for name in rule_sets}
    return {name: rules for name, rules in found.items() if rules is not None}


def _batches(calls: Calls, operation: str, member: str, domains: Sequence[str]) -> dict[str, Answer]:
    def fetch() -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for start in range(0, len(domains), IDENTITIES_PER_BATCH):
            batch = domains[start : start + IDENTITIES_PER_BATCH]
            answer = block(calls(operation, Identities=list(batch)), member)
            found |= {domain.lower(): block(answer, domain) for domain in answer}
        return found

    return _where_offered(calls, fetch, "verification")


def _where_offered(calls: Calls, fetch: Callable[[], dict[str, T]], untold: str) -> dict[str, T]:
    try:
        return fetch()
    except Unoffered as error:
        calls.do_without(error, f"{untold} is told of single objects only, or stays unchecked")
        return {}


def _observed(
    lists: _Lists,
    receiving: Receiving,
    identity: Identity,
    tenant: Tenant | None,
    listed: Answer | None,
    at: datetime,
) -> Observed:
    seen: dict[str, Value] = {}
    facts: dict[str, Value] = {}
    missing = [TENANT] * (tenant is None) + [IDENTITY] * (listed is None)
    if tenant is not None:
        _see_tenant(lists, identity, tenant, seen, facts)
    if listed is not None:
        _see_identity(lists, identity, listed, seen, facts)
    domain, wanted = domain_of(identity.attributes), receiving_of(identity.attributes)
    if wanted is not None:
        facts["receiving_rule_set_active"] = lists.active_set == wanted["rule_set"]
        rules = lists.rules.get(str(wanted["rule_set"]), ())
        actions = receiving.actions_of(rules, domain)
        if actions is None or receiving.is_torn(rules, domain):
            missing.append(RULE)
        if actions is not None:
            seen["receiving"] = observed_receiving(wanted, actions)
    else:
        seen["receiving"] = None
    return Observed(seen, facts, at, Depth.LISTED, incomplete=tuple(missing))


def _see_tenant(
    lists: _Lists, identity: Identity, tenant: Tenant, seen: dict[str, Value], facts: dict[str, Value]
) -> None:
    seen["tenant_name"] = identity.attributes["tenant_name"]
    facts |= {"tenant_id": tenant.id, "tenant_arn": tenant.arn, "sending_status": tenant.sending_status}
    reputation = lists.reputations.get(tenant.arn)
    if reputation is None:
        return
    facts["sending_status"] = reputation.sending_status or tenant.sending_status
    facts["reputation_impact"] = reputation.impact
    if reputation.policy is not None:
        seen["reputation_policy"] = reputation.policy


def _see_identity(
    lists: _Lists, identity: Identity, listed: Answer, seen: dict[str, Value], facts: dict[str, Value]
) -> None:
    domain = domain_of(identity.attributes)
    seen["domain_identity"] = identity.attributes["domain_identity"]
    facts["verification_status"] = text(listed, "VerificationStatus")
    if (dkim := lists.dkim.get(domain)) is not None:
        facts["dkim_status"] = _newer_spelling(text(dkim, "DkimVerificationStatus"))
        if tokens := texts(dkim, "DkimTokens"):
            facts["dkim_tokens"] = list(tokens)
    if (mail_from := lists.mail_from.get(domain)) is not None:
        seen["mail_from"] = label_below(text(mail_from, "MailFromDomain"), domain)
        facts["mail_from_status"] = _newer_spelling(text(mail_from, "MailFromDomainStatus"))


def _newer_spelling(status: str | None) -> str | None:
    """Spell a status of the older API (`TemporaryFailure`) as the newer one does (`TEMPORARY_FAILURE`)."""
    return None if status is None else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()
