"""What the account's own page tells of its metrics."""

from dataclasses import dataclass

from chanplan.model.errors import Rejected
from chanplan.providers.ses.answers import block, text
from chanplan.providers.ses.clients import Calls

GET_ACCOUNT = "sesv2:GetAccount"


@dataclass(frozen=True, slots=True)
class Account:
    """One account in one region."""

    vdm: bool | None
    """Whether Virtual Deliverability Manager counts its mail; None where nobody could tell."""
    sent_lately: bool = False
    """Whether it sent mail within the last 24 hours."""


def read_account(calls: Calls) -> Account:
    """Ask whether VDM is on. A page that may not be read tells nothing. Raises other `ProviderError`s."""
    try:
        answer = calls(GET_ACCOUNT)
    except Rejected as error:
        if error.code not in {"access_denied", "unsupported_operation"}:
            raise
        return Account(None)
    sent = block(answer, "SendQuota").get("SentLast24Hours")
    return Account(
        text(block(answer, "VdmAttributes"), "VdmEnabled") == "ENABLED",
        isinstance(sent, int | float) and sent > 0,
    )
