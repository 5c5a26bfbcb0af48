"""Customer profiles and their review: what the client may change, and what only Twilio does."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.twilio import paging, quirks
from chanplan.sandbox.services.twilio.call import TwilioCall
from chanplan.sandbox.services.twilio.kinds import ASSIGNMENT, PROFILE, new_sid, scope_of
from chanplan.sandbox.services.twilio.refusals import refused
from chanplan.sandbox.services.twilio.times import iso_8601
from chanplan.sandbox.state.storage import Scope, Transaction

_PARAMETERS = {
    "FriendlyName": "friendly_name",
    "Email": "email",
    "StatusCallback": "status_callback",
    "PolicySid": "policy_sid",
}


def create_customer_profile(call: TwilioCall) -> Document:
    """Makes a draft."""
    sid = new_sid(call.state, call.account, "BU")
    return shown(made(call.state, call.now, call.account, sid, _given(call.params)))


def fetch_customer_profile(call: TwilioCall) -> Document:
    """Answers one."""
    return shown(_existing(call))


def list_customer_profile(call: TwilioCall) -> Document:
    """Lists those of the account, by status, exact name or policy."""
    wanted = {
        "status": call.params.get("Status"),
        "friendly_name": call.params.get("FriendlyName"),
        "policy_sid": call.params.get("PolicySid"),
    }
    return paging.v1(
        call,
        PROFILE,
        shown,
        lambda profile: all(value in (None, profile[name]) for name, value in wanted.items()),
    )


def update_customer_profile(call: TwilioCall) -> Document:
    """Changes properties, or hands the profile in for review, never both at once."""
    profile = _existing(call)
    given, status = _given(call.params), call.params.get("Status")
    if status is not None and given:
        raise refused(22204)
    if status is not None and (
        status != "pending-review" or profile["status"] not in quirks.SUBMISSIONS.value
    ):
        raise refused(20001, f"Status: {profile['status']} can't become {status} by a request")
    changed = {**profile, **given, "updated": call.now}
    if status is not None:
        changed |= {"status": status, "errors": None}
    call.put(PROFILE, changed["sid"], changed)
    return shown(changed)


def delete_customer_profile(call: TwilioCall) -> Document:
    """Deletes one without numbers."""
    profile = _existing(call)
    if call.state.rows(call.scope, ASSIGNMENT, prefix=f"{profile['sid']}/", limit=1):
        raise refused(21648, profile["sid"])
    call.delete(PROFILE, profile["sid"])
    return {}


def made(state: Transaction, now: float, account: str, sid: str, given: Document) -> Document:
    """Makes a draft under a SID."""
    profile: Document = {
        "friendly_name": "",
        "email": "",
        "status_callback": None,
        "policy_sid": None,
        **given,
        "sid": sid,
        "account_sid": account,
        "status": "draft",
        "valid_until": None,
        "errors": None,
        "created": now,
        "updated": now,
    }
    state.put(scope_of(account), PROFILE, sid, profile, now)
    return profile


def reviewed(
    state: Transaction,
    now: float,
    scope: Scope,
    sid: str,
    *,
    status: str,
    valid_until: float | None = None,
    codes: tuple[int, ...] = (),
) -> None:
    """Sets what only Twilio sets: the outcome of a review."""
    profile = state.get(scope, PROFILE, sid)
    assert profile is not None
    errors = [{"code": code} for code in codes] or None
    changed = {**profile, "status": status, "valid_until": valid_until, "errors": errors, "updated": now}
    state.put(scope, PROFILE, sid, changed, now)


def _existing(call: TwilioCall) -> Document:
    found = call.get(PROFILE, call.params["Sid"])
    if found is None:
        raise refused(20404, call.path)
    return found


def _given(params: Document) -> Document:
    return {_PARAMETERS[name]: value for name, value in params.items() if name in _PARAMETERS}


def shown(profile: Document) -> Document:
    """Returns a profile as the API shows it."""
    url = f"https://trusthub.twilio.com/v1/CustomerProfiles/{profile['sid']}"
    until = profile["valid_until"]
    kept = {name: value for name, value in profile.items() if name not in ("created", "updated")}
    return {
        **kept,
        "valid_until": None if until is None else iso_8601(until),
        "date_created": iso_8601(profile["created"]),
        "date_updated": iso_8601(profile["updated"]),
        "url": url,
        "links": {
            "customer_profiles_entity_assignments": f"{url}/EntityAssignments",
            "customer_profiles_evaluations": f"{url}/Evaluations",
            "customer_profiles_channel_endpoint_assignment": f"{url}/ChannelEndpointAssignments",
        },
    }
