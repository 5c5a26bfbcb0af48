"""How SES looks at tenants: impact, and whether anybody stopped their sending. One list tells all of them."""

from collections.abc import Mapping

from chanplan.model.errors import ProviderError
from chanplan.model.tier_evidence import Impact, TenantStanding
from chanplan.providers.ses.answers import Answer, block, required, text
from chanplan.providers.ses.arns import tenant_in
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.limits import REPUTATION_ENTITIES_PER_PAGE
from chanplan.providers.ses.mail.telling import Part

LIST_ENTITIES = "sesv2:ListReputationEntities"

_SENDS = "ENABLED"
_STOPPED = "DISABLED"


def read_standings(calls: Calls) -> Part[Mapping[str, TenantStanding]]:
    """Give the standing of each tenant by its name, without findings. A list that breaks off has told what it told."""
    found: dict[str, TenantStanding] = {}
    try:
        for entity in calls.pages(LIST_ENTITIES, "ReputationEntities", PageSize=REPUTATION_ENTITIES_PER_PAGE):
            tenant = tenant_in(required(entity, "ReputationEntityReference"))
            if tenant is not None:
                found[tenant] = standing_in(entity)
    except ProviderError as error:
        return Part(found, error=error)
    return Part(found)


def impact_of(word: str | None) -> Impact:
    """Read a word of SES's. None is said of what nothing was found about; so is NONE, which its model doesn't know."""
    try:
        return Impact.NONE if word is None else Impact(word.lower())
    except ValueError:
        return Impact.UNKNOWN


def standing_in(entity: Answer) -> TenantStanding:
    """Read one reputation entity. What it leaves out has its first value, and a sum that it leaves out is added up."""
    ours = text(block(entity, "CustomerManagedStatus"), "Status") or _SENDS
    theirs = text(block(entity, "AwsSesManagedStatus"), "Status") or _SENDS
    both = _STOPPED if _STOPPED in {ours, theirs} else theirs if ours == _SENDS else ours
    return TenantStanding(
        impact_of(text(entity, "ReputationImpact")),
        sending=text(entity, "SendingStatusAggregate") or both,
        sending_by_aws=theirs,
    )
