"""The calls that chanplan makes to Twilio, by the names that Twilio's OpenAPI description gives them."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

API = "api.twilio.com"
TRUST_HUB = "trusthub.twilio.com"

PAGE_SIZE = 1000
"""Items on a page of a list; Twilio's own limit (twilio.md 4.2)."""

_SID = r"[^/]+"
_ACCOUNT = rf"/2010-04-01/Accounts/{_SID}"
_PROFILE = rf"/v1/CustomerProfiles/{_SID}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of call."""

    id: str
    """Its `operationId` in Twilio's description."""
    method: str
    host: str
    path: re.Pattern[str]
    items: str = ""
    """The member of a page that holds the items; empty for what isn't a list."""

    @property
    def name(self) -> str:
        """What pacing, metrics and costs call it."""
        return f"twilio:{self.id}"

    @property
    def is_repeatable(self) -> bool:
        """Whether doing it twice is as good as once. Twilio has no idempotency keys (twilio.md 4.1)."""
        return self.method in {"GET", "DELETE"}


def _operation(id: str, method: str, host: str, path: str, items: str = "") -> Operation:
    return Operation(id, method, host, re.compile(path), items)


OPERATIONS = (
    _operation("FetchAccount", "GET", API, rf"{_ACCOUNT}\.json"),
    _operation("ListApplication", "GET", API, rf"{_ACCOUNT}/Applications\.json", "applications"),
    _operation("CreateApplication", "POST", API, rf"{_ACCOUNT}/Applications\.json"),
    _operation("FetchApplication", "GET", API, rf"{_ACCOUNT}/Applications/{_SID}\.json"),
    _operation("UpdateApplication", "POST", API, rf"{_ACCOUNT}/Applications/{_SID}\.json"),
    _operation("DeleteApplication", "DELETE", API, rf"{_ACCOUNT}/Applications/{_SID}\.json"),
    _operation(
        "ListIncomingPhoneNumber",
        "GET",
        API,
        rf"{_ACCOUNT}/IncomingPhoneNumbers\.json",
        "incoming_phone_numbers",
    ),
    _operation("FetchIncomingPhoneNumber", "GET", API, rf"{_ACCOUNT}/IncomingPhoneNumbers/{_SID}\.json"),
    _operation("UpdateIncomingPhoneNumber", "POST", API, rf"{_ACCOUNT}/IncomingPhoneNumbers/{_SID}\.json"),
    _operation("ListCustomerProfile", "GET", TRUST_HUB, r"/v1/CustomerProfiles", "results"),
    _operation("FetchCustomerProfile", "GET", TRUST_HUB, _PROFILE),
    _operation(
        "ListCustomerProfileChannelEndpointAssignment",
        "GET",
        TRUST_HUB,
        rf"{_PROFILE}/ChannelEndpointAssignments",
        "results",
    ),
    _operation(
        "CreateCustomerProfileChannelEndpointAssignment",
        "POST",
        TRUST_HUB,
        rf"{_PROFILE}/ChannelEndpointAssignments",
    ),
    _operation(
        "DeleteCustomerProfileChannelEndpointAssignment",
        "DELETE",
        TRUST_HUB,
        rf"{_PROFILE}/ChannelEndpointAssignments/{_SID}",
    ),
)
"""Every call there is. A test looks each of them up in Twilio's own description."""


def operation_of(method: str, url: str) -> Operation | None:
    """Give the operation that a request is, or None when chanplan makes no such call."""
    try:
        parts = urlsplit(url)
        host, is_plain = parts.hostname, parts.scheme == "https" and parts.netloc == parts.hostname
    except ValueError:
        return None
    if not is_plain:
        return None
    for operation in OPERATIONS:
        if (operation.method, operation.host) == (method, host) and operation.path.fullmatch(parts.path):
            return operation
    return None
