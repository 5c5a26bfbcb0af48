"""Applications: bundles of URLs that numbers refer to."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.twilio import paging, quirks
from chanplan.sandbox.services.twilio.answering import ATTRIBUTES, at_first
from chanplan.sandbox.services.twilio.call import TwilioCall
from chanplan.sandbox.services.twilio.kinds import APPLICATION, new_sid, scope_of
from chanplan.sandbox.services.twilio.refusals import refused
from chanplan.sandbox.services.twilio.times import rfc_2822
from chanplan.sandbox.state.storage import Transaction

_PARAMETERS = {
    **ATTRIBUTES,
    "SmsStatusCallback": "sms_status_callback",
    "MessageStatusCallback": "message_status_callback",
    "PublicApplicationConnectEnabled": "public_application_connect_enabled",
}


def create_application(call: TwilioCall) -> Document:
    """Makes an Application; names aren't unique."""
    if call.state.count(call.scope, APPLICATION) >= quirks.APPLICATIONS.value:
        raise refused(21301, quirks.APPLICATIONS.value)
    return shown(made(call.state, call.now, call.account, call.params))


def fetch_application(call: TwilioCall) -> Document:
    """Answers one."""
    return shown(_existing(call))


def list_application(call: TwilioCall) -> Document:
    """Lists those of an account, or those of exactly one name."""
    name = call.params.get("FriendlyName")
    keep = None if name is None else lambda application: application["friendly_name"] == name
    return paging.v2010(call, APPLICATION, "applications", shown, keep)


def update_application(call: TwilioCall) -> Document:
    """Changes what is given; an empty text clears."""
    changed = {**_existing(call), **_given(call.params), "updated": call.now}
    call.put(APPLICATION, changed["sid"], changed)
    return shown(changed)


def delete_application(call: TwilioCall) -> Document:
    """Deletes one, whoever still refers to it."""
    call.delete(APPLICATION, _existing(call)["sid"])
    return {}


def made(state: Transaction, now: float, account: str, params: Document) -> Document:
    """Makes an Application from a create's parameters."""
    application: Document = {
        **at_first(),
        "sms_status_callback": None,
        "message_status_callback": None,
        "public_application_connect_enabled": False,
        **_given(params),
        "sid": new_sid(state, account, "AP"),
        "account_sid": account,
        "created": now,
        "updated": now,
    }
    state.put(scope_of(account), APPLICATION, application["sid"], application, now)
    return application


def _existing(call: TwilioCall) -> Document:
    found = call.get(APPLICATION, call.params["Sid"])
    if found is None:
        raise refused(20404, call.path)
    return found


def _given(params: Document) -> Document:
    return {_PARAMETERS[name]: value for name, value in params.items() if name in _PARAMETERS}


def shown(application: Document) -> Document:
    """Returns an Application as the API shows it."""
    kept = {name: value for name, value in application.items() if name not in ("created", "updated")}
    return {
        **kept,
        "date_created": rfc_2822(application["created"]),
        "date_updated": rfc_2822(application["updated"]),
        "uri": f"/2010-04-01/Accounts/{application['account_sid']}/Applications/{application['sid']}.json",
    }
