"""An exchange that isn't as Twilio describes it is found, whichever side it is on; those that are pass."""

import json
from dataclasses import replace

import pytest

from tests.twilio_api.description import documents, operations
from tests.twilio_api.exchanges import Exchange, violations

ACCOUNT = "AC" + "a" * 32
APPLICATION = "AP" + "b" * 32
NUMBER = "PN" + "c" * 32
FORM = "application/x-www-form-urlencoded"


def example(path, method, name):
    """Returns an answer that the description gives as an example."""
    for document in documents().values():
        if path in document["paths"]:
            (answered, *_) = document["paths"][path][method]["responses"].values()
            return answered["content"]["application/json"]["examples"][name]["value"]
    raise KeyError(path)


def fetch_of_number():
    """Returns the exchange that reads a number, with the description's own example as the answer."""
    shown = example("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", "get", "fetch")
    path = f"/api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{NUMBER}.json"
    return Exchange("GET", path, "", "", "", 200, json.dumps(shown))


def update_of_number(body):
    """Returns the exchange that changes a number."""
    return replace(fetch_of_number(), method="POST", content_type=FORM, body=body)


def list_of_profiles():
    """Returns the exchange that lists profiles."""
    shown = example("/v1/CustomerProfiles", "get", "readFull")
    path = "/trusthub.twilio.com/v1/CustomerProfiles"
    return Exchange("GET", path, "Status=twilio-approved&PageSize=1000", "", "", 200, json.dumps(shown))


def changed(exchange, **values):
    """Returns an exchange with other values in its answer; None removes one."""
    answer = {**json.loads(exchange.answer), **values}
    kept = {name: value for name, value in answer.items() if value is not ...}
    return replace(exchange, answer=json.dumps(kept))


def changed_profile(**values):
    """Returns the list of profiles with other values in its first row."""
    answer = json.loads(list_of_profiles().answer)
    answer["results"][0] |= values
    return replace(list_of_profiles(), answer=json.dumps(answer))


@pytest.mark.parametrize(
    "exchange",
    [
        fetch_of_number(),
        list_of_profiles(),
        update_of_number("VoiceApplicationSid=&VoiceUrl=&VoiceMethod=GET"),
        update_of_number(f"VoiceApplicationSid={APPLICATION}&VoiceCallerIdLookup=true"),
        changed(fetch_of_number(), trunk_sid="", voice_url=None, status_callback="https://a.example/s?x=1"),
    ],
)
def test_what_is_described_passes(exchange):
    """The description's own examples, empty texts where the service answers them, and empty texts that clear."""
    assert violations(exchange) == []


@pytest.mark.parametrize(
    "exchange, wrong",
    [
        (update_of_number("VoiceApplication=x"), "VoiceApplication isn't described"),
        (
            update_of_number("VoiceApplicationSid=PN1"),
            "VoiceApplicationSid: 'PN1' does not match '^AP[0-9a-fA-F]{32}$'",
        ),
        (update_of_number("VoiceMethod=PUT"), "VoiceMethod: 'PUT' is not one of ['GET', 'POST']"),
        (update_of_number("VoiceUrl=a+b"), "VoiceUrl: 'a b' is not a 'uri'"),
        (
            update_of_number("VoiceCallerIdLookup=True"),
            "VoiceCallerIdLookup: 'True' is not of type 'boolean'",
        ),
        (
            replace(update_of_number("VoiceUrl="), content_type="application/json"),
            "a body of the type application/json",
        ),
        (replace(fetch_of_number(), query="PageSize=1"), "PageSize isn't described"),
        (replace(fetch_of_number(), body="a=b"), "a body where none is described"),
        (
            replace(list_of_profiles(), query="Status=approved"),
            "Status: 'approved' is not one of ['draft', 'pending-review', 'in-review', 'twilio-rejected', "
            "'twilio-approved']",
        ),
        (
            replace(list_of_profiles(), query="PageSize=1001"),
            "PageSize: 1001 is greater than the maximum of 1000",
        ),
        (
            replace(fetch_of_number(), path=fetch_of_number().path.replace("/PN", "/pn")),
            f"Sid: 'pn{NUMBER[2:]}' does not match '^PN[0-9a-fA-F]{{32}}$'",
        ),
    ],
)
def test_a_wrong_request_is_found(exchange, wrong):
    """Names, types, patterns, words, bounds, places and the kind of body."""
    assert wrong in [each.partition(": ")[2] for each in violations(exchange)]


