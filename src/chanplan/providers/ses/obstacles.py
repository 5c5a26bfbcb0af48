"""Why something at SES can't be imported, and what somebody should know who imports it. The codes are stable; docs/discover.md lists them."""

import re
import shlex
from collections.abc import Iterator, Sequence

from chanplan.model.kinds.use_case import configuration_set_name, in_words
from chanplan.model.problems import Problem, Severity
from chanplan.model.values import Value
from chanplan.providers.ses.tenants import Reputation

EASY_DKIM_TOKENS = 3
"""Tokens of Easy DKIM, each a CNAME; a key of one's own has a selector in their place (ses.md 1.2)."""
_LONGEST = 31
"""Letters of entity_name and of name (channel-manager.txt, Create Use Case)."""


def tenant_without_domain(tenant: str) -> Problem:
    """A setup needs a domain."""
    return Problem(
        "tenant_without_domain",
        f"Tenant {tenant} has no domain identity, and a setup is a tenant with its domain.",
        "Associate its domain, or leave the tenant as it is:\n"
        f"aws sesv2 create-tenant-resource-association --tenant-name {shlex.quote(tenant)} --resource-arn ARN-OF-THE-DOMAIN",
    )


def domain_without_tenant(domain: str) -> Problem:
    """A setup needs a tenant."""
    return Problem(
        "domain_without_tenant",
        f"Domain identity {domain} belongs to no tenant, and a setup is a tenant with its domain.",
        "Make a tenant and associate the domain, and look again; mail of configuration sets isn't touched by it:\n"
        "aws sesv2 create-tenant --tenant-name NAME\n"
        "aws sesv2 create-tenant-resource-association --tenant-name NAME --resource-arn ARN-OF-THE-DOMAIN",
    )


def email_address(address: str) -> Problem:
    """Setups are domains."""
    return Problem(
        "email_address_identity",
        f"{address} is the identity of an email address, and setups are domains.",
        "Verify its domain in a setup; the use case's sender is an address there.",
    )


def pair(tenant: str, domains: Sequence[str], domain: str, holders: Sequence[str]) -> Iterator[Problem]:
    """One tenant, one domain: neither may have a second."""
    if len(domains) > 1:
        yield Problem(
            "tenant_several_domains",
            f"Tenant {tenant} has {len(domains)} domain identities, and a setup has one: {_some(domains)}.",
            "Give each domain a tenant of its own, where its reputation shall count by itself, and look again.",
        )
    if len(holders) > 1:
        yield Problem(
            "domain_several_tenants",
            f"Domain identity {domain} belongs to {len(holders)} tenants, and a setup has one: {_some(holders)}.",
            "Take it from all but one, when their owners agree:\n"
            f"aws sesv2 delete-tenant-resource-association --tenant-name {shlex.quote(holders[-1])} --resource-arn ARN-OF-THE-DOMAIN",
        )


def dkim(domain: str, tokens: int | None) -> Iterator[Problem]:
    """A setup's mail is signed with keys that SES makes."""
    if tokens not in {None, EASY_DKIM_TOKENS}:
        yield _note(
            "dkim_not_easy",
            f"Mail of {domain} isn't signed by Easy DKIM, but with a key of its own or not at all.",
            "An import leaves it so, and `chanplan dns` then asks for records that aren't the right ones. To change that at SES, with "
            "three records to publish:\n"
            f"aws sesv2 put-email-identity-dkim-signing-attributes --email-identity {shlex.quote(domain)} --signing-attributes-origin AWS_SES",
        )


def mail_from(domain: str, label: str | None) -> Iterator[Problem]:
    """A setup's MAIL FROM domain is one label below its own."""
    if label is None:
        yield _note(
            "mail_from_unset",
            f"No MAIL FROM domain is set for {domain}: the import's plan sets bounce.{domain}.",
            "Declare another label as mail_from if you want one; its owner must publish two DNS records.",
        )
    elif not re.fullmatch(r"[a-z0-9-]{1,63}", label):
        yield Problem(
            "mail_from_unsupported",
            f"The MAIL FROM domain {label} isn't one label below {domain}.",
            f"Set another one, such as bounce.{domain}, when its owner has published the records, and look again.",
        )


def reputation(tenant: str, told: Reputation | None, status: str | None) -> Iterator[Problem]:
    """What SES does, or would do, to a tenant with a bad reputation."""
    if told is not None and told.policy is None:
        yield _note(
            "reputation_policy_unset",
            f"Tenant {tenant} has no reputation policy: the import's plan sets standard.",
            "Declare none or strict as reputation_policy if you want it.",
        )
    if status == "DISABLED":
        yield _note(
            "sending_suspended",
            f"Tenant {tenant} may not send: SES or somebody paused it.",
            "It can be imported; find out why before anything is sent through it.",
        )


def receiving(domain: str, ours: Sequence[Value], theirs: Sequence[str]) -> Iterator[Problem]:
    """What happens to mail that comes in."""
    if len(ours) > 1:
        yield _note(
            "receiving_torn",
            f"{len(ours)} receipt rules of this workspace name {domain}; the first is declared.",
            "The import's plan shows what becomes of the others.",
        )
    if theirs:
        yield _note(
            "receiving_by_others",
            f"Receipt rules that aren't chanplan's handle mail to {domain}: {_some(theirs)}.",
            "They stay as they are. Declare `receiving` only when they shall no longer take it.",
        )


def configuration_set(name: str, holders: Sequence[str], *, fits: bool) -> Iterator[Problem]:
    """A use case's configuration set is in one tenant, and its name tells entity and purpose."""
    if not fits:
        entity, purpose = _closest(name)
        yield Problem(
            "set_name_unfit",
            f"The name of configuration set {name} isn't ENTITY_NAME: two parts of at most {_LONGEST} lower-case letters, "
            "with single hyphens between words.",
            f"SES can't rename it. Declare a new use case, entity_name '{in_words(entity)}' and name '{in_words(purpose)}' for "
            f"example, which makes {configuration_set_name(entity, purpose)}, and send through that one; or leave it as it is.",
        )
    if not holders:
        yield Problem(
            "set_without_tenant",
            f"Configuration set {name} belongs to no tenant, so there is no setup for it.",
            "Associate it with the tenant whose domain it sends from, and look again:\n"
            "aws sesv2 create-tenant-resource-association --tenant-name TENANT --resource-arn ARN-OF-THE-SET",
        )
    if len(holders) > 1:
        yield Problem(
            "set_several_tenants",
            f"Configuration set {name} belongs to {len(holders)} tenants, and a use case has one setup: {_some(holders)}.",
            "Take it from all but one, when their owners agree:\n"
            f"aws sesv2 delete-tenant-resource-association --tenant-name {shlex.quote(holders[-1])} --resource-arn ARN-OF-THE-SET",
        )


def _closest(name: str) -> tuple[str, str]:
    """Give two parts that would fit, from the letters of a name that doesn't."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()) or ["entity"]
    entity, purpose = words[0], "-".join(words[1:]) or "mail"
    return entity[:_LONGEST], purpose[:_LONGEST].strip("-")


def _note(code: str, message: str, remedy: str) -> Problem:
    return Problem(code, message, remedy, Severity.WARNING)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
