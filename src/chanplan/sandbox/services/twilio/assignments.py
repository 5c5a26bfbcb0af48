"""Which numbers are on which customer profile."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.twilio import paging, quirks
from chanplan.sandbox.services.twilio.call import TwilioCall
from chanplan.sandbox.services.twilio.kinds import (
    ACCOUNT,
    ASSIGNMENT,
    EVERYWHERE,
    OWNER_OF_NUMBER,
    PLACE_OF_NUMBER,
    PROFILE,
    new_sid,
    scope_of,
)
from chanplan.sandbox.services.twilio.refusals import refused
from chanplan.sandbox.services.twilio.times import iso_8601
from chanplan.sandbox.state.storage import Transaction


def create_assignment(call: TwilioCall) -> Document:
    """Puts a number on an approved profile, if it is on none."""
    profile = _profile(call)
    number = call.params["ChannelEndpointSid"]
    if call.params["ChannelEndpointType"] != quirks.ENDPOINT_TYPE.value:
        raise refused(20001, f"ChannelEndpointType must be {quirks.ENDPOINT_TYPE.value}")
    if not _reaches(call, number):
        raise refused(22205, number)
    if profile["status"] != "twilio-approved":
        raise refused(20001, f"the profile is {profile['status']}, not twilio-approved")
    if call.state.get(EVERYWHERE, PLACE_OF_NUMBER, number) is not None:
        raise refused(20409, number)
    return shown(made(call.state, call.now, call.account, profile["sid"], number))


def fetch_assignment(call: TwilioCall) -> Document:
    """Answers one."""
    return shown(_existing(call))


def list_assignment(call: TwilioCall) -> Document:
    """Lists those of a profile, or those of some numbers."""
    profile = _profile(call)
    one, some = call.params.get("ChannelEndpointSid"), call.params.get("ChannelEndpointSids")

    def keep(assignment: Document) -> bool:
        number = assignment["channel_endpoint_sid"]
        return one in (None, number) and (some is None or number in some)

    return paging.v1(call, ASSIGNMENT, shown, keep, prefix=f"{profile['sid']}/")


def delete_assignment(call: TwilioCall) -> Document:
    """Takes a number from a profile."""
    _forget(call.state, _existing(call))
    return {}


def made(state: Transaction, now: float, account: str, profile: str, number: str) -> Document:
    """Puts a number on a profile, without asking whether it may be there."""
    assignment: Document = {
        "sid": new_sid(state, account, "RA"),
        "customer_profile_sid": profile,
        "account_sid": account,
        "channel_endpoint_type": quirks.ENDPOINT_TYPE.value,
        "channel_endpoint_sid": number,
        "created": now,
    }
    state.put(scope_of(account), ASSIGNMENT, f"{profile}/{assignment['sid']}", assignment, now)
    place = {"account": account, "profile": profile, "assignment": assignment["sid"]}
    state.put(EVERYWHERE, PLACE_OF_NUMBER, number, place, now)
    return assignment


def forget_number(state: Transaction, number: str) -> None:
    """Takes a number from the profile that it is on, if it is on one."""
    place = state.get(EVERYWHERE, PLACE_OF_NUMBER, number)
    if place is not None:
        state.delete(scope_of(place["account"]), ASSIGNMENT, f"{place['profile']}/{place['assignment']}")
        state.delete(EVERYWHERE, PLACE_OF_NUMBER, number)


def _forget(state: Transaction, assignment: Document) -> None:
    forget_number(state, assignment["channel_endpoint_sid"])


def _reaches(call: TwilioCall, number: str) -> bool:
    owner = call.state.get(EVERYWHERE, OWNER_OF_NUMBER, number)
    if owner is None or number.startswith("+"):
        return False
    account = call.state.get(EVERYWHERE, ACCOUNT, owner["account"])
    return account is not None and call.account in (account["sid"], account["owner"])


def _profile(call: TwilioCall) -> Document:
    found = call.get(PROFILE, call.params["CustomerProfileSid"])
    if found is None:
        raise refused(20404, call.path)
    return found


def _existing(call: TwilioCall) -> Document:
    found = call.get(ASSIGNMENT, f"{_profile(call)['sid']}/{call.params['Sid']}")
    if found is None:
        raise refused(20404, call.path)
    return found


def shown(assignment: Document) -> Document:
    """Returns an assignment as the API shows it."""
    profile, sid = assignment["customer_profile_sid"], assignment["sid"]
    kept = {name: value for name, value in assignment.items() if name != "created"}
    return {
        **kept,
        "date_created": iso_8601(assignment["created"]),
        "url": f"https://trusthub.twilio.com/v1/CustomerProfiles/{profile}/ChannelEndpointAssignments/{sid}",
    }
