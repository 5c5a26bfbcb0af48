"""The account's own page: out of the mail sandbox and healthy, with its Virtual Deliverability Manager on or off."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.ses import names
from chanplan.sandbox.state import mail
from chanplan.sandbox.state.mail import DAY, Under
from chanplan.sandbox.state.storage import Scope, Transaction

_ONLY = "account"


def get_account(call: Call) -> Document:
    """Answers an account in production; what it sent in 24 hours is what it sent today."""
    today = int(call.now // DAY)
    sent = sum(each.sends for each in mail.by_day(call.state, call.scope, Under(), today, today).values())
    return {
        "DedicatedIpAutoWarmupEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "ProductionAccessEnabled": True,
        "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": float(sent)},
        "SendingEnabled": True,
        "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        "VdmAttributes": vdm(call.state, call.scope),
    }


def put_account_vdm_attributes(call: Call) -> Document:
    """Turns the Virtual Deliverability Manager on or off."""
    call.put(names.VDM, _ONLY, call.params["VdmAttributes"])
    return {}


def vdm(state: Transaction, scope: Scope) -> Document:
    """Returns the attributes of the Virtual Deliverability Manager in an account and region."""
    return state.get(scope, names.VDM, _ONLY) or {"VdmEnabled": quirks.VDM_AT_FIRST.value}


def set_vdm(state: Transaction, scope: Scope, at: float, *, on: bool) -> None:
    """Turns it on or off, as the account's owner would in the console."""
    attributes = {**vdm(state, scope), "VdmEnabled": "ENABLED" if on else "DISABLED"}
    state.put(scope, names.VDM, _ONLY, attributes, at)
