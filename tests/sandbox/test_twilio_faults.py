"""Faults, hooks and mistakes at Twilio: the same as at every other service."""

import pytest
import requests

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.errors import DropCall, Mistaken
from chanplan.sandbox.server import Behaviour, Sandbox
from chanplan.sandbox.services.twilio.operations import TWILIO_HANDLERS
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.state.mistakes import FILE_NAME
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.sandbox.twilio_client import Twilio, refusal


@pytest.mark.parametrize(
    "kind, answered",
    [
        (FaultKind.THROTTLE, (429, 20429)),
        (FaultKind.ERROR_500, (500, 20500)),
        (FaultKind.ACCESS_DENIED, (403, 20403)),
        (FaultKind.EXPIRED_TOKEN, (401, 20003)),
    ],
)
def test_refusals_on_demand(twilio, controls, kind, answered):
    """Each kind in Twilio's own words, as often as asked for, and nothing is done."""
    controls.add_fault(Fault(kind, "twilio:CreateApplication", times=1))
    applications = twilio().applications

    assert refusal(applications.create, friendly_name="a") == answered
    assert applications.list() == []
    assert applications.create(friendly_name="a").friendly_name == "a"


@pytest.mark.parametrize("kind, made", [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1)])
def test_lost_answers(twilio, controls, kind, made):
    """The connection closes; whether it was done is what a client can't know."""
    controls.add_fault(Fault(kind, "twilio:CreateApplication"))
    applications = twilio().applications
    with pytest.raises(requests.ConnectionError):
        applications.create(friendly_name="a")

    assert len(applications.list()) == made


def test_lists_lag_behind_creates(twilio, controls):
    """A new Application is read at once, and listed only when it is old enough."""
    controls.run_clock_at(0)
    controls.add_fault(Fault(FaultKind.LIST_LAG, "twilio:List*", seconds=5))
    applications = twilio().applications
    made = applications.create(friendly_name="a")

    assert applications(made.sid).fetch().sid == made.sid
    assert applications.list(friendly_name="a") == []
    controls.advance(6)
    assert [each.sid for each in applications.list(friendly_name="a")] == [made.sid]


def test_a_quota_is_each_accounts(twilio, controls):
    """One account's calls don't count against another's."""
    controls.run_clock_at(0)
    controls.add_fault(Fault(FaultKind.QUOTA, "twilio:*", rate=1))
    mine, theirs = twilio().applications, twilio("AC" + "2" * 32, "any").applications

    assert mine.create().sid.startswith("AP")
    assert refusal(mine.create) == (429, 20429)
    assert theirs.create().sid.startswith("AP")


def test_calls_are_in_the_journal(twilio, controls):
    """By Twilio's own names, with the account that they are about and how they went."""
    client = twilio()
    client.applications.create(friendly_name="a")
    refusal(client.applications("AP" + "0" * 32).fetch)
    client.trusthub.v1.customer_profiles.list()

    assert [(call.operation, call.account, call.region, call.outcome) for call in controls.calls()] == [
        ("twilio:CreateApplication", MAIN_ACCOUNT, "us1", "ok"),
        ("twilio:FetchApplication", MAIN_ACCOUNT, "us1", "20404"),
        ("twilio:ListCustomerProfile", MAIN_ACCOUNT, "us1", "ok"),
    ]


@pytest.mark.parametrize("phase, made", [("before", 0), ("after", 1)])
def test_hooks_bracket_every_call(directory, phase, made):
    """A hook may drop any of them, before it is done or after."""
    seen = []

    def hook(operation, now, index):
        seen.append((operation, now, index))
        if (operation, now) == ("twilio:CreateApplication", phase):
            raise DropCall

    with Sandbox(directory, hooks=hook) as sandbox, Controls(directory) as controls:
        clients = Twilio(sandbox.endpoint)
        with pytest.raises(requests.ConnectionError):
            clients().applications.create(friendly_name="a")
        clients.close()
        assert len(controls.twilio.applications()) == made

    assert seen == [
        ("twilio:CreateApplication", each, 1) for each in ("before", "after")[: 1 if phase == "before" else 2]
    ]


def test_status_shows_what_is_held(twilio, controls):
    """Objects by account, without what only leads from one to another."""
    controls.twilio.add_number("+14155550100")
    controls.twilio.approve("BU" + "1" * 32)
    controls.twilio.assign("BU" + "1" * 32, "+14155550100")

    held = [(each.account, each.region, each.kind, each.count) for each in controls.status().holdings]
    assert held == [
        (MAIN_ACCOUNT, "us1", "twilio.assignment", 1),
        (MAIN_ACCOUNT, "us1", "twilio.number", 1),
        (MAIN_ACCOUNT, "us1", "twilio.profile", 1),
        ("twilio", "us1", "twilio.account", 1),
    ]


def test_a_mistake_of_the_sandbox_is_noted(directory):
    """The client hears an internal error in Twilio's words, and the sandbox's end is an error."""

    def broken(call):
        return call.params["FriendlyNam"]

    behaviour = Behaviour(twilio={**TWILIO_HANDLERS, "twilio:CreateApplication": broken})
    sandbox = Sandbox(directory, behaviour=behaviour).start()
    clients = Twilio(sandbox.endpoint)
    answered = refusal(clients().applications.create, friendly_name="a")
    clients.close()
    with pytest.raises(Mistaken) as error:
        sandbox.stop()
    (directory / FILE_NAME).unlink()

    assert answered == (500, 20500)
    assert str(error.value).endswith("Applications.json: KeyError('FriendlyNam')")


def test_an_answer_unlike_the_description_is_caught(directory, wrong_on_purpose):
    """What the sandbox can't see itself, since it doesn't read Twilio's description: the tests do, after each test."""

    def misspelt(call):
        answer = TWILIO_HANDLERS["twilio:CreateApplication"](call)
        return {"friendlyname": answer.pop("friendly_name"), **answer, "sid": "AP1"}

    behaviour = Behaviour(twilio={**TWILIO_HANDLERS, "twilio:CreateApplication": misspelt})
    with Sandbox(directory, behaviour=behaviour) as sandbox:
        clients = Twilio(sandbox.endpoint)
        clients().applications.create(friendly_name="a")
        clients.close()

    assert wrong_on_purpose() == [
        "CreateApplication: friendly_name is missing in the answer",
        "CreateApplication: friendlyname isn't described",
        "CreateApplication: sid: 'AP1' is too short",
        "CreateApplication: sid: 'AP1' does not match '^AP[0-9a-fA-F]{32}$'",
    ]
