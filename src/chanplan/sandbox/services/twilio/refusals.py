"""Every code that Twilio refuses with here, its HTTP status and what it says; sources as in `quirks`."""

from dataclasses import dataclass

from chanplan.sandbox.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Refusal:
    """One code."""

    status: int
    message: str
    source: str


TABLE: dict[int, Refusal] = {
    20001: Refusal(400, "Invalid parameter: {what}", "[doc] for the code, its uses [ours]"),
    20003: Refusal(401, "Authentication Error - {what}", "[doc] [code]"),
    20005: Refusal(401, "Account not active: {what}", "[doc] for the code, the status [ours]"),
    20403: Refusal(403, "Forbidden", "[doc]; for the fault `access_denied`"),
    20404: Refusal(404, "The requested resource {what} was not found", "[code, many]"),
    20409: Refusal(409, "{what} is already assigned", "[code] for code and status, the text [ours]"),
    20429: Refusal(429, "Too many requests", "[doc]; for the faults `throttle` and `quota`"),
    20500: Refusal(500, "An internal server error has occurred", "[ours]; for the fault `error500`"),
    21301: Refusal(
        400, "The account has {what} Applications, the most that it may have", "[doc]; text [ours]"
    ),
    21480: Refusal(
        400, "The account has {what} subaccounts, the most that it may have", "[doc]; text [ours]"
    ),
    21648: Refusal(400, "{what} has numbers assigned", "[doc] of its sibling, the Regulatory Bundle [infer]"),
    22204: Refusal(400, "Status and other properties can't change in one request", "[doc]"),
    22205: Refusal(400, "{what} isn't a number of this account", "[doc]; that this is its code [infer]"),
}


def refused(code: int, what: object = "") -> ServiceError:
    """Makes a refusal; `what` fills the gap in its text."""
    row = TABLE[code]
    return ServiceError(str(code), row.message.format(what=what), row.status)
