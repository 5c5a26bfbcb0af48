"""What SES's advisor found about tenants, open or closed since."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chanplan.model.errors import ProviderError
from chanplan.model.tier_evidence import Finding
from chanplan.providers.ses.answers import Answer, moment, required, text
from chanplan.providers.ses.arns import tenant_in
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.limits import RECOMMENDATIONS_PER_PAGE
from chanplan.providers.ses.mail.standing import impact_of
from chanplan.providers.ses.mail.telling import Part

LIST_RECOMMENDATIONS = "sesv2:ListRecommendations"

_FIXED = "FIXED"


def read_findings(calls: Calls, now: datetime) -> Part[Mapping[str, Sequence[Finding]]]:
    """Give the findings about each tenant by its name. Those about identities concern what a setup looks like, not how its
    mail is taken, and are left out."""
    found: dict[str, list[Finding]] = {}
    try:
        for told in calls.pages(LIST_RECOMMENDATIONS, "Recommendations", PageSize=RECOMMENDATIONS_PER_PAGE):
            tenant = tenant_in(required(told, "ResourceArn"))
            if tenant is not None:
                found.setdefault(tenant, []).append(finding_in(told, now))
    except ProviderError as error:
        return Part(found, error=error)
    return Part(found)


def finding_in(told: Answer, now: datetime) -> Finding:
    """Read one finding; a time that it doesn't tell is now."""
    opened, changed = moment(told, "CreatedTimestamp"), moment(told, "LastUpdatedTimestamp")
    # Whatever else a status may say one day, only this one says that it is over.
    is_closed = text(told, "Status") == _FIXED
    return Finding(
        kind=text(told, "Type") or "UNKNOWN",
        impact=impact_of(text(told, "Impact")),
        opened_at=opened or changed or now,
        closed_at=(changed or now) if is_closed else None,
    )
