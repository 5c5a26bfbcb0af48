"""What SES counted of the account's mail, day by day: the Virtual Deliverability Manager's metrics."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call, bad_request, not_found
from chanplan.sandbox.services.ses import account, names
from chanplan.sandbox.state import mail
from chanplan.sandbox.state.mail import DAY, Under

# Those that aren't here count nothing: nobody opens or clicks in the sandbox.
_COUNTS = {
    "SEND": "sends",
    "DELIVERY": "deliveries",
    "DELIVERY_COMPLAINT": "deliveries",
    "PERMANENT_BOUNCE": "bounces",
    "TRANSIENT_BOUNCE": "transient_bounces",
    "COMPLAINT": "complaints",
}


def batch_get_metric_data(call: Call) -> Document:
    """Answers up to ten queries, each for itself: days that have begun and counted anything, or an error."""
    if account.vdm(call.state, call.scope)["VdmEnabled"] != "ENABLED":
        raise not_found(quirks.VDM_OFF.value)
    results: list[Document] = []
    errors: list[Document] = []
    # Most clients ask for several metrics of the same mail in a row.
    read: dict[tuple[Under, int, int], dict[int, mail.Counts]] = {}
    for query in call.params["Queries"]:
        if query["StartDate"] >= query["EndDate"]:
            raise bad_request(quirks.METRIC_PERIOD_REFUSED.value)
        dimensions = query.get("Dimensions", {})
        refused = _refused(call, dimensions.get("CONFIGURATION_SET"))
        if refused is not None:
            errors.append({"Id": query["Id"], **refused})
            continue
        asked = _asked(call, query)
        if asked not in read:
            read[asked] = dict(mail.by_day(call.state, call.scope, *asked))
        counted = _COUNTS.get(query["Metric"]) if "ISP" not in dimensions else None
        values = {} if counted is None else {day: getattr(each, counted) for day, each in read[asked].items()}
        told = {day: value for day, value in values.items() if value}
        results.append(
            {"Id": query["Id"], "Timestamps": [day * DAY for day in told], "Values": list(told.values())}
        )
    return {"Results": results, "Errors": errors}


def _asked(call: Call, query: Document) -> tuple[Under, int, int]:
    """Returns whose mail, and the first and the last day; the last that has begun ends every query."""
    dimensions = query.get("Dimensions", {})
    under = Under(
        dimensions.get("CONFIGURATION_SET"), dimensions.get("TENANT_NAME"), dimensions.get("EMAIL_IDENTITY")
    )
    last = int(-(-query["EndDate"] // DAY)) - 1
    return under, int(query["StartDate"] // DAY), min(last, int(call.now // DAY))


def _refused(call: Call, configuration_set: str | None) -> Document | None:
    kept = None if configuration_set is None else call.get(names.REFUSED_METRICS, configuration_set)
    if kept is None:
        return None
    return {"Code": kept["code"], "Message": quirks.METRIC_QUERY_REFUSED.value.format(name=configuration_set)}
