"""How SES looks at tenants: impact, and whether anybody stopped their sending. One list tells all of them."""

from collections.abc import Collection, Mapping

from chanplan.model.errors import ProviderError, Rejected
from chanplan.model.tier_evidence import Impact, TenantStanding
from chanplan.providers.ses.answers import Answer, block, required, text
from chanplan.providers.ses.arns import tenant_in
from chanplan.providers.ses.limits import REPUTATION_ENTITIES_PER_PAGE
from chanplan.providers.ses.mail.telling import Part
from chanplan.providers.ses.place import Place

LIST_ENTITIES = "sesv2:ListReputationEntities"

_SENDS = "ENABLED"
_STOPPED = "DISABLED"


def read_standings(place: Place, tenants: Collection[str]) -> Part[Mapping[str, TenantStanding]]:
    """Give the standings of tenants by their names, without findings. A list that breaks off has told what it told.

    A single one is asked for by the beginning of its ARN, where an operator waits and the account has thousands.
    """
    if len(tenants) == 1:
        try:
            return _listed(place, Filter={"ENTITY_REFERENCE_PREFIX": place.home().tenant_prefix(*tenants)})
        except Rejected as error:
            if error.code == "access_denied":
                return Part({}, error=error)
    return _listed(place)


def _listed(place: Place, **wanted: object) -> Part[Mapping[str, TenantStanding]]:
    """List what is wanted. Raises `Rejected` where a filter isn't taken."""
    found: dict[str, TenantStanding] = {}
    try:
        for entity in place.calls.pages(
            LIST_ENTITIES, "ReputationEntities", PageSize=REPUTATION_ENTITIES_PER_PAGE, **wanted
        ):
            tenant = tenant_in(required(entity, "ReputationEntityReference"))
            if tenant is not None:
                found[tenant] = standing_in(entity)
    except ProviderError as error:
        if wanted and isinstance(error, Rejected):
            raise
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
