"""What SES would refuse, said offline, before anything is asked of it."""

import difflib
from collections.abc import Collection, Iterator
from functools import cache

from chanplan.model.configuration import SesAlias
from chanplan.model.kinds.ses_setup import mail_from_domain, receives
from chanplan.model.problems import Problem
from chanplan.model.resources import Desired
from chanplan.providers.ses.limits import (
    DKIM_TOKEN_LENGTH,
    DNS_NAME_LENGTH,
    RESERVED_POOL_NAMES,
    TAG_KEY_LENGTH,
    TAG_VALUE_LENGTH,
    TAGS_PER_OBJECT,
)
from chanplan.providers.ses.marks import ID_TAG, WORKSPACE_TAG, declared_tags


def problems_of(
    desired: Desired, alias: SesAlias | None, receiving_regions: Collection[str] | None
) -> Iterator[Problem]:
    """Give what is wrong with one resource."""
    if alias is None:
        yield Problem(
            "unknown_alias",
            f"The alias '{desired.scope.alias}' isn't configured under providers.ses.",
            "Add it with its region, or name another alias as `provider:`.",
            source=desired.source,
            address=desired.address,
        )
        return
    yield from _region(desired, alias)
    yield from _tags(desired)
    if desired.address.kind == "sending_pool":
        yield from _pool(desired)
    if desired.address.kind == "ses_setup":
        yield from _setup(desired, alias, receiving_regions)


def _region(desired: Desired, alias: SesAlias) -> Iterator[Problem]:
    # Behind an address of its own, a region is but a name.
    if alias.endpoint_url is not None or alias.region in known_regions():
        return
    close = difflib.get_close_matches(alias.region, known_regions(), 1)
    yield Problem(
        "unknown_region",
        f"'{alias.region}' of alias '{alias.alias}' isn't a region in which SES is offered, as far as the "
        "installed AWS SDK knows.",
        f"Did you mean {close[0]}?" if close else "Correct `region:`, or upgrade boto3 if the region is new.",
        source=desired.source,
        address=desired.address,
        data={"region": alias.region},
    )


@cache
def known_regions() -> tuple[str, ...]:
    """Give all regions of SES that the installed SDK knows, of all partitions."""
    import botocore.session

    session = botocore.session.get_session()
    return tuple(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("sesv2", partition)
    )


def _tags(desired: Desired) -> Iterator[Problem]:
    tags = declared_tags(desired.attributes)
    ours = len((ID_TAG, WORKSPACE_TAG))
    if len(tags) + ours > TAGS_PER_OBJECT:
        yield Problem(
            "too_many_tags",
            f"There are {len(tags)} tags, and with chanplan's own {ours} more than the {TAGS_PER_OBJECT} of one AWS object.",
            f"Keep at most {TAGS_PER_OBJECT - ours}.",
            source=desired.source,
            address=desired.address,
        )
    for key, value in tags.items():
        if not 1 <= len(key) <= TAG_KEY_LENGTH or len(value) > TAG_VALUE_LENGTH:
            yield Problem(
                "tag_too_long",
                f"The tag '{key[:TAG_KEY_LENGTH]}' is too long: a key has 1 to {TAG_KEY_LENGTH} characters, "
                f"a value at most {TAG_VALUE_LENGTH}.",
                "Shorten it.",
                source=desired.source,
                address=desired.address,
            )


def _pool(desired: Desired) -> Iterator[Problem]:
    name = str(desired.attributes["pool_name"])
    if name in RESERVED_POOL_NAMES:
        yield Problem(
            "reserved_pool_name",
            f"The pool name '{name}' belongs to SES itself.",
            "Choose another pool_name.",
            source=desired.source,
            address=desired.address,
        )


def _setup(desired: Desired, alias: SesAlias, receiving_regions: Collection[str] | None) -> Iterator[Problem]:
    longest = DNS_NAME_LENGTH - DKIM_TOKEN_LENGTH - len("._domainkey.")
    domain = str(desired.attributes["domain_identity"])
    if len(domain) > longest or len(mail_from_domain(desired.attributes)) > DNS_NAME_LENGTH:
        yield Problem(
            "domain_too_long",
            f"The domain is {len(domain)} characters long; the names of its DNS records, which stand below it, would "
            f"be longer than the {DNS_NAME_LENGTH} that DNS allows.",
            f"Use a domain of at most {longest} characters.",
            source=desired.source,
            address=desired.address,
        )
    if desired.attributes.get("receiving") is not None and not receives(alias.region, receiving_regions):
        yield Problem(
            "receiving_unavailable",
            f"SES doesn't receive mail in region {alias.region}.",
            "Remove `receiving:`, or use an alias with a region that receives.",
            source=desired.source,
            address=desired.address,
            data={"region": alias.region},
        )
