"""Everything that one account and region holds, read side by side: each operation of SES has a quota of its own.

What no list tells costs a call per object: the resources of a tenant, and the pool of a configuration set. The latter is
left out where there are no pools, and marks come from the tagging service where it can be asked.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from chanplan.model.errors import Gone
from chanplan.providers.ses.answers import Answer, required, text, texts
from chanplan.providers.ses.arns import kind_and_name
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.configuration_sets import find_set
from chanplan.providers.ses.errors import Unoffered
from chanplan.providers.ses.identities import find_identity
from chanplan.providers.ses.limits import CONFIGURATION_SETS_PER_PAGE, RESERVED_POOL_NAMES
from chanplan.providers.ses.listings import (
    listed_dkim,
    listed_identities,
    listed_mail_from,
    listed_reputations,
    listed_tenants,
    pool_names,
)
from chanplan.providers.ses.marks import Tags
from chanplan.providers.ses.place import Place
from chanplan.providers.ses.pools import Pool, find_pool
from chanplan.providers.ses.receiving import rules_of
from chanplan.providers.ses.tagged import Marked, marked_objects
from chanplan.providers.ses.tenants import Reputation, Tenant, find_tenant, resources_of

T = TypeVar("T")

_AT_ONCE = 8
"""Calls of one operation under way at the same time: at AWS its quota is the limit, and elsewhere the machine."""
_UNTAGGED: Tags = {}


@dataclass(frozen=True, slots=True)
class HeldTenant:
    """A tenant, with what belongs to it and its tags as far as they tell whose it is."""

    tenant: Tenant
    arns: tuple[str, ...]
    tags: Tags


@dataclass(frozen=True, slots=True)
class HeldIdentity:
    """An identity by its name in lower case."""

    name: str
    mail_from: str | None
    tags: Tags
    dkim_tokens: int | None = None
    """How many tokens it has, None where nobody tells: Easy DKIM's are three."""


@dataclass(frozen=True, slots=True)
class HeldSet:
    """A configuration set. `sending_pool` is None too where there are no pools that it could name."""

    name: str
    sending_pool: str | None
    tags: Tags


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A receipt rule and the set that it stands in."""

    rule_set: str
    rule: Answer


@dataclass(frozen=True, slots=True)
class Inventory:
    """What was read; a result that couldn't be raises its `ProviderError`."""

    tenants: Future[Mapping[str, HeldTenant]]
    identities: Future[Mapping[str, HeldIdentity]]
    reputations: Future[Mapping[str, Reputation]]
    """By tenant ARN."""
    rules: Future[Sequence[HeldRule]]
    sets: Future[Sequence[HeldSet]]
    pools: Future[Mapping[str, Pool]]


def take_inventory(place: Place, kinds: Collection[str], *, receives: bool) -> Inventory:
    """Read what the kinds need to be told of."""
    calls = place.calls
    setups, use_cases = "ses_setup" in kinds, "use_case" in kinds
    with ThreadPoolExecutor(max_workers=8, thread_name_prefix="ses-inventory") as threads:

        def read(wanted: bool, fetch: Callable[[], T], otherwise: T) -> Future[T]:
            return threads.submit(fetch if wanted else lambda: otherwise)

        marked = read(setups or use_cases, lambda: marked_objects(calls), None)
        names = threads.submit(lambda: tuple(pool_names(calls)))
        return Inventory(
            tenants=read(setups or use_cases, lambda: _tenants(calls, marked), {}),
            identities=read(setups, lambda: _identities(calls, marked), {}),
            reputations=read(setups, lambda: listed_reputations(calls), {}),
            rules=read(setups and receives, lambda: _rules(calls), ()),
            sets=read(use_cases, lambda: _sets(calls, marked, names), ()),
            pools=read("sending_pool" in kinds, lambda: _pools(place, names), {}),
        )


def _tenants(calls: Calls, marked: Future[Marked | None]) -> Mapping[str, HeldTenant]:
    listed = listed_tenants(calls)
    arns = {
        name: told for name, told in _each(partial(_resources, calls), listed).items() if told is not None
    }
    marks = marked.result()
    if marks is None:
        read = _each(partial(find_tenant, calls), listed)
        tags = {name: tenant.tags for name, tenant in read.items() if tenant is not None}
    else:
        tags = {name: marks.get(kind_and_name(tenant.arn), _UNTAGGED) for name, tenant in listed.items()}
    return {
        name: HeldTenant(tenant, arns[name], tags[name])
        for name, tenant in listed.items()
        if name in tags and name in arns
    }


def _resources(calls: Calls, tenant: str) -> tuple[str, ...] | None:
    """Give what belongs to a tenant, None when it went since it was listed."""
    try:
        return resources_of(calls, tenant)
    except Gone:
        return None


def _identities(calls: Calls, marked: Future[Marked | None]) -> Mapping[str, HeldIdentity]:
    names = sorted(listed_identities(calls))
    domains = [name for name in names if "@" not in name]
    mail_from, dkim, marks = listed_mail_from(calls, domains), listed_dkim(calls, domains), marked.result()
    # What the batches don't tell, at an emulator that lacks them, a read does.
    untold = domains if marks is None else [name for name in domains if name not in mail_from]
    read = {
        name: identity for name, identity in _each(partial(find_identity, calls), untold).items() if identity
    }
    held = {}
    for name in names:
        identity = read.get(name)
        if identity is not None:
            held[name] = HeldIdentity(name, identity.mail_from, identity.tags, len(identity.dkim_tokens))
            continue
        tags = _UNTAGGED if marks is None else marks.get(("identity", name), _UNTAGGED)
        tokens = len(texts(dkim[name], "DkimTokens")) if name in dkim else None
        held[name] = HeldIdentity(name, text(mail_from.get(name, {}), "MailFromDomain"), tags, tokens)
    return held


def _sets(calls: Calls, marked: Future[Marked | None], pools: Future[tuple[str, ...]]) -> Sequence[HeldSet]:
    names = sorted(
        calls.names("sesv2:ListConfigurationSets", "ConfigurationSets", PageSize=CONFIGURATION_SETS_PER_PAGE)
    )
    marks = marked.result()
    if marks is not None and not _own(pools.result()):
        return [HeldSet(name, None, marks.get(("configuration-set", name), _UNTAGGED)) for name in names]
    read = _each(partial(find_set, calls), names)
    return [HeldSet(name, live.sending_pool, live.tags) for name, live in read.items() if live is not None]


def _pools(place: Place, names: Future[tuple[str, ...]]) -> Mapping[str, Pool]:
    read = _each(lambda name: find_pool(place, name, {}), _own(names.result()))
    return {name: pool for name, pool in read.items() if pool is not None}


def _own(names: Iterable[str]) -> list[str]:
    return sorted(set(names) - RESERVED_POOL_NAMES)


def _rules(calls: Calls) -> Sequence[HeldRule]:
    try:
        listed = [required(entry, "Name") for entry in calls.pages("ses:ListReceiptRuleSets", "RuleSets")]
    except Unoffered as error:
        calls.do_without(error, "what happens to inbound mail stays unknown")
        return ()
    return [HeldRule(name, rule) for name in listed for rule in rules_of(calls, name) or ()]


def _each(ask: Callable[[str], T], names: Iterable[str]) -> dict[str, T]:
    """Ask about each name. The first error ends the asking and is raised: what is refused once is refused always."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ses-each") as threads:
        futures = {name: threads.submit(ask, name) for name in names}
        try:
            return {name: future.result() for name, future in futures.items()}
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
