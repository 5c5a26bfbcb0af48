"""Twilio on the wire: pages, links, forms, error bodies, and what isn't there."""

import base64

import pytest

from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT, token_of
from tests.sandbox.twilio_client import refusal

ACCOUNT = f"/api.twilio.com/2010-04-01/Accounts/{MAIN_ACCOUNT}"
PROFILES = "/trusthub.twilio.com/v1/CustomerProfiles"
LET_IN = {
    "Authorization": "Basic " + base64.b64encode(f"{MAIN_ACCOUNT}:{token_of(MAIN_ACCOUNT)}".encode()).decode()
}


def test_pages_of_v2010(twilio, controls, post):
    """Fifty on a page unless told otherwise; links are relative and keep the filters."""
    for _ in range(120):
        controls.twilio.add_application("same")
    controls.twilio.add_application("other")
    _, first = post("GET", f"{ACCOUNT}/Applications.json?FriendlyName=same", headers=LET_IN)
    token = first["applications"][-1]["sid"]
    path = f"/2010-04-01/Accounts/{MAIN_ACCOUNT}/Applications.json?FriendlyName=same&PageSize=50"

    assert {name: value for name, value in first.items() if name != "applications"} == {
        "end": 49,
        "first_page_uri": f"{path}&Page=0",
        "next_page_uri": f"{path}&Page=1&PageToken=PA{token}",
        "page": 0,
        "page_size": 50,
        "previous_page_uri": None,
        "start": 0,
        "uri": f"{path}&Page=0",
    }
    _, last = post(
        "GET", f"{ACCOUNT}/Applications.json?FriendlyName=same&PageSize=120&Page=0", headers=LET_IN
    )
    assert (len(last["applications"]), last["next_page_uri"]) == (120, None)
    assert len({each.sid for each in twilio().applications.list(friendly_name="same")}) == 120
    assert len(twilio().applications.list()) == 121


def test_pages_of_trusthub(twilio, controls, post):
    """Links are absolute, on the real host."""
    for number in range(5):
        controls.twilio.approve(f"BU{number:032}")
    _, first = post("GET", f"{PROFILES}?Status=twilio-approved&PageSize=2", headers=LET_IN)
    path = "https://trusthub.twilio.com/v1/CustomerProfiles?Status=twilio-approved&PageSize=2"

    assert first["meta"] == {
        "first_page_url": f"{path}&Page=0",
        "key": "results",
        "next_page_url": f"{path}&Page=1&PageToken=PABU{1:032}",
        "page": 0,
        "page_size": 2,
        "previous_page_url": None,
        "url": f"{path}&Page=0",
    }
    listed = twilio().trusthub.v1.customer_profiles.list(status="twilio-approved", page_size=2)
    assert [each.sid for each in listed] == [f"BU{number:032}" for number in range(5)]


def test_an_empty_list(twilio, post):
    """There is a page, with nothing on it and none behind it."""
    _, found = post("GET", f"{ACCOUNT}/IncomingPhoneNumbers.json", headers=LET_IN)

    assert (found["incoming_phone_numbers"], found["start"], found["end"], found["next_page_uri"]) == (
        [],
        0,
        0,
        None,
    )


@pytest.mark.parametrize(
    "query, described",
    [
        ("PageSize=0", "PageSize: 0 is less than the minimum of 1"),
        ("PageSize=1001", "PageSize: 1001 is greater than the maximum of 1000"),
        ("PageSize=many", "PageSize: 'many' is not of type 'integer'"),
        ("Page=-1", "Page: -1 is less than the minimum of 0"),
        ("FriendlyNam=a", "FriendlyNam isn't described"),
        ("FriendlyName=a&FriendlyName=b", "FriendlyName is given 2 times"),
    ],
)
def test_queries_that_are_wrong(post, wrong_on_purpose, query, described):
    """Each is refused, and each is seen by who watches."""
    status, body = post("GET", f"{ACCOUNT}/Applications.json?{query}", headers=LET_IN)

    assert (status, body["code"]) == (400, 20001)
    assert wrong_on_purpose() == [f"ListApplication: {described}"]


@pytest.mark.parametrize("query", ["Page=1", "Page=1&PageToken=what", "PageToken=PAAP"])
def test_page_tokens_come_from_links(post, query):
    """A page without its token, or with one that no link has, is refused."""
    status, body = post("GET", f"{ACCOUNT}/Applications.json?{query}", headers=LET_IN)

    assert (status, body["code"]) == (400, 20001)


def test_a_body_must_be_a_form(post, wrong_on_purpose):
    """JSON isn't read, and neither is what isn't UTF-8."""
    path = f"{ACCOUNT}/Applications.json"
    as_json = post("POST", path, b'{"FriendlyName": "a"}', {**LET_IN, "Content-Type": "application/json"})
    form = {**LET_IN, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}

    assert (as_json[0], as_json[1]["code"]) == (400, 20001)
    assert wrong_on_purpose() == ["CreateApplication: a body of the type application/json"]
    assert post("POST", path, b"FriendlyName=%ff", form)[0] == 400
    assert post("POST", path, b"FriendlyName=Caf%C3%A9", form)[1]["friendly_name"] == "Caf\u00e9"


def test_what_is_required(post, wrong_on_purpose):
    """A profile needs a name, an address and a policy."""
    form = {**LET_IN, "Content-Type": "application/x-www-form-urlencoded"}
    status, body = post("POST", PROFILES, b"FriendlyName=a&Email=a%40acme.example", form)

    assert (status, body["message"]) == (400, "Invalid parameter: PolicySid is required")
    assert wrong_on_purpose() == ["CreateCustomerProfile: PolicySid is missing"]


@pytest.mark.parametrize(
    "path",
    [
        f"{ACCOUNT}/Applications/AP{'0' * 32}.json",
        f"{ACCOUNT}/Applications/PN{'0' * 32}.json",
        f"{ACCOUNT}/Calls.json",
        "/api.twilio.com/2010-04-01/Accounts/somebody/Applications.json",
        f"{PROFILES}/BU{'0' * 32}",
        f"{PROFILES}/BU{'0' * 32}/ChannelEndpointAssignments",
        "/trusthub.twilio.com/v1/TrustProducts",
    ],
)
def test_what_is_not_there(post, path):
    """An object, a SID that is none, and a resource that the sandbox doesn't have: 404, and the path is named."""
    status, body = post("GET", path, headers=LET_IN)

    assert (status, body["code"], body["status"]) == (404, 20404, 404)
    assert path.partition(".com")[2] in body["message"]


def test_another_of_twilios_hosts(post, wrong_on_purpose):
    """It is Twilio that answers, and says that nothing is there."""
    status, body = post("GET", "/voice.twilio.com/v1/DialingPermissions", headers=LET_IN)

    assert (status, body["code"]) == (404, 20404)
    assert wrong_on_purpose() == [
        "GET /voice.twilio.com/v1/DialingPermissions: nothing like this is described"
    ]


def test_a_delete_says_nothing(twilio):
    """204, without a body."""
    client = twilio()
    client.applications(client.applications.create(friendly_name="a").sid).delete()

    assert (twilio.http.last.status_code, twilio.http.last.content) == (204, b"")


def test_an_update_that_is_refused_changes_nothing(twilio):
    """Not even what was right in it."""
    client = twilio()
    made = client.applications.create(friendly_name="a")

    assert refusal(client.applications(made.sid).update, friendly_name="b", voice_url="none") == (400, 20001)
    assert client.applications(made.sid).fetch().friendly_name == "a"