@pytest.mark.parametrize("method, path", [("PUT", ""), ("GET", "/Phones.json")])
def test_a_request_that_is_not_described_is_found(method, path):
    """Another method, another path."""
    exchange = replace(fetch_of_number(), method=method)
    asked = replace(exchange, path=exchange.path + path)

    assert violations(asked) == [f"{method} {asked.path}: nothing like this is described"]


@pytest.mark.parametrize(
    "exchange, wrong",
    [
        (changed(fetch_of_number(), sid=...), "sid is missing in the answer"),
        (changed(fetch_of_number(), colour="red"), "colour isn't described"),
        (
            changed(fetch_of_number(), capabilities={"voice": True}),
            "capabilities.fax is missing in the answer",
        ),
        (changed(fetch_of_number(), sid=""), None),
        (changed(fetch_of_number(), beta="no"), "beta: 'no' is not of type 'boolean'"),
        (
            changed(fetch_of_number(), phone_number="4155550100"),
            "phone_number: '4155550100' is not a 'phone-number'",
        ),
        (
            changed(fetch_of_number(), date_created="2015-07-30T23:19:04Z"),
            "date_created: '2015-07-30T23:19:04Z' is not a 'date-time-rfc-2822'",
        ),
        (
            changed(fetch_of_number(), emergency_status="active"),
            "emergency_status: 'active' is not one of ['Active', 'Inactive']",
        ),
        (
            changed(fetch_of_number(), voice_method="PATCH"),
            "voice_method: 'PATCH' is not one of ['GET', 'POST']",
        ),
        (
            changed_profile(date_created="Thu, 30 Jul 2015 23:19:04 +0000"),
            "results.0.date_created: 'Thu, 30 Jul 2015 23:19:04 +0000' is not a 'date-time'",
        ),
        (changed_profile(links={"a": 1}), "results.0.links: {'a': 1} is not a 'uri-map'"),
        (changed_profile(errors={}), "results.0.errors: {} is not of type 'array'"),
        (changed_profile(colour="red"), "results.0.colour isn't described"),
        (replace(fetch_of_number(), status=201), "it answers 200, not 201"),
    ],
)
def test_a_wrong_answer_is_found(exchange, wrong):
    """Keys missing or too many, at any depth; types, patterns, words, formats; the status."""
    said = [each.partition(": ")[2] for each in violations(exchange)]

    assert (wrong in said) if wrong else (said == [])


@pytest.mark.parametrize(
    "body",
    [
        {"code": 20404, "message": "not found", "status": 404},
        {
            "code": "20404",
            "message": "a",
            "more_info": "https://www.twilio.com/docs/errors/20404",
            "status": 404,
        },
        {
            "code": 20404,
            "message": "a",
            "more_info": "https://www.twilio.com/docs/errors/20003",
            "status": 404,
        },
        {
            "code": 20404,
            "message": "a",
            "more_info": "https://www.twilio.com/docs/errors/20404",
            "status": 400,
        },
    ],
)
def test_a_wrong_refusal_is_found(body):
    """The four members, their types, and that they fit each other and the HTTP status."""
    right = {
        "code": 20404,
        "message": "a",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }
    refused = replace(fetch_of_number(), status=404)

    assert violations(replace(refused, answer=json.dumps(right))) == []
    assert len(violations(replace(refused, answer=json.dumps(body)))) == 1


def test_a_delete_that_says_something_is_found():
    """204 has no body."""
    exchange = replace(fetch_of_number(), method="DELETE", status=204)

    assert violations(replace(exchange, answer="")) == []
    assert violations(exchange) == ["DeleteIncomingPhoneNumber: an answer where none is described"]


def test_a_request_without_an_answer_is_looked_at():
    """A call that was dropped was sent all the same."""
    exchange = replace(update_of_number("Colour=red"), status=None, answer=None)

    assert violations(exchange) == ["UpdateIncomingPhoneNumber: Colour isn't described"]


def test_both_descriptions_are_read():
    """Their hosts, and as many operations as a glance at the files shows."""
    counted = {
        name: sum(
            method in ("get", "post", "delete") for item in document["paths"].values() for method in item
        )
        for name, document in documents().items()
    }

    assert {host: len(each) for host, each in operations().items()} == {
        "api.twilio.com": counted["api_v2010.json"],
        "trusthub.twilio.com": counted["trusthub_v1.json"],
    }
