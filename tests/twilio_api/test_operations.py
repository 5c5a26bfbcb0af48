"""The sandbox's hand-written model of Twilio, and every call that chanplan makes, against Twilio's own description."""

import random
import re

import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.model.configuration import TwilioAlias
from chanplan.model.scopes import Scope
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.clients import Clients
from chanplan.providers.twilio.operations import OPERATIONS as CALLED
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.services.twilio.operations import TWILIO_HANDLERS
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from chanplan.sandbox.wire.twilio.model import OPERATIONS
from tests.twilio_api.description import named, resolved

PROFILE = "BU" + "1" * 32


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_the_sandbox_has_it_as_described(operation):
    """The same name, method, host, path and success; no parameter that isn't there, and all that are required."""
    described = named(operation.name)
    form = resolved(described.file, described.form) if described.form else {}
    known = described.parameters["query"] if operation.method == "GET" else form.get("properties", {})
    # A path names a SID by what it is or by where it is: only its place counts.
    places = [re.sub(r"\{\w+\}", "{}", each.path) for each in (operation, described)]

    assert (operation.method, operation.host, operation.success) == (
        described.method,
        described.host,
        described.status,
    )
    assert places[0] == places[1]
    assert set(operation.takes) - set(known) == set()
    assert operation.required == set(form.get("required", ()))


def test_lists_take_every_filter():
    """A filter that the sandbox didn't have would be refused, though Twilio has it."""
    lists = [each for each in OPERATIONS if each.name.startswith("List")]

    assert {each.name: set(each.takes) for each in lists} == {
        each.name: set(named(each.name).parameters["query"]) for each in lists
    }


def test_every_operation_has_somebody_who_does_it():
    """The table of routes and the table of handlers have the same names."""
    assert [each.full_name for each in OPERATIONS] == list(TWILIO_HANDLERS)


@pytest.mark.parametrize("called", CALLED, ids=lambda each: each.id)
def test_every_call_of_chanplans_is_described(called):
    """Each by the name under which it is paced and counted, where it is asked."""
    described = named(called.id)
    path = re.sub(r"\{(\w+)\}", "X" * 34, described.path)

    assert (called.method, called.host) == (described.method, described.host)
    assert called.path.fullmatch(path) is not None
    assert not called.items or called.items in described.answer["properties"]


@pytest.fixture
def controls(tmp_path):
    """The knobs of an empty sandbox."""
    with Controls(tmp_path / "sandbox") as knobs:
        yield knobs


@pytest.fixture
def calls(tmp_path, controls):
    """What chanplan can ask of an account, in front of a sandbox."""
    with Sandbox(tmp_path / "sandbox") as sandbox:
        pacer = TokenPacer(ManualClock(), Unmeasured(), lambda *_: None, lots=random.Random(7))
        clients = Clients({"default": TwilioAlias("default", MAIN_ACCOUNT)}, sandbox.environment(), pacer)
        scope = Scope("twilio", MAIN_ACCOUNT, None, "default")
        yield Calls(scope, clients.client(scope))
        clients.close()


def test_every_method_of_the_sdk_that_chanplan_uses_asks_for_what_is_described(calls, controls, twilio_watch):
    """The SDK is newer than the description: each of its methods that we use must still ask for what that one has."""
    number = controls.twilio.add_number("+14155550100")
    controls.twilio.approve(PROFILE)
    twilio_watch.news()
    twilio_watch.seen.clear()
    made = calls.create_application({"friendly_name": "Acme/Support"})
    calls.update_application(made.sid, {"voice_url": "https://voice.acme.example/answer"})
    calls.application(made.sid)
    calls.applications("Acme/Support")
    calls.bind(number, made.sid)
    calls.number(number)
    calls.numbers()
    assigned = calls.assign(PROFILE, number)
    calls.assignments(PROFILE, [number])
    calls.unassign(PROFILE, assigned.sid)
    calls.profile(PROFILE)
    calls.profiles()
    calls.account()
    calls.bind(number, None)
    calls.delete_application(made.sid)

    public = {name for name in vars(Calls) if not name.startswith("_")}
    assert public == {
        "account",
        "application",
        "applications",
        "assign",
        "assignments",
        "bind",
        "create_application",
        "delete_application",
        "number",
        "numbers",
        "profile",
        "profiles",
        "unassign",
        "update_application",
    }
    assert twilio_watch.wrong() == []
    assert twilio_watch.seen == {each.id for each in CALLED}
